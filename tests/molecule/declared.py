# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Run every playbook with an inventory that declares every secret there is; nothing that is printed may hold one.

``PYTHONPATH=.collections python -m tests.molecule.declared --inventory FILE``

The site's playbook runs in check mode, then for real, so that what tests/hosts searches the hosts for afterwards are
these secrets. All playbooks, new ones too, then run in check mode. What a task prints that fails, see
tests/unit/collection/test_loops.py.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from demo import access
from tests.every_secret import declare, values
from tests.hosts.conftest import GROUP, inventory

ROOT = Path(__file__).parents[2]
SITE = "playbooks/site.yml"
#: What a playbook says that does not go with declared secrets, or wants one site named.
REFUSED = {
    "playbooks/adopt.yml": "adopt_site is '' and adopt_from is '': name a site of miclinik_sites",
    "playbooks/clone.yml": "clone_site is '', and has to name a site of miclinik_sites with 'clone_of'",
    "playbooks/remove.yml": "remove_site is '': name the site that is to go",
    "playbooks/rename.yml": "rename_from is '' and rename_to is '': name what the site is called on its host",
    "playbooks/restore.yml": "restore_site is '', and has to name one site of miclinik_sites",
    "playbooks/rollback.yml": "rollback_site is '', and has to name one site of miclinik_sites",
    "playbooks/rotate_keys.yml": "key is in the inventory, and the next run would bring it back.",
}


def runs() -> Iterator[list[str]]:
    """Yield the arguments of every run, in order."""
    yield [SITE, "--check", "--diff", "-vvv"]
    yield [SITE, "--diff", "-vvv"]
    # With all that Ansible can say: less of it holds nothing more.
    for playbook in sorted(file.relative_to(ROOT).as_posix() for file in (ROOT / "playbooks").glob("*.yml")):
        yield [playbook, "--check", "--diff", "-vvv"]


def main(arguments: Sequence[str]) -> None:
    """Run it on every host of the inventories in ``arguments``; exit with what was wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.molecule.declared")
    parser.add_argument("--inventory", action="append", required=True)
    sources = parser.parse_args(arguments).inventory
    listing = inventory(tuple(sources))
    for host in listing[GROUP]["hosts"]:
        sites = [declare(site) for site in listing["_meta"]["hostvars"][host]["miclinik_sites"]]
        for site in sites:
            # A site that is there has one, and another is refused. It was made, as those that test_scenarios.py seeks.
            del site["instance_unique_id"]
        wanted = set(values(sites))
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:  # nobody else can read it
            json.dump({"miclinik_sites": sites}, file)
            file.flush()
            for words in runs():
                _run([*words, "--limit", host, "--extra-vars", f"@{file.name}"], sources, wanted)
        # What follows wants the host as its own inventory says. On record all of them stay.
        _run([SITE, "--limit", host], sources, wanted)
        recorded = {secret for site in access.sites(sources) if site.host == host for secret in values(site.secrets)}
        if not wanted <= recorded:
            missing = len(wanted - recorded)
            raise SystemExit(f"{host} should have all {len(wanted)} declared secrets on record; it lacks {missing}")


def _run(words: Sequence[str], sources: Sequence[str], secrets: set[str]) -> None:
    done = subprocess.run(
        [Path(sys.executable).parent / "ansible-playbook", *(f"--inventory={source}" for source in sources), *words],
        cwd=ROOT,
        env={**os.environ, "ANSIBLE_FORCE_COLOR": "0"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    # Compared as a number, so that a failure prints no secret either.
    printed = sum(done.stdout.count(secret) for secret in secrets)
    if printed:
        raise SystemExit(f"{' '.join(words)} should print no secret, and printed {printed}")
    if refused := REFUSED.get(words[0]):
        if not done.returncode or refused not in " ".join(done.stdout.split()):
            raise SystemExit(f"{' '.join(words)} should end with: {refused}\n{done.stdout[-4000:]}")
    elif done.returncode:
        raise SystemExit(f"{' '.join(words)} should end well\n{done.stdout[-4000:]}")


if __name__ == "__main__":
    main(sys.argv[1:])
