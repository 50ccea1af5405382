# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a complete site holds: every key of the schema, and every derived name."""

from __future__ import annotations

from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints, is_typeddict

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout
from ansible_collections.miclinik.hosting.plugins.module_utils.site.site import Site
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import schema as site_schema
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import sites

from tests.application_tree import entry


def _plan(**more: Any) -> Site:  # noqa: ANN401 (whatever an operator may write)
    (site,) = sites.plan([entry(**more)])
    return site


def test_derived_names() -> None:
    site = _plan()
    expected = {
        "user": "norte",
        "group": "norte",
        "home": "/srv/miclinik/norte",
        "releases": "/srv/miclinik/norte/releases",
        "current": "/srv/miclinik/norte/current",
        "root": "/srv/miclinik/norte/current/htdocs",
        "conf": "/srv/miclinik/norte/conf.php",
        "documents": "/srv/miclinik/norte/documents",
        "sessions": "/srv/miclinik/norte/sessions",
        "state": "/etc/miclinik/norte",
        "prefix": "",
        "url": "http://norte.example.org",
        "listen": 80,
        "fpm_unit": "miclinik-php@norte.service",
        "fpm_sockets": "miclinik-php@norte.socket",
        "fpm_folder": "/etc/miclinik-php/norte",
        "fpm_config": "/etc/miclinik-php/norte/php-fpm.conf",
        "pools": [
            {
                "role": "web",
                "about": "the pages",
                "name": "norte-web",
                "file": "/etc/miclinik-php/norte/web.conf",
                "socket": "/run/miclinik-php/norte/web.sock",
                "status": "/run/miclinik-php/norte/web-status.sock",
                "ident": "miclinik-norte-web",
            },
            {
                "role": "api",
                "about": "the REST API",
                "name": "norte-api",
                "file": "/etc/miclinik-php/norte/api.conf",
                "socket": "/run/miclinik-php/norte/api.sock",
                "status": "/run/miclinik-php/norte/api-status.sock",
                "ident": "miclinik-norte-api",
            },
            {
                "role": "quarantine",
                "about": "callers whose key, and people whose session, the web server does not know",
                "name": "norte-quarantine",
                "file": "/etc/miclinik-php/norte/quarantine.conf",
                "socket": "/run/miclinik-php/norte/quarantine.sock",
                "status": "/run/miclinik-php/norte/quarantine-status.sock",
                "ident": "miclinik-norte-quarantine",
            },
        ],
        "sockets": {role: f"/run/miclinik-php/norte/{role}.sock" for role in ("web", "api", "quarantine")},
        "secrets_file": "/etc/miclinik/norte/secrets.json",
        "facts_file": "/etc/miclinik/norte/site.json",
        "ca_file": "/etc/miclinik/norte/database-ca.pem",
        "logs": {"access": "norte.access.log", "api": "norte.api.log", "error": "norte.error.log"},
    }
    assert {key: value for key, value in site.items() if key in expected} == expected


def test_every_site_is_of_the_one_shape() -> None:
    """What the class says and what is made of an entry are the same, so that mypy is right about who reads a site."""
    shape = get_type_hints(Site)
    for site in (_plan(), _plan(port=8080, modules=["multicompany"], tls={"mode": "selfsigned"})):
        assert set(site) == set(shape)
        wrong = {key for key, value in site.items() if not isinstance(value, _kinds(shape[key]))}
        assert wrong == set()


def _kinds(hint: Any) -> tuple[type, ...]:  # noqa: ANN401 (whatever may stand behind a name in a class)
    members = get_args(hint) if isinstance(hint, UnionType) else (hint,)
    return tuple(dict if is_typeddict(member) else get_origin(member) or member for member in members)


def test_every_pool_has_names_of_its_own() -> None:
    pools = _plan()["pools"]
    assert [pool["role"] for pool in pools] == list(layout.POOLS)
    assert all(set(pool) == set(get_type_hints(layout.Pool)) for pool in pools)
    for key in ("name", "file", "socket", "status", "ident"):
        assert len({dict(pool)[key] for pool in pools}) == len(pools)
    assert {layout.site_of_pool_file(Path(pool["file"])) for pool in pools} == {"norte"}
    old = Path("/etc/php/8.2/fpm/pool.d")
    files = ("norte-web.conf", "norte-alto-api.conf", "00-miclinik.conf")
    assert [layout.site_of_pool_file(old / file) for file in files] == ["norte", "norte-alto", ""]


def test_every_key_of_the_schema_is_there_but_for_the_secrets() -> None:
    site = _plan(admin={"password": "admin-secret-0"})
    told = {name for name, spec in site_schema.site_options().items() if not site_schema.is_secret(name, spec)}
    assert told <= set(site)
    keys: dict[str, Any] = {**site}
    for key, spec in site_schema.site_options().items():
        if "options" in spec and spec["type"] == "dict":
            public = {name for name, inner in spec["options"].items() if not site_schema.is_secret(name, inner)}
            assert public <= set(keys[key]), key
    assert site["admin"] == {"login": "admin"}


@pytest.mark.parametrize(
    ("more", "url", "listen"),
    [
        ({"port": 80}, "http://norte.example.org", 80),
        ({"port": 8080}, "http://norte.example.org:8080", 8080),
        ({"domain": "192.0.2.7", "port": 8080}, "http://192.0.2.7:8080", 8080),
    ],
)
def test_url_and_port(more: dict[str, Any], url: str, listen: int) -> None:
    site = _plan(**more)
    assert (site["url"], site["listen"]) == (url, listen)


@pytest.mark.parametrize(
    ("name", "database", "expected"),
    [
        ("norte", None, ("norte", "norte", "localhost", True)),
        ("a-b-c", None, ("a_b_c", "a_b_c", "localhost", True)),
        ("norte", {"name": "erp"}, ("erp", "erp", "localhost", True)),
        ("norte", {"name": "erp", "user": "me"}, ("erp", "me", "localhost", True)),
        ("norte", {"host": "db.example.org"}, ("norte", "norte", "db.example.org", False)),
        ("norte", {"host": "127.0.0.1"}, ("norte", "norte", "127.0.0.1", False)),
    ],
)
def test_database(name: str, database: dict[str, Any] | None, expected: tuple[object, ...]) -> None:
    (site,) = sites.plan([entry(name, database=database)])
    found = site["database"]
    assert (found["name"], found["user"], found["host"], found["local"]) == expected


def test_defaults_of_company_and_users() -> None:
    site = _plan(api={"users": [{"login": "robot"}, {"login": "b", "lastname": "B"}]})
    assert site["company"]["name"] == "norte"
    assert [(user["login"], user["lastname"], user["rights"]) for user in site["api"]["users"]] == [
        ("robot", "robot", []),
        ("b", "B", []),
    ]
    assert [user["login"] for user in _plan()["api"]["users"]] == ["api"]


def test_given_values_stay_and_the_entry_is_not_touched() -> None:
    given = entry(company={"name": "Clínica Norte"}, php={"memory_limit": "1G"}, constants={"A": 1})
    before = repr(given)
    (site,) = sites.plan([given])
    assert site["company"]["name"] == "Clínica Norte"
    assert (site["php"]["memory_limit"], site["php"]["upload_max_filesize"]) == ("1G", "32M")
    assert site["constants"] == {"A": 1}
    assert repr(given) == before


def test_sites_do_not_share_their_defaults() -> None:
    one, two = sites.plan([entry(), entry("sur")])
    one["api"]["users"][0]["rights"].append("x")
    one["constants"]["A"] = 1
    one["modules"].append("x")
    assert (two["api"]["users"][0]["rights"], two["constants"], two["modules"]) == ([], {}, [])
    (again,) = sites.plan([entry()])
    assert (again["api"]["users"][0]["rights"], again["constants"], again["modules"]) == ([], {}, [])


@pytest.mark.parametrize(
    ("more", "sni"),
    [
        ({}, True),
        ({"aliases": ["www.norte.example.org"]}, True),
        ({"domain": "192.0.2.7"}, False),
        ({"aliases": ["www.norte.example.org", "192.0.2.7"]}, False),
    ],
)
def test_who_calls_an_address_names_no_host(more: dict[str, Any], sni: bool) -> None:
    assert _plan(**more)["sni"] is sni
