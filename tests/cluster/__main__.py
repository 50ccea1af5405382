# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Two hosts and an arbiter, killed in turn while orders are written: ``python -m tests.cluster [--source TREE]``."""

from __future__ import annotations

import argparse
import functools
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import yaml

from testhost import engine, hosts, network
from tests.cluster.cost import cost
from tests.cluster.cuts import cut
from tests.cluster.deploy import certify, deploy, fail
from tests.cluster.faults import lose
from tests.cluster.jobs import Jobs, inside
from tests.cluster.load import Load
from tests.cluster.power import DOMAIN, Names, dies, returns
from tests.cluster.visits import visit

ROOT = Path(__file__).parents[2]
#: The last number of the balancers' own address: testhost gives hosts the lowest that is free.
FLOATING = 240
PARTS = ("balancer", "app", "database", "cache", "storage")
RIGHTS = [f"{module}.{what}" for module in ("societe", "commande") for what in ("lire", "creer")]


def main(arguments: Sequence[str]) -> int:
    """Set it up, run twice, kill; return an exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.cluster")
    parser.add_argument("--source", default="", help="a tree of the real application, in place of the sandbox")
    parser.add_argument("--release", default="bookworm")
    parser.add_argument("--web-server", default="nginx", choices=["nginx", "apache"])
    parser.add_argument("--three", action="store_true", help="three hosts with everything, and no arbiter")
    parser.add_argument("--rate", type=float, default=10, help="writes a second")
    parser.add_argument("--ticks", type=int, default=100, help="how often a scheduled job is due")
    parser.add_argument("--parts", default="visit kill cut tick back-up faults cost deploy fail", help="what is tried")
    parser.add_argument("--keep", action="store_true", help="leave the hosts, and find them again")
    parser.add_argument("--name", default="cluster", help="how the names of the hosts begin")
    given = parser.parse_args(arguments)
    everybody = [f"{given.name}-{letter}" for letter in "abc"]
    names = Names(everybody, everybody if given.three else everybody[:2])
    with tempfile.TemporaryDirectory() as folder:
        inventory = Path(folder)
        file = inventory / "hosts.json"
        try:
            up = [
                hosts.up(name, release=given.release, fresh=not given.keep, inventories=[file], groups=["miclinik"])
                for name in names.all
            ]
            floating = _free(up[0].ip)
            _write(inventory, {record.name: record.ip for record in up}, given, floating)
            _converge(inventory, "--check", changed=True)
            _converge(inventory, changed=True)
            _converge(inventory, changed=False)
            addresses = [hosts.get(name).ip for name in names.serving]
            loaded = functools.partial(_load, names, floating, inventory, given.rate)
            again = functools.partial(_run, inventory)
            parts: dict[str, Callable[[], int]] = {
                "visit": lambda: visit(names, floating, str(inventory / "authority.pem")),
                "kill": lambda: _strike(names, loaded()),
                "cut": lambda: _cut(names, loaded()),
                "tick": lambda: _tick(names, given.ticks),
                "back-up": lambda: _back_up(names),
                "faults": lambda: lose(names.serving, loaded()),
                "cost": lambda: cost(names.all, addresses, floating, DOMAIN, _key(names)),
                "deploy": lambda: deploy(inventory, names.serving, loaded(), again),
                "fail": lambda: fail(inventory, names.serving, loaded(), again),
            }
            return sum(parts[name]() for name in given.parts.split())
        finally:
            if not given.keep:
                hosts.down(names.all)


def _free(beside: str) -> str:
    """Return an address in the network of the host ``beside`` that no host has."""
    floating = str(network.subnet_of(beside)[FLOATING])
    if floating in {str(found["Labels"].get(engine.LABEL_IP)) for found in engine.containers()}:
        raise SystemExit(f"{floating} is the address of a test host. See: python3 -m testhost list")
    return floating


def _write(folder: Path, addresses: dict[str, str], given: argparse.Namespace, floating: str) -> None:
    """Write the inventory of the shape: all in two hosts, and the third one votes, or all in all of them."""
    serving = list(addresses)[: 3 if given.three else 2]
    groups = {f"miclinik_{part}": {"hosts": dict.fromkeys(serving)} for part in PARTS}
    groups["miclinik_arbiter"] = {"hosts": dict.fromkeys(name for name in addresses if name not in serving)}
    site = {
        "name": "norte",
        "domain": DOMAIN,
        "port": 8080,
        "source": {"type": "directory", "path": given.source} if given.source else {"type": "sandbox"},
        "company": {"name": "Norte", "country": "ES"},
        "modules": ["societe", "product", "commande", "facture", "cron"],
        "database": {"host": "127.0.0.1", "port": 3307},
        "tls": certify(folder, DOMAIN),
        "proxy": {"trusted": [addresses[name] for name in serving]},
        "api": {"users": [{"login": "integration", "rights": [*RIGHTS, "societe.client.voir"]}]},
    }
    backup = {"repository": "/mnt/backup"}
    sites = {
        "miclinik_sites": [site],
        "miclinik_backup": backup,
        "miclinik_web_server": given.web_server,
        "cluster_floating_address": f"{floating}/24",
    }
    everything = {"all": {"children": {"miclinik": {"children": groups, "vars": sites}}}}
    (folder / "groups.yml").write_text(yaml.safe_dump(everything), encoding="utf-8")


def _run(inventory: Path, *options: str) -> tuple[int, str]:
    command = ["ansible-playbook", "-i", str(inventory / "hosts.json"), "-i", str(inventory / "groups.yml")]
    command += [str(ROOT / "playbooks" / "site.yml"), *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def _converge(inventory: Path, *options: str, changed: bool) -> None:
    began = time.monotonic()
    code, said = _run(inventory, *options)
    recap = said[said.rfind("PLAY RECAP") :]
    if code or (not changed and set(re.findall(r"changed=(\d+)", recap)) != {"0"}):
        raise SystemExit(said)
    counts = re.findall(r"changed=(\d+)", recap)
    print(
        f"{' '.join(['site.yml', *options])}: {time.monotonic() - began:.0f} s, changed {', '.join(counts)}", flush=True
    )


def _key(names: Names) -> str:
    secrets = json.loads(inside(names.all[0], "cat", "/etc/miclinik/norte/secrets.json"))
    return str(secrets["users"]["integration"]["key"])


def _load(names: Names, floating: str, inventory: Path, rate: float) -> Load:
    return Load(floating, DOMAIN, _key(names), rate, str(inventory / "authority.pem"))


def _strike(names: Names, load: Load) -> int:
    rows: list[tuple[str, float, dict[str, int]]] = []
    with load:
        time.sleep(15)
        for name in names.all:
            for what, act in (("killed", dies), ("back", returns)):
                began = time.monotonic()
                act(name, names)
                time.sleep(30 if what == "killed" else 15)
                now = time.monotonic()
                rows.append((f"{name} {what}", load.seen.gap(began, now), load.seen.failures(began, now)))
                print(f"{rows[-1][0]}: longest gap {rows[-1][1]:.1f} s, failed {rows[-1][2]}", flush=True)
    return _judge(load)


def _cut(names: Names, load: Load) -> int:
    with load:
        time.sleep(15)
        cut(names, load)
    return _judge(load)


def _judge(load: Load) -> int:
    there, seen = load.refs(), load.seen
    lost = sorted(set(seen.orders) - set(there))
    other = {identity: (ref, there.get(identity)) for identity, ref in seen.refs.items() if there.get(identity) != ref}
    final = [ref for ref in there.values() if not ref.startswith("(PROV")]
    double = sorted({ref for ref in final if final.count(ref) > 1})
    counts = f"{len(seen.good)} writes acknowledged, {len(seen.failed)} failed"
    print(f"{counts}; {len(seen.orders)} orders acknowledged, {len(there)} there")
    print(f"acknowledged and lost: {lost or 'none'}; other refs: {other or 'none'}; refs twice: {double or 'none'}")
    return int(bool(lost or other or double))


def _tick(names: Names, ticks: int) -> int:
    """Have a job due ``ticks`` times, while the application hosts die in turn and come back."""
    jobs = Jobs(names.serving)
    before = jobs.runs()
    for number in range(ticks):
        share = number * 8 // ticks
        dead = {1: names.all[0], 2: names.all[0], 5: names.all[1], 6: names.all[1]}.get(share)
        if dead in jobs.alive:
            jobs.alive.remove(dead)
            dies(dead, names)
        for name in names.serving:
            if name not in (*jobs.alive, dead):
                returns(name, names)
                jobs.alive.append(name)
        jobs.tick()
    ran = [count for _, count in jobs.ticks]
    slowest, runs = max(seconds for seconds, _ in jobs.ticks), jobs.runs() - before
    print(f"{ticks} ticks: {sum(ran)} runs told, {runs} counted, most of a tick {max(ran)}, slowest {slowest:.1f} s")
    return int(set(ran) != {1} or runs != ticks)


def _back_up(names: Names) -> int:
    """Have the first host, and no other, make a snapshot of the database and of all documents."""
    timers = [
        inside(name, "systemctl", "list-timers", "--all", "miclinik-backup@norte.timer") for name in names.serving
    ]
    said = inside(names.all[0], "miclinikctl", "norte", "backup", "run").strip()
    ask = "set -a; . /etc/miclinik-backup/environment; restic ls latest"
    there = set(inside(names.all[0], "sh", "-c", ask).splitlines())
    wanted = [f"/srv/documents/norte/{name}" for name in inside(names.all[1], "ls", "/srv/documents/norte").split()]
    missing = [name for name in [*wanted, "/var/lib/miclinik-sites/norte/backup/database.sql"] if name not in there]
    print(f"{said.splitlines()[-1:]}; missing: {missing or 'nothing'}")
    once = ["1 timers" in text for text in timers] == [True, *[False] * (len(timers) - 1)]
    return int(bool(missing) or not wanted or not once)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
