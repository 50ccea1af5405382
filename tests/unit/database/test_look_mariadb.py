# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The look at a database on MariaDB, with a client library that answers what the test says."""

from __future__ import annotations

import ssl
import sys
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.database import look as database_look
from ansible_collections.miclinik.hosting.plugins.module_utils.database import mariadb
from ansible_collections.miclinik.hosting.plugins.module_utils.database.findings import Target

LOCAL = Target("norte", True, "/run/mysqld/mysqld.sock", 3306, "clinica_norte", "clinica_norte", "disable", None)
OTHER = Target("norte", False, "db.example.org", 3307, "clinica_norte", "clinica_norte", "disable", None)
GRANTS = (
    "GRANT USAGE ON *.* TO `clinica_norte`@`localhost` IDENTIFIED BY PASSWORD '*0123'",
    "GRANT ALL PRIVILEGES ON `clinica\\_norte`.* TO `clinica_norte`@`localhost`",
)
VERSION = "10.11.14-MariaDB-0+deb12u2"
PASSWORD = "contraseña"


class Server:
    """A server that lets everybody in, unless ``refusal`` is set."""

    class MySQLError(Exception):
        """As in PyMySQL."""

    def __init__(self) -> None:
        self.answers: dict[str, list[tuple[str, ...]]] = {}
        self.asked: dict[str, Any] = {}
        self.refusal: Exception | None = None
        self.closed = False
        self.says(VERSION, "utf8mb4", *GRANTS)

    def says(self, version: str, charset: str, *grants: str) -> None:
        self.answers = {"SELECT": [(version, charset)], "SHOW": [(grant,) for grant in grants]}

    def connect(self, **asked: object) -> Server:
        self.asked = asked
        if self.refusal:
            raise self.refusal
        return self

    def cursor(self) -> Server:
        return self

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        return

    def execute(self, query: str) -> None:
        self.rows = self.answers[query.split(maxsplit=1)[0]]

    def fetchone(self) -> tuple[str, ...]:
        return self.rows[0]

    def fetchall(self) -> list[tuple[str, ...]]:
        return self.rows

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    made = Server()
    monkeypatch.setitem(sys.modules, "pymysql", SimpleNamespace(connect=made.connect, MySQLError=Server.MySQLError))
    return made


def verdict(target: Target, oldest: str = "10.11") -> tuple[str, str, str, str]:
    found = database_look.probe("mariadb", target, PASSWORD, oldest)
    return found.state, found.key, found.seen, found.mend


def test_ready(server: Server) -> None:
    assert database_look.probe("mariadb", LOCAL, PASSWORD, "10.11").report() == {
        "state": "ready",
        "key": "",
        "seen": "",
        "mend": "",
        "version": "10.11.14",
    }
    assert server.asked == {
        "user": "clinica_norte",
        "password": PASSWORD.encode(),
        "database": "clinica_norte",
        "connect_timeout": 10,
        "unix_socket": "/run/mysqld/mysqld.sock",
    }
    assert server.closed


def test_another_server_in_clear(server: Server) -> None:
    assert verdict(OTHER)[0] == "ready"
    assert (server.asked["host"], server.asked["port"], server.asked["ssl"]) == ("db.example.org", 3307, None)


def test_another_server_encrypted(server: Server) -> None:
    assert verdict(Target(**(vars(OTHER) | {"sslmode": "require"})))[0] == "ready"
    context = server.asked["ssl"]
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_NONE, False)


@pytest.mark.parametrize(
    ("code", "text", "key", "mend"),
    [
        (
            1045,
            "Access denied for user 'clinica_norte'@'localhost' (using password: YES)",
            "database.password",
            "Give the password that 'clinica_norte' has on this server, and let it log in from this host",
        ),
        (
            1049,
            "Unknown database 'clinica_norte'",
            "database.name",
            "Make the database 'clinica_norte' and give 'clinica_norte' all rights on it",
        ),
        (
            1044,
            "Access denied for user 'clinica_norte'@'%' to database 'clinica_norte'",
            "database.name",
            "Make the database 'clinica_norte' and give 'clinica_norte' all rights on it",
        ),
    ],
)
def test_refused(server: Server, code: int, text: str, key: str, mend: str) -> None:
    server.refusal = Server.MySQLError(code, text)
    assert verdict(OTHER) == (
        "missing",
        key,
        f"the server refuses clinica_norte@db.example.org on 'clinica_norte': {text} ({code})",
        mend,
    )


ED25519 = "'clinica_norte' logs in by MariaDB's plugin ed25519, which PHP does not know"
ED25519_MEND = "Let 'clinica_norte' log in by mysql_native_password (ALTER USER … IDENTIFIED BY)"


def test_a_way_of_logging_in_that_php_does_not_know_and_this_library_lacks_a_part_for(server: Server) -> None:
    server.refusal = RuntimeError("'pynacl' package is required for ed25519_password auth method")
    seen = f"the server refuses clinica_norte@db.example.org on 'clinica_norte': {ED25519}"
    assert verdict(OTHER) == ("missing", "database.user", seen, ED25519_MEND)


def test_a_way_of_logging_in_that_php_does_not_know(server: Server) -> None:
    used, rights = "GRANT USAGE ON *.* TO `clinica_norte`@`%` IDENTIFIED VIA ed25519 USING '0123'", GRANTS[1]
    server.says(VERSION, "utf8mb4", used, rights)
    assert verdict(OTHER) == ("wrong", "database.user", ED25519, ED25519_MEND)
    server.says(VERSION, "utf8mb4", f"{used} OR mysql_native_password USING '*45'", rights)
    assert verdict(OTHER)[0] == "ready"


@pytest.mark.parametrize(
    "refusal",
    [Server.MySQLError(2003, "Can't connect"), ConnectionRefusedError(111, "Can't connect")],
)
def test_unreachable(server: Server, refusal: Exception) -> None:
    server.refusal = refusal
    assert verdict(OTHER) == (
        "unreachable",
        "database.host",
        "db.example.org:3307 does not answer: Can't connect",
        "Check database.host and database.port, that the server runs, and what lies between",
    )


def test_no_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pymysql", None)
    assert verdict(LOCAL) == (
        "unknown",
        "database",
        "cannot be looked at: Python has no pymysql",
        "Install python3-pymysql",
    )


def test_no_password_yet() -> None:
    found = database_look.probe("mariadb", LOCAL, "", "10.11")
    assert (found.state, found.key) == ("unknown", "database.password")


def test_another_character_set(server: Server) -> None:
    server.says(VERSION, "latin1", *GRANTS)
    assert verdict(LOCAL) == (
        "wrong",
        "database.name",
        "'clinica_norte' is made for latin1, and the application writes utf8mb4",
        "Make it anew with the character set utf8mb4, or convert it",
    )


def test_old_server(server: Server) -> None:
    server.says("10.5.29-MariaDB", "utf8mb4", *GRANTS)
    assert verdict(OTHER) == (
        "wrong",
        "database.host",
        "db.example.org is MariaDB 10.5.29, and 10.11 is the oldest that was tested",
        "Use a server of 10.11 or newer, or lower database_oldest_version",
    )
    assert verdict(OTHER, "10.5")[0] == "ready"


def test_another_product(server: Server) -> None:
    server.says("8.4.6", "utf8mb4", *GRANTS)
    seen = "db.example.org is MySQL 8.4.6"
    assert verdict(OTHER) == ("wrong", "database.host", seen, "Use MariaDB, the one that was tested")


@pytest.mark.parametrize(
    "grants",
    [
        # The name as a pattern: clinicaXnorte as well.
        (GRANTS[0], "GRANT ALL PRIVILEGES ON `clinica_norte`.* TO `clinica_norte`@`localhost`"),
        (*GRANTS, "GRANT SELECT ON `sur`.* TO `clinica_norte`@`localhost`"),
        ("GRANT ALL PRIVILEGES ON *.* TO `clinica_norte`@`localhost`", GRANTS[1]),
        (GRANTS[0], "GRANT SELECT, INSERT ON `clinica\\_norte`.* TO `clinica_norte`@`localhost`"),
        (GRANTS[0],),
    ],
)
def test_exactly_its_own_rights_on_this_host(server: Server, grants: tuple[str, ...]) -> None:
    server.says(VERSION, "utf8mb4", *grants)
    assert verdict(LOCAL) == (
        "wrong",
        "database.user",
        "'clinica_norte' has other rights than all on 'clinica_norte'",
        "Run the playbook, which puts them right",
    )


@pytest.mark.parametrize(
    ("rights", "place"),
    [
        ("ALL PRIVILEGES", "`clinica\\_norte`.*"),
        ("ALL PRIVILEGES", "`clinica_norte`.*"),
        ("ALL PRIVILEGES", "*.*"),
        (", ".join(sorted(mariadb.NEEDED)), "`clinica_norte`.*"),
    ],
)
def test_enough_rights_elsewhere(server: Server, rights: str, place: str) -> None:
    server.says(VERSION, "utf8mb4", GRANTS[0], f"GRANT {rights} ON {place} TO `clinica_norte`@`%`")
    assert verdict(OTHER)[0] == "ready"


def test_too_few_rights_elsewhere(server: Server) -> None:
    rights = ", ".join(sorted(mariadb.NEEDED - {"ALTER", "DROP"}))
    server.says(VERSION, "utf8mb4", GRANTS[0], f"GRANT {rights} ON `clinica_norte`.* TO `clinica_norte`@`%`")
    assert verdict(OTHER) == (
        "wrong",
        "database.user",
        "'clinica_norte' lacks rights on 'clinica_norte': ALTER, DROP",
        "Grant it all rights on that database",
    )
