# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What ``miclinikctl SITE backup …`` says and writes down."""

from __future__ import annotations

import argparse
import fcntl
import json
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.life import (
    backup,
    backup_commands,
    backup_state,
    commands,
    engines,
    operations,
    restic,
)
from ansible_collections.miclinik.hosting.plugins.module_utils.life.backup import Settings
from ansible_collections.miclinik.hosting.plugins.module_utils.life.journal import Journal
from ansible_collections.miclinik.hosting.plugins.module_utils.life.places import Places
from ansible_collections.miclinik.hosting.plugins.module_utils.life.restic import Repository, ResticError

from . import backed_up


@pytest.fixture
def places(tmp_path: Path, repository: Repository, monkeypatch: pytest.MonkeyPatch) -> Places:
    """Return a site whose host makes backups; what is written down is below the same folder."""
    stage, server = backed_up.site(tmp_path / "root")
    monkeypatch.setattr(engines, "of", lambda _places: server)
    monkeypatch.setattr(restic, "read_environment", lambda: dict(repository.environment))
    monkeypatch.setattr(Settings, "read", classmethod(lambda cls: cls(keep={"daily": 7}, every_seconds=3600)))
    true = backup_state.write
    root = tmp_path / "root"
    monkeypatch.setattr(
        backup_state, "write", lambda site, kind, news, metrics: true(site, kind, news, metrics, root=root)
    )
    return stage.places


def _state(places: Places, kind: str) -> dict[str, Any]:
    return backup_state.read(places.site, places.root)[kind]


def _given(**more: Any) -> argparse.Namespace:  # noqa: ANN401 (what argparse holds)
    return argparse.Namespace(**({"tag": [], "snapshot": "latest"} | more))


def test_a_snapshot_is_made_and_written_down(places: Places, capsys: pytest.CaptureFixture[str]) -> None:
    assert backup_commands.run(places, _given()) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[-1] == (
        "snapshot 00000001: 16.0.3, 6 rows in 3 tables, 2 documents, 0.0 MiB, 0.0 MiB new; 2 old ones taken away"
    )
    state = _state(places, "backup")
    assert (state["ok"], state["snapshot"], state["every"]) == (True, "00000001", 3600)


def test_a_failure_is_told_and_written_down(places: Places, capsys: pytest.CaptureFixture[str]) -> None:
    places.conf.write_text("<?php\n$dolibarr_main_db_type='mysqli';\n")
    Path(places.documents("live")).rename(places.home / "gone")
    assert backup_commands.run(places, _given()) == 1
    assert capsys.readouterr().err.startswith("norte: backup failed: ")
    state = _state(places, "backup")
    assert state["ok"] is False
    assert "succeeded" not in state


def test_old_ones_that_stay_are_told_and_the_new_one_counts(
    places: Places, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_words: object) -> int:
        raise ResticError("no leave to delete")

    monkeypatch.setattr(backup, "forget", broken)
    assert backup_commands.run(places, _given()) == 1
    assert capsys.readouterr().err == "norte: backup failed: no leave to delete\n"
    state = _state(places, "backup")
    assert (state["ok"], state["snapshot"]) == (False, "00000001")
    assert state["succeeded"] > 0


def test_what_was_killed_is_taken_back_first(places: Places, capsys: pytest.CaptureFixture[str]) -> None:
    Journal.begin(places.journal, "upgrade", "1", {})
    assert backup_commands.run(places, _given()) == 1
    assert "upgrade was killed: miclinikctl norte recover, then once more" in capsys.readouterr().err


def test_who_waits_for_the_site_holds_nothing(
    places: Places, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What holds the site waits for the repository, as an upgrade does before it changes anything."""
    monkeypatch.setattr(operations, "PATIENCE", 60.0)
    held: list[bool] = []
    with ExitStack() as stack:
        stack.enter_context(operations.alone(places))

        def look(_seconds: float) -> None:
            with restic.WORK.joinpath("lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # nobody has it
                held.append(False)
            stack.close()

        monkeypatch.setattr("time.sleep", look)
        assert backup_commands.run(places, _given()) == 0
    assert held == [False]
    assert capsys.readouterr().out.splitlines()[-1].startswith("snapshot 00000001")


def test_a_test(places: Places, capsys: pytest.CaptureFixture[str]) -> None:
    assert backup_commands.test(places, _given()) == 1
    assert "has no snapshot of a site 'norte'" in capsys.readouterr().err
    assert _state(places, "restore_test")["ok"] is False
    backup_commands.run(places, _given())
    assert backup_commands.test(places, _given()) == 0
    assert _state(places, "restore_test")["snapshot"] == "00000001"


def test_a_list(places: Places, capsys: pytest.CaptureFixture[str]) -> None:
    backup_commands.run(places, _given())
    backup_commands.run(places, _given(tag=["before-upgrade"]))
    capsys.readouterr()
    assert backup_commands.show(places, _given()) == 0
    assert capsys.readouterr().out.splitlines() == [
        "00000001  2026-11-27T01:00:01  16.0.3  h  timed",
        "00000002  2026-11-27T01:00:02  16.0.3  h  extra  before-upgrade",
    ]


def test_the_verbs(capsys: pytest.CaptureFixture[str]) -> None:
    assert commands.main(["--all", "backup", "run"]) == 2
    assert capsys.readouterr().err == "for all sites there is: backup check\n"
    for words in (["run"], ["list"], ["check", "--all"], ["test", "ab12"], ["tidy"], ["state"], ["last"]):
        given = commands._parser().parse_args(["norte", "backup", *words])
        assert callable(given.does)


def test_the_last_one_in_a_line(
    places: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(backup, "SETTINGS", tmp_path / "settings.json")
    assert backup_commands._last(places, _given()) == 0
    assert capsys.readouterr().out == ""
    (tmp_path / "settings.json").write_text("{}")
    backup_commands._last(places, _given())
    assert capsys.readouterr().out == "backup: none has been made yet\n"
    backup_commands.run(places, _given())
    capsys.readouterr()
    backup_commands._last(places, _given())
    said = capsys.readouterr().out
    assert said.startswith("backup: the last good one is of ")
    assert said.endswith(" UTC, less than a minute ago, 0.0 MiB\n")


def test_a_step_that_goes_on_is_said_once_more(
    places: Places, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    journal = Journal.begin(places.journal, "restore", "x", {})
    with journal.step("fetch", "fetch it"):
        pass
    left = [False, True, True]  # the last look is the first one of the list's end
    monkeypatch.setattr(commands, "start", lambda _places, _order: journal.began - 1)
    monkeypatch.setattr(commands, "under_way", lambda _places: left.pop())
    monkeypatch.setattr(commands, "_SILENCE", -1.0)
    monkeypatch.setattr(commands, "_PAUSE", 0.0)
    journal.steps[-1].began = time.time() - 12.4
    journal.end()
    assert commands.ask(places, {}) == 0
    assert capsys.readouterr().out.splitlines()[:-1] == ["fetch: fetch it", "fetch: for 12 s", "fetch: for 12 s"]


def test_of_progress_no_more_than_a_line_in_a_while(capsys: pytest.CaptureFixture[str]) -> None:
    say = backup_commands._saying(seconds=60.0)
    for words in ("write", "10 %, 1 of 9 MiB", "20 %, 2 of 9 MiB", "see"):
        say(words)
    assert capsys.readouterr().out.splitlines() == ["write", "see"]
    assert json.dumps(capsys.readouterr().err) == '""'
