# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The two set-ups on one host: a site by our playbook, and beside it what people set up by hand."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from demo import access
from tests.bench.host import Served, TestHost

ROOT = Path(__file__).parents[2]
LOGIN = "integration"
MODULES = ("societe", "product", "commande", "facture")
RIGHTS = ("societe.lire", "produit.lire", "produit.creer", "commande.lire", "facture.lire")
#: Lets a user who is no administrator read /setup/modules.
CONSTANTS = {"API_LOGINS_ALLOWED_FOR_GET_MODULES": LOGIN}
PRODUCT = {"ref": "BENCH", "label": "What a benchmark reads"}
SITE = "norte"
USUAL_PORT = 8080
USUAL_RUN = "/run/usual"
USUAL_ROOT = "/usr/share/webapps/miclinik"
RECAP = re.compile(r"^\S+ +: ok=\d+ +changed=(\d+) +unreachable=0 +failed=0", re.MULTILINE)


@dataclass
class Bench:
    """The host, the inventory of ours, and what is served, by the name of its set-up: ``ours`` and ``usual``."""

    host: TestHost
    inventory: Path
    served: dict[str, Served] = field(default_factory=dict)

    def want(self, variables: Mapping[str, Any]) -> None:
        """Have the inventory say ``variables`` of the host."""
        file = self.inventory / "group_vars/miclinik.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(variables), encoding="utf-8")

    def playbook(self, *words: str, name: str = "site") -> int:
        """Run a playbook of ours; return how much it changed, stop with its output when it fails."""
        done = subprocess.run(
            [
                Path(sys.executable).parent / "ansible-playbook",
                "--inventory",
                self.inventory,
                f"playbooks/{name}.yml",
                *words,
            ],
            cwd=ROOT,
            env={**os.environ, "ANSIBLE_FORCE_COLOR": "0"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        recap = RECAP.search(done.stdout)
        if done.returncode or not recap:
            raise SystemExit(f"playbooks/{name}.yml ended with {done.returncode}\n{done.stdout[-6000:]}")
        return int(recap[1])


def variables(source: str, engine: str, pooler: str = "none", server: str = "nginx") -> dict[str, Any]:
    """Return what the inventory of ours says of the host."""
    site = {
        "name": SITE,
        "domain": f"{SITE}.example.org",
        "source": {"type": "directory", "path": source} if source else {"type": "sandbox"},
        "modules": list(MODULES),
        "constants": CONSTANTS,
        "api": {"users": [{"login": LOGIN, "rights": list(RIGHTS)}]},
    }
    return {
        "miclinik_sites": [site],
        "miclinik_web_server": server,
        "miclinik_database_engine": engine,
        "miclinik_database_pooler": pooler,
        # Where the usual set-up, which comes later, is called.
        "baseline_firewall_open": [{"port": str(USUAL_PORT)}],
    }


def ours(bench: Bench, wanted: Mapping[str, Any]) -> Served:
    """Set the site up by our playbook, with an inventory that says ``wanted``."""
    bench.want(wanted)
    bench.playbook()
    (site,) = access.sites([str(bench.inventory)])
    return Served("ours", bench.host, 80, f"{SITE}.example.org", site.users[LOGIN]["key"])


def usual(bench: Bench, engine: str, secrets: Mapping[str, str]) -> Served:
    """Set the same application up beside it, as its document and Debian have it.

    Its Nginx, PHP-FPM and database server are processes of their own, with the document's and with Debian's
    configuration, so that nothing of ours is in them. ``engine`` may be another one than ours.
    """
    host = bench.host
    folder = Path(__file__).parent / "usual"
    host.write("/etc/usual/nginx.conf", (folder / "nginx.conf").read_text("utf-8"))
    settings = {
        "SITE": SITE,
        "ROOT": USUAL_ROOT,
        "PORT": str(USUAL_PORT),
        "ENGINE": engine,
        "PASSWORD": secrets["database"],
        "INSTANCE": secrets["instance"],
        "RUN": USUAL_RUN,
    }
    assigned = "".join(f"{name}={value}\n" for name, value in settings.items())
    # By standard input: a script that holds a password is nothing for a list of processes.
    # Where ours is Apache's the host has no Nginx.
    host.run(
        "command -v nginx >/dev/null || { apt-get -qq install -y --no-install-recommends nginx-core >/dev/null; "
        "systemctl disable --now nginx; }"
    )
    host.run("exec bash -euo pipefail -s", assigned + (folder / "setup.sh").read_text("utf-8"))
    _bridge(host, {"login": "admin", "password": secrets["administrator"]}, "install")
    user = {"login": LOGIN, "lastname": LOGIN, "rights": RIGHTS, "key": secrets["key"], "password": secrets["user"]}
    orders = [
        {"command": "module enable", "args": {"names": ["api", *MODULES]}},
        {
            "command": "company ensure",
            "args": {"name": "Usual", "country": "ES", "currency": "EUR", "language": "es_ES"},
        },
        *({"command": "constant set", "args": {"name": key, "value": value}} for key, value in CONSTANTS.items()),
        {"command": "user ensure", "args": user},
    ]
    _bridge(host, orders, "batch")
    return Served("usual", host, USUAL_PORT, "miclinik.localhost", secrets["key"])


def _bridge(host: TestHost, given: object, command: str) -> None:
    """Speak to the application of the usual set-up, through its own classes."""
    words = (
        f"systemd-run --quiet --pipe --wait --property=BindPaths={USUAL_RUN}:/run/mysqld "
        f"/usr/local/sbin/miclinik-bridge --root {USUAL_ROOT} --user www-data --stdin {command}"
    )
    answer = json.loads(host.run(f"{words} || true", json.dumps(given)))  # its answer says what went wrong
    if not answer["ok"]:
        raise SystemExit(f"the usual set-up: {command}: {answer['error']}")


def alike(bench: Bench, paths: tuple[str, ...]) -> None:
    """Give both the product that is read, and make sure that they do the same work: stop when they answer otherwise."""
    for served in bench.served.values():
        number = served.call("/products", PRODUCT)
        if int(number) != 1:
            raise SystemExit(f"{served.name}: the first product should have the number 1; it has {number}")
    for path in paths:
        one, other = (shape(served.call(path)) for served in bench.served.values())
        if one != other:
            raise SystemExit(f"{path}: both should answer with the same things; they answer {one} and {other}")


def shape(answer: object) -> object:
    """Return what an answer is made of: the names in it, and what lists hold."""
    if isinstance(answer, dict):
        return {name: shape(value) for name, value in sorted(answer.items()) if isinstance(value, dict)} | {
            "": sorted(answer)
        }
    return sorted(answer) if isinstance(answer, list) else None
