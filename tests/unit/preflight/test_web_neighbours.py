# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Sites beside servers of others, to the word."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.plugin_utils.preflight import neighbours as preflight_neighbours
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import sites

from tests.application_tree import entry

SHOP = "/etc/nginx/conf.d/shop.conf"
DEFAULT = "/etc/nginx/sites-enabled/default"


def _place(address: str = "*", port: int = 80, *flags: str, default: bool = False) -> dict[str, Any]:
    return {"address": address, "port": port, "default": default, "flags": list(flags)}


def _server(*places: dict[str, Any], file: str = SHOP, names: tuple[str, ...] = (), site: str = "") -> dict[str, Any]:
    return {"file": file, "site": site, "names": list(names), "listens": list(places)}


def _facts(
    *servers: dict[str, Any],
    foreign: tuple[str, ...] = (),
    listeners: dict[str, str] | None = None,
    **more: Any,  # noqa: ANN401 (facts)
) -> dict[str, Any]:
    seen = {"user": "www-data", "unread": [], "broken": "", "servers": list(servers), "listens": []} | more
    known = {"ours": ["/etc/nginx/sites-enabled/norte.conf"], "foreign": list(foreign)}
    return {
        "survey": {"nginx": seen, "apache": seen, "listeners": listeners or {}, "loopback": listeners or {}},
        "web_servers": {"nginx": known, "apache": known},
        "webhook_relay": False,
    }


def _said(facts: dict[str, Any], server: str = "nginx", *, keep: bool = False, **site: Any) -> list[str]:  # noqa: ANN401
    return [str(problem) for problem in preflight_neighbours.check(sites.plan([entry(**site)]), facts, server, keep)]


def test_a_host_without_the_server() -> None:
    facts = _facts()
    facts["survey"]["nginx"] = {}
    assert _said(facts) == []


def test_a_server_of_others_beside_ours() -> None:
    assert _said(_facts(_server(_place(), _place("[::]"), names=("shop.org",)))) == []


@pytest.mark.parametrize(
    ("place", "where"),
    [(_place(default=True), "*:80"), (_place("[::]", default=True), "[::]:80")],
)
def test_another_default_server(place: dict[str, Any], where: str) -> None:
    facts = _facts(_server(place))
    assert _said(facts) == [
        f"host: nginx_keep_default_site: {SHOP} is the default server of {where}, and there can be one alone. "
        "Set nginx_keep_default_site: true, and that one stays it."
    ]
    assert _said(facts, keep=True) == []


@pytest.mark.parametrize("place", [_place(port=8080, default=True), _place("10.0.0.5", default=True)])
def test_a_default_server_elsewhere_is_none_of_ours(place: dict[str, Any]) -> None:
    assert _said(_facts(_server(place))) == []


def test_debians_own_default_site_goes_unless_it_is_kept() -> None:
    facts = _facts(_server(_place(default=True), file=DEFAULT, names=("_",)))
    assert (_said(facts), _said(facts, keep=True)) == ([], [])


@pytest.mark.parametrize(
    ("server", "file"),
    [("nginx", DEFAULT), ("apache", "/etc/apache2/sites-enabled/000-default.conf")],
)
def test_a_default_site_that_is_somebodys_is_not_taken_out(server: str, file: str) -> None:
    facts = _facts(_server(_place(), file=file), foreign=(file,))
    key = f"{server}_keep_default_site"
    assert _said(facts, server) == [
        f"host: {key}: {file} is no longer as the package brought it, and would be taken out. "
        f"Move that site to a file with a name of its own, or set {key}: true."
    ]
    assert _said(facts, server, keep=True) == []


@pytest.mark.parametrize("server", ["nginx", "apache"])
def test_a_name_that_is_served_already(server: str) -> None:
    facts = _facts(_server(_place(), names=("NORTE.example.org", "www.norte.example.org")))
    said = "is served by /etc/nginx/conf.d/shop.conf already. Take the name out of that file, or the file away."
    assert _said(facts, server, aliases=["www.norte.example.org"]) == [
        f"site 'norte': domain: norte.example.org {said}",
        f"site 'norte': aliases: www.norte.example.org {said}",
    ]
    assert _said(facts, server, port=8080) == []


def test_a_name_on_the_port_that_leads_to_tls() -> None:
    facts = _facts(_server(_place(), names=("norte.example.org",)))
    assert len(_said(facts, tls={"mode": "selfsigned"})) == 1


def test_a_server_that_is_broken_already() -> None:
    facts = _facts(_server(_place(default=True)), broken='unknown directive "foo" in /etc/nginx/conf.d/shop.conf:1')
    assert _said(facts) == [
        'host: Nginx: `nginx -t` refuses what is there: unknown directive "foo" in /etc/nginx/conf.d/shop.conf:1. '
        "Mend that first: nothing can be added to it."
    ]


@pytest.mark.parametrize(
    "words",
    ['unknown log format "miclinik" in /etc/nginx/sites-enabled/norte.conf:9', "no /etc/miclinik/norte/tls/key.pem"],
)
def test_what_a_killed_run_of_ours_left_is_put_right_by_the_next(words: str) -> None:
    assert _said(_facts(broken=words)) == []


def test_another_vendors_nginx() -> None:
    assert _said(_facts(user="nginx", unread=["/etc/nginx/sites-enabled"])) == [
        "host: Nginx: runs as nginx, who may enter neither the sites' folders nor PHP-FPM's sockets. "
        "Have it run as www-data: `user www-data;` in /etc/nginx/nginx.conf.",
        "host: Nginx: its nginx.conf does not read /etc/nginx/sites-enabled. "
        "Have its http block include /etc/nginx/conf.d/*.conf and /etc/nginx/sites-enabled/*.",
    ]


@pytest.mark.parametrize("address", ["127.0.0.1", "[::1]", "localhost"])
def test_the_loopback_is_taken(address: str) -> None:
    assert _said(_facts(_server(_place(address)))) == [
        f"host: port 80: {SHOP} has {address}:80 for itself, where we call our sites. Have it listen on another port."
    ]


@pytest.mark.parametrize(
    ("place", "site", "words"),
    [
        (_place("*", 80, "proxy_protocol"), {}, "wants the PROXY protocol on *:80, which holds for all sites there"),
        (_place("[::]", 80, "ipv6only=off"), {}, "takes IPv4 with [::]:80 (ipv6only=off), and so nobody else can"),
        (_place("*", 80, "ssl"), {}, "speaks TLS on *:80, and our sites speak plain HTTP there"),
        (
            _place("*", 443),
            {"tls": {"mode": "selfsigned"}},
            "speaks plain HTTP on *:443, and our sites speak TLS there",
        ),
    ],
)
def test_a_socket_that_does_not_fit(place: dict[str, Any], site: dict[str, Any], words: str) -> None:
    assert _said(_facts(_server(place)), **site) == [
        f"host: port {place['port']}: {SHOP} {words}. Change that file, or give the sites another port."
    ]


def test_a_port_that_another_program_has() -> None:
    listeners = {"80": "caddy", "443": "caddy", "8080": "nginx"}
    assert _said(_facts(listeners=listeners)) == [
        "host: port 80: is taken: caddy listens there. "
        "Stop caddy or give it another port, or give the sites another one (port)."
    ]
    assert _said(_facts(listeners=listeners), port=8080) == []


def test_another_program_where_the_relay_of_webhooks_has_to_be() -> None:
    hook = {"name": "erp", "endpoint": "https://hooks.example.org/key", "events": ["BILL_VALIDATE"]}
    facts = _facts(listeners={"9480": "exporter"})
    assert _said(facts, modules=["webhook"], webhooks=[hook]) == [
        "host: port 9480: is taken: exporter listens there, where the relay of the sites' `webhooks` has to. "
        "Give exporter another port, or leave `webhooks` out."
    ]
    assert _said(facts) == []
    for ours in ("systemd", "miclinik-relay"):
        facts = _facts(listeners={"9480": ours}) | {"webhook_relay": True}
        assert _said(facts, modules=["webhook"], webhooks=[hook]) == []


def test_an_address_of_the_host_that_others_have() -> None:
    facts = _facts(_server(_place("10.0.0.5")), _server(_place("127.0.0.1"), _place(), _place("10.0.0.5", 8080)))
    assert preflight_neighbours.cautions(sites.plan([entry()]), facts, "nginx") == [
        f"Nginx serves 10.0.0.5:80 by {SHOP} alone: calls to that address reach no site of miclinik."
    ]
    facts["survey"]["nginx"] = {}
    assert preflight_neighbours.cautions(sites.plan([entry()]), facts, "nginx") == []


def test_an_apache_that_listens_on_one_address() -> None:
    one = {"address": "10.0.0.5", "port": 80}
    assert _said(_facts(listens=[one]), "apache") == [
        "host: port 80: Apache listens on 10.0.0.5 alone. Write Listen 80 into /etc/apache2/ports.conf instead."
    ]
    assert _said(_facts(listens=[one, {"address": "*", "port": 80}]), "apache") == []
    assert _said(_facts(listens=[one]), "apache", port=8080) == []
