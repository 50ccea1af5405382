# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Deploy under traffic, and see who notices: ``python -m tests.bench.deployments [--source TREE]``.

It ends with 1 where one call failed, or took more than a second.
"""

from __future__ import annotations

import argparse
import copy
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from demo import access
from testhost import hosts
from tests import certificates
from tests.bench import setups
from tests.bench.host import TestHost
from tests.bench.traffic import Call, Place, Traffic

#: Seconds that a call may take while something is deployed.
SLOW = 1.0
#: Seconds of traffic before and after each run.
AROUND = 3.0
DOMAIN = f"{setups.SITE}.example.org"

Variables = dict[str, Any]


def main(arguments: Sequence[str]) -> int:
    """Lay a site, deploy, print a table; return an exit code."""
    given = _parser().parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tree = folder / "tree"
        shutil.copytree(given.source or setups.ROOT / "sandbox", tree, symlinks=True)
        inventory = folder / "inventory"
        hosts.up(
            given.host, release=given.release, fresh=True, inventories=[inventory / "hosts.json"], groups=["miclinik"]
        )
        try:
            return _deploy(setups.Bench(TestHost(given.host), inventory), tree, given)
        finally:
            if not given.keep:
                hosts.down([given.host])


def _parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="python -m tests.bench.deployments", description=__doc__)
    top.add_argument("--source", default="", help="a tree of the real application, in place of the sandbox")
    top.add_argument("--web-server", default="nginx", choices=["nginx", "apache"])
    top.add_argument("--engine", default="mariadb", choices=["mariadb", "postgresql"])
    top.add_argument("--pooler", default="none", choices=["none", "pgbouncer"])
    top.add_argument("--release", default="bookworm", help="of Debian")
    top.add_argument("--rate", type=float, default=8, help="calls a second, of each of four kinds")
    top.add_argument("--host", default="bench-deployments", help="name of the test host, which is made anew")
    top.add_argument("--keep", action="store_true", help="leave the host for a look")
    return top


def _deploy(bench: setups.Bench, tree: Path, given: argparse.Namespace) -> int:
    wanted = setups.variables(str(tree), given.engine, given.pooler, given.web_server)
    files = tree.parent / "certificates"
    _certificate(files)
    wanted["smoke_ca_path"] = wanted["smoke_timer_ca_path"] = str(files / "authorities.pem")
    wanted["miclinik_sites"][0]["tls"] = {
        "mode": "provided",
        "certificate": str(files / "certificate.pem"),
        "key": str(files / "key.pem"),
    }
    bench.want(wanted)
    bench.playbook()
    (site,) = access.sites([str(bench.inventory)])
    key = site.users[setups.LOGIN]["key"]
    bad = 0
    print(
        f"| deployed ({given.web_server}) | changed | calls | failed | slowest | median |\n| - | - | - | - | - | - |",
        flush=True,
    )
    with Traffic([Place(bench.host.ip, DOMAIN, key)], given.rate) as traffic:
        _first_product(traffic)
        for what, change in _changes(wanted, tree, files):
            change()
            bench.want(wanted)
            began = time.monotonic()
            time.sleep(AROUND)
            changed = bench.playbook()
            time.sleep(AROUND)
            calls = traffic.between(began, time.monotonic())
            bad += _tell(what, changed, calls)
    return 1 if bad else 0


def _first_product(traffic: Traffic) -> None:
    """Wait until there is a product to be read."""
    until = time.monotonic() + 30
    while not any(call.kind == "POST" and not call.wrong for call in traffic.calls):
        if time.monotonic() > until:
            raise SystemExit(f"no product could be written: {Counter(call.wrong for call in traffic.calls)}")
        time.sleep(0.2)
    time.sleep(1)


def _changes(wanted: Variables, tree: Path, files: Path) -> Iterator[tuple[str, Callable[[], object]]]:
    """Yield what is deployed, one after the other: its name, and what makes it so."""
    site = wanted["miclinik_sites"][0]
    yield "nothing", lambda: None
    yield "constants", lambda: site["constants"].update(MAIN_SIZE_LISTE_LIMIT=50)
    yield "a setting of PHP", lambda: site.update(php={"memory_limit": "300M"})
    yield "more workers", lambda: site["php"].update(api_max_children=9)
    yield "a module", lambda: site["modules"].append("stock")
    yield "a user with a key", lambda: site["api"]["users"].append({"login": "second", "rights": ["produit.lire"]})
    yield "a new certificate", lambda: _certificate(files)
    yield "another name", lambda: site.update(aliases=[f"www.{DOMAIN}"])
    yield "a new release", lambda: _release(tree, "first")
    yield "a release and all of that", lambda: _all(site, tree, files)
    yield (
        "another site",
        lambda: wanted["miclinik_sites"].append(
            copy.deepcopy(site) | {"name": "sur", "domain": "sur.example.org", "tls": {"mode": "selfsigned"}}
        ),
    )


def _all(site: Variables, tree: Path, files: Path) -> None:
    _release(tree, "second")
    _certificate(files)
    site.update(aliases=[])
    site["php"].update(memory_limit="301M", api_max_children=8)
    site["constants"].update(MAIN_SIZE_LISTE_LIMIT=51)


def _certificate(files: Path) -> None:
    """Have a certificate of a new authority; the former ones stay known to who checks."""
    certificates.main(str(files), [DOMAIN, f"www.{DOMAIN}"])
    with (files / "authorities.pem").open("ab") as known:
        known.write((files / "ca.pem").read_bytes())


def _release(tree: Path, name: str) -> None:
    (next(iter(tree.glob("**/main.inc.php"))).parent / "robots.html").write_text(name, encoding="utf-8")


def _tell(what: str, changed: int, calls: Sequence[Call]) -> int:
    """Print a row, and what was noticed; return how many calls did."""
    failed = [call for call in calls if call.wrong]
    slow = [call for call in calls if not call.wrong and call.took > SLOW]
    took = sorted(call.took for call in calls)
    print(
        f"| {what} | {changed} | {len(calls)} | {len(failed)} | {took[-1] * 1000:.0f} ms "
        f"| {took[len(took) // 2] * 1000:.0f} ms |",
        flush=True,
    )
    for (kind, wrong), count in Counter((call.kind, call.wrong or "slow") for call in [*failed, *slow]).items():
        print(f"  {count} x {kind}: {wrong}", file=sys.stderr, flush=True)
    return len(failed) + len(slow)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
