# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which other servers have a name of a site, and which of them its clients reach."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.web import rivals
from ansible_collections.miclinik.hosting.plugins.module_utils.web.rivals import Rival

SITE: dict[str, Any] = {
    "name": "norte",
    "domain": "norte.org",
    "aliases": ["www.norte.org"],
    "listen": 80,
    "encrypted": False,
}
FOLDERS = {"nginx": "/etc/nginx/sites-enabled", "apache": "/etc/apache2/sites-enabled"}


def _server(file: str, *names: str, port: int = 80, site: str = "") -> dict[str, Any]:
    return {"file": file, "site": site, "names": list(names), "listens": [{"address": "*", "port": port}]}


def _of(server: str, *servers: dict[str, Any], **changes: Any) -> list[tuple[str, str, bool]]:  # noqa: ANN401
    found = rivals.find(SITE | changes, servers, server)
    return [(one.name, one.file.rpartition("/")[2], one.wins) for one in found]


def _own(server: str) -> dict[str, Any]:
    return _server(f"{FOLDERS[server]}/norte.conf", "norte.org", site="norte")


@pytest.mark.parametrize("server", FOLDERS)
def test_the_sites_own_is_no_rival(server: str) -> None:
    assert _of(server, _own(server)) == []


@pytest.mark.parametrize("server", FOLDERS)
def test_who_is_read_first_wins(server: str) -> None:
    folder = FOLDERS[server]
    before, after = _server(f"{folder}/a.conf", "NORTE.org"), _server(f"{folder}/z.conf", "norte.org")
    assert _of(server, before, _own(server), after) == [("norte.org", "a.conf", True), ("norte.org", "z.conf", False)]


@pytest.mark.parametrize("server", FOLDERS)
def test_of_a_site_that_is_not_there_yet_the_place_is_known(server: str) -> None:
    folder = FOLDERS[server]
    servers = [_server("/etc/x.conf", "norte.org"), _server(f"{folder}/a.conf", "www.norte.org")]
    servers += [_server(f"{folder}/z.conf", "norte.org")]
    assert _of(server, *servers) == [
        ("norte.org", "x.conf", True),
        ("norte.org", "z.conf", False),
        ("www.norte.org", "a.conf", True),
    ]


def test_a_pattern_is_a_rival_with_apache_where_it_is_read_first() -> None:
    before, after = _server("/etc/apache2/sites-enabled/a.conf", "*.org"), _server("/etc/apache2/sites-enabled/z.conf")
    after["names"] = ["*.org"]
    assert _of("apache", before, _own("apache"), after, aliases=[]) == [("norte.org", "a.conf", True)]
    assert _of("apache", before | {"names": ["*.com", "nort?.or"]}, _own("apache"), aliases=[]) == []


def test_nginx_prefers_whole_names_to_patterns() -> None:
    assert _of("nginx", _server("/etc/nginx/sites-enabled/a.conf", "*.norte.org", ".norte.org", "~norte")) == []


@pytest.mark.parametrize(("changes", "number"), [({"listen": 8080}, 0), ({"listen": 443, "encrypted": True}, 1)])
def test_ports(changes: dict[str, Any], number: int) -> None:
    assert len(_of("nginx", _server("/etc/nginx/conf.d/a.conf", "norte.org"), **changes)) == number


def test_an_ipv6_address_as_a_name() -> None:
    server = _server("/etc/nginx/conf.d/a.conf", "[fd00::5]")
    assert _of("nginx", server, domain="fd00::5") == [("fd00::5", "a.conf", True)]


def test_another_site_of_ours_is_named() -> None:
    servers = [_server("/etc/nginx/sites-enabled/centro.conf", "norte.org", site="centro")] * 2
    assert rivals.find(SITE, servers, "nginx") == [
        Rival("norte.org", "/etc/nginx/sites-enabled/centro.conf", "centro", wins=True)
    ]


def test_what_was_written_in_place_of_the_sites_own_does_not_win() -> None:
    assert _of("nginx", _own("nginx") | {"site": ""}) == [("norte.org", "norte.conf", False)]
