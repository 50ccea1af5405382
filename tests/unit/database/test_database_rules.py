# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The rules for databases that depend on the engine, to the word."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.plugin_utils.database import rules as database_rules
from ansible_collections.miclinik.hosting.plugins.plugin_utils.preflight import checks as preflight_checks
from ansible_collections.miclinik.hosting.plugins.plugin_utils.source.tree import Tree

OTHER = {"host": "db.example.org", "password": "a password of theirs"}


def entry(name: str = "norte", **database: object) -> dict[str, Any]:
    return {"name": name, "domain": f"{name}.example.org", "source": {"type": "sandbox"}, "database": database}


def said(engine: str, base: Path, *entries: dict[str, Any]) -> list[str]:
    return [str(problem) for problem in database_rules.check(entries, engine, base)]


@pytest.mark.parametrize("engine", ["mariadb", "postgresql"])
@pytest.mark.parametrize("database", [{}, OTHER, OTHER | {"tls": "none"}, OTHER | {"tls": "encrypt"}])
def test_fine(engine: str, database: dict[str, Any], tmp_path: Path) -> None:
    assert said(engine, tmp_path, entry(**database)) == []


def test_certificate_that_is_there(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("x")
    assert said("postgresql", tmp_path, entry(**OTHER, ca="ca.pem")) == []
    assert said("mariadb", tmp_path, entry(**OTHER, tls="encrypt", ca="ca.pem")) == []


@pytest.mark.parametrize(
    ("engine", "site", "text"),
    [
        (
            "postgresql",
            entry("pg-sur"),
            "site 'pg-sur': database.user: is 'pg_sur', a name that PostgreSQL keeps for itself. "
            "Set database.user to another one.",
        ),
        (
            "postgresql",
            entry("norte") | {"database": {"name": "template1", "user": "norte"}},
            "site 'norte': database.name: is 'template1', a name that PostgreSQL keeps for itself. "
            "Set database.name to another one.",
        ),
        (
            "postgresql",
            entry("norte") | {"database": {"name": "a" * 64, "user": "norte"}},
            f"site 'norte': database.name: is '{'a' * 64}'. Use up to 63 characters: PostgreSQL cuts longer names off.",
        ),
        (
            "mariadb",
            entry(**OTHER, tls="verify"),
            "site 'norte': database.tls: is verify, and the application's MariaDB driver looks at no certificate. "
            "Write encrypt, or none and lead the connection through a tunnel.",
        ),
        (
            "postgresql",
            entry(tls="verify"),
            "site 'norte': database.tls: is verify, and the database is reached by a socket of this host. Remove it.",
        ),
        (
            "mariadb",
            entry(**OTHER, ca="ca.pem"),
            "site 'norte': database.ca: is given, and the connection is not encrypted. "
            "Remove it, or write tls: verify.",
        ),
        (
            "postgresql",
            entry(**OTHER, ca="none.pem"),
            "site 'norte': database.ca: none.pem is not a file on the controller. Name the file of the authorities.",
        ),
    ],
)
def test_wrong(engine: str, site: dict[str, Any], text: str, tmp_path: Path) -> None:
    assert said(engine, tmp_path, site) == [text]


def test_mariadb_takes_what_postgresql_keeps(tmp_path: Path) -> None:
    assert said("mariadb", tmp_path, entry("pg-sur")) == []


@pytest.mark.parametrize(
    ("version", "engine", "database", "text"),
    [
        (
            "15.0.3",
            "postgresql",
            {},
            "site 'norte': source: version 15.0.3 loses users' rights on PostgreSQL, and says nothing. "
            "Use version 16 or newer, or miclinik_database_engine: mariadb.",
        ),
        (
            "16.0.3",
            "mariadb",
            OTHER | {"tls": "encrypt"},
            "site 'norte': database.tls: is encrypt, and version 16.0.3 cannot encrypt its connection to MariaDB. "
            "Use version 21 or newer, or write none and lead the connection through a tunnel.",
        ),
    ],
)
def test_versions_that_do_not_work(
    version: str, engine: str, database: dict[str, Any], text: str, tmp_path: Path
) -> None:
    trees = {"norte": Tree(tmp_path, False, version)}
    assert [str(p) for p in preflight_checks.check_databases([entry(**database)], trees, engine, tmp_path)] == [text]


@pytest.mark.parametrize(
    ("version", "engine", "database"),
    [
        ("16.0.3", "postgresql", {}),
        ("15.0.3", "mariadb", {}),
        ("16.0.3", "postgresql", OTHER | {"tls": "encrypt"}),
        ("22.0.4", "mariadb", OTHER | {"tls": "encrypt"}),
    ],
)
def test_versions_that_work(version: str, engine: str, database: dict[str, Any], tmp_path: Path) -> None:
    trees = {"norte": Tree(tmp_path, False, version)}
    assert preflight_checks.check_databases([entry(**database)], trees, engine, tmp_path) == []


@pytest.mark.parametrize(
    ("engine", "pooler", "entries", "text"),
    [
        ("mariadb", "none", [entry()], ""),
        ("postgresql", "pgbouncer", [entry(), entry("sur"), entry("far", **OTHER | {"port": 6000})], ""),
        ("postgresql", "pgbouncer", [entry(port=5433), entry("sur", port=5433)], ""),
        (
            "mariadb",
            "pgbouncer",
            [entry()],
            "inventory: miclinik_database_pooler: is pgbouncer, and the engine is mariadb, which needs none."
            " Remove it.",
        ),
        (
            "postgresql",
            "pgbouncer",
            [entry(), entry("sur", port=5433)],
            "inventory: miclinik_database_pooler: is pgbouncer, and there are several ports (5432 of site 'norte',"
            " 5433 of site 'sur'). Give all sites of the host one database.port, or remove it: it speaks to one"
            " server.",
        ),
    ],
)
def test_who_shares_connections(engine: str, pooler: str, entries: list[dict[str, Any]], text: str) -> None:
    assert "".join(map(str, database_rules.check_pooler(entries, engine, pooler))) == text


def test_an_engine_is_not_changed_under_a_site() -> None:
    facts = {"engines": {"norte": "mariadb"}}
    assert [str(p) for p in preflight_checks.check_engine(facts, [entry(), entry("sur")], "postgresql")] == [
        "site 'norte': miclinik_database_engine: is postgresql, and the site's data is on mariadb. "
        "Set miclinik_database_engine back: data is not moved from one engine to the other."
    ]
    assert preflight_checks.check_engine(facts, [entry(), entry("sur")], "mariadb") == []
