# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Strangers share a pace, which PHP keeps (templates/php/signed_in.php): whoever is beyond it waits."""

from __future__ import annotations

import json
from pathlib import Path

from . import programs
from .rendering import ROOT, entry, render

# Each `require` is a call, and what is timed is how long it was held.
PROGRAM = """
$held = [];
for ($call = 0; $call < (int) $argv[2]; $call++) {
    $began = microtime(true);
    require $argv[1];
    $held[] = microtime(true) - $began;
}
echo json_encode($held);
"""


def _held(folder: Path, calls: int, pace: str) -> list[float]:
    words = ["env", f"MICLINIK_PACE={pace}", "php", "-n", "-d", f"session.save_path={folder}", "-r", PROGRAM]
    held: list[float] = json.loads(programs.accept([*words, "--", ROOT / "templates/php/signed_in.php", str(calls)]))
    return held


def test_a_burst_is_free_and_who_goes_on_waits(tmp_path: Path) -> None:
    held = _held(tmp_path, 34, "10")
    assert [seconds for seconds in held[:25] if seconds > 0.09] == []
    # Of 34 calls 30 were free, and a call more each tenth of a second.
    assert sum(held) > 0.2
    # Another worker of the pool goes on where this one was.
    assert sum(_held(tmp_path, 3, "10")) > 0.2


def test_a_clock_that_was_set_back_holds_nobody(tmp_path: Path) -> None:
    (tmp_path / "pace").write_text("99999999999.0000")
    assert sum(_held(tmp_path, 3, "10")) < 5


def test_without_a_pace_nobody_is_held(tmp_path: Path) -> None:
    _held(tmp_path, 3, "")
    assert list(tmp_path.iterdir()) == []


def test_it_is_that_of_the_quarantine_alone() -> None:
    rendered = render("php", entry(api={"limits": {"stranger": {"pace": 7}}}))
    paces = {
        dest: [line for line in item.content.splitlines() if "MICLINIK_PACE" in line]
        for dest, item in rendered.items()
        if "pm.max_children" in item.content
    }
    assert {Path(dest).stem: lines for dest, lines in paces.items() if lines} == {
        "quarantine": ["env[MICLINIK_PACE] = 7"]
    }
