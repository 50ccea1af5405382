# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Backups that fail, or that are not made any more, are red where people look."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.doctor import probe_backup
from ansible_collections.miclinik.hosting.plugins.module_utils.life import backup_state
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor import verdicts as doctor_verdicts
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.diagnosis import Case

from .cases import here, host, promised

HOUR = 3600.0
NOW = 100 * HOUR
GOOD = {"ok": True, "problem": "", "ended": NOW - HOUR, "succeeded": NOW - HOUR}


def _case(unit: dict[str, Any] | None = None, **state: Any) -> Case:  # noqa: ANN401 (what is on record)
    own = here() | {"backup": {"every": HOUR, "since": NOW - 9 * HOUR, "state": {"backup": GOOD} | state}}
    if unit:
        own["units"] = own["units"] | {"backup": unit}
    return Case(promised(), (), host() | {"time": NOW}, own, {})


def _found(case: Case) -> list[tuple[str, str]]:
    return [(one.id, one.evidence[0]) for one in doctor_verdicts.diagnose(case)]


def test_all_is_well() -> None:
    fine = {"ok": True, "ended": NOW}
    assert _found(_case(check=fine, restore_test=fine)) == []


def test_where_none_is_wanted_none_is_missed() -> None:
    case = _case()
    assert _found(replace(case, here={**case.here, "backup": {}})) == []


@pytest.mark.parametrize(
    ("state", "id_", "evidence"),
    [
        (
            {"backup": GOOD | {"ok": False, "problem": "a disk is full", "ended": NOW}},
            "backup-failed",
            "1970-01-05 04:00 UTC: a disk is full",
        ),
        (
            {"check": {"ok": False, "problem": "Pack ID does not match", "ended": 0}},
            "backup-damaged",
            "1970-01-01 00:00",
        ),
        (
            {"restore_test": {"ok": False, "problem": "1 of 2", "ended": 0}},
            "backup-not-restored",
            "1970-01-01 00:00 UTC: 1",
        ),
        (
            {"backup": GOOD | {"succeeded": NOW - 3 * HOUR}},
            "backup-old",
            "the last that went well is of 1970-01-05 01:00 UTC; one is made every 1 hours",
        ),
        ({"backup": {}}, "backup-old", "none since 1970-01-04 19:00 UTC; one is made every 1 hours"),
    ],
)
def test_what_is_wrong(state: dict[str, Any], id_: str, evidence: str) -> None:
    ((found, seen),) = _found(_case(**state))
    assert found == id_
    assert seen.startswith(evidence)
    assert not doctor_verdicts.inside(_case(**state), 1).ok


def test_one_that_was_killed_has_written_nothing_down() -> None:
    unit = {"name": "miclinik-backup@norte", "state": "failed (failed)", "result": "signal", "log": ["killed"]}
    # Somebody has made one by hand since.
    assert _found(_case(unit | {"loaded": NOW - 2 * HOUR})) == []
    assert _found(_case(unit | {"loaded": NOW})) == [
        ("backup-failed", "service miclinik-backup@norte is failed (failed), result signal"),
    ]


def test_time_is_given_for_the_first_one() -> None:
    case = _case(backup={})
    case.here["backup"]["since"] = NOW - HOUR
    assert _found(case) == []


def test_the_look(tmp_path: Path) -> None:
    assert probe_backup.look("norte", tmp_path) == {}
    timer = tmp_path / "etc/systemd/system/timers.target.wants/miclinik-backup@norte.timer"
    timer.parent.mkdir(parents=True)
    timer.symlink_to("/etc/systemd/system/miclinik-backup@.timer")
    assert probe_backup.look("norte", tmp_path) == {}
    settings = tmp_path / "etc/miclinik-backup/settings.json"
    settings.parent.mkdir()
    settings.write_text('{"every_seconds": 3600}')
    backup_state.write("norte", backup_state.BACKUP, GOOD, None, tmp_path)
    assert probe_backup.look("norte", tmp_path) == {
        "every": 3600,
        "since": timer.lstat().st_mtime,
        "state": {"backup": GOOD},
    }
    assert probe_backup.look("sur", tmp_path) == {}
