# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Flood a site on a test host, print what that leaves those who belong there, take the host away."""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from testhost import hosts
from tests.bench.guard import scenes, shares
from tests.bench.host import TestHost
from tests.bench.setups import Bench

SERVERS = ("nginx", "apache")
#: Where the programs that play are on the host, below the names by which they know each other.
PLACE = "/run/miclinik-bench"
PROGRAMS = ("crowd", "day")
#: What a day's traffic may be answered with.
FINE = {"200", "301", "302", "304"}
#: And what by its nature else: a page of 16.0.3 shows a flag that its tree does not have.
EXPECTED = {"no key": {"401"}, "dead key": {"401"}, "piece": {"404"}}
#: One address that guesses keys, longer than fail2ban takes to shut it out.
BANNED = {"kind": "wrong key", "connections": 50, "addresses": scenes.CROWD[:1]}
BAN_SECONDS = 15.0


def parser() -> argparse.ArgumentParser:
    """Return the command line."""
    top = argparse.ArgumentParser(prog="python -m tests.bench.guard", description=__doc__)
    top.add_argument("--source", default="", help="a tree of the real application, in place of the sandbox")
    top.add_argument("--servers", default=SERVERS, type=lambda text: tuple(text.split(",")))
    top.add_argument("--kinds", default=scenes.KINDS, type=lambda text: tuple(text.split(",")))
    top.add_argument("--connections", default=scenes.CONNECTIONS, type=_numbers)
    top.add_argument("--addresses", default=scenes.ADDRESSES, type=_numbers)
    top.add_argument("--seconds", default=4.0, type=float, help="of each measurement")
    top.add_argument("--no-ban", action="store_true", help="leave out what fail2ban does to a flood")
    top.add_argument("--engine", default="mariadb", choices=["mariadb", "postgresql"])
    top.add_argument("--release", default="bookworm", help="of Debian")
    top.add_argument("--host", default="bench-guard", help="name of the test host, which is made anew")
    top.add_argument("--json", type=Path, default=Path("reports/bench-guard.json"), help="file for the results")
    top.add_argument("--day", default=0.0, type=float, help="play a day's traffic for so many seconds, and no floods")
    top.add_argument("--people", default=30, type=int, help="who share an address in it")
    top.add_argument("--seed", default=20261127, type=int, help="of what they do")
    top.add_argument("--keep", action="store_true", help="leave the host for a look")
    return top


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in text.split(","))


def converge(bench: Bench, given: argparse.Namespace, server: str, *, ban: bool) -> dict[str, Any]:
    """Have the site served, and return its secrets."""
    file = bench.inventory / "group_vars/miclinik.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(scenes.variables(given.source, server, given.engine, ban=ban)), encoding="utf-8")
    bench.playbook()
    secrets: dict[str, Any] = json.loads(bench.host.run(f"cat /etc/miclinik/{scenes.SITE}/secrets.json"))
    return secrets


def play(bench: Bench, server: str, plan: dict[str, Any]) -> list[shares.Row]:
    """Play scenes, and return what was seen; keys go by standard input."""
    said = _run(bench, "crowd", plan)
    rows = [shares.Row(server, json.loads(line)) for line in said.splitlines()]
    for row in rows:
        print(" | ".join(shares.cells(row, rows)), file=sys.stderr, flush=True)
    return rows


def _run(bench: Bench, program: str, plan: dict[str, Any]) -> str:
    inside = f"cd {PLACE}; ip netns exec {scenes.SPACE} python3 -m tests.bench.guard.{program}"
    return bench.host.run(inside, json.dumps(plan))


def day(bench: Bench, given: argparse.Namespace) -> bool:
    """Play a day on each server with fail2ban on; print what was answered, return whether nobody was refused."""
    fine = True
    for server in given.servers:
        secrets = converge(bench, given, server, ban=True)
        plan = scenes.plan(secrets, [], given.day)
        plan |= {"people": given.people, "seed": given.seed}
        answers: dict[str, dict[str, int]] = json.loads(_run(bench, "day", plan))
        banned = bench.host.run("fail2ban-client banned")
        for who, seen in answers.items():
            fine &= seen.keys() <= FINE | EXPECTED.get(who, set())
            print(f"{server} | {who} | {', '.join(f'{number} x {status}' for status, number in sorted(seen.items()))}")
        print(f"{server} | banned | {banned.strip()}")
        fine &= not re.search(r"\d+\.\d+\.\d+\.\d+", banned)
    print(
        f"seed {given.seed}, {given.people} people, {given.day:.0f} s: {'nobody' if fine else 'somebody'} was refused"
    )
    return fine


def main(arguments: Sequence[str]) -> None:
    """Run it."""
    given = parser().parse_args(arguments)
    rows: list[shares.Row] = []
    banned: list[shares.Row] = []
    with tempfile.TemporaryDirectory() as folder:
        inventory = Path(folder) / "inventory"
        hosts.up(
            given.host, release=given.release, fresh=True, inventories=[inventory / "hosts.json"], groups=["miclinik"]
        )
        bench = Bench(TestHost(given.host), inventory)
        try:
            scenes.neighbour(bench.host)
            for name in PROGRAMS:
                text = Path(__file__).with_name(f"{name}.py").read_text(encoding="utf-8")
                bench.host.write(f"{PLACE}/tests/bench/guard/{name}.py", text)
            if given.day:
                sys.exit(not day(bench, given))
            for server in given.servers:
                secrets = converge(bench, given, server, ban=False)
                for number in given.connections:
                    floods = scenes.floods(given.kinds, [number], given.addresses)
                    rows += play(bench, server, scenes.plan(secrets, floods, given.seconds))
                if not given.no_ban:
                    secrets = converge(bench, given, server, ban=True)
                    plan = scenes.plan(secrets, [BANNED], BAN_SECONDS, scenes.ELSEWHERE)
                    banned += play(bench, server, plan)
        finally:
            if not given.keep:
                hosts.down([given.host])
    about = {
        "application": given.source or "sandbox",
        "debian": given.release,
        "database": given.engine,
        "cores": len(os.sched_getaffinity(0)),
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    given.json.parent.mkdir(parents=True, exist_ok=True)
    figures = {"floods": shares.document(rows), "with fail2ban": shares.document(banned)}
    given.json.write_text(json.dumps(about | figures, indent=2) + "\n", encoding="utf-8")
    print(", ".join(f"{name} {value}" for name, value in about.items()))
    print(shares.text(rows))
    if banned:
        print(f"\nWith fail2ban, {BAN_SECONDS:.0f} seconds:\n{shares.text(banned)}")


if __name__ == "__main__":
    main(sys.argv[1:])
