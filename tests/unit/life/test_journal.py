# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Steps are on record before they begin, and whoever comes next reads how far it came."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.life.journal import (
    DONE,
    FAILED,
    RUNNING,
    Journal,
    JournalError,
)


def test_a_step_is_on_record_before_and_after(tmp_path: Path) -> None:
    file = tmp_path / "norte/journal.json"
    journal = Journal.begin(file, "upgrade", "1", {"to": "22"})
    with journal.step("one", "the first"):
        kept = Journal.read(file)
        assert kept is not None
        assert [(step.name, step.ended) for step in kept.steps] == [("one", None)]
    with pytest.raises(ValueError, match="no"), journal.step("two", "the second"):
        raise ValueError("no")
    kept = Journal.read(file)
    assert kept is not None
    assert (kept.state, kept.operation, kept.facts) == (RUNNING, "upgrade", {"to": "22"})
    assert [step.ended is None for step in kept.steps] == [False, True]
    assert (kept.has_begun("two"), kept.has_begun("three")) == (True, False)
    assert file.stat().st_mode & 0o077 == 0 or file.parent.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(("problem", "state"), [("", DONE), ("it broke", FAILED)])
def test_an_operation_ends(tmp_path: Path, problem: str, state: str) -> None:
    journal = Journal.begin(tmp_path / "journal.json", "upgrade", "1", {})
    journal.end(problem)
    kept = Journal.read(journal.file)
    assert kept is not None
    assert (kept.state, kept.problem, kept.ended is None) == (state, problem, False)
    assert Journal.begin(journal.file, "rollback", "2", {}).steps == []


def test_nothing_begins_while_something_is_under_way(tmp_path: Path) -> None:
    Journal.begin(tmp_path / "journal.json", "upgrade", "1", {})
    with pytest.raises(JournalError, match="upgrade 1 is under way, or was killed"):
        Journal.begin(tmp_path / "journal.json", "rollback", "2", {})


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"steps": [{"x": 1}]}', "null"])
def test_a_record_that_is_none_is_said(tmp_path: Path, text: str) -> None:
    file = tmp_path / "journal.json"
    file.write_text(text)
    with pytest.raises(JournalError, match="cannot be read"):
        Journal.read(file)


def test_none_is_there(tmp_path: Path) -> None:
    assert Journal.read(tmp_path / "journal.json") is None
