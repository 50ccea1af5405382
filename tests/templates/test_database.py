# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The database servers take their settings, and take from them what was meant.

These are database/60-miclinik.cnf.j2, database/postgresql.conf.j2, database/authorities.pem.j2, and of PgBouncer
database/pgbouncer.ini.j2 and database/pgbouncer.conf.j2.
"""

from __future__ import annotations

import configparser
from pathlib import Path
from typing import Any

import pytest

from . import programs
from .rendering import Rendered, entry, render

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
    assert settings["query-cache-type"] == "ON"
    assert settings["query-cache-size"] == str(32 * 1024 * 1024)
    assert settings["query-cache-limit"] == str(256 * 1024)


@pytest.mark.parametrize("address", ["", "127.0.0.1", "192.0.2.7"])
def test_where_it_listens(tmp_path: Path, address: str) -> None:
    content = render("database", database_listen_address=address)[CNF].content
    lines = [line for line in content.splitlines() if line.startswith("bind-address")]
    assert lines == ([f"bind-address = {address}"] if address else [])
    _settings(tmp_path, database_listen_address=address)


def test_what_the_operator_sets(tmp_path: Path) -> None:
    settings = _settings(tmp_path, database_buffer_pool_mb=512, database_max_connections=77, database_query_cache_mb=0)
    assert settings["innodb-buffer-pool-size"] == str(512 * 1024 * 1024)
    assert settings["max-connections"] == "77"
    assert settings["query-cache-type"] == "OFF"
    assert settings["query-cache-size"] == "0"


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
        ("max_connections", {"miclinik_sites": [entry(f"s{number}") for number in range(30)]}, "800"),
        ("max_connections", {"database_max_connections": 77}, "77"),
        ("password_encryption", {}, "scram-sha-256"),
        ("listen_addresses", {}, "localhost"),
        ("listen_addresses", {"database_listen_address": "192.0.2.7"}, "192.0.2.7"),
        ("listen_addresses", {"database_listen_address": "a'b"}, "a'b"),
    ],
)
def test_postgresql(tmp_path: Path, setting: str, variables: dict[str, Any], value: str) -> None:
    assert _postgresql(tmp_path, setting, **variables) == value


POOLER, POOLER_UNIT = "/etc/pgbouncer/miclinik.ini", "/etc/systemd/system/pgbouncer.service.d/miclinik.conf"


def _pooler(*sites: dict[str, Any], **variables: Any) -> dict[str, Rendered]:  # noqa: ANN401 (whatever a play may set)
    given = {"miclinik_database_engine": "postgresql", "miclinik_database_pooler": "pgbouncer"} | variables
    return render("database", *sites, **given)


@pytest.mark.parametrize(
    ("sites", "variables", "expected"),
    [
        # Of 2048 MB with 2 cores: 42 workers, and what is beside them.
        ((), {}, {"default_pool_size": "53", "listen_port": "5432"}),
        ((entry(php={"web_max_children": 90}),), {}, {"default_pool_size": "131"}),
        ((entry(database={"port": 5433}),), {}, {"listen_port": "5433"}),
        (tuple(entry(f"s{number}") for number in range(30)), {}, {"default_pool_size": "19"}),
        (
            tuple(entry(f"s{number}") for number in range(5)),
            {"database_max_connections": 70},
            {"default_pool_size": "10"},
        ),
    ],
)
def test_pooler(sites: tuple[dict[str, Any], ...], variables: dict[str, Any], expected: dict[str, str]) -> None:
    settings = configparser.ConfigParser(interpolation=None)
    settings.read_string(_pooler(*sites, **variables)[POOLER].content)
    found = settings["pgbouncer"]
    assert {name: found[name] for name in expected} == expected
    assert settings["databases"]["*"] == f"host=/var/run/postgresql port={found['listen_port']}"
    # Of this host alone, one caller at a time, and no operator of the server by it.
    assert (found["listen_addr"], found["pool_mode"], found["auth_type"]) == ("", "session", "scram-sha-256")
    assert found["auth_query"].endswith("AND NOT usesuper")


def test_the_unit_of_the_pooler_knows_its_socket() -> None:
    sockets = [_pooler(entry(database={"port": port}))[POOLER_UNIT].content for port in (5432, 5433)]
    assert [".s.PGSQL.5433" in text for text in sockets] == [False, True]
    assert "ExecStart=\nExecStart=/usr/sbin/pgbouncer /etc/pgbouncer/miclinik.ini\n" in sockets[0]


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
