"""The command line."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from testhost import engine, hosts, image, inventory, needs, privileged, prune, record, ssh
from testhost.errors import HostError


def parser() -> argparse.ArgumentParser:
    """Return the command line's parser."""
    top = argparse.ArgumentParser(
        prog="python3 -m testhost", description="systemd Debian hosts in containers, for tests"
    )
    verbs = top.add_subparsers(dest="verb", required=True)

    verb = verbs.add_parser("up", help="start a host, or find it running; prints its connection as JSON")
    verb.add_argument("name")
    verb.add_argument("--release", choices=image.RELEASES, default="bookworm")
    verb.add_argument("--ip", help="a fixed address, for example 10.213.77.5")
    verb.add_argument("--fresh", action="store_true", help="replace a running host by a new one")
    verb.add_argument("--rebuild", action="store_true", help="make the image again")
    verb.add_argument("--inventory", type=Path, action="append", default=[], help="add the host to this inventory file")
    verb.add_argument("--group", action="append", default=[], help="put it into this group there")
    verb.set_defaults(run=_up)

    verb = verbs.add_parser("down", help="take hosts away")
    verb.add_argument("names", nargs="*")
    verb.add_argument("--all", action="store_true", help="all of yours")
    verb.set_defaults(run=_down)

    verb = verbs.add_parser("list", help="print your hosts as JSON")
    verb.set_defaults(run=_list)

    verb = verbs.add_parser("exec", help="run a command inside a host without SSH (-- before it)")
    verb.add_argument("name")
    verb.add_argument("command", nargs=argparse.REMAINDER)
    verb.set_defaults(run=_exec)

    verb = verbs.add_parser("ssh", help="log in to a host, or run a command over SSH")
    verb.add_argument("name")
    verb.add_argument("command", nargs=argparse.REMAINDER)
    verb.set_defaults(run=_ssh)

    verb = verbs.add_parser("inventory", help="print an inventory of hosts (all of yours when none is named)")
    verb.add_argument("names", nargs="*")
    verb.add_argument("--group", action="append", default=[])
    verb.set_defaults(run=_inventory)

    verb = verbs.add_parser("needs", help="install the Debian packages that this needs")
    verb.add_argument("packages", nargs="*", help="further packages, for the tests")
    verb.set_defaults(run=_needs)

    verb = verbs.add_parser("prune", help="remove images and networks; no host may be there")
    verb.set_defaults(run=_prune)
    return top


def _print(value: object) -> None:
    print(json.dumps(value, indent=2))


def _described(known: record.Record) -> dict[str, Any]:
    return {**asdict(known), "variables": inventory.variables(known), "ssh": ssh.command(known.name, known.ip)}


def _up(arguments: argparse.Namespace) -> int:
    host = hosts.up(
        arguments.name,
        release=arguments.release,
        ip=arguments.ip,
        fresh=arguments.fresh,
        rebuild=arguments.rebuild,
        inventories=arguments.inventory,
        groups=arguments.group,
    )
    _print(_described(host))
    return 0


def _down(arguments: argparse.Namespace) -> int:
    if bool(arguments.names) == arguments.all:
        raise HostError("names of hosts or --all", "both or neither", "python3 -m testhost down NAME")
    _print(hosts.down(list(hosts.states()) if arguments.all else arguments.names))
    return 0


def _list(_arguments: argparse.Namespace) -> int:
    answer = []
    for name, state in hosts.states().items():
        known = record.load(name)
        answer.append({"name": name, "state": state, **(asdict(known) if known else {})})
    _print(answer)
    return 0


def _exec(arguments: argparse.Namespace) -> int:
    words = [word for position, word in enumerate(arguments.command) if (position, word) != (0, "--")]
    inside = engine.command(["exec", "-i", hosts.container_name(arguments.name), *words])
    return subprocess.run(privileged.as_root(inside), check=False).returncode


def _ssh(arguments: argparse.Namespace) -> int:
    known = hosts.get(arguments.name)
    words = [word for position, word in enumerate(arguments.command) if (position, word) != (0, "--")]
    sys.stdout.flush()
    os.execvp("ssh", [*ssh.command(known.name, known.ip), *words])  # noqa: S606 - becomes ssh; no shell is wanted


def _inventory(arguments: argparse.Namespace) -> int:
    tree: dict[str, Any] = {}
    for name in arguments.names or record.names():
        inventory.add(tree, hosts.get(name), arguments.group)
    print(inventory.render(tree), end="")
    return 0


def _needs(arguments: argparse.Namespace) -> int:
    _print(needs.install(arguments.packages))
    return 0


def _prune(_arguments: argparse.Namespace) -> int:
    prune.everything()
    return 0


def main(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code."""
    parsed = parser().parse_args(arguments)
    try:
        code: int = parsed.run(parsed)
    except HostError as error:
        print(f"testhost: {error}", file=sys.stderr)
        return 1
    return code
