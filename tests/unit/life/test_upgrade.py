# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The application's scripts: which ones, judged by what they say; and what an upgraded database may lack."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.life import installer, rollback, upgrade
from ansible_collections.miclinik.hosting.plugins.module_utils.life.stage import StageError

from . import sites

SCRIPTS = {
    "3.9.0-4.0.0.sql": "",
    "15.0.0-16.0.0.sql": "ALTER TABLE llx_user ADD COLUMN earlier integer;",
    "16.0.0-17.0.0.sql": "-- To add: ALTER TABLE llx_table ADD COLUMN x;\n"
    "ALTER TABLE llx_user ADD COLUMN stays\tinteger;\n"
    "-- VPGSQL8.2 ALTER TABLE llx_pg ADD COLUMN one integer;\n-- VMYSQL4.1 ALTER TABLE llx_my ADD COLUMN one integer;\n"
    "alter table llx_a\n  ADD two integer NOT NULL DEFAULT 1,\n  ADD COLUMN IF NOT EXISTS three text;\n"
    "ALTER TABLE llx_a ADD UNIQUE INDEX uk_a (two);\n"
    "ALTER TABLE llx_a ADD CONSTRAINT fk_a FOREIGN KEY (x) REFERENCES y (z);\n"
    "ALTER TABLE llx_e CHANGE name label varchar(255) NOT NULL;\nALTER TABLE llx_e CHANGE COLUMN tms tms timestamp;\n"
    "ALTER TABLE llx_g ADD COLUMN gone integer;\nALTER TABLE llx_g RENAME COLUMN ancient TO fresh;",
    "17.0.0-18.0.0.sql": "ALTER TABLE llx_g DROP COLUMN gone;",
    "18.0.0-19.0.0.sql": "",
    "repair.sql": "ALTER TABLE llx_user ADD COLUMN login;",
}


@pytest.fixture(name="root")
def _root(tmp_path: Path) -> Path:
    folder = tmp_path / "install/mysql/migration"
    folder.mkdir(parents=True)
    for name, text in SCRIPTS.items():
        (folder / name).write_text(text)
    return tmp_path


def test_what_is_written_into_a_closed_site_would_be_lost(tmp_path: Path) -> None:
    """A job of cron does not ask whether the site is closed."""
    stage, server = sites.stage(tmp_path)
    written = server.writes("norte")
    upgrade.require_unwritten(stage, written)
    server.databases["norte"]["a"] += 1
    with pytest.raises(StageError, match=r"written into the database of 'norte' while .* cron_run_jobs.php, .*'norte'"):
        upgrade.require_unwritten(stage, written)


@pytest.mark.parametrize(
    ("present", "target", "expected"),
    [
        ("16.0.3", "19.0.2", [("16.0.0", "17.0.0"), ("17.0.0", "18.0.0"), ("18.0.0", "19.0.0")]),
        ("18.0.5", "19.0.0-beta", [("18.0.0", "19.0.0")]),
        ("19.0.0", "19.0.2", [("18.0.0", "19.0.0")]),
    ],
)
def test_one_major_version_at_a_time(root: Path, present: str, target: str, expected: list[tuple[str, str]]) -> None:
    assert installer.steps(root, present, target) == expected


def test_a_script_that_is_missing_is_named(root: Path) -> None:
    with pytest.raises(StageError, match=r"has no script from 14\.0\.0 to 15\.0\.0, 19\.0\.0 to 20\.0\.0: the release"):
        installer.steps(root, "14.0.3", "20.0.0")


@pytest.mark.parametrize(("engine", "own"), [("mariadb", "llx_my"), ("postgresql", "llx_pg")])
def test_the_columns_that_scripts_add(root: Path, engine: str, own: str) -> None:
    todo = installer.steps(root, "16.0.3", "19.0.2")
    assert installer.added(root, todo, engine) == {
        *{("llx_user", "stays"), (own, "one"), ("llx_a", "two"), ("llx_a", "three")},
        *{("llx_e", "label"), ("llx_e", "tms"), ("llx_g", "fresh")},
    }


@pytest.mark.parametrize(
    ("code", "out", "words"),
    [
        (0, "<span class='ok'>fine</span>", ""),
        (1, "<b>Failed to connect</b>", "exit code 1"),
        (0, '<div class="error">Table <b>llx_a</b>&nbsp;lacks</div>', "Table llx_a lacks"),
        (0, "<td class='x error y'>no</td>", "no"),
        (0, '<div class="errors">x</div><div class="error"> </div>', ""),
    ],
)
def test_scripts_are_judged_by_their_words(code: int, out: str, words: str) -> None:
    if words:
        with pytest.raises(StageError, match=words):
            installer._judge("upgrade.php", code, out, "")
    else:
        installer._judge("upgrade.php", code, out, "")


def test_a_database_that_lacks_something_is_refused() -> None:
    wanted = {"llx_a": {"rowid", "added", "never"}, "llx_b": {"rowid"}}
    added = {("llx_a", "added"), ("llx_x", "y")}
    with pytest.raises(StageError, match=r"lacks 2 tables or columns .*: llx_b, llx_a\.added"):
        upgrade.compare(wanted, {"llx_a": {"rowid", "never", "old"}, "llx_c": {"rowid"}}, added)
    found = {"llx_a": {"rowid", "added", "old"}, "llx_b": {"rowid"}, "llx_c": {"rowid"}}
    told = upgrade.compare(wanted, found, added)
    assert [text.partition(": ")[2] for text in told] == ["llx_a.never", "llx_c, llx_a.old"]
    assert upgrade.compare(wanted, wanted, added) == []


def test_rows_that_a_clinic_lives_by_are_kept() -> None:
    assert upgrade._rows_kept({"llx_user": 2, "llx_x": 3}, {"llx_user": 3, "llx_x": 3}) == []
    assert upgrade._rows_kept({"llx_x": 3, "llx_y": 1}, {"llx_x": 1}) == [
        "tables with fewer rows than before: llx_x: 3 to 1, llx_y: 1 to 0"
    ]
    with pytest.raises(StageError, match="lost rows: llx_facture: 5 to 4"):
        upgrade._rows_kept({"llx_facture": 5}, {"llx_facture": 4})


def test_what_was_written_since_is_told_by_tables() -> None:
    assert rollback.written_since({"a": 1, "b": 2}, {"a": 1, "b": 2}, 0) == []
    assert rollback.written_since({"a": 1, "b": 2}, {"a": 3, "b": 1, "c": 4}, 0) == [
        "written since the upgrade of 1970-01-01 00:00 UTC, and kept aside: a +2, b -1, c +4"
    ]


@pytest.mark.parametrize("older", ["16.0.3", "21.0.9", "22.0.3", "22.0.4-beta"])
def test_a_way_back_is_refused_and_the_roll_back_named(older: str) -> None:
    with pytest.raises(StageError, match=r"rollback\.yml"):
        upgrade._refuse_older("22.0.4", older)
    upgrade._refuse_older(older, "22.0.4")


class Modules:
    """A bridge to a copy with these modules on."""

    def __init__(self, *on: str) -> None:
        self.on, self.asked = list(on), list[str]()

    def call(self, command: str) -> dict[str, Any]:
        self.asked.append(command)
        return {"modules": self.on}


@pytest.mark.parametrize(
    ("on", "before", "asked", "told"),
    [
        (["api", "societe"], ["api", "societe"], [], []),
        # 22 and newer, whatever was on before.
        (["api", "syslog"], ["api"], ["module disable syslog"], []),
        (["api", "syslog"], ["api", "syslog"], [], []),
        (
            ["api", "syslog", "webhook", "ai"],
            ["api"],
            ["module disable syslog"],
            ["modules that the application's scripts have switched on: ai, webhook"],
        ),
    ],
)
def test_what_the_scripts_switch_on_is_not_left_on(
    on: list[str], before: list[str], asked: list[str], told: list[str]
) -> None:
    bridge = Modules(*on)
    assert upgrade._leave_off(bridge, before) == told  # type: ignore[arg-type]
    assert bridge.asked == ["status", *asked]
