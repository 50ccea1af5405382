# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which sites have a jail, and whom it lets alone."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import sites
from ansible_collections.miclinik.hosting.plugins.plugin_utils.web import jails

LOOPBACK = ["127.0.0.0/8", "::1"]


def _jails(*entries: dict[str, Any], **more: Any) -> list[jails.Jail]:  # noqa: ANN401 (whatever the filter takes)
    return jails.of(
        sites.plan([{"domain": f"{one['name']}.org", "source": {"type": "sandbox"}} | one for one in entries]), **more
    )


@pytest.mark.parametrize(
    ("site", "ports"),
    [({}, [80]), ({"tls": {"mode": "selfsigned"}}, [80, 443]), ({"port": 8080}, [8080])],
)
def test_a_jail_is_for_one_sites_logs_and_ports(site: dict[str, Any], ports: list[int]) -> None:
    shared = {"logs": ["norte.access.log", "norte.api.log"], "ports": ports, "never": LOOPBACK}
    known = "/srv/miclinik/norte/signed-in/from"
    assert _jails({"name": "norte"} | site, private=True) == [
        {"name": "miclinik-norte", "filter": "miclinik", "known": known} | shared,
        {"name": "miclinik_passwords", "filter": "miclinik-passwords", "known": None} | shared,
    ]


def test_passwords_are_counted_once_for_all_sites() -> None:
    tls = {"tls": {"mode": "selfsigned"}}
    *_, jail = _jails({"name": "norte"}, {"name": "sur"} | tls, {"name": "este", "proxy": {"trusted": ["192.0.2.8"]}})
    assert jail["logs"] == ["norte.access.log", "norte.api.log", "sur.access.log", "sur.api.log"]
    assert jail["ports"] == [80, 443]


def test_a_site_behind_a_proxy_has_none_and_no_other_bans_the_proxy() -> None:
    jail, _ = _jails({"name": "sur", "proxy": {"trusted": ["192.0.2.8"]}}, {"name": "norte"}, private=True)
    assert (jail["name"], jail["never"]) == ("miclinik-norte", [*LOOPBACK, "192.0.2.8"])


def test_who_may_call_one_sites_api_is_banned_by_none() -> None:
    found = _jails(
        {"name": "a", "api": {"allowed_ips": ["192.0.2.7"]}}, {"name": "b"}, never=["2001:db8::/32"], private=True
    )
    assert [jail["never"] for jail in found] == [[*LOOPBACK, "192.0.2.7", "2001:db8::/32"]] * 3


def test_private_addresses_are_let_alone() -> None:
    """Behind a router or a tunnel everybody has the same one."""
    jail, _ = _jails({"name": "norte"})
    assert set(jail["never"]) > {
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "100.64.0.0/10",
        "fc00::/7",
        "fe80::/10",
    }
