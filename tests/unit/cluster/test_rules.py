# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What sites have to say in a cluster, and which secrets a host takes from another."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.plugin_utils.cluster import rules, secrets, topology

from .test_topology import SMALL, VARIABLES

SITE: dict[str, Any] = {
    "name": "norte",
    "domain": "norte.example.org",
    "port": 8080,
    "source": {"type": "sandbox"},
    "database": {"host": "127.0.0.1", "port": 3307},
    "proxy": {"trusted": ["192.0.2.0/24"]},
}
SEEN = topology.of(SMALL, VARIABLES, "a")


def test_a_site_that_fits() -> None:
    assert rules.check(SEEN, [SITE], "mariadb") == []
    assert rules.check({}, [SITE | {"database": {"host": "localhost"}, "proxy": {}, "port": 80}], "postgresql") == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"database": {}}, "site 'norte': database: leads to localhost:(usual port), and no HAProxy of ours"),
        ({"proxy": {"trusted": ["192.0.2.1"]}}, "site 'norte': proxy.trusted: does not hold 192.0.2.2, by which"),
        ({"port": 80}, "site 'norte': port: is 80, which the balancer has on the same hosts. Write another one, 8080."),
        ({"tls": {"mode": "selfsigned"}}, "site 'norte': tls.mode: is selfsigned, and the balancer speaks HTTP"),
        (
            {"webhooks": [{"name": "erp", "endpoint": "https://erp.example.org/in", "events": ["BILL_VALIDATE"]}]},
            "site 'norte': webhooks: are asked for, and their events wait on the host",
        ),
    ],
)
def test_a_site_that_does_not(change: dict[str, Any], told: str) -> None:
    (problem,) = rules.check(SEEN, [SITE | change], "mariadb")
    assert str(problem).startswith(told)


def test_another_engine() -> None:
    (problem,) = rules.check(SEEN, [SITE], "postgresql")
    assert str(problem).startswith("inventory: miclinik_database_engine: is postgresql, and Galera is MariaDB's")


def test_a_host_by_itself_has_no_haproxy_of_ours() -> None:
    (problem,) = rules.check({}, [SITE], "mariadb")
    assert str(problem).startswith("site 'norte': database.password: is missing")


def _looked(checksum: str) -> list[dict[str, Any]]:
    found = {"exists": True, "checksum": checksum} if checksum else {"exists": False}
    return [{"item": {"name": "norte", "secrets_file": "/s"}, "stat": found}]


@pytest.mark.parametrize(
    ("here", "there", "lacking", "host"),
    [
        ("", {"b": ""}, False, ""),
        ("", {"b": "", "c": "1", "d": "2"}, False, "c"),
        ("1", {"b": "1"}, False, ""),
        ("1", {"b": "2"}, False, "b"),
        ("1", {"b": "2"}, True, ""),
        ("", {"b": "2"}, True, "b"),
    ],
)
def test_secrets_of_another_host(here: str, there: dict[str, str], lacking: bool, host: str) -> None:
    found = secrets.to_fetch(_looked(here), {name: _looked(value) for name, value in there.items()}, lacking)
    assert found == ([{"name": "norte", "file": "/s", "host": host}] if host else [])
