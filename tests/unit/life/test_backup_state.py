# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What became of backups, on record and as metrics."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.life import backup_state


def test_a_failure_leaves_the_last_success_on_record(tmp_path: Path) -> None:
    metrics = tmp_path / "metrics"
    metrics.mkdir()
    good = {"snapshot": "a1", "bytes": 5, "added": 2, "every": 3600} | backup_state.ended("", 0.0)
    backup_state.write("norte", backup_state.BACKUP, good, metrics, tmp_path)
    backup_state.write("norte", backup_state.BACKUP, backup_state.ended("no disk", 0.0), metrics, tmp_path)
    state = backup_state.read("norte", tmp_path)["backup"]
    assert (state["ok"], state["problem"], state["snapshot"]) == (False, "no disk", "a1")
    assert state["succeeded"] == good["succeeded"]
    text = (metrics / "miclinik-backup-norte.prom").read_text()
    assert 'miclinik_backup_ok{site="norte"} 0' in text.splitlines()
    assert f'miclinik_backup_last_success_timestamp_seconds{{site="norte"}} {good["succeeded"]:.15g}' in text
    assert 'miclinik_backup_size_bytes{site="norte"} 5' in text.splitlines()


def test_each_kind_by_itself(tmp_path: Path) -> None:
    backup_state.write("norte", backup_state.CHECK, {"ok": True, "ended": 7.0}, None, tmp_path)
    backup_state.write("norte", backup_state.TEST, {"ok": False, "ended": 8.0, "seconds": 2.5}, None, tmp_path)
    assert backup_state.text("norte", backup_state.read("norte", tmp_path)).splitlines()[2::3] == [
        'miclinik_backup_check_ok{site="norte"} 1',
        'miclinik_backup_check_timestamp_seconds{site="norte"} 7',
        'miclinik_backup_restore_test_ok{site="norte"} 0',
        'miclinik_backup_restore_test_timestamp_seconds{site="norte"} 8',
        'miclinik_backup_restore_test_seconds{site="norte"} 2.5',
    ]


def test_without_a_folder_for_metrics_there_is_a_record(tmp_path: Path) -> None:
    backup_state.write("norte", "check", {"ok": True}, tmp_path / "none", tmp_path)
    assert json.loads(backup_state.file_of("norte", tmp_path).read_text()) == {"check": {"ok": True}}


def test_a_record_that_cannot_be_read_is_none(tmp_path: Path) -> None:
    file = backup_state.file_of("norte", tmp_path)
    file.parent.mkdir(parents=True)
    file.write_text("{")
    assert backup_state.read("norte", tmp_path) == {}


@pytest.mark.parametrize(
    ("age", "told"),
    [(5.0, "less than a minute"), (60.0, "1 min"), (7199.0, "1 h"), (86400.0, "1 d"), (3 * 86400.0 + 1, "3 d")],
)
def test_the_last_one_in_a_line(age: float, told: str) -> None:
    state: backup_state.State = {"backup": {"ok": True, "succeeded": 1795741200.0, "bytes": 3 * 2**20}}
    said = f"the last good one is of 2026-11-27 01:00 UTC, {told} ago, 3.0 MiB"
    assert backup_state.sentence(state, 1795741200.0 + age) == said


def test_what_failed_is_in_the_line() -> None:
    assert backup_state.sentence({}, 0.0) == "none has been made yet"
    state: backup_state.State = {
        "backup": {"ok": False, "problem": "no\ndisk"},
        "check": {"ok": True},
        "restore_test": {"ok": False, "problem": "a\x1b[31mb"},
    }
    said = backup_state.sentence(state, 0.0)
    assert said.startswith("none has been made yet; the last backup failed: no disk; the last restore test failed: a")
    assert "\x1b" not in said
