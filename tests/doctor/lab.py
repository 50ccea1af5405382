# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A converged host that is as it was for every fault: commands on it, the examination, and playbooks for it."""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.examination import Examination

from testhost import engine, hosts, image, inventory, locking, privileged
from tests.faults.bench import Bench, ssh_command
from tests.played import playbook

RECAP = re.compile(r"^\S+ +: ok=\d+ +changed=(\d+) +unreachable=(\d+) +failed=(\d+)", re.MULTILINE)
PATIENCE = 600.0
RIGHTS = ["produit.lire", "produit.creer", "produit.supprimer", "societe.lire"]
#: The site that is broken, and one beside it to be mistaken for.
SITES: list[dict[str, Any]] = [
    {
        "name": "norte",
        "domain": "norte.example.org",
        "modules": ["societe", "product", "commande", "facture"],
        "tls": {"mode": "selfsigned"},
        "api": {"users": [{"login": "integration", "rights": RIGHTS}]},
        "company": {"name": "Norte"},
    },
    {"name": "sur", "domain": "sur.example.org", "source": {"type": "sandbox"}},
]


@dataclass
class Lab:
    """A host by its name, made once and kept as an image."""

    host: str
    folder: Path
    release: str
    source: Mapping[str, str]
    web_server: str
    engine: str
    #: Where the image is to be found again by the next run; without one it is made, and goes with the run.
    label: str = ""
    kept: str = ""
    ip: str | None = None
    bench: Bench = field(init=False)

    def prepare(self) -> None:
        """Make the host and keep it, or find the one that was kept."""
        with locking.machine_lock():
            engine.prepare()
        tag = image.snapshot(self.label or f"{self.host}-converged")
        if not (self.label and engine.podman("image", "exists", tag, check=False).returncode == 0):
            self._up("")
            output = self.playbook("playbooks/site.yml")
            if output.status:
                raise SystemExit(f"the first run ended with {output.status}:\n{output.text[-4000:]}")
            # For clocks, which containers share; and what a library of the picture's does not know is not there yet.
            self.run_inside("apt-get -qq update; apt-get -qq -y --no-install-recommends install libfaketime faketime")
            self.ip = hosts.get(self.host).ip
            hosts.take(self.host, self.label or f"{self.host}-converged")
        self.kept = tag
        self.reset()
        if self._as_in_the_picture():
            return
        # The names and the name server are those that this container has been given.
        if (again := self.playbook("playbooks/site.yml")).status:
            raise SystemExit(f"the run after the first ended with {again.status}:\n{again.text[-4000:]}")
        self.picture = self.shell("cat /var/lib/miclinik-picture/picture.json")
        # What that run has changed belongs to what the picture shows.
        self.ip = hosts.get(self.host).ip
        hosts.take(self.host, self.label or f"{self.host}-converged")

    def _as_in_the_picture(self) -> bool:
        seen, _ = self.examine()
        changes = seen.cases[0].host["changes"] if seen and seen.cases else ["no examination"]
        wrong = [entry.check for entry in seen.results if not entry.ok] if seen else []
        print(f"the host from its image: changes {changes}, red {wrong}", flush=True)
        return not changes and not wrong

    def _up(self, snapshot: str) -> None:
        (self.folder / "group_vars").mkdir(parents=True, exist_ok=True)
        sites = [{**SITES[0], "source": dict(self.source)}, SITES[1]]
        wanted = {
            "miclinik_sites": sites,
            "miclinik_web_server": self.web_server,
            "miclinik_database_engine": self.engine,
        }
        (self.folder / "group_vars/miclinik.json").write_text(json.dumps(wanted), encoding="utf-8")
        known = hosts.up(
            self.host,
            release=self.release,
            ip=self.ip,
            fresh=True,
            inventories=[self.folder / "hosts.json"],
            groups=["miclinik"],
            snapshot=snapshot,
        )
        self.ip = known.ip
        # The examination's way is that of playbooks; ours is open whatever a fault does to the network.
        self.starts += 1
        way = ssh_command(inventory.variables(known), self.sockets / f"mux{self.starts}")
        self.inside = privileged.as_root(engine.command(["exec", "-i", hosts.container_name(self.host), "sh", "-c"]))
        self.bench = Bench(way, known.ip, sites[0], self.web_server, self.engine)

    picture: str = ""
    starts: int = 0
    #: Not in the inventory's folder, of which Ansible reads every file.
    sockets: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="doctor")))
    inside: list[str] = field(default_factory=list)

    def reset(self) -> None:
        """Have the host as it was when it was proven to work."""
        self._up(self.kept)
        # SSH answers before the database's units are there.
        self.shell("systemctl is-system-running --wait")
        if self.picture:
            place = "/var/lib/miclinik-picture/picture.json"
            self.bench.shell(f"umask 077; cat > {place}", self.picture)
        self.bench.prepare()

    def shell(self, script: str, text: str = "") -> str:
        """Run a script as root on the host; return what it prints, whatever came of it."""
        return self.run_inside(script, text).stdout

    def run_inside(self, script: str, text: str = "", patience: float = 120.0) -> subprocess.CompletedProcess[str]:
        """Run a script of bash as root on the host."""
        words = [*self.inside, f"exec bash -c {_quoted(script)}"]
        try:
            return subprocess.run(
                words, input=text, capture_output=True, text=True, errors="replace", check=False, timeout=patience
            )
        except subprocess.TimeoutExpired:
            return subprocess.CompletedProcess(words, 124, "", f"no end within {patience:g} s")

    def examine(self) -> tuple[Examination | None, float]:
        """What the doctor finds now, and the seconds that it took."""
        started = time.monotonic()
        try:
            seen = self.bench.examine()
        except (AssertionError, ValueError) as error:
            print(f"    the examination itself failed: {str(error)[-400:]}", flush=True)
            seen = None
        return seen, time.monotonic() - started

    def playbook(self, name: str, *more: str) -> Played:
        """Run one of the playbooks with the host's inventory."""
        try:
            done = playbook("-i", str(self.folder), name, *more, patience=PATIENCE)
        except subprocess.TimeoutExpired:
            return Played(124, 0, f"no end within {PATIENCE:g} s")
        recap = RECAP.findall(done.stdout)
        return Played(done.returncode, sum(int(found[0]) for found in recap), done.stdout + done.stderr)

    def forget(self) -> None:
        """Take the host away, and the image where nobody asked for it to stay."""
        hosts.down([self.host])
        if not self.label and self.kept:
            image.forget([self.kept])


@dataclass(frozen=True)
class Played:
    """How a run of a playbook ended."""

    status: int
    changed: int
    text: str


def _quoted(script: str) -> str:
    return "'" + script.replace("'", "'\"'\"'") + "'"
