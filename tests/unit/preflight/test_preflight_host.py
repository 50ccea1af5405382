# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What preflight says of hosts that others have made difficult, to the word."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.plugin_utils.preflight import host as preflight_host
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import sites

from tests.application_tree import entry

START = "Nothing can be run as root on the host, which says: "


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (
            "sudo: sorry, you must have a tty to run sudo\n",
            "sudo: sorry, you must have a tty to run sudo. "
            "Take requiretty out of the host's sudoers, or set ansible_pipelining: false.",
        ),
        (
            "sudo: a password is required\n",
            "sudo: a password is required. "
            "Call ansible-playbook with --ask-become-pass, or set ansible_become_password.",
        ),
        (
            "ops is not in the sudoers file.\n",
            "ops is not in the sudoers file. Let the user of ansible_user become root, or name another user.",
        ),
        (
            "first\nsh: 1: python3: not found\n",
            "sh: 1: python3: not found. See what the user of ansible_user may do there, and that Python is there.",
        ),
    ],
)
def test_a_host_that_lets_nobody_become_root(said: str, expected: str) -> None:
    failure = {"failed": True, "msg": "Module result deserialization failed", "module_stderr": said}
    assert preflight_host.unanswered(failure) == START + expected


def test_another_failure_keeps_its_words() -> None:
    assert preflight_host.unanswered({"failed": True, "msg": "no Python"}) == "no Python"


def _facts(**more: Any) -> dict[str, Any]:  # noqa: ANN401 (facts)
    bare: dict[str, Any] = {"closed": [], "masked": [], "packages": [], "running": [], "releases": {}, "under_way": {}}
    return bare | {"php_version": "8.2", "ipv6_interfaces": []} | more


def test_what_is_under_way_with_a_site_is_waited_for() -> None:
    assert _check(_facts(under_way={"sur": "upgrade, load"})) == []
    assert _check(_facts(under_way={"norte": "upgrade, load"})) == [
        "site 'norte': upgrade: something is under way with the whole of it (upgrade, load). Wait for its end "
        "(miclinikctl norte journal), or, if it was killed, have it taken back: miclinikctl norte recover."
    ]


def test_a_site_that_somebody_has_closed_is_not_opened_by_a_run() -> None:
    assert _check(_facts(shut=["sur"])) == []
    assert _check(_facts(shut=["norte"])) == [
        "site 'norte': host: it is closed on this host, since it moves to another one perhaps, and this run would open"
        " it. Take it out of this host's miclinik_sites, or open it: miclinikctl norte open."
    ]


def _check(
    facts: dict[str, Any],
    engine: str = "mariadb",
    server: str = "nginx",
    **site: Any,  # noqa: ANN401 (an entry)
) -> list[str]:
    return [str(problem) for problem in preflight_host.check(facts, sites.plan([entry(**site)]), engine, server)]


def test_a_host_as_others_left_it() -> None:
    assert _check(_facts(masked=["apache2", "cron"], packages=["mariadb-server", "mysql-common"])) == []


def test_services_that_must_not_start() -> None:
    masked = ["mariadb", "nginx", "miclinik-php@norte", "php8.2-fpm", "postgresql"]
    said = "is masked, so that it cannot start. systemctl unmask"
    assert _check(_facts(masked=masked)) == [
        f"host: {unit}.service: {said} {unit}." for unit in ("mariadb", "miclinik-php@norte", "nginx")
    ]
    assert _check(_facts(masked=masked), "postgresql", "apache", database={"host": "db.example.org"}) == [
        f"host: miclinik-php@norte.service: {said} miclinik-php@norte."
    ]


OFF = "and IPv6 is off on the host (no interface has an IPv6 address)"
ON = "Write an IPv4 address or a host name, or switch IPv6 on (sysctl net.ipv6.conf.all.disable_ipv6=0)"


def test_ipv6_addresses_on_a_host_without_ipv6() -> None:
    given: dict[str, Any] = {
        "domain": "2001:DB8:0::5",
        "aliases": ["norte.example.org", "192.0.2.7", "2001:db8::6"],
        "database": {"host": "2001:db8::9"},
    }
    said = [
        f"site 'norte': {key}: is {address}, {OFF}. {ON}."
        for key, address in (
            ("database.host", "2001:db8::9"),
            ("domain", "2001:db8::5"),
            ("aliases[2]", "2001:db8::6"),
        )
    ]
    assert _check(_facts(), **given) == said
    assert _check(_facts(ipv6_interfaces=["lo"]), **given) == said
    assert _check(_facts(ipv6_interfaces=["eth0", "lo"]), **given) == []
    # They are the proxy's.
    assert _check(_facts(), proxy={"trusted": ["192.0.2.1"]}, **given) == said[:1]


def test_the_hosts_own_ipv6_address() -> None:
    assert _check(_facts(ipv6_interfaces=["lo"]), domain="::1") == []
    assert _check(_facts(), domain="::1") == [f"site 'norte': domain: is ::1, {OFF}. {ON}."]


@pytest.mark.parametrize(
    "package", ["mysql-server", "mysql-server-8.0", "mysql-community-server", "percona-server-server"]
)
def test_mysql_is_not_replaced(package: str) -> None:
    assert _check(_facts(packages=[package])) == [
        f"host: miclinik_database_engine: is mariadb, and {package} is installed here. "
        "Host miclinik elsewhere, or set database.host to a MariaDB on another host."
    ]
    assert _check(_facts(packages=[package]), "postgresql") == []
    assert _check(_facts(packages=[package]), database={"host": "db.example.org"}) == []


def test_a_pooler_of_others_is_not_taken_over() -> None:
    facts = _facts(running=["pgbouncer"], pooler=False)
    planned = sites.plan([entry()])
    assert list(map(str, preflight_host.check(facts, planned, "postgresql", "nginx", "pgbouncer"))) == [
        "host: miclinik_database_pooler: is pgbouncer, and one that is not this collection's runs here: its clients"
        " would be cut off. Leave it out, or stop that one: systemctl disable --now pgbouncer."
    ]
    for fine in (_facts(running=["pgbouncer"], pooler=True), _facts(pooler=False)):
        assert preflight_host.check(fine, planned, "postgresql", "nginx", "pgbouncer") == []
    assert preflight_host.check(facts, planned, "postgresql", "nginx") == []


def test_the_database_server_is_looked_at_where_something_is_to_be_made() -> None:
    planned = sites.plan([entry(), entry("sur", database={"port": 5433})])
    there = _facts(packages=["postgresql", "mariadb-server"], releases={"norte": "22.0.4-0"})
    asked = preflight_host.server_to_look_at(there, planned, "postgresql")
    assert asked == {"engine": "postgresql", "ports": [5432, 5433], "fail": False}
    assert preflight_host.server_to_look_at(there, planned, "mariadb") == {}
    running = there | {"running": ["mariadb"]}
    assert preflight_host.server_to_look_at(running, planned, "mariadb")["ports"] == [3306, 5433]
    nothing_new = there | {"releases": {"norte": "22.0.4-0", "sur": "22.0.4-0"}}
    assert preflight_host.server_to_look_at(nothing_new, planned, "postgresql") == {}
    assert preflight_host.server_to_look_at(_facts(), planned, "mariadb") == {}
    elsewhere = sites.plan([entry(database={"host": "db.example.org"})])
    assert preflight_host.server_to_look_at(there | {"releases": {}}, elsewhere, "mariadb") == {}


def test_what_the_look_found() -> None:
    found = preflight_host.server_complaints([["database.port", "seen", "Mend"]])
    assert [str(problem) for problem in found] == ["host: database.port: seen. Mend."]
