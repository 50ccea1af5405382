# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Repeat the smoke test on healthy hosts; none may fail: ``python -m tests.molecule.healthy --inventory FILE``.

One host at a time, so that the seconds that it prints are those of a smoke test and not of a crowd.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

from tests.hosts.conftest import GROUP, inventory

PROGRAMS = Path(sys.executable).parent
ROOT = Path(__file__).parents[2]


def main() -> int:
    """Run it; return how many of the runs failed or left a host out."""
    parser = argparse.ArgumentParser(prog="python -m tests.molecule.healthy")
    parser.add_argument("--inventory", action="append", required=True)
    parser.add_argument("--runs", type=int, default=20)
    given = parser.parse_args()
    inventories = [word for source in given.inventory for word in ("--inventory", source)]
    hosts = set(inventory(tuple(given.inventory))[GROUP]["hosts"])
    seconds: dict[str, list[float]] = defaultdict(list)
    bad = 0
    for number in range(1, given.runs + 1):
        with tempfile.TemporaryDirectory() as folder:
            command = [PROGRAMS / "ansible-playbook", "--forks=1", *inventories, "-e", f"smoke_report_dir={folder}"]
            done = subprocess.run(
                [*command, "playbooks/smoke.yml"], cwd=ROOT, check=False, capture_output=True, text=True
            )
            reports = {
                file.parent.name: json.loads(file.read_text(encoding="utf-8"))
                for file in Path(folder).glob("*/results.json")
            }
        healthy = {name for name, report in reports.items() if report["ok"]}
        if done.returncode or healthy != hosts:
            bad += 1
            print(f"run {number}: not green: {sorted(hosts - healthy)}\n{done.stdout}", flush=True)
        for name, report in reports.items():
            seconds[name].append(report["seconds"])
    for name, times in sorted(seconds.items()):
        print(f"{name}: {len(times)} runs, median {statistics.median(times):.2f} s, longest {max(times):.2f} s")
    print(f"{given.runs - bad} of {given.runs} runs were green")
    return bad


if __name__ == "__main__":
    sys.exit(main())
