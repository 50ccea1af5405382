# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Why check mode does not call a site, to the word; and that it calls the others."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.web.servers import SERVERS
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import sites
from ansible_collections.miclinik.hosting.plugins.plugin_utils.smoke import pending as smoke_pending

SHAPE: dict[str, Any] = {"found": True, "socket": "unix:/run/php/x.sock", "allow": [], "problems": []}
PHP = [f"php8.2-{name}" for name in ("cli", "fpm", "curl", "gd", "intl", "mbstring", "mysql", "xml", "zip")]
PACKAGES = ["nginx", "apache2", "mariadb-server", *PHP]
FACTS = {"packages": PACKAGES, "php_version": "8.2", "releases": {"norte": "22.0.4-0123456789ab"}}


def _without(*gone: str) -> list[str]:
    return [name for name in PACKAGES if name not in gone]


def _entry(name: str = "norte", /, **more: Any) -> dict[str, Any]:  # noqa: ANN401 (whatever an operator may write)
    return {"name": name, "domain": f"{name}.example.org", "source": {"type": "sandbox"}} | more


def _reasons(
    *entries: dict[str, Any],
    server: str = "nginx",
    facts: dict[str, Any] | None = None,
    seen: dict[str, Any] | None = None,
    settings: dict[str, Any] | None = None,
    certificates: dict[str, str] | None = None,
    changing: tuple[str, ...] = (),
) -> dict[str, str]:
    evidence = {"url_root": "http://norte.example.org", "vhost": SHAPE} if seen is None else seen
    return smoke_pending.reasons(
        sites.plan(entries or [_entry()]),
        FACTS | (facts or {}),
        server,
        evidence={"norte": evidence},
        settings={"norte": settings or {"changed": False, "changes": []}},
        certificates=certificates or {},
        changing=changing,
    )


@pytest.mark.parametrize("server", ["nginx", "apache"])
def test_a_site_as_the_inventory_says_is_called(server: str) -> None:
    assert _reasons(server=server) == {}


def test_a_new_site_is_not() -> None:
    assert _reasons(_entry(), _entry("sur")) == {"sur": "it is not on the host yet"}


def test_a_site_that_is_to_get_another_release_is_not() -> None:
    assert _reasons(changing=("norte", "sur")) == {"norte": "its release is to be put in place"}
    assert _reasons(changing=("sur",)) == {}


@pytest.mark.parametrize(
    ("more", "why"),
    [
        (
            {"base_path": "/miclinik"},
            "its URL is http://norte.example.org, and is to be http://norte.example.org/miclinik",
        ),
        ({"port": 8080}, "its URL is http://norte.example.org, and is to be http://norte.example.org:8080"),
        (
            {"tls": {"mode": "selfsigned"}},
            "its URL is http://norte.example.org, and is to be https://norte.example.org",
        ),
        ({"domain": "sur.org"}, "its URL is http://norte.example.org, and is to be http://sur.org"),
        ({"api": {"allowed_ips": ["192.0.2.1"]}}, "its API lets other addresses in"),
    ],
)
def test_another_address(more: dict[str, Any], why: str) -> None:
    assert _reasons(_entry(**more)) == {"norte": why}


def test_a_site_whose_configuration_is_not_written() -> None:
    assert _reasons(seen={"url_root": None, "vhost": SHAPE}) == {
        "norte": "its URL is not written yet, and is to be http://norte.example.org"
    }


@pytest.mark.parametrize(
    ("shape", "api", "why"),
    [
        ({"found": False, "socket": ""}, {}, "it has no vhost on port 80 yet"),
        ({"socket": ""}, {}, "its vhost does not hand the API to PHP yet"),
        ({"allow": ["192.0.2.1", "127.0.0.1"]}, {}, "its API lets other addresses in"),
        ({"allow": ["192.0.2.1", "127.0.0.1"]}, {"allowed_ips": ["192.0.2.2"]}, "its API lets other addresses in"),
        # An operator's own template may let in more.
        ({"allow": ["192.0.2.1", "192.0.2.9", "127.0.0.1"]}, {"allowed_ips": ["192.0.2.1"]}, ""),
        ({"socket": ""}, {"enabled": False}, ""),
        ({"allow": ["192.0.2.1"]}, {"enabled": False}, ""),
    ],
)
def test_a_vhost_that_is_to_change(shape: dict[str, Any], api: dict[str, Any], why: str) -> None:
    seen = {"url_root": "http://norte.example.org", "vhost": SHAPE | shape}
    assert _reasons(_entry(api=api), seen=seen) == ({"norte": why} if why else {})


@pytest.mark.parametrize("problem", ["broken", "unreadable"])
def test_a_server_that_cannot_read_its_configuration_is_called(problem: str) -> None:
    """That is a fault of the host, which the smoke test has to find."""
    shape = {"found": False, "problems": [{"id": problem, "detail": "x"}]}
    assert _reasons(seen={"url_root": "http://norte.example.org", "vhost": shape}) == {}


def test_a_host_that_cannot_be_looked_at_is_called() -> None:
    assert _reasons(seen={}) == {}


@pytest.mark.parametrize(("server", "title"), [("nginx", "Nginx"), ("apache", "Apache")])
def test_a_server_that_is_to_come(server: str, title: str) -> None:
    shape = {"found": False, "problems": [{"id": "broken", "detail": "nginx -T gave no configuration"}]}
    seen = {"url_root": "http://norte.example.org", "vhost": shape}
    assert _reasons(server=server, facts={"packages": _without(SERVERS[server].package)}, seen=seen) == {
        "norte": f"{title} is not installed yet"
    }


@pytest.mark.parametrize(
    ("gone", "why"),
    [
        (("php8.2-fpm",), "php8.2-fpm"),
        (("php8.2-cli", "php8.2-fpm"), "php8.2-cli, php8.2-fpm"),
        (("php8.2-intl",), "php8.2-intl"),
        (("mariadb-server",), "mariadb-server"),
        (PHP, "php8.2-cli, php8.2-fpm, php8.2-curl and 6 more"),
    ],
)
def test_packages_that_somebody_removed(gone: tuple[str, ...], why: str) -> None:
    facts = {"packages": _without(*gone)}
    assert _reasons(facts=facts) == {"norte": f"packages are still to be installed: {why}"}


def test_packages_of_a_site_with_its_database_elsewhere() -> None:
    far = _entry(database={"host": "db.example.org", "password": "SecretOfNorte-42"})
    assert _reasons(far, facts={"packages": _without("mariadb-server")}) == {}


def test_packages_of_postgresql_and_of_modules() -> None:
    told = smoke_pending.reasons(
        sites.plan([_entry(modules=["ldap"])]),
        FACTS,
        "nginx",
        evidence={},
        settings={},
        certificates={},
        engine="postgresql",
    )
    assert told == {"norte": "packages are still to be installed: php8.2-pgsql, php8.2-ldap, postgresql"}


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"changes": ["module stock on"]}, "settings are still to be made: module stock on"),
        ({"changes": ["a", "b", "c"]}, "settings are still to be made: a, b, c"),
        ({"changes": ["a", "b", "c", "d", "e"]}, "settings are still to be made: a, b, c and 2 more"),
        ({"changes": ["a"], "pending": "no code is there."}, "its settings are not made yet (no code is there)"),
    ],
)
def test_settings_that_are_to_change(settings: dict[str, Any], why: str) -> None:
    assert _reasons(settings=settings) == {"norte": why}


def test_a_site_that_could_not_be_asked_is_called() -> None:
    evidence = {"norte": {"url_root": "http://norte.example.org", "vhost": SHAPE}}
    told = smoke_pending.reasons(
        sites.plan([_entry()]), FACTS, "nginx", evidence=evidence, settings={}, certificates={}
    )
    assert told == {}


def test_everything_at_once() -> None:
    seen = {"url_root": "http://norte.example.org", "vhost": SHAPE | {"found": False}}
    assert _reasons(
        _entry(tls={"mode": "selfsigned"}),
        seen=seen,
        settings={"changes": ["module stock on"]},
        certificates={"norte": "there is none that can be used"},
    ) == {
        "norte": "its URL is http://norte.example.org, and is to be https://norte.example.org; it has no vhost on port "
        "443 yet; a new certificate is due: there is none that can be used; settings are still to be made: module "
        "stock on"
    }
