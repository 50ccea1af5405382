# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who gets into the MariaDB of a host, asked as its own program answers (10.11, 11.8)."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.database import server as database_server
from ansible_collections.miclinik.hosting.plugins.module_utils.database.server import Entry

PASSWORD = 'Ops-"Pass\\9'
ALL = "GRANT ALL PRIVILEGES ON *.* TO `ops`@`localhost` IDENTIFIED BY PASSWORD '*4C' WITH GRANT OPTION\n"
OPEN = (0, f"10.11.6-MariaDB-0+deb12u1\t0\n{ALL}", "")
CLOSED = (1, "", "ERROR 1045 (28000): Access denied for user 'root'@'localhost' (using password: NO)\n")


class Server:
    """A MariaDB that answers root, and then the administrator."""

    def __init__(self, *answers: tuple[int, str, str]) -> None:
        self.answers = list(answers)
        self.calls: list[tuple[list[str], str]] = []

    def run(self, words: Sequence[str], text: str) -> tuple[int, str, str]:
        """Answer one call of the client."""
        self.calls.append((list(words), text))
        return self.answers.pop(0)


@pytest.fixture(autouse=True)
def client(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the host's client there."""
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}" if name == "mariadb" else None)


@pytest.fixture
def socket(tmp_path: Path) -> str:
    (tmp_path / "mysqld.sock").touch()
    return str(tmp_path / "mysqld.sock")


def test_root_gets_in_through_the_socket(socket: str) -> None:
    server = Server(OPEN)
    assert database_server.look(socket, "ops", PASSWORD, server.run) == Entry("root", "10.11.6")
    options = ["--batch", "--skip-column-names", "--connect-timeout=10", f"--socket={socket}"]
    assert server.calls == [
        (["mariadb", *options, "--execute", "SELECT VERSION(), @@global.read_only; SHOW GRANTS"], "")
    ]


def test_the_administrator_gets_in_where_root_does_not(socket: str) -> None:
    server = Server(CLOSED, OPEN)
    assert database_server.look(socket, "ops", PASSWORD, server.run) == Entry("admin", "10.11.6")
    words, text = server.calls[1]
    assert words[:2] == ["mariadb", "--defaults-file=/dev/stdin"]
    assert text == '[client]\nuser="ops"\npassword="Ops-\\"Pass\\\\9"\n'


def test_no_argument_holds_the_password(socket: str) -> None:
    server = Server(CLOSED, CLOSED)
    database_server.look(socket, "ops", PASSWORD, server.run)
    assert not [word for words, _ in server.calls for word in words if "Pass" in word]


def test_nobody_was_named_where_root_has_a_password(socket: str) -> None:
    assert database_server.look(socket, "", "", Server(CLOSED).run).complaints == [
        (
            "database_admin_user",
            "MariaDB does not let root in without a password: "
            "ERROR 1045 (28000): Access denied for user 'root'@'localhost' (using password: NO)",
            "Name who may make users and databases: database_admin_user and database_admin_password (in a vault)",
        )
    ]


@pytest.mark.parametrize(
    "said",
    [
        "ERROR 1045 (28000): Access denied for user 'ops'@'localhost' (using password: YES)",
        "ERROR 1698 (28000): Access denied for user 'ops'@'localhost'",
        "ERROR 2059 (HY000): Authentication plugin 'x' cannot be loaded: no such file",
    ],
)
def test_the_administrator_does_not_get_in_either(socket: str, said: str) -> None:
    complaints = database_server.look(socket, "ops", PASSWORD, Server(CLOSED, (1, "", f"{said}\n")).run).complaints
    mend = "Name a user who may make users and databases, with that user's password"
    assert complaints == [("database_admin_password", f"MariaDB does not let ops in: {said}", mend)]


def test_an_administrator_who_may_not_make_users(socket: str) -> None:
    weak = (0, "10.11.6-MariaDB\t0\nGRANT USAGE ON *.* TO `ops`@`localhost`\n", "")
    entry = database_server.look(socket, "ops", PASSWORD, Server(CLOSED, weak).run)
    assert [(key, seen) for key, seen, _ in entry.complaints] == [
        ("database_admin_user", "ops may not make users and give them rights")
    ]


@pytest.mark.parametrize("value", ["1", "ON"])
def test_a_copy_of_another_server(socket: str, value: str) -> None:
    entry = database_server.look(socket, "", "", Server((0, f"11.8.3-MariaDB\t{value}\n{ALL}", "")).run)
    assert [(key, seen) for key, seen, _ in entry.complaints] == [
        ("database", "MariaDB is read-only, as the copy of another server is")
    ]


def test_mysql_in_mariadbs_place(socket: str) -> None:
    entry = database_server.look(socket, "", "", Server((0, f"8.0.44\t0\n{ALL}", "")).run)
    assert [seen for _, seen, _ in entry.complaints] == [
        "the server of this host is MySQL 8.0.44, which was never tested"
    ]


def test_a_server_that_does_not_answer(socket: str) -> None:
    said = "ERROR 2002 (HY000): Can't connect to local server through socket '/x' (111)"
    entry = database_server.look(socket, "ops", PASSWORD, Server((1, "", f"{said}\n")).run)
    assert entry.complaints == [("database", f"MariaDB does not answer: {said}", "See its journal")]


def test_a_socket_elsewhere(tmp_path: Path) -> None:
    entry = database_server.look(str(tmp_path / "none"), "", "", Server().run)
    assert [(key, seen) for key, seen, _ in entry.complaints] == [
        ("database", f"MariaDB has no socket at {tmp_path}/none, where the application looks for it")
    ]


def test_a_host_without_the_server(socket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    assert database_server.look(socket, "", "", Server().run) == Entry()


def test_running_a_command() -> None:
    assert database_server.run(["sh", "-c", "cat; echo no >&2; exit 3"], "text") == (3, "text", "no\n")
