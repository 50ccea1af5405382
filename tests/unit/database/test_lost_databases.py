# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A database without the data of an installed site is not made anew, and another site's is not taken."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.application import identity
from ansible_collections.miclinik.hosting.plugins.module_utils.database import look as database_look
from ansible_collections.miclinik.hosting.plugins.module_utils.database.findings import Finding, Refused, Target
from ansible_collections.miclinik.hosting.plugins.module_utils.database.look import Expected

TARGET = Target("norte", True, "/run/mysqld/mysqld.sock", 3306, "norte", "norte", "disable", None)
INSTALLED = Expected("localhost", "norte", "a" * 64)


class Client:
    """Answers for a server."""

    PACKAGE = "none"

    def __init__(self, answer: Finding | Refused) -> None:
        self.answer = answer

    def look(self, target: Target, password: str) -> Finding:
        """Return the finding, or raise the refusal."""
        if isinstance(self.answer, Refused):
            raise self.answer
        return self.answer

    def mend(self, target: Target, key: str) -> str:
        """Return a mend."""
        return "Make it"


def _probe(
    monkeypatch: pytest.MonkeyPatch, answer: Finding | Refused, expected: Expected | None
) -> database_look.Verdict:
    monkeypatch.setitem(database_look._CLIENTS, "mariadb", Client(answer))
    return database_look.probe("mariadb", TARGET, "secret", "10.11", expected)


def _finding(tables: int, sign: str = "", owners: list[str] | None = None) -> Finding:
    return Finding("MariaDB", "MariaDB", "10.11.6", tables=tables, sign=sign, owners=owners or [])


@pytest.mark.parametrize(
    ("answer", "expected", "state"),
    [
        (_finding(0), None, "ready"),
        (_finding(0), INSTALLED, "lost"),
        (_finding(300), INSTALLED, "ready"),
        (_finding(300, "a" * 64), INSTALLED, "ready"),
        (_finding(300, "b" * 64), INSTALLED, "lost"),
        (_finding(300, "b" * 64), Expected(sign="a" * 64), "lost"),
        (_finding(300, "b" * 64), None, "ready"),
        (_finding(300, "a" * 64, ["postgres"]), INSTALLED, "lost"),
        (Refused("name", "unknown database", absent=True), None, "missing"),
        (Refused("name", "unknown database", absent=True), INSTALLED, "lost"),
        (Refused("password", "access denied"), INSTALLED, "missing"),
        (Refused("password", "access denied"), Expected("localhost", "before", "a" * 64), "lost"),
    ],
)
def test_the_verdict(
    monkeypatch: pytest.MonkeyPatch, answer: Finding | Refused, expected: Expected | None, state: str
) -> None:
    assert _probe(monkeypatch, answer, expected).state == state


def test_a_loss_is_a_fault_whoever_could_make_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    verdict = _probe(monkeypatch, _finding(0), INSTALLED)
    assert database_look.faults({"norte": verdict}, []) == [
        "site 'norte': database.name: 'norte' holds no table of the application, and the site was installed, in "
        "'norte' on localhost. Restore the database, or name the one that holds the site's data, and its user "
        "(database.user), called like the database where none is named: nothing is made in its place."
    ]


def test_a_database_with_a_new_name_wants_its_user_named(monkeypatch: pytest.MonkeyPatch) -> None:
    refused = Refused("password", "Access denied")
    verdict = _probe(monkeypatch, refused, Expected("localhost", "before", "a" * 64, "anna"))
    assert (verdict.key, verdict.mend) == (
        "database.user",
        "The site's user was 'anna': if 'norte' is the database with its data, name that user too (database.user: anna)"
        " and let it have all rights there; else name the right database",
    )
    same = _probe(monkeypatch, refused, Expected("localhost", "before", "a" * 64, "norte"))
    assert same.key == "database.name"


def test_the_user_that_a_site_had_is_in_its_conf(tmp_path: Path) -> None:
    (tmp_path / "homes/norte").mkdir(parents=True)
    (tmp_path / "homes/norte/conf.php").write_text("<?php\n$dolibarr_main_db_user = 'anna';\n")
    assert Expected.of(tmp_path / "state/norte", tmp_path / "homes").user == "anna"


def test_what_is_expected_is_on_record(tmp_path: Path) -> None:
    assert Expected.of(tmp_path) == Expected()
    (tmp_path / "secrets.json").write_text(json.dumps({"instance_unique_id": "id"}))
    assert Expected.of(tmp_path) == Expected(sign=identity.sign("id"))
    record = identity.record_of("id", {"host": "localhost", "name": "norte"})
    (tmp_path / identity.RECORD).write_text(json.dumps(record))
    assert Expected.of(tmp_path) == Expected("localhost", "norte", identity.sign("id"))
