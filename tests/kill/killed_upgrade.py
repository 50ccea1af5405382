# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Runs on a host: kills upgrades of a site at records of their journal, and says what was wrong afterwards.

``killed_upgrade.py SITE RELEASE COUNT SEED``, or, as what the unit runs instead of the program, ``die SITE POINT``.
It prints a line of JSON for each point, ``{"point": …, "wrong": […]}``; COUNT 0 is for all points.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, "/usr/local/lib/miclinik/life/lib")

from ansible_collections.miclinik.hosting.plugins.module_utils.life import commands, engines, proof
from ansible_collections.miclinik.hosting.plugins.module_utils.life.journal import DONE, FAILED, RUNNING, Journal
from ansible_collections.miclinik.hosting.plugins.module_utils.life.places import Places
from ansible_collections.miclinik.hosting.plugins.module_utils.services import systemd_unit

BEGUN, ENDED = "begun", "ended"


def die(site: str, point: str) -> int:
    """Carry the order out, as the unit's program does, and be killed at ``point``: a step, and before or after it."""
    name, when = point.rsplit(":", 1)
    write = Journal.write

    def cut(self: Journal) -> None:
        last = self.steps[-1] if self.steps else None
        hit = last and self.state == RUNNING and last.name == name and (last.ended is None) == (when == BEGUN)
        # What has ended is not on record yet.
        if not (hit and when == ENDED):
            write(self)
        if hit:
            os.kill(os.getpid(), signal.SIGKILL)

    Journal.write = cut  # type: ignore[method-assign]
    return commands.main([site, "run"])


class Killer:
    """One site, and upgrades of it that are killed."""

    def __init__(self, site: str, release: str) -> None:
        self.places, self.release = Places(site), release
        self.unit = commands.unit(site)
        self.drop_in = Path("/run/systemd/system") / f"{self.unit}.d" / "killed.conf"

    def shape(self) -> dict[str, Any]:
        """Return all that a clinic has there: rows, documents, the release."""
        engine, documents = engines.of(self.places), self.places.documents("live")
        return {
            "rows": engine.rows(engine.login.database),
            "documents": {
                str(file.relative_to(documents)): hashlib.sha256(file.read_bytes()).hexdigest()
                for file in sorted(documents.rglob("*"))
                if file.is_file()
            },
            "release": os.readlink(self.places.current),
        }

    def order(self, order: dict[str, str], point: str = "") -> Journal:
        """Have the unit carry ``order`` out, and be killed at ``point``; return the record when all is over."""
        self.places.order.write_text(json.dumps(order), encoding="utf-8")
        if point:
            self.drop_in.parent.mkdir(parents=True, exist_ok=True)
            command = f"/usr/bin/python3 -I {Path(__file__).resolve()} die {self.places.site} {point}"
            self.drop_in.write_text(f"[Service]\nExecStart=\nExecStart={command}\n")
        else:
            self.drop_in.unlink(missing_ok=True)
        systemd_unit.order("daemon-reload")
        systemd_unit.order("reset-failed", self.unit, quiet=True)
        systemd_unit.order("start", self.unit, quiet=True)
        while systemd_unit.state(self.unit).busy:  # what was killed is taken back
            time.sleep(0.1)
        journal = Journal.read(self.places.journal)
        assert journal is not None
        return journal

    def upgrade(self, point: str = "") -> Journal:
        """Upgrade it."""
        return self.order({"operation": "upgrade", "release": self.release}, point)

    def wrong(self, before: dict[str, Any], journal: Journal) -> list[str]:
        """Return in what the site is not what it was before, open and at work."""
        found = [] if journal.state == FAILED else [f"the journal says {journal.state}: {journal.problem}"]
        now = self.shape()
        found += [f"other {name} than before" for name in before if before[name] != now[name]]
        found += ["it is closed"] if self.places.closed.exists() else []
        engine = engines.of(self.places)
        found += [
            f"{engine.login.database}${part} is left"
            for part in ("next", "scratch")
            if engine.there(f"{engine.login.database}${part}") or self.places.documents(part).exists()
        ]
        try:
            proof.prove(self.places)
        except proof.ProofError as error:
            found.append(str(error))
        return found


def main(site: str, release: str, count: str, seed: str) -> int:
    """Kill at ``count`` points; return 1 where anything was wrong."""
    killer = Killer(site, release)
    whole = killer.upgrade()
    assert whole.state == DONE, whole.problem
    points = [f"{step.name}:{when}" for step in whole.steps for when in (BEGUN, ENDED)]
    back = killer.order({"operation": "rollback"})
    assert back.state == DONE, back.problem
    chosen = random.Random(int(seed)).sample(points, int(count)) if int(count) else points  # noqa: S311 (no secret)
    bad = 0
    before = killer.shape()
    for point in chosen:
        wrong = killer.wrong(before, killer.upgrade(point))
        bad += bool(wrong)
        print(json.dumps({"point": point, "wrong": wrong}), flush=True)
    last = killer.upgrade()
    print(json.dumps({"point": "none, the run after them", "wrong": [] if last.state == DONE else [last.problem]}))
    return int(bad > 0 or last.state != DONE)


if __name__ == "__main__":
    sys.exit(die(*sys.argv[2:4]) if sys.argv[1] == "die" else main(*sys.argv[1:5]))
