# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The look at a database on PostgreSQL: what libpq's messages and the columns of the query mean."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.database import look as database_look
from ansible_collections.miclinik.hosting.plugins.module_utils.database import postgresql
from ansible_collections.miclinik.hosting.plugins.module_utils.database.findings import Refused, Target, Unreachable

LOCAL = Target("norte", True, "/var/run/postgresql", 5432, "norte", "norte", "disable", None)
OTHER = Target("norte", False, "db.example.org", 5433, "norte", "norte", "verify-full", "/ca.pem")
Row = tuple[str, str, bool, bool, bool, bool]
READY: Row = ("15.14 (Debian 15.14-0+deb12u1)", "UTF8", True, True, False, False)


def complaints(row: Row, target: Target) -> list[tuple[str, str, str]]:
    return postgresql.judged(row, target).complaints


def test_ready() -> None:
    finding = postgresql.judged(READY, LOCAL)
    assert (finding.product, finding.version, finding.complaints) == ("PostgreSQL", "15.14", [])


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        (1, "LATIN1", ("name", "'norte' is made for LATIN1", "Make it anew with the encoding UTF8")),
        (2, False, ("user", "'norte' does not own 'norte'", "Run the playbook, which puts it right")),
        (
            3,
            False,
            (
                "user",
                "'norte' may not make tables in 'norte'",
                "Make it the owner of the database, or grant it CREATE on the schema",
            ),
        ),
        (4, True, ("user", "'norte' has rights over the whole server", "Run the playbook, which puts it right")),
        (5, True, ("name", "'norte' lets every user of the server in", "Run the playbook, which puts it right")),
    ],
)
def test_not_as_it_has_to_be(column: int, value: object, expected: tuple[str, str, str]) -> None:
    row: Any = (*READY[:column], value, *READY[column + 1 :])
    assert complaints(row, LOCAL) == [expected]
    # What another server opens to others is its administrator's to say.
    assert complaints(row, OTHER) == ([expected] if column in (1, 3) else [])


@pytest.mark.parametrize(
    ("text", "key", "seen"),
    [
        (
            'connection to server at "db" (10.0.0.1), port 5432 failed: FATAL:  password authentication failed for '
            'user "norte"\nconnection to server at "db" (10.0.0.1), port 5432 failed: FATAL:  password authentication '
            'failed for user "norte"\n',
            "password",
            'password authentication failed for user "norte"',
        ),
        (
            'connection to server on socket "/var/run/postgresql/.s.PGSQL.5432" failed: FATAL:  database "norte" does '
            "not exist\n",
            "name",
            'database "norte" does not exist',
        ),
        (
            'connection to server at "db" (10.0.0.1), port 5432 failed: FATAL:  permission denied for database "norte"'
            "\nDETAIL:  User does not have CONNECT privilege.\n",
            "name",
            'permission denied for database "norte"',
        ),
        (
            'failed: FATAL:  no pg_hba.conf entry for host "10.0.0.2", user "norte", database "norte", no encryption\n',
            "password",
            'no pg_hba.conf entry for host "10.0.0.2", user "norte", database "norte", no encryption',
        ),
    ],
)
def test_refused(text: str, key: str, seen: str) -> None:
    error = postgresql.translated(text)
    assert isinstance(error, Refused)
    assert (error.key, str(error)) == (key, seen)


@pytest.mark.parametrize(
    "text",
    [
        'connection to server at "db" (10.0.0.1), port 5432 failed: Connection refused\n\tIs the server running?\n',
        'could not translate host name "db" to address: Name or service not known\n',
        'connection to server at "db" (10.0.0.1), port 5432 failed: SSL error: certificate verify failed\n',
    ],
)
def test_unreachable(text: str) -> None:
    error = postgresql.translated(text)
    assert isinstance(error, Unreachable)
    assert str(error) == text.strip().replace("\n\t", " ")


def test_how_it_connects(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, object] = {}

    class OperationalError(Exception):
        pass

    def connect(**given: object) -> None:
        asked.update(given)
        raise OperationalError('failed: FATAL:  database "norte" does not exist')

    monkeypatch.setitem(sys.modules, "psycopg2", SimpleNamespace(connect=connect, OperationalError=OperationalError))
    found = database_look.probe("postgresql", OTHER, "the password", "15")
    assert found.report() == {
        "state": "missing",
        "key": "database.name",
        "seen": "the server refuses norte@db.example.org on 'norte': database \"norte\" does not exist",
        "mend": "Make the database 'norte' with the encoding UTF8, owned by 'norte'",
        "version": "",
    }
    assert asked == {
        "host": "db.example.org",
        "port": 5433,
        "dbname": "norte",
        "user": "norte",
        "password": "the password",
        "sslmode": "verify-full",
        "sslrootcert": "/ca.pem",
        "connect_timeout": 10,
    }


def test_no_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg2", None)
    assert database_look.probe("postgresql", LOCAL, "x", "15").state == "unknown"


def test_faults_name_site_key_and_mend(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg2", None)
    sur = Target(**(vars(LOCAL) | {"name": "sur"}))
    verdicts = database_look.each("postgresql", [LOCAL, sur], {"norte": "x", "sur": "y"}, "15")
    assert list(verdicts) == ["norte", "sur"]
    assert database_look.faults(verdicts, ["sur"]) == [
        "site 'sur': database: cannot be looked at: Python has no psycopg2. Install python3-psycopg2."
    ]
