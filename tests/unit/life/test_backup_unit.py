# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A snapshot that systemd makes is followed, line by line, and its end is what is on record."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible.plugins.action import ActionBase
from ansible_collections.miclinik.hosting.plugins.action import site_backup
from ansible_collections.miclinik.hosting.plugins.module_utils.life import backup_state, backup_unit
from ansible_collections.miclinik.hosting.plugins.module_utils.services import systemd_unit

UNIT = "miclinik-backup@norte.service"
WATCHING = "ansible_collections.miclinik.hosting.plugins.plugin_utils.life.watching"


@pytest.fixture(name="ordered")
def _ordered(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    ordered: list[tuple[str, ...]] = []
    monkeypatch.setattr(systemd_unit, "order", lambda *words, quiet=False: ordered.append(words))
    return ordered


@pytest.mark.parametrize(
    ("busy", "wanted"), [(False, [("reset-failed", UNIT), ("start", "--no-block", UNIT)]), (True, [])]
)
def test_one_that_is_under_way_is_watched(
    ordered: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch, busy: bool, wanted: list[tuple[str, ...]]
) -> None:
    monkeypatch.setattr(systemd_unit, "state", lambda _unit: SimpleNamespace(busy=busy))
    assert backup_unit.start("norte") > 0
    assert ordered == wanted


@pytest.mark.parametrize(
    ("state", "problem"),
    [
        ({"ended": 150.0, "ok": True}, ""),
        ({"ended": 150.0, "ok": False, "problem": "a disk is full"}, "a disk is full"),
        ({"ended": 90.0, "ok": True}, f"no snapshot was made: journalctl -u {UNIT}"),
        ({}, f"no snapshot was made: journalctl -u {UNIT}"),
    ],
)
def test_the_end_is_what_is_on_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, state: dict[str, Any], problem: str
) -> None:
    asked: list[list[str]] = []

    def journal(words: list[str], **_given: Any) -> SimpleNamespace:  # noqa: ANN401
        asked.append(words)
        said = [{"__CURSOR": f"s={n}", "MESSAGE": text} for n, text in enumerate(("50 %", [1, 2], "done"))]
        return SimpleNamespace(stdout="\n".join(json.dumps(entry) for entry in said))

    monkeypatch.setattr(subprocess, "run", journal)
    monkeypatch.setattr(systemd_unit, "state", lambda _unit: SimpleNamespace(busy=False))
    file = backup_state.file_of("norte", tmp_path)
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps({"backup": state}))
    assert backup_unit.look("norte", 100.0, "", tmp_path) == backup_unit.Look(False, ["50 %", "done"], "s=2", problem)
    backup_unit.look("norte", 100.0, "s=2", tmp_path)
    assert (asked[0][-1], asked[1][-1]) == ("--since=@100.000", "--after-cursor=s=2")


def test_the_terminal_shows_each_line_and_that_it_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [
        {"lines": ["write the database into a file"], "running": True},
        {"lines": [], "running": True},
        {"lines": ["snapshot 1: 22.0.4"], "running": False},
    ]
    shown: list[str] = []
    clock = iter(range(0, 900, 4))
    monkeypatch.setattr(f"{WATCHING}.time.sleep", lambda _seconds: None)
    monkeypatch.setattr(f"{WATCHING}.time.monotonic", lambda: next(clock))
    monkeypatch.setattr(f"{WATCHING}.Display", lambda: SimpleNamespace(display=shown.append))
    monkeypatch.setattr(ActionBase, "run", lambda _self, _tmp, _vars: {})
    action = site_backup.ActionModule.__new__(site_backup.ActionModule)
    action._task = SimpleNamespace(args={"site": "norte"}, check_mode=False)
    given = []

    def execute(_module: str, module_args: dict[str, Any], task_vars: dict[str, Any]) -> dict[str, Any]:
        assert task_vars == {}
        given.append(dict(module_args))
        return {"changed": True, "since": 1.0, "cursor": "c", "problem": "", **answers.pop(0)}

    monkeypatch.setattr(site_backup.ActionModule, "_execute_module", lambda _self, name, **rest: execute(name, **rest))
    result = action.run()
    assert (result["changed"], result["lines"]) == (True, ["write the database into a file", "snapshot 1: 22.0.4"])
    assert shown == [
        "  norte: write the database into a file",
        "  norte: write the database into a file: for 16 s altogether",
        "  norte: snapshot 1: 22.0.4",
    ]
    assert given == [{"site": "norte"}, *[{"site": "norte", "since": 1.0, "cursor": "c"}] * 2]


def test_a_failure_says_why() -> None:
    said = site_backup.ActionModule._ended("norte", "a disk is full", ["x"])
    assert said == {"failed": True, "msg": "site 'norte': backup failed: a disk is full", "lines": ["x"]}
