# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Draws faults from what is on a host, and tells how the doctor did: `make test-doctor N=100`.

MICLINIK_SEED repeats a run. The host is as it was, from an image, before each fault. The exit status says whether the
thresholds of `table.py` are held.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
import time
from pathlib import Path

from tests.doctor import by_hand, kinds_database, kinds_files, kinds_programs, kinds_way
from tests.doctor.draws import KINDS, Draw, draw
from tests.doctor.lab import Lab
from tests.doctor.table import Record, figures, misses
from tests.doctor.trial import try_fault

#: They enter their kinds when they are loaded.
_ROOMS = (kinds_files, kinds_programs, kinds_database, kinds_way)


def main() -> int:
    """Run it; return 1 where a threshold is not held."""
    parser = argparse.ArgumentParser(prog="python -m tests.doctor")
    parser.add_argument("-n", type=int, default=10, help="how many faults")
    parser.add_argument("--host", default="doctor", help="name of the test host")
    parser.add_argument("--release", default="bookworm")
    parser.add_argument("--source", default="", help="a tree of the real application, in place of the sandbox")
    parser.add_argument("--web-server", default="nginx", choices=["nginx", "apache"])
    parser.add_argument("--engine", default="mariadb", choices=["mariadb", "postgresql"])
    parser.add_argument("--seed", type=int, default=int(os.environ.get("MICLINIK_SEED") or random.randrange(10**6)))
    parser.add_argument("--kinds", default="", help="only these, by commas")
    parser.add_argument("--only", default="", help="only the faults of these numbers of the seed, by commas")
    parser.add_argument("--by-hand", action="store_true", help="the faults of by_hand.yml in place of drawn ones")
    parser.add_argument("--pairs", action="store_true", help="two faults of different kinds at once")
    parser.add_argument("--image", default="", help="name of an image of the converged host, kept for the next run")
    parser.add_argument("--misses", type=Path, help="file for what was missed and for the figures; .json beside it")
    given = parser.parse_args()
    listed = by_hand.fitting(given.web_server, given.engine) if given.by_hand else []
    most = len(listed) or given.n
    kinds = sorted(given.kinds.split(",")) if given.kinds else sorted(KINDS)
    print(f"seed {given.seed}: MICLINIK_SEED={given.seed} repeats it; kinds: {', '.join(kinds)}", flush=True)
    source = {"type": "directory", "path": given.source} if given.source else {"type": "sandbox"}
    records: list[Record] = []
    with tempfile.TemporaryDirectory() as folder:
        lab = Lab(given.host, Path(folder), given.release, source, given.web_server, given.engine, given.image)
        try:
            lab.prepare()
            only = {int(number) for number in given.only.split(",")} if given.only else set(range(1, most + 1))
            for number in sorted(only):
                started = time.monotonic()
                # Each by a seed of its own, so that one of them can be repeated.
                chance = random.Random(f"{given.seed}:{number}")
                lab.reset()
                faults = listed[number - 1 : number] or _drawn(lab, chance, kinds, 2 if given.pairs else 1)
                record = try_fault(lab, number, faults)
                records.append(record)
                took = time.monotonic() - started
                wrong = ", ".join(record.misses()) or ("ok" if record.counts else "nobody noticed")
                print(f"{number}/{most} [{record.kind}] {record.what}: {wrong} ({took:.0f} s)", flush=True)
                if record.misses():
                    print("\n".join(misses([record])[1:]), flush=True)
                if given.misses:
                    _write(given.misses, given.seed, records)
        finally:
            lab.forget()
    told, held = figures(records)
    print("\n".join([f"seed {given.seed}, {len(records)} faults", *told, "", "misses:", *misses(records)]), flush=True)
    return 0 if held else 1


def _drawn(lab: Lab, chance: random.Random, kinds: list[str], count: int) -> list[Draw]:
    found = [draw(lab, chance, kinds)]
    while len(found) < count:
        found.append(draw(lab, chance, [name for name in kinds if name not in {entry.kind for entry in found}]))
    return found


def _write(path: Path, seed: int, records: list[Record]) -> None:
    told, _ = figures(records)
    path.write_text(
        "\n".join([f"seed {seed}, {len(records)} faults", *told, "", *misses(records), ""]), encoding="utf-8"
    )
    path.with_suffix(".json").write_text(json.dumps([entry.report() for entry in records], indent=1), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
