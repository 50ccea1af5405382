# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The two runs that are killed, and the hosts that they begin from: a first run, and one that changes many things."""

from __future__ import annotations

import json
import random
import shutil
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from testhost import engine, hosts, image, privileged
from tests.kill.runs import Playbook, Run, Task

SITE: Mapping[str, Any] = {
    "name": "norte",
    "domain": "norte.example.org",
    "modules": ["societe", "product", "commande"],
    "api": {
        "explorer": False,
        "users": [{"login": "integration", "rights": ["societe.lire", "produit.lire", "commande.lire"]}],
    },
}
#: With the explorer on again, after calls that left a table of one endpoint.
CHANGED: Mapping[str, Any] = {
    "aliases": ["www.norte.example.org"],
    "tls": {"mode": "selfsigned"},
    "modules": ["societe", "product", "commande", "stock"],
    "constants": {"MAIN_SIZE_LISTE_LIMIT": 50},
    "php": {"memory_limit": "300M", "api_max_children": 7},
    "api": {**SITE["api"], "explorer": True},
}
CALLED = ("/api/index.php/products", "/api/index.php/status", "/")


@dataclass(frozen=True)
class Point:
    """Where a run is killed: in which kind of run, in which task, and how far into it."""

    kind: str  # first or change
    task: Task
    share: float

    @property
    def name(self) -> str:
        """What MICLINIK_KILLS calls it."""
        return f"{self.kind}:{self.task.number}"

    def __str__(self) -> str:
        when = f"after {self.share:.0%} of" if self.share else "before"
        return f"{self.name} ({when} '{self.task.name}')"


@dataclass
class Story:
    """One host, from snapshots. ``variables`` are the inventory's, ``source`` the site's."""

    folder: Path
    host: str
    release: str
    source: Mapping[str, str]
    variables: Mapping[str, Any]
    seed: int
    kept: dict[str, str] = field(default_factory=dict)

    def playbook(self, changed: bool, snapshot: str) -> Playbook:
        """Return the playbook, for a host that begins as it was kept."""
        inventory = self.folder / "inventory"
        shutil.rmtree(inventory, ignore_errors=True)
        (inventory / "group_vars").mkdir(parents=True)
        hosts.up(
            self.host,
            release=self.release,
            fresh=True,
            inventories=[inventory / "hosts.json"],
            groups=["miclinik"],
            snapshot=snapshot,
        )
        playbook = Playbook(self.host, inventory)
        self.want(playbook, CHANGED if changed else {})
        return playbook

    def want(self, playbook: Playbook, more: Mapping[str, Any]) -> None:
        """Have the inventory say of the site what it says at first, and ``more``."""
        site = {**SITE, "source": self.source, **more}
        wanted = {"miclinik_sites": [site], "smoke_timer_enabled": "tls" in more, **self.variables}
        (playbook.inventory / "group_vars/miclinik.json").write_text(json.dumps(wanted), encoding="utf-8")

    def prepare(self) -> list[Point]:
        """Make the snapshots, with a whole run of each kind; return the points, each task once."""
        playbook = self.playbook(False, "")
        before = _packages(self.host)
        self._expect(playbook.whole()[0], "the first run on a bare host")
        brought = sorted(_packages(self.host) - before)
        self.kept["change"] = hosts.take(self.host, f"{self.host}-converged")
        # What a first run spends most of its time on is there, and what it does with it is all before it.
        self.playbook(False, "")
        inside(self.host, "apt-get -qq update && apt-get -qq -y --no-install-recommends install " + " ".join(brought))
        # As Debian leaves it, fail2ban does not start here (no auth.log), and a host with a failed unit is not up.
        inside(self.host, "systemctl --quiet disable fail2ban")
        self.kept["first"] = hosts.take(self.host, f"{self.host}-packages")
        chance = random.Random(self.seed)  # noqa: S311 (where to kill, no secret)
        points = []
        for kind in ("first", "change"):
            playbook = self.playbook(kind == "change", self.kept[kind])
            run, tasks = playbook.whole()
            self._expect(run, f"the whole {kind} run")
            points += [
                Point(kind, task, chance.choice([0.0, round(chance.uniform(0.05, 0.95), 2)]))
                for task in tasks
                if task.what != "skipped"
            ]
        return points

    def forget(self) -> None:
        """Take host and snapshots away."""
        hosts.down([self.host])
        image.forget(list(self.kept.values()))

    def kill(self, point: Point) -> str:
        """Kill a run there, and let two whole ones follow; return what was wrong, empty when nothing was."""
        change = point.kind == "change"
        playbook = self.playbook(change, self.kept[point.kind])
        with clients(hosts.get(self.host).ip):
            last = playbook.killed(point.task, point.share)
            first, tasks = playbook.whole()
        if not first.green:
            return f"killed in {last}: the next whole run ended with {first.status}:\n{first.output[-6000:]}"
        second, tasks = playbook.whole()
        if not second.green or second.changed:
            names = ", ".join(task.name for task in tasks if task.what == "changed")
            return f"killed in {last}: the run after it changed {second.changed} ({names}):\n{second.output[-3000:]}"
        return ""

    @staticmethod
    def _expect(run: Run, what: str) -> None:
        if not run.green:
            raise SystemExit(f"{what} ended with {run.status}:\n{run.output[-6000:]}")


def chosen(points: Sequence[Point], names: str, kills: int, seed: int) -> list[Point]:
    """Return the points of ``names`` (``first:12,change:17``), or ``kills`` of them by ``seed``, or all."""
    if names:
        wanted = names.split(",")
        found = [point for point in points if point.name in wanted]
        if len(found) != len(wanted):
            raise SystemExit(f"there is no such task among: {', '.join(point.name for point in points)}")
        return found
    if kills:
        return random.Random(seed).sample(list(points), min(kills, len(points)))  # noqa: S311 (no secret)
    return list(points)


@contextmanager
def clients(ip: str) -> Iterator[None]:
    """Call the site all the while, as clients would, whatever it answers."""
    ended = threading.Event()

    def call() -> None:
        while not ended.wait(0.3):
            for path in CALLED:
                connection = HTTPConnection(ip, 80, timeout=5)
                try:
                    connection.request("GET", path, headers={"Host": str(SITE["domain"])})
                    connection.getresponse().read()
                except (OSError, HTTPException):
                    continue  # nothing may answer while a run is under way
                finally:
                    connection.close()

    thread = threading.Thread(target=call, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(20)


def _packages(host: str) -> set[str]:
    return set(inside(host, "apt-mark showmanual").split())


def inside(host: str, script: str) -> str:
    """Run a script of sh as root on the host; return what it prints."""
    command = engine.command(["exec", "--env=DEBIAN_FRONTEND=noninteractive", hosts.container_name(host)])
    return privileged.run([*command, "sh", "-ec", script], timeout=600).stdout
