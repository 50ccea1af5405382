# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What sites have to say in a cluster, and which secrets a host takes from another."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.plugin_utils.cluster import (
    certificates,
    rules,
    secrets,
    settings,
    topology,
)
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import rules as site_rules
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import sites

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
        (
            {"port": 443},
            "site 'norte': port: is 443, which the balancer has on the same hosts.",
        ),
        ({"tls": {"mode": "acme"}}, "site 'norte': tls.mode: is acme, and certbot renews on one host, from which"),
        (
            {"webhooks": [{"name": "erp", "endpoint": "https://erp.example.org/in", "events": ["BILL_VALIDATE"]}]},
            "site 'norte': webhooks: are asked for, and their events wait on the host",
        ),
    ],
)
def test_a_site_that_does_not(change: dict[str, Any], told: str) -> None:
    (problem,) = rules.check(SEEN, [SITE | change], "mariadb")
    assert str(problem).startswith(told)


def test_the_balancers_speak_tls() -> None:
    assert rules.check(SEEN, [SITE | {"tls": {"mode": "selfsigned"}}], "mariadb") == []
    (site,) = sites.plan([SITE | {"tls": {"mode": "selfsigned"}}], cluster=True)
    assert (site["encrypted"], site["tls_ahead"], site["listen"]) == (False, True, 8080)
    assert site["url"] == "https://norte.example.org"


def test_addresses_share_the_certificate_that_comes_first() -> None:
    one = SITE | {"domain": "192.0.2.9", "tls": {"mode": "selfsigned"}}
    other = one | {"name": "sur", "domain": "192.0.2.10", "port": 8081}
    assert not site_rules.check([one | {"port": 8443}, other | {"port": 8444}])
    (problem,) = site_rules.check([one, other], cluster=True)
    assert "on port 443 too" in str(problem)


GOOD = {"norte": {"names": ["norte.example.org"], "days_left": 300, "self_signed": True, "sound": True}}


@pytest.mark.parametrize(
    ("mode", "seen", "holder"),
    [
        ("selfsigned", {"a": {}, "b": {}}, "a"),
        ("selfsigned", {"a": {}, "b": GOOD}, "b"),
        ("selfsigned", {"a": GOOD, "b": GOOD}, "a"),
        ("selfsigned", {"a": {}, "b": {"norte": GOOD["norte"] | {"days_left": 3}}}, "a"),
        ("provided", {"a": {}, "b": GOOD}, "a"),
    ],
)
def test_who_sees_to_a_certificate(mode: str, seen: dict[str, Any], holder: str) -> None:
    planned = sites.plan([SITE | {"tls": {"mode": mode, "certificate": "c", "key": "k"}}], cluster=True)
    assert certificates.holders(planned, seen) == {"norte": holder}


def test_pairs_as_they_were_read() -> None:
    read = [{"item": [{"name": "norte"}, which], "content": "cGVt"} for which in ("certificate", "key")]
    assert certificates.pairs(read) == {"norte": {"certificate": "pem", "key": "pem"}}


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


def test_passwords_of_the_sessions_follow_from_one_key() -> None:
    found = secrets.of_cache("k", ["norte", "sur"])
    assert list(found) == ["replica", "sentinel", "vote", "site-norte", "site-sur"]
    assert len(set(found.values())) == len(found)
    assert found["site-norte"] == secrets.of_cache("k", ["norte"])["site-norte"]
    assert found["site-norte"] != secrets.of_cache("l", ["norte"])["site-norte"]


@pytest.mark.parametrize(
    ("memory", "fits"), [(None, True), ("128mb", True), ("2GB", True), ("128", False), ("x", False)]
)
def test_memory_of_the_sessions(memory: str | None, fits: bool) -> None:
    found = [str(part) for rest in settings.check({"cluster_cache_memory": memory}) for part in rest]
    assert found[:1] == ([] if fits else ["cluster_cache_memory"])
