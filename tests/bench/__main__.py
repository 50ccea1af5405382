# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Set both up on a test host, measure, print the table, write it as JSON, take the host away: `make bench`."""

from __future__ import annotations

import argparse
import json
import os
import secrets
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from testhost import hosts
from tests.bench import figures, load, setups, table
from tests.bench.host import TestHost

SECRETS = ("database", "instance", "administrator", "user", "key")


def parser() -> argparse.ArgumentParser:
    """Return the command line."""
    top = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    top.add_argument(
        "groups", nargs="*", metavar="GROUP", help=f"of figures: {', '.join(figures.GROUPS)} (default all)"
    )
    top.add_argument("--source", default="", help="a tree of the real application, in place of the sandbox")
    top.add_argument("--engine", default="mariadb", choices=["mariadb", "postgresql"])
    top.add_argument("--web-server", default="nginx", choices=["nginx", "apache"], help="of ours")
    top.add_argument("--pooler", default="none", choices=["none", "pgbouncer"], help="ours with it, on PostgreSQL")
    top.add_argument("--usual-engine", default="", choices=["", "mariadb", "postgresql"], help="when it is another one")
    top.add_argument("--release", default="bookworm", help="of Debian")
    top.add_argument("--host", default="bench", help="name of the test host, which is made anew")
    top.add_argument("--json", type=Path, default=Path("reports/bench.json"), help="file for the results")
    top.add_argument("--keep", action="store_true", help="leave the host for a look")
    return top


def chosen(groups: Sequence[str]) -> list[figures.Figure]:
    """Return the figures of these groups; all when none is named. Stop when there is no such group."""
    unknown = sorted(set(groups) - set(figures.GROUPS))
    if unknown:
        raise SystemExit(f"there are the groups {', '.join(figures.GROUPS)}; no group {', '.join(unknown)}")
    return [figure for figure in figures.FIGURES if not groups or figure.group in groups]


def measured(bench: setups.Bench, wanted: Sequence[figures.Figure]) -> list[table.Row]:
    """Measure the figures in rounds, one after the other, so that a slow minute is not one figure's alone."""
    rounds: dict[str, list[table.Round]] = {figure.name: [] for figure in wanted}
    for number in range(max(figure.rounds for figure in wanted)):
        for figure in wanted:
            if number < figure.rounds:
                rounds[figure.name].append(figure.round(bench))
                print(f"round {number + 1} of {figure.rounds}: {figure.name}", file=sys.stderr, flush=True)
    return [table.Row(figure.name, figure.unit, figure.less_is_better, rounds[figure.name]) for figure in wanted]


def circumstances(given: argparse.Namespace, bench: setups.Bench) -> dict[str, Any]:
    """Return what the figures were measured on."""
    version = bench.served["ours"].call("/status")["success"]["dolibarr_version"]
    return {
        "application": version if given.source else f"sandbox ({version})",
        "debian": given.release,
        "web server": given.web_server,
        "database": " with ".join([given.engine, *([given.pooler] if given.pooler != "none" else [])]),
        "usual database": given.usual_engine or given.engine,
        "cores": len(os.sched_getaffinity(0)),
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def main(arguments: Sequence[str]) -> None:
    """Run it."""
    given = parser().parse_args(arguments)
    wanted = chosen(given.groups)
    with tempfile.TemporaryDirectory() as name:
        inventory = Path(name) / "inventory"
        hosts.up(
            given.host, release=given.release, fresh=True, inventories=[inventory / "hosts.json"], groups=["miclinik"]
        )
        try:
            bench = setups.Bench(TestHost(given.host), inventory)
            bench.served["ours"] = setups.ours(
                bench, setups.variables(given.source, given.engine, given.pooler, given.web_server)
            )
            made = {what: secrets.token_hex(20) for what in SECRETS}
            bench.served["usual"] = setups.usual(bench, given.usual_engine or given.engine, made)
            setups.alike(bench, figures.PATHS)
            for served in bench.served.values():
                for path in figures.PATHS:
                    load.run(served, path, seconds=1, connections=figures.CONNECTIONS)
            rows = measured(bench, wanted)
            about = circumstances(given, bench)
        finally:
            if not given.keep:
                hosts.down([given.host])
    given.json.parent.mkdir(parents=True, exist_ok=True)
    document = about | {"figures": [row.document() for row in rows]}
    given.json.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    print(", ".join(f"{name} {value}" for name, value in about.items()))
    print(table.text(rows))


if __name__ == "__main__":
    main(sys.argv[1:])
