# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Kill something at every recorded step of an upgrade: `make test-kill-upgrade SOURCE=/tree NEWER=/newer/tree`.

The operation, the operation and whatever takes it back, PHP, the database server, and the whole host, in turn. After
each the old version or the new one has to be whole and open by itself; the new one is rolled back, and the site has to
have the rows and documents of before.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from testhost import engine, hosts, privileged
from tests.kill import arguments
from tests.kill.newer import newer
from tests.kill.runs import Playbook
from tests.kill.story import SITE, inside

KINDS = ("worker", "recovery", "php", "database", "power")
PROGRAM = "/root/killed_upgrade.py"
#: A host that starts anew is back within.
_BOOT = 90.0

Line = dict[str, Any]


@dataclass(frozen=True)
class Target:
    """A host, a site of it, and the release to which it is upgraded, which is unpacked there."""

    host: str
    site: str
    release: str

    def lay(self) -> None:
        """Put the program there that kills."""
        program = Path(__file__).with_name("killed_upgrade.py").read_text(encoding="utf-8")
        inside(self.host, f"cat > {PROGRAM} <<'END-OF-PROGRAM'\n{program}\nEND-OF-PROGRAM\n")

    def strike(self, kinds: str, count: int, seed: int) -> Iterator[Line]:
        """Kill at ``count`` points, 0 for all; yield what each came to, and what the run after them did."""
        yield from self._lines(f"{self.site} {self.release} {count} {seed} {kinds}")

    def cut_power(self, count: int, seed: int) -> Iterator[Line]:
        """Kill the whole host at ``count`` steps, 0 for all; yield what each came to."""
        points = self._run(f"points {self.site} {self.release}").split()
        chosen = random.Random(seed).sample(points, count) if count else points  # noqa: S311 (no secret)
        for point in chosen:
            self._run(f"cut {self.site} {self.release} {point}")
            self._lose_power()
            yield from self._lines(f"see {self.site} {self.release} {point}")

    def _lose_power(self) -> None:
        name = hosts.container_name(self.host)
        privileged.run(engine.command(["kill", "--signal=KILL", name]), check=False)
        deadline = time.monotonic() + _BOOT
        answers = engine.command(["exec", name, "systemctl", "is-system-running"])
        while time.monotonic() < deadline:
            # Whoever kills a container by podman has it stay down, whatever its policy says.
            privileged.run(engine.command(["start", name]), check=False)
            if privileged.run(answers, check=False).stdout.strip() in ("running", "degraded", "starting"):
                return
            time.sleep(0.5)
        raise SystemExit(f"{self.host} did not come back")

    def _lines(self, words: str) -> Iterator[Line]:
        command = engine.command(["exec", hosts.container_name(self.host), "python3", "-I", PROGRAM, *words.split()])
        with subprocess.Popen(privileged.as_root(command), stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            for line in process.stdout:
                yield json.loads(line)
        if process.returncode not in (0, 1):
            raise SystemExit(f"{PROGRAM} {words} ended with {process.returncode}")

    def _run(self, words: str) -> str:
        return inside(self.host, f"python3 -I {PROGRAM} {words}")


def prepare(folder: Path, given: argparse.Namespace) -> Target:
    """Have a host with a site of the older version, and the newer one unpacked there, by an upgrade and a roll-back."""
    inventory = folder / "inventory"
    (inventory / "group_vars").mkdir(parents=True)
    hosts.up(given.host, release=given.release, fresh=True, inventories=[inventory / "hosts.json"], groups=["miclinik"])
    playbook = Playbook(given.host, inventory)
    older = {"type": "directory", "path": given.source} if given.source else {"type": "sandbox"}
    later = {"type": "directory", "path": given.newer} if given.newer else newer(folder)
    for source, name, words in (
        (older, "site", ()),
        (later, "upgrade", ()),
        (later, "rollback", ("-e", f"rollback_site={SITE['name']}")),
    ):
        wanted = {
            "miclinik_sites": [{**SITE, "source": source}],
            "miclinik_web_server": given.web_server,
            "miclinik_database_engine": given.engine,
        }
        (inventory / "group_vars/miclinik.json").write_text(json.dumps(wanted), encoding="utf-8")
        run, _ = playbook.whole(f"playbooks/{name}.yml", *words)
        if not run.green:
            raise SystemExit(f"{name}.yml ended with {run.status}:\n{run.output[-6000:]}")
        if name == "upgrade":
            release = inside(given.host, f"readlink /srv/miclinik/{SITE['name']}/current").strip().split("/")[-1]
    return Target(given.host, str(SITE["name"]), release)


def main() -> int:
    """Run it; return how many kills left something behind."""
    parser = arguments.parser("python -m tests.kill.strikes", "strikes")
    parser.add_argument("--kinds", default=",".join(KINDS), help="what is killed")
    parser.add_argument("--count", type=int, default=0, help="how many points, chosen by the seed; 0 for all")
    parser.add_argument("--running", default="", metavar="SITE/RELEASE", help="of the host, which is there and stays")
    given = parser.parse_args()
    print(f"seed {given.seed}: MICLINIK_SEED={given.seed} repeats it", flush=True)
    folder = Path(tempfile.mkdtemp())
    bad = number = 0
    try:
        target = Target(given.host, *given.running.split("/")) if given.running else prepare(folder, given)
        target.lay()
        kinds = given.kinds.split(",")
        others = ",".join(kind for kind in kinds if kind != "power")
        lines = chain(
            target.strike(others, given.count, given.seed) if others else (),
            target.cut_power(given.count, given.seed) if "power" in kinds else (),
        )
        for number, line in enumerate(lines, 1):
            bad += _said(number, line)
    finally:
        if not given.running:
            hosts.down([given.host])
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{number - bad} of {number} were made good", flush=True)
    return bad


def _said(number: int, line: Line) -> bool:
    how = f"{line.get('ended', '')} {line.get('seconds', '')} s, tries {line.get('tries', '')}"
    print(f"{number} {'FAIL' if line['wrong'] else 'ok  '} {line['point']} {how} {line['wrong'] or ''}", flush=True)
    return bool(line["wrong"])


if __name__ == "__main__":
    sys.exit(min(main(), 1))
