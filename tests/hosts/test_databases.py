# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The database server of a host: what there is of it, and that each site's user sees its own database only."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from testinfra.host import Host

from .choices import engine, php_version, pooler
from .conftest import HostedSite
from .database_server import Server, name_of

PACKAGES = {"mariadb": "mariadb-server", "postgresql": "postgresql"}
SERVICES = {"mariadb": "mariadb", "postgresql": "postgresql"}
EXTENSIONS = {"mariadb": "mysqli", "postgresql": "pgsql"}
OTHER_ENGINE = {"mariadb": "postgresql", "postgresql": "mariadb"}
POOLER = "/run/miclinik-pooler"
SYSTEM_DATABASES = {"mariadb": ["mysql"], "postgresql": ["postgres", "template1"]}


@pytest.fixture
def server(host: Host, pytestconfig: pytest.Config) -> Server:
    return Server(host, engine(host, pytestconfig))


@pytest.fixture
def neighbour(server: Server, site: HostedSite) -> Iterator[str]:
    """A database of somebody else, as open as the server makes one, whose name `site's name` fits as a pattern."""
    own = name_of(site)
    name = own.replace("_", "x", 1) if "_" in own else f"{own}x"
    server.ask(f"CREATE DATABASE {name}")
    try:
        server.ask("CREATE TABLE llx_neighbour (id integer)", name)
        yield name
    finally:
        server.ask(f"DROP DATABASE {name}")


def test_the_engine_that_was_asked_for_and_no_other(server: Server) -> None:
    assert server.host.package(PACKAGES[server.engine]).is_installed
    assert not server.host.package(PACKAGES[OTHER_ENGINE[server.engine]]).is_installed


def test_server_runs_and_starts_with_the_host(server: Server) -> None:
    service = server.host.service(SERVICES[server.engine])
    assert service.is_running
    assert service.is_enabled


def test_the_site_reaches_it_as_was_asked_for(host: Host, pytestconfig: pytest.Config, site: HostedSite) -> None:
    pooled = pooler(host, pytestconfig) == "pgbouncer"
    assert (POOLER in host.file(f"{site.home}/conf.php").content_string) == pooled
    service = host.service("pgbouncer")
    assert (service.is_running, service.is_enabled) == (pooled, pooled)
    # At a socket alone: nobody else's program finds it at an address. Debian 13's holds one more, to speak to systemd.
    lines = host.check_output("ss -Hlxp").splitlines()
    sockets = [line for line in lines if "pgbouncer" in line and " LISTEN " in line]
    assert [f"{POOLER}/.s.PGSQL.5432" in line for line in sockets] == [True] * pooled
    assert "pgbouncer" not in host.check_output("ss -Hltunp")


def test_php_speaks_to_that_engine_and_no_other(server: Server) -> None:
    loaded = server.host.check_output("php%s -m", php_version(server.host)).lower().split()
    assert EXTENSIONS[server.engine] in loaded
    assert EXTENSIONS[OTHER_ENGINE[server.engine]] not in loaded


def test_mariadb_keeps_answers_until_somebody_writes(server: Server) -> None:
    if server.engine != "mariadb":
        return
    ask = ("SELECT name FROM child ORDER BY name", "query-cache-test")
    server.ask("CREATE DATABASE `query-cache-test`")
    try:
        for table in (
            "CREATE TABLE parent (id integer PRIMARY KEY)",
            "CREATE TABLE child (name varchar(9), parent integer, FOREIGN KEY (parent) REFERENCES parent (id) "
            "ON DELETE CASCADE)",
            "CREATE TRIGGER born AFTER INSERT ON parent FOR EACH ROW INSERT INTO child VALUES ('born', NEW.id)",
        ):
            server.ask(table, "query-cache-test")
        # Each write comes by a connection of its own, and by another way: a trigger, the table, a rename, a cascade.
        for write, expected in (
            ("INSERT INTO parent VALUES (1)", ["born"]),
            ("INSERT INTO child VALUES ('second', 1)", ["born", "second"]),
            ("UPDATE child SET name = 'third' WHERE name = 'second'", ["born", "third"]),
            ("RENAME TABLE child TO other, parent TO former", None),
            ("RENAME TABLE other TO child, former TO parent", ["born", "third"]),
            ("DELETE FROM parent", []),
        ):
            server.ask(write, "query-cache-test")
            if expected is not None:
                before = _cached(server)
                assert [server.ask(*ask).splitlines() for _ in range(3)] == [expected] * 3
                assert _cached(server) - before >= 2
    finally:
        server.ask("DROP DATABASE `query-cache-test`")


def _cached(server: Server) -> int:
    return int(server.ask("SHOW GLOBAL STATUS LIKE 'Qcache_hits'").split()[1])


def test_database_of_the_site(server: Server, site: HostedSite) -> None:
    name = name_of(site)
    if server.engine == "mariadb":
        assert "DEFAULT CHARACTER SET utf8mb4 " in server.ask(f"SHOW CREATE DATABASE `{name}`")
        grants = server.ask(f"SHOW GRANTS FOR '{name}'@'localhost'").splitlines()
        # As the client prints it, with the backslash doubled: _ alone would stand for any character.
        escaped = name.replace("_", "\\\\_")
        assert [line.split(" TO ")[0] for line in grants] == [
            "GRANT USAGE ON *.*",
            f"GRANT ALL PRIVILEGES ON `{escaped}`.*",
        ]
    else:
        database = "SELECT pg_encoding_to_char(encoding), pg_get_userbyid(datdba), datlocprovider, datacl"
        assert server.ask(f"{database} FROM pg_database WHERE datname = '{name}'") == (
            f"UTF8\t{name}\ti\t{{{name}=CTc/{name}}}"
        )
        role = "SELECT rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls"
        assert server.ask(f"{role} FROM pg_roles WHERE rolname = '{name}'") == "f\tf\tf\tf\tf"
        stored = "SELECT left(rolpassword, 14)"
        assert server.ask(f"{stored} FROM pg_authid WHERE rolname = '{name}'") == "SCRAM-SHA-256$"


def test_the_sites_user_sees_its_own_database(server: Server, site: HostedSite) -> None:
    seen = server.visit(site, name_of(site))[name_of(site)]
    assert seen is not None
    assert seen > 10


def test_the_sites_user_is_kept_out_of_all_others(server: Server, site: HostedSite, neighbour: str) -> None:
    listing = {
        "mariadb": "SELECT schema_name FROM information_schema.schemata WHERE schema_name <> 'information_schema'",
        "postgresql": "SELECT datname FROM pg_database WHERE datallowconn",
    }[server.engine]
    others = [name for name in server.ask(listing).splitlines() if name != name_of(site)]
    assert {neighbour, *SYSTEM_DATABASES[server.engine]} <= set(others)
    assert server.visit(site, *others) == dict.fromkeys(others)


def test_the_sites_unix_user_is_nobody_without_the_password(server: Server, site: HostedSite) -> None:
    commands = {
        "mariadb": ["mariadb -e 'SELECT 1'", "mariadb -u root -e 'SELECT 1'"],
        "postgresql": ["psql -wXc 'SELECT 1' -d postgres", "psql -wXc 'SELECT 1' -U postgres -d postgres"],
    }[server.engine]
    for command in commands:
        assert server.host.run(f"runuser -u %s -- {command} < /dev/null", site.name).rc != 0
    # It is the server that refuses, and not the client that is missing.
    server.host.run_expect([0], f"{commands[0].split()[0]} --version")
