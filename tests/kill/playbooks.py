# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Kill a run of every playbook at a random moment, and run it again: `make test-kill-playbooks`.

A site's years, with a clone beside it: changes, backups, other keys and passwords, an upgrade, a roll-back, a restore,
another name, a clone, its end. The run after the kill has to be green, site.yml after that may change nothing, and the
site has to have its rows, documents, id and keys.
"""

from __future__ import annotations

import json
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from testhost import hosts
from tests.kill import arguments
from tests.kill.newer import newer
from tests.kill.runs import Playbook, Run
from tests.kill.story import inside

NORTE: Mapping[str, Any] = {
    "name": "norte",
    "domain": "norte.example.org",
    "company": {"name": "Norte", "country": "ES"},
    "modules": ["societe", "product", "commande", "facture"],
    "api": {
        "users": [
            {"login": "integration", "rights": ["societe.lire", "societe.creer", "produit.lire", "produit.creer"]}
        ]
    },
}
STAGING: Mapping[str, Any] = {**NORTE, "name": "staging", "domain": "staging.example.org", "clone_of": "norte"}
#: What a clinic lives by.
KEPT = ("user", "user_rights", "societe", "product", "commande", "facture", "const")
#: What runs on the host and goes on when Ansible is killed: the next run is told to wait for it.
WAIT = "something is under way with the whole of it"
#: Before a playbook was run for the first time nobody knows how long it takes.
SECONDS = 60.0
_WRITE = r"""
key=$(python3 -c "
import json
print(json.load(open('/etc/miclinik/norte/secrets.json'))['users']['integration']['key'])")
for n in $(seq 30); do
  for what in 'thirdparties {"name": "Clinica '$n'", "client": "1", "code_client": "-1"}' \
              'products {"ref": "P'$n'", "label": "Venda '$n'", "price": "'$n'.5"}'; do
    curl -sSf -o /dev/null -H "DOLAPIKEY: $key" -H 'Content-Type: application/json' \
      --resolve norte.example.org:80:127.0.0.1 -d "${what#* }" http://norte.example.org/api/index.php/${what%% *}
  done
done
cd /srv/miclinik/norte/documents && mkdir -p produit/kept
head -c 3000000 /dev/urandom > produit/kept/scan.pdf
chown -R norte:norte produit
"""
_SEE = r"""
import hashlib, json, os, pathlib, subprocess, sys
sys.path.insert(0, "/usr/local/lib/miclinik/life/lib")
from ansible_collections.miclinik.hosting.plugins.module_utils.life import engines, proof
from ansible_collections.miclinik.hosting.plugins.module_utils.life.journal import Journal
from ansible_collections.miclinik.hosting.plugins.module_utils.life.places import Places
places = Places(sys.argv[2])
engine = engines.of(places)
rows = engine.rows(engine.login.database)
documents = places.documents("live")
secrets = json.loads((places.state / "secrets.json").read_text())
try:
    proof.prove(places)
    problem = ""
except proof.ProofError as error:
    problem = str(error)
print(json.dumps({
    "rows": {name: rows.get("llx_" + name) for name in sys.argv[1].split(",")},
    "documents": {str(file.relative_to(documents)): hashlib.sha256(file.read_bytes()).hexdigest()
                  for file in sorted(documents.glob("produit/**/*")) if file.is_file()},
    "id": secrets["instance_unique_id"],
    "key": secrets["users"]["integration"]["key"],
    "database_password": secrets["database_password"],
    "release": os.readlink(places.current),
    "closed": places.closed.exists(),
    "problem": problem,
}))
"""
#: An order of the host's that Ansible has left behind.
_AWAIT = r"""
units=$(for site in norte sur staging; do echo miclinik-change@$site miclinik-recover@$site; done)
while systemctl is-active $units | grep -q activating; do sleep 1; done
"""


@dataclass(frozen=True)
class Verb:
    """A playbook, its arguments, what the inventory says for it, and what of the site may be other afterwards."""

    name: str
    playbook: str
    more: tuple[str, ...] = ()
    wanted: Mapping[str, Any] = field(default_factory=dict)
    other: tuple[str, ...] = ()

    @property
    def site(self) -> str:
        """What the site is called afterwards."""
        return str(self.wanted.get("name", NORTE["name"]))


def verbs(older: Mapping[str, str], later: Mapping[str, str]) -> list[Verb]:
    """Return a site's years, in order: after the last one the first can follow."""
    now: dict[str, Any] = {"source": older}
    both: dict[str, Any] = {**now, "staging": True}
    changed: dict[str, Any] = {**now, "constants": {"MAIN_SIZE_LISTE_LIMIT": 50}, "php": {"api_max_children": 7}}
    return [
        Verb("site", "site", (), changed, ("const",)),
        Verb("backup", "backup", (), changed),
        Verb("rotate_keys", "rotate_keys", ("-e", "rotate_keys_grace=0"), changed, ("key",)),
        Verb("database-password", "rotate_keys", ("-e", "rotate_keys_database=true"), changed, ("database_password",)),
        Verb("upgrade", "upgrade", (), {**changed, "source": later}, ("release", "const", "user_rights")),
        Verb("rollback", "rollback", ("-e", "rollback_site=norte"), changed, ("release", "const", "user_rights")),
        Verb("restore", "restore", ("-e", "restore_site=norte"), changed, ("const",)),
        Verb(
            "rename", "rename", ("-e", "rename_from=norte", "-e", "rename_to=sur"), {**now, "name": "sur"}, ("const",)
        ),
        Verb("rename-back", "rename", ("-e", "rename_from=sur", "-e", "rename_to=norte"), now, ("const",)),
        Verb("first", "site", (), both, ("const",)),
        Verb("clone", "clone", ("-e", "clone_site=staging"), both),
        Verb("remove", "remove", ("-e", "remove_site=staging"), now),
    ]


@dataclass
class Years:
    """One host and what is known of its site."""

    folder: Path
    host: str
    seed: int
    variables: Mapping[str, Any]
    took: dict[str, float] = field(default_factory=dict)
    #: What the site is called now.
    site: str = str(NORTE["name"])

    @property
    def playbook(self) -> Playbook:
        """Runs of playbooks on it."""
        return Playbook(self.host, self.folder)

    def want(self, wanted: Mapping[str, Any]) -> None:
        """Have the inventory say it."""
        site = {name: value for name, value in wanted.items() if name != "staging"}
        sites = [{**NORTE, **site}]
        sites += [{**STAGING, "source": wanted["source"]}] if wanted.get("staging") else []
        text = json.dumps(
            {"miclinik_sites": sites, "miclinik_backup": {"repository": "/var/backups/kill"}} | {**self.variables}
        )
        (self.folder / "group_vars/miclinik.json").write_text(text, encoding="utf-8")

    def whole(self, verb: Verb) -> Run:
        """Run it to its end."""
        began = time.monotonic()
        run, _ = self.playbook.whole(f"playbooks/{verb.playbook}.yml", *verb.more)
        self.took[verb.name] = time.monotonic() - began
        return run

    def see(self) -> dict[str, Any]:
        """Return all that a clinic has there."""
        words = f"{','.join(KEPT)} {self.site}"
        found: dict[str, Any] = json.loads(inside(self.host, f"python3 -I - {words} <<'END'\n{_SEE}\nEND"))
        return found

    def kill(self, verb: Verb, chance: random.Random) -> tuple[str, list[str]]:
        """Kill a run of it and run it again; return where that was, and what was wrong."""
        self.want(verb.wanted)
        before = self.see()
        said = self.playbook.killed_after(
            chance.uniform(1.0, self.took.get(verb.name, SECONDS)), f"playbooks/{verb.playbook}.yml", *verb.more
        )
        run = self.whole(verb)
        if WAIT in run.output:
            said += ", goes on on the host"
            inside(self.host, _AWAIT)
            run = self.whole(verb)
        self.site = verb.site
        wrong = [] if run.green else [f"the run after it ended with {run.status}: {run.output[-1500:]}"]
        wrong += self.differing(before, verb)
        again, tasks = self.playbook.whole()
        if not again.green or again.changed:
            names = [task.name for task in tasks if task.what == "changed"]
            wrong.append(
                f"site.yml then changed {again.changed} {names}, status {again.status}: {again.output[-1500:]}"
            )
        return said, wrong

    def differing(self, before: Mapping[str, Any], verb: Verb) -> list[str]:
        """Return in what the site is not what it was before, beside what the playbook is for."""
        now = self.see()
        found = [f"it does not work: {now['problem']}"] if now["problem"] else []
        found += ["it is closed"] if now["closed"] else []
        found += [
            f"{name}: {before[name]}, now {now[name]}"
            for name in ("id", "key", "database_password", "release", "documents")
            if name not in verb.other and before[name] != now[name]
        ]
        return found + [
            f"rows of {name}: {rows}, now {now['rows'][name]}"
            for name, rows in before["rows"].items()
            if name not in verb.other and rows != now["rows"][name]
        ]


def main() -> int:
    """Run it; return how many kills left something behind."""
    parser = arguments.parser("python -m tests.kill.playbooks", "years")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--verbs", default="", help="these alone, of: site,backup,rotate_keys,…")
    given = parser.parse_args()
    print(f"seed {given.seed}: MICLINIK_SEED={given.seed} repeats it", flush=True)
    folder = Path(tempfile.mkdtemp())
    bad = 0
    try:
        inventory = folder / "inventory"
        (inventory / "group_vars").mkdir(parents=True)
        hosts.up(
            given.host, release=given.release, fresh=True, inventories=[inventory / "hosts.json"], groups=["miclinik"]
        )
        variables = {"miclinik_web_server": given.web_server, "miclinik_database_engine": given.engine}
        years = Years(inventory, given.host, given.seed, variables)
        older = {"type": "directory", "path": given.source} if given.source else {"type": "sandbox"}
        later = {"type": "directory", "path": given.newer} if given.newer else newer(folder)
        story = verbs(older, later)
        years.want({"source": older})
        first, _ = years.playbook.whole()
        if not first.green:
            raise SystemExit(f"the first run ended with {first.status}:\n{first.output[-6000:]}")
        inside(given.host, "apt-get -qq -y install curl >/dev/null 2>&1; " + _WRITE)
        chance = random.Random(given.seed)  # noqa: S311 (no secret)
        chosen = [verb for verb in story if not given.verbs or verb.name in given.verbs.split(",")]
        for number in range(given.kills):
            verb, began = chosen[number % len(chosen)], time.monotonic()
            said, wrong = years.kill(verb, chance)
            bad += bool(wrong)
            took = f"{time.monotonic() - began:.0f} s"
            print(f"{number + 1}/{given.kills} {'FAIL' if wrong else 'ok  '} {verb.name} {said} {took}", flush=True)
            for text in wrong:
                print(f"    {text}", flush=True)
    finally:
        hosts.down([given.host])
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{given.kills - bad} of {given.kills} kills were made good by the next run", flush=True)
    return bad


if __name__ == "__main__":
    sys.exit(min(main(), 1))
