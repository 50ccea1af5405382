# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Switches on every module of a tree on a host, one at a time and all at once, and builds documents there.

`make test-modules SOURCE=/tree`, an hour on two cores. What came of it goes into `--results`, from which
`python -m tests.modules.table` makes the table of docs/modules.md.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

from testhost import hosts
from tests.modules import known, papers, trial
from tests.modules.place import Place


def main() -> int:
    """Run it; return 1 where something is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.modules")
    parser.add_argument("--source", type=Path, required=True, help="a tree of the real application")
    parser.add_argument("--host", default="modules", help="name of the test host")
    parser.add_argument("--release", default="bookworm")
    parser.add_argument("--web-server", default="nginx", choices=["nginx", "apache"])
    parser.add_argument("--engine", default="mariadb", choices=["mariadb", "postgresql"])
    parser.add_argument("--only", default="", help="only these modules one at a time, by commas; `none` for no one")
    parser.add_argument("--results", type=Path, help="file for what was seen, as JSON")
    parser.add_argument("--picture", type=Path, help="file for a picture of an order's PDF, to be looked at")
    parser.add_argument("--inventory", type=Path, help="folder for the inventory, which is kept")
    parser.add_argument("--keep", action="store_true", help="go on with a host that is there, and leave it there")
    given = parser.parse_args()
    constants = {} if given.release == "bookworm" else {"MAIN_IMAP_USE_PHPIMAP": 1}
    with tempfile.TemporaryDirectory() as folder:
        place = Place(
            given.host,
            given.release,
            given.source.resolve(),
            given.web_server,
            given.engine,
            given.inventory or Path(folder),
            constants,
        )
        try:
            return _run(place, given)
        finally:
            if not given.keep:
                hosts.down([place.host])


def _run(place: Place, given: argparse.Namespace) -> int:
    place.up(fresh=not given.keep)
    started = time.monotonic()
    _say(f"site.yml with all modules: {place.converge()[0]} changed ({time.monotonic() - started:.0f} s)")
    again = place.converge()[0]
    _say(f"the run after that: {again} changed")
    found = [trial.together(place)]
    _say(f"all at once: {found[0].report()}")
    names = given.only.split(",") if given.only else sorted(set(place.catalogue.files) - {"api"})
    for number, name in enumerate(name for name in names if name != "none"):
        started = time.monotonic()
        found.append(trial.alone(place, name))
        how = f"{'WRONG' if known.told(found[-1].wrong)[0] else 'ok'} ({time.monotonic() - started:.0f} s)"
        _say(f"{number + 1}/{len(names)} {how} {found[-1].report()}")
    documents = papers.check(place, given.picture)
    for line in documents:
        _say(f"documents: {line}")
    if given.results:
        whole = {
            "version": place.catalogue.version,
            "host": f"{place.release}, {place.web_server}, {place.engine}",
            "second_run_changed": again,
            "modules": {entry.module: entry.report() for entry in found},
            "documents": documents,
        }
        given.results.write_text(json.dumps(whole, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    wrong = [entry.module for entry in found if known.told(entry.wrong)[0]] + [
        line for line in documents if line.startswith("wrong")
    ]
    _say(f"{len(found)} tried, wrong: {', '.join(wrong) or 'none'}")
    return int(bool(wrong or again))


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
