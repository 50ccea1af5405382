# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A roll-back once more, by a run that did not see the end of the first: it is done, and nothing is changed."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.life import door, proof, rollback
from ansible_collections.miclinik.hosting.plugins.module_utils.life.journal import Journal
from ansible_collections.miclinik.hosting.plugins.module_utils.life.stage import StageError
from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout

from . import sites
from .sites import NEW, OLD


def test_it_is_done_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("stop", "start"):
        monkeypatch.setattr(door, name, lambda _places: None)
    monkeypatch.setattr(proof, "prove", lambda *_words: {})
    stage, _ = sites.stage(tmp_path)
    before = sites.shape(stage)
    assert rollback.was_done(stage) == ""  # nothing was upgraded yet
    journal = Journal.begin(stage.places.journal, "upgrade", "1", {})
    stage.promote(journal, layout.NEXT, layout.BEFORE, NEW)
    stage.remember(layout.BEFORE, {"release": OLD, "version": "16.0.3", "until": 0.0, "rows": {}})
    journal.end()
    assert rollback.was_done(stage) == ""
    journal = Journal.begin(stage.places.journal, "rollback", "2", {})
    rollback.roll_back(stage, journal)
    journal.end()
    assert sites.shape(stage) == before
    told = rollback.was_done(stage)
    assert told.startswith("it was rolled back on ")
    assert told.endswith(f" UTC, and serves {OLD}: nothing was changed")
    with pytest.raises(StageError, match="nothing is kept of what the site was"):
        rollback.roll_back(stage, Journal.begin(stage.places.journal, "rollback", "3", {}))


def test_what_a_restore_has_put_aside_is_no_roll_back(tmp_path: Path) -> None:
    stage, _ = sites.stage(tmp_path)
    stage.promote(Journal.begin(stage.places.journal, "restore", "1", {}), layout.NEXT, layout.UNDONE, NEW)
    stage.remember(layout.UNDONE, {"release": OLD, "until": 0.0, "rows": {}})
    assert rollback.was_done(stage) == ""
