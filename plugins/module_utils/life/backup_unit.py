# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Has systemd make a site's snapshot, and follows what it says. Runs on the host."""

from __future__ import annotations

import json
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.miclinik.hosting.plugins.module_utils.host import programs
from ansible_collections.miclinik.hosting.plugins.module_utils.life import backup_state
from ansible_collections.miclinik.hosting.plugins.module_utils.services import systemd_unit


@dataclass(frozen=True)
class Look:
    """What the unit has said since the last look, up to ``cursor``; ``problem`` is empty of one that went well."""

    running: bool
    lines: list[str]
    cursor: str
    problem: str


def unit(site: str) -> str:
    """Return systemd's name of what makes a site's snapshot."""
    return f"miclinik-backup@{site}.service"


def start(site: str) -> float:
    """Start it, unless it is at it; return a time before that. Raises UnitError."""
    now = time.time()
    if not systemd_unit.state(unit(site)).busy:
        systemd_unit.order("reset-failed", unit(site), quiet=True)
        systemd_unit.order("start", "--no-block", unit(site))
    return now


def look(site: str, since: float, cursor: str, root: Path = Path("/")) -> Look:
    """Return how far it has come. Raises OSError."""
    # Asked first: what is read afterwards is at least as new.
    running = systemd_unit.state(unit(site)).busy
    lines, cursor = _said(site, since, cursor)
    kept = backup_state.read(site, root).get(backup_state.BACKUP, {})
    problem = ""
    if not running:
        if float(kept.get("ended") or 0) < since:
            problem = f"no snapshot was made: journalctl -u {unit(site)}"
        elif not kept.get("ok"):
            problem = str(kept.get("problem") or f"it failed: journalctl -u {unit(site)}")
    return Look(running, lines, cursor, problem)


def _said(site: str, since: float, cursor: str) -> tuple[list[str], str]:
    words = ["journalctl", "--no-pager", "--quiet", "--output=json", f"--unit={unit(site)}"]
    # Its own words: systemd's about it have no identifier of the program.
    words += ["_TRANSPORT=stdout", f"--after-cursor={cursor}" if cursor else f"--since=@{since:.3f}"]
    done = subprocess.run(
        words, check=False, capture_output=True, text=True, errors="replace", env=programs.environment()
    )
    lines = []
    for line in done.stdout.splitlines():
        entry = json.loads(line)
        cursor = str(entry["__CURSOR"])
        if isinstance(entry.get("MESSAGE"), str):
            lines.append(entry["MESSAGE"])
    return lines, cursor
