# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Brings a site back to what it was before its last upgrade, and keeps what it is now."""

from __future__ import annotations

import time

from ansible_collections.miclinik.hosting.plugins.module_utils.life import door, proof
from ansible_collections.miclinik.hosting.plugins.module_utils.life.engine import Rows
from ansible_collections.miclinik.hosting.plugins.module_utils.life.journal import Journal
from ansible_collections.miclinik.hosting.plugins.module_utils.life.stage import Stage, StageError
from ansible_collections.miclinik.hosting.plugins.module_utils.site.layout import BEFORE, LIVE, UNDONE

OPERATION = "rollback"


def roll_back(stage: Stage, journal: Journal) -> None:
    """Put what was there before the last upgrade in its place again. The caller takes back what fails."""
    places = stage.places
    with journal.step("check", "see whether it can be done"):
        stage.check()
        kept = stage.remembered(BEFORE)
        if not kept:
            raise StageError("nothing is kept of what the site was before an upgrade: restore a snapshot")
        served = stage.served()
        journal.facts |= {"from": served, "to": kept["version"], "release": kept["release"]}
    with journal.step("close", "close the site"):
        door.close(places, "a roll-back")
    now = stage.engine.rows(stage.database(LIVE))
    journal.warnings += written_since(kept["rows"], now, kept["until"])
    stage.promote(journal, BEFORE, UNDONE, kept["release"])
    with journal.step("prove", "see whether it works, before anybody is let in"):
        door.start(places)
        proof.prove(places, kept["version"])
        stage.remember(UNDONE, {"release": served, "until": time.time(), "rows": now, "by": OPERATION})
    with journal.step(door.OPEN, "open the site"):
        door.open_(places)
    stage.forget(BEFORE)


def was_done(stage: Stage) -> str:
    """Return what to say to whoever orders it once more: nothing is left to go back to, and it was done. Else ""."""
    undone = {} if stage.remembered(BEFORE) else stage.remembered(UNDONE)
    if undone.get("by") != OPERATION:
        return ""
    return f"it was rolled back on {_day(undone['until'])}, and serves {stage.served()}: nothing was changed"


def _day(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(seconds))


def written_since(then: Rows, now: Rows, at: float) -> list[str]:
    """Return which tables have other numbers of rows than ``then``."""
    more = {table: rows - then.get(table, 0) for table, rows in now.items() if rows != then.get(table, 0)}
    if not more:
        return []
    told = ", ".join(f"{table} {count:+d}" for table, count in sorted(more.items()))
    return [f"written since the upgrade of {_day(at)}, and kept aside: {told}"]
