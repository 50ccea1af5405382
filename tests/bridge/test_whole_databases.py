# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whole databases on true servers, written out, read again, and put in each other's place, whatever tables are there.

What custom modules and administrators make is not what the application makes.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.database import connections
from ansible_collections.miclinik.hosting.plugins.module_utils.life import mariadb, postgresql, postgresql_rights
from ansible_collections.miclinik.hosting.plugins.module_utils.life.engine import Engine, EngineError, Login

from .servers import MariaDB, Server

SITE, NEXT, BEFORE = "whole", "whole$next", "whole$before"
ODD = {
    "mysqli": {
        "a column that is not shown": "CREATE TABLE llx_a (a INT, b INT INVISIBLE DEFAULT 3);"
        "INSERT INTO llx_a (a) VALUES (1), (2), (3)",
        "rows of before": "CREATE TABLE llx_b (a INT) WITH SYSTEM VERSIONING; INSERT INTO llx_b VALUES (1), (2);"
        "UPDATE llx_b SET a = 3 WHERE a = 1",
        "a sequence": "CREATE SEQUENCE llx_s",
        "columns that are made": "CREATE TABLE llx_c (a INT, b INT AS (a + 1) STORED, c INT AS (a + 2) VIRTUAL);"
        "INSERT INTO llx_c (a) VALUES (1)",
        "odd names": "CREATE TABLE llx_d (`a)b` INT, `x``y` INT INVISIBLE); INSERT INTO llx_d VALUES (1)",
    },
    "pgsql": {
        "parts": "CREATE TABLE llx_a (a INT) PARTITION BY RANGE (a);;"
        "CREATE TABLE llx_b PARTITION OF llx_a FOR VALUES FROM (0) TO (9);;INSERT INTO llx_a VALUES (1)",
        "heirs": "CREATE TABLE llx_c (a INT);;CREATE TABLE llx_d (b INT) INHERITS (llx_c);;"
        "INSERT INTO llx_d VALUES (1, 2)",
        "a sequence": "CREATE SEQUENCE llx_s",
        "an extension that the site's user may not make": "CREATE EXTENSION pg_stat_statements",
        "another schema": "CREATE SCHEMA other;;CREATE TABLE other.x (a INT);;INSERT INTO other.x VALUES (1)",
    },
}


@pytest.fixture
def engine(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """Return what is done with whole databases on a server, with an empty one of the site."""
    if isinstance(server, MariaDB):
        monkeypatch.setattr(connections, "MARIADB_SOCKET", str(server.socket))
        server.sql("mysql", f"CREATE DATABASE {SITE}; CREATE OR REPLACE USER {SITE}@localhost")
        yield mariadb.MariaDB(Login(SITE, SITE), tmp_path)
        server.sql("mysql", "; ".join(f"DROP DATABASE IF EXISTS `{name}`" for name in (SITE, NEXT, BEFORE)))
        server.sql("mysql", f"DROP USER {SITE}@localhost")
    else:
        monkeypatch.setattr(connections, "POSTGRESQL_SOCKETS", str(server.folder / "postgresql"))
        server.sql("postgres", f"CREATE ROLE {SITE} LOGIN;;CREATE DATABASE {SITE} OWNER {SITE} TEMPLATE template0")
        yield postgresql.PostgreSQL(Login(SITE, SITE, port=str(server.port)))
        gone = ";;".join(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)' for name in (SITE, NEXT, BEFORE))
        server.sql("postgres", f"{gone};;DROP ROLE {SITE}")


def test_they_come_back_whole(server: Server, engine: Engine, tmp_path: Path) -> None:
    for made in ODD[server.engine].values():
        server.sql(SITE, made)
    rows = engine.rows(SITE)
    engine.make(NEXT, SITE)
    assert engine.dump(SITE, tmp_path / "dump.sql") == rows
    engine.load(NEXT, tmp_path / "dump.sql")
    assert engine.rows(NEXT) == rows
    engine.move(SITE, BEFORE)
    engine.move(NEXT, SITE)
    assert (engine.rows(SITE), engine.rows(BEFORE)) == (rows, rows)
    # Nothing has stayed behind that is of the other one.
    tables = {"mysqli": "SHOW TABLES", "pgsql": "SELECT relname FROM pg_class WHERE relkind = 'S'"}[server.engine]
    assert server.sql(SITE, tables) == server.sql(BEFORE, tables)
    server.sql(SITE, {"mysqli": "DROP SEQUENCE llx_s", "pgsql": "DROP SEQUENCE llx_s"}[server.engine])
    assert server.sql(SITE, tables) != server.sql(BEFORE, tables)


def test_a_server_is_as_it_was_after_a_long_row(server: Server, engine: Engine, tmp_path: Path) -> None:
    kind, limit = {"mysqli": ("LONGBLOB", "SELECT @@GLOBAL.max_allowed_packet"), "pgsql": ("TEXT", "SHOW all")}[
        server.engine
    ]
    usual = server.sql(SITE, limit)
    server.sql(SITE, f"CREATE TABLE llx_scan (a {kind})")
    server.sql(SITE, "INSERT INTO llx_scan VALUES (REPEAT('01', 4500000))")
    engine.make(NEXT, SITE)
    engine.dump(SITE, tmp_path / "dump.sql")
    engine.load(NEXT, tmp_path / "dump.sql")
    digests = [server.sql(name, "SELECT MD5(a) FROM llx_scan") for name in (SITE, NEXT)]
    assert digests[0] == digests[1]
    assert server.sql(SITE, limit) == usual


def test_what_was_written_meanwhile_is_seen(server: Server, engine: Engine, tmp_path: Path) -> None:
    """A job of cron does not ask whether the site is closed."""
    server.sql(SITE, "CREATE TABLE llx_a (a INT)")
    assert engine.writes(SITE) == 0, "as of every table when a server was started anew"
    server.sql(SITE, "INSERT INTO llx_a VALUES (1), (2)")
    time.sleep(1.1)  # what is written within a second is not told apart
    before = engine.writes(SITE)
    engine.dump(SITE, tmp_path / "dump.sql")
    engine.rows(SITE)
    assert engine.writes(SITE) == before
    server.sql(SITE, "UPDATE llx_a SET a = 3 WHERE a = 1")
    deadline = time.monotonic() + 10
    while engine.writes(SITE) <= before and time.monotonic() < deadline:
        time.sleep(0.1)
    assert engine.writes(SITE) > before


def test_what_is_wrong_is_said_without_the_data(server: Server, engine: Engine, tmp_path: Path) -> None:
    engine.make(NEXT, SITE)
    (tmp_path / "dump.sql").write_text("CREATE TABLE llx_a (a INT);\nINSERT INTO llx_b VALUES ('patient');\n")
    with pytest.raises(EngineError, match=r"reading dump\.sql into 'whole\$next' failed: .*llx_b") as caught:
        engine.load(NEXT, tmp_path / "dump.sql")
    assert "patient" not in str(caught.value)


#: What is granted and set, and where it can be read.
GRANTED = {
    "mysqli": ("GRANT SELECT ON whole.* TO bi@localhost", "SHOW GRANTS FOR bi@localhost"),
    "pgsql": (
        """SET ROLE whole;;GRANT SELECT ON llx_g, llx_gone, v, q TO bi
        ;;GRANT UPDATE (b) ON llx_g TO bi WITH GRANT OPTION;;GRANT USAGE ON SCHEMA "o x" TO PUBLIC
        ;;GRANT SELECT ON "o x"."T t" TO bi;;GRANT CONNECT ON DATABASE whole TO bi
        ;;ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO bi;;RESET ROLE
        ;;ALTER DATABASE whole SET statement_timeout = '1min';;ALTER DATABASE whole SET search_path = public, "o x"
        ;;ALTER ROLE bi IN DATABASE whole SET work_mem = '8MB'""",
        postgresql_rights.QUERY.format(target="x"),
    ),
}
MADE = {
    "mysqli": "CREATE TABLE llx_g (a INT, b INT); CREATE TABLE llx_gone (a INT); CREATE USER bi@localhost",
    "pgsql": """CREATE ROLE bi;;SET ROLE whole;;CREATE SCHEMA "o x"
        ;;CREATE TABLE "o x"."T t" (a INT)
        ;;CREATE VIEW v AS SELECT 1;;CREATE SEQUENCE q
        ;;CREATE TABLE llx_g (a INT, b INT);;CREATE TABLE llx_gone (a INT)""",
}
UNDONE = {"mysqli": "DROP USER bi@localhost", "pgsql": "DROP OWNED BY bi"}


def test_others_may_do_there_what_they_could(server: Server, engine: Engine, tmp_path: Path) -> None:
    """Who reads figures with a user of their own. Of MariaDB such rights are the name's, and stay."""
    granted, asked = GRANTED[server.engine]
    server.sql(SITE, MADE[server.engine])
    try:
        server.sql(SITE, granted)
        before = server.sql(SITE, asked)
        engine.make(NEXT, SITE)
        engine.dump(SITE, tmp_path / "dump.sql")
        engine.load(NEXT, tmp_path / "dump.sql")
        server.sql(NEXT, "DROP TABLE llx_gone")
        engine.admit_others(NEXT, SITE)
        engine.move(SITE, BEFORE)
        engine.move(NEXT, SITE)
        after = server.sql(SITE, asked)
        assert sorted(after) == sorted(line for line in before if "llx_gone" not in line)
        assert len(after) >= {"mysqli": 2, "pgsql": 10}[server.engine]
    finally:
        for name in (SITE, BEFORE)[: 2 if server.engine == "pgsql" else 1]:
            server.sql(name, UNDONE[server.engine])
        if server.engine == "pgsql":
            server.sql("postgres", "DROP ROLE bi")
