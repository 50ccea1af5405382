# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Many sites on one host, and what each costs: ``python -m tests.bench.sites [--sites 100] [--source TREE]``.

All are of the sandbox, but for two of TREE. What is measured is printed as it comes, and written as JSON. It ends with
1 where a call of the others failed while a site came or went, or a site does not answer after a start of the host.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from demo import access
from testhost import engine, hosts, privileged
from tests.bench import setups
from tests.bench.host import TestHost
from tests.bench.traffic import KINDS, Place, Traffic

MODULES = ["societe", "product"]
#: Of all sites together, while one comes or goes.
RATE = 20
#: Seconds in which every site has to answer after a start of the host.
BACK = 300.0
#: Prints what the host has of each, as JSON. Memory that processes share is counted once (Pss).
LOOK = r"""
import collections, json, pathlib, subprocess
def number(*words):
    return int(subprocess.run(words, capture_output=True, text=True, check=True).stdout.split()[-1])
memory, files = collections.Counter(), 0
for process in pathlib.Path("/proc").glob("[0-9]*"):
    try:
        unit = (process / "cgroup").read_text()
        part = "PHP" if "miclinik-php@" in unit else "MariaDB" if "mariadb" in unit else "all else"
        lines = (process / "smaps_rollup").read_text().splitlines()
        memory[part] += next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
        files += len(list((process / "fd").iterdir()))
    except OSError:  # it has ended
        pass
print(json.dumps({
    **{f"MiB used by {part}": memory[part] / 1024 for part in sorted(memory)},
    "connections at most": number("mariadb", "-BNe", "SHOW GLOBAL STATUS LIKE 'Max_used_connections'"),
    "connections allowed": number("mariadb", "-BNe", "SHOW GLOBAL VARIABLES LIKE 'max_connections'"),
    "open files": files,
    "units that failed": number("bash", "-c", "systemctl --failed --no-legend | wc -l"),
}))
"""


class Sites:
    """One host with many sites, and what was measured of it."""

    def __init__(self, bench: setups.Bench, source: str, report: Path) -> None:
        self.bench = bench
        self.source = source
        self.report = report
        self.wanted: dict[str, Any] = {"miclinik_database_engine": "mariadb", "miclinik_sites": []}
        self.figures: dict[str, float] = {}
        self.places: dict[str, Place] = {}

    def add(self, count: int) -> None:
        """Have so many sites more in the inventory."""
        sites = self.wanted["miclinik_sites"]
        for number in range(len(sites) + 1, len(sites) + count + 1):
            real = self.source and number in (1, 2)
            sites.append(
                {
                    "name": f"clinic{number}",
                    "domain": f"clinic{number}.example.org",
                    "source": {"type": "directory", "path": self.source} if real else {"type": "sandbox"},
                    "modules": MODULES,
                    "api": {"users": [{"login": "integration", "rights": ["produit.lire"]}]},
                }
            )
        self.bench.want(self.wanted)

    def know(self) -> None:
        """Read the keys of all sites."""
        for site in access.sites([str(self.bench.inventory)]):
            key = site.users["integration"]["key"]
            self.places[site.name] = Place(self.bench.host.ip, f"{site.name}.example.org", key, tls=False)

    def tell(self, what: str, value: float) -> None:
        """Print a figure, and keep it."""
        self.figures[what] = round(value, 1)
        print(f"| {what} | {self.figures[what]} |", flush=True)
        self.report.parent.mkdir(parents=True, exist_ok=True)
        self.report.write_text(json.dumps(self.figures, indent=2) + "\n", encoding="utf-8")

    def timed(self, what: str, step: Callable[[], object]) -> None:
        """Take the seconds of a step."""
        started = time.monotonic()
        step()
        self.tell(f"{what}, s", time.monotonic() - started)

    def under_traffic(self, what: str, step: Callable[[], object]) -> int:
        """Take the seconds of a step, and return how many calls of the sites failed meanwhile."""
        kind = next(kind for kind in KINDS if not kind.kept and not kind.body and kind.api)
        with Traffic(list(self.places.values()), rate=RATE, kinds=[kind]) as traffic:
            self.timed(what, step)
        failed = [call for call in traffic.calls if call.wrong]
        self.tell(f"{what}: calls of the others", len(traffic.calls))
        self.tell(f"{what}: of these failed", len(failed))
        self.tell(f"{what}: slowest, s", max(call.took for call in traffic.calls))
        return len(failed)

    def look(self, when: str) -> None:
        """Call every site, so that its PHP is warm, and see what the host uses."""
        for place in self.places.values():
            if not _answers(place):
                raise SystemExit(f"{place.domain} does not answer")
        for what, value in json.loads(self.bench.host.run("python3 -", LOOK)).items():
            self.tell(f"{when}: {what}", value)

    def start_anew(self) -> int:
        """Cut the host's power, start it, and return how many sites do not answer in time."""
        name = hosts.container_name(self.bench.host.name)
        for words in (["kill", "--signal", "KILL", name], ["start", name]):
            privileged.run(engine.command(words))
        started = time.monotonic()
        waiting = dict(self.places)
        while waiting and time.monotonic() - started < BACK:
            for site, place in list(waiting.items()):
                if not _answers(place):
                    break
                del waiting[site]
            time.sleep(0.2)
        self.tell("after a start of the host all sites answer, s", time.monotonic() - started)
        return len(waiting)


def _answers(place: Place) -> bool:
    request = urllib.request.Request(
        f"http://{place.ip}/api/index.php/status", headers={"Host": place.domain, "DOLAPIKEY": place.key}
    )
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310 (http only)
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def main(arguments: Sequence[str]) -> int:
    """Lay them, measure; return an exit code."""
    top = argparse.ArgumentParser(prog="python -m tests.bench.sites", description=__doc__)
    top.add_argument("--sites", type=int, default=100)
    top.add_argument("--source", default="", help="a tree of the real application, for two of them")
    top.add_argument("--release", default="bookworm", help="of Debian")
    top.add_argument("--host", default="bench-sites", help="name of the test host, which is made anew")
    top.add_argument("--json", type=Path, default=Path("reports/bench-sites.json"), help="file for the results")
    top.add_argument("--keep", action="store_true", help="leave the host for a look")
    given = top.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        inventory = Path(name)
        hosts.up(
            given.host, release=given.release, fresh=True, inventories=[inventory / "hosts.json"], groups=["miclinik"]
        )
        bench = setups.Bench(TestHost(given.host), inventory)
        try:
            return _measure(Sites(bench, given.source, given.json), given.sites)
        finally:
            if not given.keep:
                hosts.down([given.host])


def _measure(sites: Sites, count: int) -> int:
    print("| figure | value |\n| - | - |", flush=True)
    playbook = sites.bench.playbook
    sites.add(1)
    sites.timed("the first site", playbook)
    sites.timed("unchanged run with one site", playbook)
    sites.add(count - 1)
    sites.timed(f"{count - 1} sites more", playbook)
    sites.know()
    sites.timed(f"unchanged run with {count} sites", playbook)
    sites.look(f"{count} sites")
    sites.add(1)
    failed = sites.under_traffic("one site more", playbook)
    gone = sites.wanted["miclinik_sites"].pop()["name"]
    sites.add(0)
    failed += sites.under_traffic(
        "one site removed",
        lambda: playbook(
            "--extra-vars", json.dumps({"remove_site": gone, "remove_without_snapshot": True}), name="remove"
        ),
    )
    return failed + sites.start_anew()


if __name__ == "__main__":
    sys.exit(1 if main(sys.argv[1:]) else 0)
