# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a database says by number, and the mend of each: wrong words are no wrong password."""

from __future__ import annotations

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.doctor import (
    database_kinds,
    probe_counters,
    probe_database,
    probe_databases,
)
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.diagnosis import CERTAIN
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.verdicts import diagnose

from .cases import case, stroke

MARIADB = """ERROR 1142 (42000) at line 3: SELECT command denied to user 'norte'@'localhost' for table `llx_user`
ERROR 1205 (HY000) at line 7: Lock wait timeout exceeded; try restarting transaction
"""
ASKED = ["limits", "llx_const", "llx_user", "llx_rights_def", "llx_user_rights", "llx_societe", "write"]


def test_faults_by_what_was_asked() -> None:
    assert probe_database.parse_mariadb(MARIADB, ASKED) == [
        {"what": "llx_user", "code": "1142", "text": MARIADB.splitlines()[0].partition(": ")[2]},
        {"what": "write", "code": "1205", "text": "Lock wait timeout exceeded; try restarting transaction"},
    ]


def test_what_would_write_is_asked_and_writes_nothing() -> None:
    asked = dict(probe_database._statements("llx_", writes=False))
    changing = [sql for sql in asked.values() if not sql.startswith(("SELECT ", "EXPLAIN "))]
    rows = [f"llx_{name} LIMIT 1" for name in ("user", "societe", "product", "commande", "facture")]
    taken = ["llx_const WHERE name = 'MAIN_VERSION_LAST_INSTALL'", *rows]
    assert changing == ["BEGIN; SELECT 1 FROM " + row + " FOR UPDATE; ROLLBACK;" for row in taken]  # noqa: S608
    kinds = [f"EXPLAIN {kind}" for kind in ("INSERT INTO llx_product ", "UPDATE llx_const ", "DELETE FROM llx_const ")]
    assert all(any(sql.startswith(kind) for sql in asked.values()) for kind in kinds)
    told = "ERROR 1142 (42000) at line 14: INSERT command denied to user 'norte'@'localhost' for table `llx_user`"
    (fault,) = probe_database.parse_mariadb(told, ["limits", *asked])
    assert (fault["what"], database_kinds.kind(fault["code"], fault["text"]).id) == (
        "saving in llx_user",
        "database-no-grant",
    )


@pytest.mark.parametrize(
    ("told", "fault"),
    [
        ("psql:<stdin>:3: ERROR:  42501: permission denied for table llx_user\n", ("llx_user", "42501")),
        ("psql:<stdin>:2: ERROR:  55P03: canceling statement due to lock timeout\n", ("llx_const", "55P03")),
        ('psql: error: connection to server failed: FATAL:  too many connections for role "n"\n', ("login", "53300")),
        ('psql: error: connection failed: FATAL:  role "n" is not permitted to log in\n', ("login", "28000")),
        ('psql: error: x: FATAL:  pg_hba.conf rejects connection for host "[local]"\n', ("login", "28HBA")),
        ('psql: error: x: FATAL:  role "n" does not exist\n', ("login", "28000")),
        ('psql: error: x: FATAL:  Peer authentication failed for user "n"\n', ("login", "28HBA")),
        ('psql: error: x: FATAL:  password authentication failed for user "n"\n', ("login", "28P01")),
        ('psql: error: x: FATAL:  database "n" does not exist\n', ("login", "3D000")),
        ("psql: error: connection to server on socket failed: No such file or directory\n", ("login", "08001")),
        ("no answer in time", ("login", "late")),
    ],
)
def test_postgresql(told: str, fault: tuple[str, str]) -> None:
    (seen,) = probe_database.parse_postgresql(told, ASKED)
    assert (seen["what"], seen["code"]) == fault


def test_a_client_that_says_nothing_has_found_nothing() -> None:
    assert probe_database.parse_postgresql("", ASKED) == []
    assert probe_database.parse_mariadb("", ASKED) == []


@pytest.mark.parametrize(
    ("code", "text", "cause"),
    [
        ("2002", "The following error cannot be verified: 1040 - Too many connections", "database-connections"),
        ("1045", "Access denied for user 'norte'@'localhost' (using password: YES)", "database-password"),
        ("1040", "Too many connections", "database-connections"),
        ("1203", "User norte already has more than 'max_user_connections'", "database-account-limit"),
        ("1226", "User 'norte' has exceeded the 'max_user_connections' resource", "database-account-limit"),
        ("4151", "Access denied, this account is locked", "database-account-locked"),
        ("1820", "You must SET PASSWORD before executing this statement", "database-password-expired"),
        ("1862", "Your password has expired", "database-password-expired"),
        ("1044", "Access denied for user to database", "database-no-grant"),
        ("1142", "SELECT command denied", "database-no-grant"),
        ("1049", "Unknown database 'norte'", "database-unknown"),
        ("1290", "running with the --read-only option", "database-read-only"),
        ("1036", "Table 'llx_const' is read only", "database-read-only"),
        ("1881", "Operation not allowed when innodb_force_recovery > 0.", "database-read-only"),
        ("1205", "Lock wait timeout exceeded", "database-lock"),
        ("1194", "Table is marked as crashed", "database-table-broken"),
        ("1812", "Tablespace is missing", "database-table-broken"),
        ("1932", "doesn't exist in engine", "database-table-missing"),
        ("1021", "Disk full", "database-full"),
        ("2002", "Can't connect to local server", "database-down"),
        ("53300", 'too many connections for role "norte"', "database-account-limit"),
        ("53300", "sorry, too many clients already", "database-connections"),
        ("28HBA", "pg_hba.conf rejects connection", "database-hba"),
        ("", 'FATAL:  Peer authentication failed for user "norte"', "database-hba"),
        ("25006", "cannot execute UPDATE in a read-only transaction", "database-read-only"),
        ("3D000", 'database "norte" does not exist', "database-unknown"),
        ("", "error 1226: User 'norte' has exceeded", "database-account-limit"),
        ("", 'FATAL:  password authentication failed for user "norte"', "database-password"),
        ("", "Connection refused", "database-down"),
        ("", '1 tables of the database "norte" belong to "postgres", not to "norte".', "database-owner"),
        ("99999", "whatever", "database-schema-closed"),
    ],
)
def test_number_has_its_cause(code: str, text: str, cause: str) -> None:
    assert database_kinds.kind(code, text).id == cause


def test_tables_of_another_account_come_with_what_gives_them_back() -> None:
    said = '1 tables of the database "norte" belong to "postgres", not to "norte".'
    ill = stroke(case(), "here:application.status.database", {"reachable": False, "problem": said, "read_only": None})
    found = diagnose(ill)[0]
    assert (found.id, found.evidence, found.layer) == ("database-owner", (said,), "schema")
    postgres = "runuser -u postgres -- psql -X -q -At -d norte"
    assert found.run[0].startswith(f"{postgres} -c 'SELECT format(")
    assert found.run[0].endswith(f" | {postgres} -v ON_ERROR_STOP=1")
    # Without their ends the statements would be one.
    assert 'OWNER TO "norte";' in found.run[0]


def test_a_lock_shows_who_is_connected() -> None:
    faults = [{"what": "llx_user", "code": "1205", "text": "Lock wait timeout exceeded"}]
    ill = stroke(stroke(case(), "here:database", {"faults": faults}), "host:holders", ["connection 7 of root, 90 s"])
    (found,) = diagnose(ill)
    assert found.id == "database-lock"
    assert found.evidence == ("norte: llx_user: error 1205: Lock wait timeout exceeded", "connection 7 of root, 90 s")


def test_no_table_is_missed_in_a_database_that_is_another_sites() -> None:
    ill = stroke(case(), "here:database", {"faults": [{"what": "llx_user", "code": "1146", "text": "no table"}]})
    assert [entry.id for entry in diagnose(ill)] == ["database-table-missing"]
    assert [entry.id for entry in diagnose(stroke(ill, "here:application.status.identity", "other"))] == ["other-site"]


@pytest.mark.parametrize(
    ("engine", "told", "seen", "command"),
    [
        (
            "postgresql",
            "public.llx_product\t2\t12\nERROR:  x\n",
            "llx_product: its next number is 2, and there is a record 12",
            "runuser -u postgres -- psql -X -At -d norte -c 'SELECT setval(",
        ),
        (
            "postgresql",
            "public.llx_product\t-1\t-1\n",
            "llx_product: its column rowid counts no more (it has no default)",
            "runuser -u postgres -- psql -X -At -d norte -c 'ALTER TABLE llx_product ALTER COLUMN rowid SET DEFAULT",
        ),
        (
            "mariadb",
            "llx_product\tint(11)\nERROR 2002\n",
            "llx_product: its column rowid counts no more (AUTO_INCREMENT)",
            "mariadb --no-defaults norte -e 'SET foreign_key_checks = 0,",
        ),
    ],
)
def test_a_counter_that_is_behind(engine: str, told: str, seen: str, command: str) -> None:
    (found,) = diagnose(stroke(case(), "here:counters", probe_counters.parse(engine, told)))
    assert (found.id, found.confidence, found.evidence) == ("database-counter", CERTAIN, (seen,))
    assert [line[: len(command)] for line in found.run] == [command]
    assert probe_counters.parse(engine, "") == []


def test_counters_are_asked_of_a_database_on_this_host_only() -> None:
    site = {"database_local": False, "database_name": "norte"}
    assert probe_counters.look(site, "mariadb") == []
    assert probe_counters.look(site | {"database_local": True, "database_name": "x'; --"}, "mariadb") == []


@pytest.mark.parametrize(
    ("there", "cause"),
    [
        ([], "database-unknown"),
        (["sur"], "database-unknown"),
        (["norte"], "database-password"),
        (None, "database-password"),
    ],
)
def test_a_server_without_the_database_is_another_one(there: list[str] | None, cause: str) -> None:
    fault = {"what": "login", "code": "28P01", "text": 'password authentication failed for user "norte"'}
    ill = stroke(stroke(case(), "here:database", {"faults": [fault]}), "host:databases", there)
    (found,) = diagnose(ill)
    assert found.id == cause
    # Nothing makes an account or a database in the wrong place.
    assert ("run the role" in found.mend) is (cause == "database-password")


def test_databases_beside_the_servers_own() -> None:
    assert probe_databases.parse("database postgres\ndatabase norte\n") == ["norte"]
    assert probe_databases.parse("database postgres\n") == []
    assert probe_databases.parse("ERROR 2002 (HY000)") is None
