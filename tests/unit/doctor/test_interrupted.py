# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A site that is closed since something is under way with the whole of it, or was ended in the middle."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.doctor import probe_change
from ansible_collections.miclinik.hosting.plugins.module_utils.life import units
from ansible_collections.miclinik.hosting.plugins.module_utils.life.journal import Journal
from ansible_collections.miclinik.hosting.plugins.module_utils.life.places import Places
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor import verdicts as doctor_verdicts
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.diagnosis import Case, Finding

from .cases import here, host, promised

AT = {"operation": "upgrade", "step": "load", "tries": 0, "obstacle": "", "busy": True}


def _first(change: dict[str, Any]) -> Finding | None:
    own = here() | {"change": change}
    # Closed, its PHP does not run: that is no news.
    own["units"]["php"] |= {"active": False, "state": "inactive (dead)"} if change else {}
    return next(iter(doctor_verdicts.diagnose(Case(promised(), (), host(), own, {}))), None)


def test_where_nothing_is_under_way_nothing_is_said() -> None:
    assert _first({}) is None


def test_a_site_that_somebody_has_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(units, "busy", lambda _site: False)
    places = Places("norte", tmp_path)
    places.work.mkdir(parents=True)
    places.shut.write_text("{}")
    found = _first(probe_change.look("norte", tmp_path))
    assert found is not None
    assert (found.id, "miclinikctl norte open" in found.mend) == ("closed-by-name", True)


@pytest.mark.parametrize(
    ("change", "id_", "seen", "mend"),
    [
        (AT, "change-under-way", ("upgrade is at 'load'",), "miclinikctl norte journal"),
        (
            AT | {"tries": 2, "obstacle": "no server"},
            "change-taken-back",
            ("upgrade is at 'load'", "2 times it was begun to be taken back: no server"),
            "it is tried again every few seconds",
        ),
        (
            AT | {"tries": 1, "busy": False},
            "change-not-taken-back",
            ("upgrade is at 'load'", "1 times it was begun to be taken back: that was killed as well"),
            "miclinikctl norte recover",
        ),
        (AT | {"busy": False}, "change-not-taken-back", ("upgrade is at 'load'",), "miclinikctl norte recover"),
    ],
)
def test_it_comes_before_all_that_follows_from_it(
    change: dict[str, Any], id_: str, seen: tuple[str, ...], mend: str
) -> None:
    found = _first(change)
    assert found is not None
    assert (found.id, found.evidence, mend in found.mend) == (id_, seen, True)


def test_what_is_seen_on_the_host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(units, "busy", lambda _site: False)
    assert probe_change.look("norte", tmp_path) == {}
    journal = Journal.begin(Places("norte", tmp_path).journal, "upgrade", "1", {})
    assert probe_change.look("norte", tmp_path)["step"] == "its beginning"
    with journal.step("load", "read it"):
        journal.tries, journal.obstacle = 2, "no server"
        journal.write()
    expected = AT | {"tries": 2, "obstacle": "no server", "busy": False}
    assert probe_change.look("norte", tmp_path) == expected
    journal.end()
    assert probe_change.look("norte", tmp_path) == {}
    journal.file.write_text("{")
    seen = probe_change.look("norte", tmp_path)
    assert (seen["operation"], "cannot be read" in seen["obstacle"]) == ("an operation", True)
