# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The database servers take their settings, and take from them what was meant.

These are database/60-miclinik.cnf.j2, database/postgresql.conf.j2 and database/authorities.pem.j2.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from . import programs
from .rendering import entry, render

CNF = "/etc/mysql/mariadb.conf.d/60-miclinik.cnf"
CONF = "/etc/postgresql/15/main/conf.d/miclinik.conf"


def _settings(tmp_path: Path, **variables: Any) -> dict[str, str]:  # noqa: ANN401 (whatever a play may set)
    file = tmp_path / "my.cnf"
    file.write_text(render("database", **variables)[CNF].content)
    # --help stops before the server would touch its data, and after it has read every setting.
    said = programs.accept(["mariadbd", f"--defaults-file={file}", f"--datadir={tmp_path}", "--verbose", "--help"])
    assert "[ERROR]" not in said
    table = said[said.index("-" * 20) :]
    return {words[0]: " ".join(words[1:]) for line in table.splitlines() if len(words := line.split()) > 1}


def test_a_plain_host(tmp_path: Path) -> None:
    settings = _settings(tmp_path)
    assert settings["innodb-buffer-pool-size"] == str(256 * 1024 * 1024)
    assert settings["max-connections"] == "200"


@pytest.mark.parametrize("address", ["", "127.0.0.1", "192.0.2.7"])
def test_where_it_listens(tmp_path: Path, address: str) -> None:
    content = render("database", database_listen_address=address)[CNF].content
    lines = [line for line in content.splitlines() if line.startswith("bind-address")]
    assert lines == ([f"bind-address = {address}"] if address else [])
    _settings(tmp_path, database_listen_address=address)


def test_what_the_operator_sets(tmp_path: Path) -> None:
    settings = _settings(tmp_path, database_buffer_pool_mb=512, database_max_connections=77)
    assert settings["innodb-buffer-pool-size"] == str(512 * 1024 * 1024)
    assert settings["max-connections"] == "77"


def test_the_group_is_read_by_mariadb_alone() -> None:
    content = render("database")[CNF].content
    assert [line for line in content.splitlines() if line.startswith("[")] == ["[mariadbd]"]
    assert content.startswith("# Written by miclinik.hosting from templates/database/60-miclinik.cnf.j2: ")


def _postgresql(tmp_path: Path, setting: str, **variables: Any) -> str:  # noqa: ANN401 (whatever a play may set)
    """Return a setting as PostgreSQL reads it."""
    content = render("database", miclinik_database_engine="postgresql", **variables)[CONF].content
    (tmp_path / "postgresql.conf").write_text(content)
    (tmp_path / "postgresql.auto.conf").write_text("")
    return programs.accept(["postgres", "-C", setting, "-D", tmp_path]).strip()


@pytest.mark.parametrize(
    ("setting", "variables", "value"),
    [
        ("shared_buffers", {}, str(256 * 1024 // 8)),  # pages of 8 KiB
        ("shared_buffers", {"database_buffer_pool_mb": 512}, str(512 * 1024 // 8)),
        ("max_connections", {}, "200"),
        ("max_connections", {"database_max_connections": 77}, "77"),
        ("password_encryption", {}, "scram-sha-256"),
        ("listen_addresses", {}, "localhost"),
        ("listen_addresses", {"database_listen_address": "192.0.2.7"}, "192.0.2.7"),
        ("listen_addresses", {"database_listen_address": "a'b"}, "a'b"),
    ],
)
def test_postgresql(tmp_path: Path, setting: str, variables: dict[str, Any], value: str) -> None:
    assert _postgresql(tmp_path, setting, **variables) == value


def test_authorities_of_another_server(tmp_path: Path) -> None:
    text = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
    (tmp_path / "ca.pem").write_text(text)
    database = {"host": "db.example.org", "password": "correct-horse", "tls": "verify", "ca": str(tmp_path / "ca.pem")}
    rendered = render("database", entry(database=database), miclinik_database_engine="postgresql")
    file = rendered["/etc/miclinik/norte/database-ca.pem"]
    assert (file.content, file.mode) == (text, "0644")


def test_a_site_without_authorities_gets_no_such_file() -> None:
    database = {"host": "db.example.org", "password": "correct-horse"}
    assert "/etc/miclinik/norte/database-ca.pem" not in render("database", entry(database=database))
