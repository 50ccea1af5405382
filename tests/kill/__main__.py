# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Kill a first run, and one that changes things, at every task: `make test-kill`.

MICLINIK_KILLS=first:12,change:17 kills there alone, MICLINIK_SEED repeats a run's choices of when within a task.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
from pathlib import Path

from tests.kill import sequences
from tests.kill.story import Story, chosen


def main() -> int:
    """Run it; return how many kills left something behind."""
    parser = argparse.ArgumentParser(prog="python -m tests.kill")
    parser.add_argument("--host", default="kill", help="name of the test host")
    parser.add_argument("--release", default="bookworm")
    parser.add_argument("--source", default="", help="a tree of the real application, in place of the sandbox")
    parser.add_argument("--web-server", default="nginx", choices=["nginx", "apache"])
    parser.add_argument("--engine", default="mariadb", choices=["mariadb", "postgresql"])
    parser.add_argument("--kills", type=int, default=0, help="how many, chosen by the seed; 0 for all")
    parser.add_argument("--seed", type=int, default=int(os.environ.get("MICLINIK_SEED") or random.randrange(10**6)))  # noqa: S311 (no secret)
    parser.add_argument("--sequence", type=int, default=0, help="in place of kills at tasks, so many random changes")
    given = parser.parse_args()
    print(f"seed {given.seed}: MICLINIK_SEED={given.seed} repeats it", flush=True)
    source = {"type": "directory", "path": given.source} if given.source else {"type": "sandbox"}
    variables = {"miclinik_web_server": given.web_server, "miclinik_database_engine": given.engine}
    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        story = Story(Path(folder), given.host, given.release, source, variables, given.seed)
        try:
            points = story.prepare()
            if given.sequence:
                return _sequence(story, given.sequence)
            points = chosen(points, os.environ.get("MICLINIK_KILLS", ""), given.kills, given.seed)
            for number, point in enumerate(points, 1):
                started = time.monotonic()
                wrong = story.kill(point)
                bad += bool(wrong)
                took = f"{time.monotonic() - started:.0f} s"
                print(f"{number}/{len(points)} {'FAIL' if wrong else 'ok  '} {point} {took}", flush=True)
                if wrong:
                    print(wrong, flush=True)
        finally:
            story.forget()
    print(f"{len(points) - bad} of {len(points)} kills were made good by the next run", flush=True)
    return bad


def _sequence(story: Story, steps: int) -> int:
    bad = 0
    for number, (said, wrong) in enumerate(sequences.run(story, steps), 1):
        bad += bool(wrong)
        print(f"{number} {'FAIL' if wrong else 'ok  '} {said}", flush=True)
        if wrong:
            print(wrong, flush=True)
    return bad


if __name__ == "__main__":
    sys.exit(min(main(), 1))
