# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Runs on a host: kills something at records of upgrades of a site, and says what was wrong afterwards.

``killed_upgrade.py SITE RELEASE COUNT SEED KIND,…`` (COUNT 0 is for all points), in parts for who cuts the power:
``points SITE RELEASE``, ``cut SITE RELEASE STEP:WHEN:power`` and, when the host is back, ``see SITE RELEASE POINT``.
What the unit runs instead of its program is ``die SITE POINT``. Each point is a line of JSON: ``point``, ``wrong``, how
it ``ended`` and after how many ``seconds``.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import pwd
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, "/usr/local/lib/miclinik/life/lib")

from ansible_collections.miclinik.hosting.plugins.module_utils.life import commands, engines, proof, units
from ansible_collections.miclinik.hosting.plugins.module_utils.life.engine import EngineError
from ansible_collections.miclinik.hosting.plugins.module_utils.life.journal import DONE, FAILED, RUNNING, Journal
from ansible_collections.miclinik.hosting.plugins.module_utils.life.places import Places
from ansible_collections.miclinik.hosting.plugins.module_utils.services import systemd_unit

BEGUN, ENDED = "begun", "ended"
#: Who dies: the operation, the operation and whatever takes it back (some times), the site's PHP, the database server,
#: the host. Of the last four one moment of each step is enough: what is on record is the same.
WORKER, RECOVERY, PHP, DATABASE, POWER = KINDS = ("worker", "recovery", "php", "database", "power")
SERVERS = "mariadb.service", "postgresql@*.service"
#: Written when a point is reached, for who kills from outside.
MARK, BEFORE = Path("/root/killed-at-point"), Path("/root/killed-before.json")
PATIENCE = 300.0


def die(site: str, point: str) -> int:
    """Carry the order out, as the unit's program does; at ``point`` something is killed."""
    name, when, kind = point.split(":")
    write = Journal.write

    def cut(self: Journal) -> None:
        last = self.steps[-1] if self.steps else None
        hit = last and self.state == RUNNING and last.name == name and (last.ended is None) == (when == BEGUN)
        # What has ended is not on record yet.
        if not (hit and when == ENDED):
            write(self)
        if hit and not MARK.exists():
            MARK.write_text(str(time.time()))
            strike(site, kind)
        if hit and when == ENDED:
            write(self)

    Journal.write = cut  # type: ignore[method-assign]
    return commands.main([site, "run"])


def strike(site: str, kind: str) -> None:
    """Kill what ``kind`` says."""
    if kind in (WORKER, RECOVERY):
        os.kill(os.getpid(), signal.SIGKILL)
    elif kind == DATABASE:
        for server in SERVERS:
            systemd_unit.order("kill", "--signal=KILL", server, quiet=True)
    elif kind == POWER:
        time.sleep(PATIENCE)
    else:
        threading.Thread(target=_kill_php, args=(site,), daemon=True).start()


def _kill_php(site: str) -> None:
    """Kill all PHP of the site's user as soon as there is any, once."""
    user, deadline = pwd.getpwnam(site).pw_uid, time.monotonic() + 5
    while time.monotonic() < deadline:
        hit = 0
        for entry in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if entry.stat().st_uid == user and (entry / "comm").read_text().startswith("php"):
                    os.kill(int(entry.name), signal.SIGKILL)
                    hit += 1
        if hit:
            return
        time.sleep(0.01)


class Killer:
    """One site, and upgrades of it in which something is killed."""

    def __init__(self, site: str, release: str) -> None:
        self.places, self.release = Places(site), release
        self.unit = units.change(site)
        self.drop_in = Path("/run/systemd/system") / f"{self.unit}.d" / "killed.conf"

    def shape(self) -> dict[str, Any]:
        """Return all that a clinic has there: rows, documents, the release."""
        engine, documents = engines.of(self.places), self.places.documents("live")
        return {
            "rows": engine.rows(engine.login.database),
            "documents": {
                str(file.relative_to(documents)): hashlib.sha256(file.read_bytes()).hexdigest()
                for file in sorted(documents.rglob("*"))
                if file.is_file() and "temp" not in file.relative_to(documents).parts
            },
            "release": os.readlink(self.places.current),
        }

    def order(self, order: dict[str, str], point: str = "") -> Journal:
        """Have the unit carry ``order`` out, with something killed at ``point``; return the record when all is over."""
        MARK.unlink(missing_ok=True)
        self.places.order.write_text(json.dumps(order), encoding="utf-8")
        if point:
            self.drop_in.parent.mkdir(parents=True, exist_ok=True)
            command = f"/usr/bin/python3 -I {Path(__file__).resolve()} die {self.places.site} {point}"
            self.drop_in.write_text(f"[Service]\nExecStart=\nExecStart={command}\n")
        else:
            self.drop_in.unlink(missing_ok=True)
        systemd_unit.order("daemon-reload")
        systemd_unit.order("reset-failed", self.unit, units.recovery(self.places.site), quiet=True)
        systemd_unit.order("start", "--no-block", self.unit)
        if point.endswith(f":{RECOVERY}"):
            self._kill_recovery()
        return self.awaited()

    def _kill_recovery(self) -> None:
        """Kill what takes it back, again and again, at other moments."""
        while not MARK.exists():
            time.sleep(0.05)
        for pause in (0.2, 0.5, 0.8, 0.4, 1.0, 0.6):
            time.sleep(pause)
            for name in (self.unit, units.recovery(self.places.site)):
                systemd_unit.order("kill", "--signal=KILL", name, quiet=True)

    def awaited(self) -> Journal:
        """Return the record when nothing is under way any more: what was killed is taken back."""
        deadline = time.monotonic() + PATIENCE
        while (_boots() or commands.under_way(self.places)) and time.monotonic() < deadline:
            time.sleep(0.1)
        journal = Journal.read(self.places.journal)
        assert journal is not None
        return journal

    def upgrade(self, point: str = "") -> Journal:
        """Upgrade it."""
        return self.order({"operation": "upgrade", "release": self.release}, point)

    def back(self) -> None:
        """Roll it back."""
        journal = self.order({"operation": "rollback"})
        assert journal.state == DONE, journal.problem

    def told(self, point: str, before: dict[str, Any], journal: Journal) -> dict[str, Any]:
        """Return what a line of output says of a point; have the old version there afterwards."""
        seconds = round((journal.ended or time.time()) - float(MARK.read_text()), 1) if MARK.exists() else 0.0
        wrong = self.unwell(journal)
        if journal.state == DONE:
            now = self.shape()
            wrong += [] if now["release"].endswith(self.release) else [f"done, and serves {now['release']}"]
            wrong += [f"{name} is gone" for name in before["documents"] if name not in now["documents"]]
            self.back()
        now = self.shape()
        wrong += [
            f"other {name} than before: {_differing(before[name], now[name])}"
            for name in before
            if before[name] != now[name]
        ]
        return {"point": point, "wrong": wrong, "ended": journal.state, "seconds": seconds, "tries": journal.tries}

    def unwell(self, journal: Journal) -> list[str]:
        """Return in what the site is neither the old version nor the new one, open and at work."""
        found = [] if journal.state in (DONE, FAILED) else [f"the journal says {journal.state}: {journal.obstacle}"]
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

    def points(self, kinds: str) -> list[str]:
        """Return the points of an upgrade, which is done for that, and taken back."""
        whole = self.upgrade()
        assert whole.state == DONE, whole.problem
        self.back()
        return [
            f"{step.name}:{when}:{kind}"
            for kind in kinds.split(",")
            for step in whole.steps
            for when in ((BEGUN, ENDED) if kind == WORKER else (BEGUN,))
        ]


def _differing(before: Any, now: Any) -> str:  # noqa: ANN401 (a mapping, or a text)
    if not isinstance(before, dict):
        return f"{before}, {now}"
    return str(
        [
            (name, before.get(name), now.get(name))
            for name in before.keys() | now.keys()
            if before.get(name) != now.get(name)
        ][:4]
    )


def _say(line: dict[str, Any]) -> bool:
    print(json.dumps(line), flush=True)
    return bool(line["wrong"])


def _boots() -> bool:
    """Return whether the host is starting, so that what is taken back may not have begun."""
    asked = subprocess.run(["systemctl", "is-system-running"], check=False, capture_output=True, text=True)
    return asked.stdout.strip() not in ("running", "degraded", "maintenance", "stopping")


def _served() -> None:
    """Wait for a database server that was killed, or that starts with the host."""
    for _ in range(200):
        with contextlib.suppress(EngineError):
            for places in map(Places, [path.name for path in Path("/var/lib/miclinik-sites").iterdir()]):
                if places.conf.exists():
                    engines.of(places).version()
            return
        time.sleep(0.3)


def main(site: str, release: str, count: str, seed: str, kinds: str) -> int:
    """Kill at ``count`` points; return 1 where anything was wrong."""
    killer = Killer(site, release)
    points = killer.points(kinds)
    chosen = random.Random(int(seed)).sample(points, int(count)) if int(count) else points  # noqa: S311 (no secret)
    bad, before = 0, killer.shape()
    for point in chosen:
        journal = killer.upgrade(point)
        _served()
        bad += _say(killer.told(point, before, journal))
    last = killer.upgrade()
    bad += _say({"point": "none, the run after them", "wrong": [] if last.state == DONE else [last.problem]})
    if last.state == DONE:
        killer.back()  # for whoever comes next
    return int(bad > 0)


def cut(site: str, release: str, point: str) -> int:
    """Begin an upgrade and return when it has come to ``point``, where it waits for the host to be killed."""
    killer = Killer(site, release)
    BEFORE.write_text(json.dumps(killer.shape()))
    MARK.unlink(missing_ok=True)  # of the point before
    threading.Thread(target=killer.upgrade, args=(point,), daemon=True).start()
    deadline = time.monotonic() + PATIENCE
    while not MARK.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    subprocess.run(["sync"], check=True)  # of this test, in a container nothing is lost
    sys.stdout.flush()
    os._exit(0 if MARK.exists() else 1)


def see(site: str, release: str, point: str) -> int:
    """After the power cut: wait until nothing is under way, and say what is wrong."""
    killer = Killer(site, release)
    _served()
    journal = killer.awaited()
    return int(_say(killer.told(point, json.loads(BEFORE.read_text()), journal)))


if __name__ == "__main__":
    if sys.argv[1] == "points":
        print("\n".join(Killer(*sys.argv[2:4]).points(POWER)))
        sys.exit(0)
    if sys.argv[1] == "die":
        sys.exit(die(*sys.argv[2:4]))
    sys.exit({"cut": cut, "see": see}[sys.argv[1]](*sys.argv[2:5]) if len(sys.argv) < 6 else main(*sys.argv[1:6]))
