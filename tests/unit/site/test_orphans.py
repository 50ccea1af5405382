# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Sites that left the inventory, to the word."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.plugin_utils.preflight import orphans as preflight_orphans
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import orphans, sites

from tests.application_tree import entry

FILES = {"nginx": "/etc/nginx/sites-enabled/centro.conf", "apache": "/etc/apache2/sites-enabled/centro.conf"}
POOLS = ["/etc/php/8.2/fpm/pool.d/centro-api.conf", "/etc/php/8.2/fpm/pool.d/centro-web.conf"]
DATABASE = {"type": "mysqli", "host": "localhost", "name": "centro", "user": "centro"}
OFF = {
    server: f"take it off: rm {file} {' '.join(POOLS)} && systemctl reload php8.2-fpm {unit} "
    "(its database, documents and secrets stay)"
    for (server, file), unit in zip(FILES.items(), ("nginx", "apache2"), strict=True)
}
SAME = (
    "If this is that site, name it 'centro' as before, or have it renamed: playbooks/rename.yml -e rename_from=centro"
    " -e rename_to=norte"
)
LEFT = "the site 'centro', which is on the host and not in the inventory"


def _facts(*names: str, server: str = "nginx", port: int = 80, **changes: Any) -> dict[str, Any]:  # noqa: ANN401
    file = FILES[server]
    centro = {"url": "http://centro.org", "vhosts": {server: file}, "pools": POOLS, "database": DATABASE} | changes
    seen = {"file": file, "site": "centro", "names": list(names), "listens": [{"address": "*", "port": port}]}
    return {"hosted": {"centro": centro}, "survey": {"nginx": {}, "apache": {}} | {server: {"servers": [seen]}}}


def _said(facts: dict[str, Any], engine: str = "mariadb", server: str = "nginx", **site: Any) -> list[str]:  # noqa: ANN401
    return [str(problem) for problem in preflight_orphans.check(sites.plan([entry(**site)]), facts, engine, server)]


@pytest.mark.parametrize("server", FILES)
def test_one_that_takes_nothing_is_told(server: str) -> None:
    facts = _facts("centro.org", server=server)
    assert _said(facts, server=server) == []
    assert orphans.told(facts, ["norte"]) == [
        "The site 'centro' (http://centro.org) is on the host and not in the inventory: it goes on as it was left, and"
        f" nobody looks after it. Name it in the inventory again, or {OFF[server]}."
    ]
    assert orphans.told(facts, ["norte", "centro"]) == []


def test_one_of_which_only_pools_are_left() -> None:
    facts = _facts(vhosts={}, url="")
    assert orphans.told(facts, [])[0].startswith("The site 'centro' is on the host")
    assert f"rm {' '.join(POOLS)} && systemctl reload php8.2-fpm (its" in orphans.told(facts, [])[0]


def test_data_at_rest_is_nobodys_matter() -> None:
    facts = _facts(vhosts={}, pools=[])
    assert (orphans.told(facts, []), _said(facts, database={"name": "centro"})) == ([], [])


def test_facts_of_an_earlier_version() -> None:
    assert orphans.told({}, ["norte"]) == []


@pytest.mark.parametrize("server", FILES)
def test_a_site_with_a_new_name(server: str) -> None:
    facts = _facts("www.norte.example.org", "norte.example.org", server=server)
    assert _said(facts, server=server, aliases=["www.norte.example.org"]) == [
        f"site 'norte': domain: norte.example.org is served by {LEFT}. {SAME}; else {OFF[server]}."
    ]


def test_an_alias_alone() -> None:
    assert _said(_facts("www.norte.example.org"), aliases=["www.norte.example.org"]) == [
        f"site 'norte': aliases: www.norte.example.org is served by {LEFT}. {SAME}; else {OFF['nginx']}."
    ]


def test_a_name_on_another_port_is_free() -> None:
    assert _said(_facts("norte.example.org", port=8080)) == []


def test_names_that_change_between_sites_of_the_inventory() -> None:
    planned = sites.plan([entry(), entry(name="centro", domain="centro.org")])
    assert preflight_orphans.check(planned, _facts("norte.example.org"), "mariadb", "nginx") == []


@pytest.mark.parametrize(
    ("database", "seen"),
    [
        ({"name": "centro"}, f"database.name: is centro, the database of {LEFT}"),
        ({"name": "centro", "user": "norte"}, f"database.name: is centro, the database of {LEFT}"),
        ({"user": "centro"}, f"database.user: is centro, the database user of {LEFT}"),
    ],
)
def test_a_database_that_is_its(database: dict[str, str], seen: str) -> None:
    assert _said(_facts(), database=database) == [
        f"site 'norte': {seen}. {SAME}; else name another one, or {OFF['nginx']}."
    ]


@pytest.mark.parametrize(
    ("theirs", "ours", "engine", "same"),
    [
        ({"host": "/run/postgresql", "type": "pgsql"}, {}, "postgresql", True),
        ({"host": "localhost"}, {}, "postgresql", False),
        ({"host": "db.org"}, {}, "mariadb", False),
        ({"host": "localhost"}, {"host": "db.org", "password": "SecretOfNorte-42"}, "mariadb", False),
        ({"host": "ssl://DB.org"}, {"host": "db.org", "password": "SecretOfNorte-42"}, "mariadb", True),
        ({"host": "[fd00::7]"}, {"host": "fd00::7", "password": "SecretOfNorte-42"}, "mariadb", True),
        ({"host": "p:localhost"}, {}, "mariadb", True),
    ],
)
def test_the_same_server(theirs: dict[str, str], ours: dict[str, str], engine: str, *, same: bool) -> None:
    facts = _facts(database=DATABASE | theirs)
    assert bool(_said(facts, engine, database={"name": "centro"} | ours)) is same


@pytest.mark.parametrize(("old", "new"), [("nginx", "apache"), ("apache", "nginx")])
def test_another_web_server_would_cut_it_off(old: str, new: str) -> None:
    assert _said(_facts("centro.org", server=old), server=new) == [
        f"host: miclinik_web_server: is {new}, and {old} serves {LEFT}: it would be cut off. "
        f"Name that site in the inventory again, or {OFF[old]}."
    ]


def test_a_site_that_takes_the_place_of_another_may_have_its_addresses_and_not_its_database() -> None:
    def said(**site: Any) -> list[str]:  # noqa: ANN401
        facts = _facts("norte.example.org")
        planned = sites.plan([entry(**site)])
        return [str(one) for one in preflight_orphans.check(planned, facts, "mariadb", "nginx", "centro")]

    assert len(_said(_facts("norte.example.org"), domain="norte.example.org")) == 1
    assert said(domain="norte.example.org") == []
    (problem,) = said(domain="norte.example.org", database={"name": "centro"})
    assert problem.startswith(f"site 'norte': database.name: is centro, the database of {LEFT}.")
