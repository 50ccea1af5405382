# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Build the collection, install it into the tree of an infrastructure repository, and run it from there by its name.

On the hosts that the clone has converged the installed collection must find nothing to change: as a playbook, as the
examples of the roles' pages call it, and each role alone. No role may see another one's variables here.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import yaml

Play = dict[str, Any]

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
#: Their examples ask for something else than the hosts have.
OTHERWISE = {
    *("alert", "apache", "baseline", "exporters", "fail2ban", "remove", "restore", "rollback"),
    *("rotate_keys", "smoke_timer"),
}
#: Their examples name a site, or a store, that no host here has.
ELSEWHERE = {"adopt", "backup", "clone", "rename"}
UNCHANGED = re.compile(r"^\S+ +: ok=\d+ +changed=0 +unreachable=0 +failed=0", re.MULTILINE)
ENDED_WELL = re.compile(r"^\S+ +: ok=\d+ +changed=\d+ +unreachable=0 +failed=0", re.MULTILINE)


def plays(roles: Iterable[str]) -> list[Play]:
    """Return the examples of ``roles``, and a play with each of them alone where the example has others before it."""
    found = []
    for role in sorted(roles):
        (example,) = yaml.safe_load(_main(role)["examples"])
        found += [example] if len(example["roles"]) == 1 else [example, example | {"roles": example["roles"][-1:]}]
    # What an earlier play has read of the host is forgotten: each role has to read what it needs.
    return [play | {"pre_tasks": [{"ansible.builtin.meta": "clear_facts"}]} for play in found]


def public_roles() -> set[str]:
    """Return the names of the roles that have an example."""
    return {folder.name for folder in (ROOT / "roles").iterdir() if "examples" in _main(folder.name)}


def _main(role: str) -> dict[str, Any]:
    text = (ROOT / "roles" / role / "meta/argument_specs.yml").read_text("utf-8")
    main: dict[str, Any] = yaml.safe_load(text)["argument_specs"]["main"]
    return main


def run(program: str, *arguments: str, folder: Path) -> str:
    """Run one of Ansible's programs in ``folder``, with no configuration but its own; return what it says."""
    configuration = folder / "ansible.cfg"
    configuration.write_text(f"[defaults]\ncollections_path = {folder}/collections\n", encoding="utf-8")
    done = subprocess.run(
        [str(BIN / program), *arguments],
        cwd=folder,
        env={
            **os.environ,
            "ANSIBLE_CONFIG": str(configuration),
            "ANSIBLE_FORCE_COLOR": "0",
            "ANSIBLE_PRIVATE_ROLE_VARS": "1",
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(
            f"{program} {arguments[0]} ended with {done.returncode}\n{done.stdout[-4000:]}{done.stderr[-4000:]}"
        )
    return done.stdout


def main(arguments: Sequence[str]) -> None:
    """Build, install and run; ``arguments`` are the inventories as for ansible-playbook."""
    files = [item.removeprefix("--inventory=") for item in arguments]
    inventories = [f"--inventory={(ROOT / file).absolute()}" for file in files]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run("ansible-galaxy", "collection", "build", str(ROOT), "--output-path", name, folder=folder)
        (archive,) = folder.glob("miclinik-hosting-*.tar.gz")
        # What it depends on comes with the package `ansible`.
        run(
            *("ansible-galaxy", "collection", "install", str(archive), "--no-deps"),
            *("--collections-path", str(folder / "collections")),
            folder=folder,
        )
        for file, roles in (("alike.yml", public_roles() - OTHERWISE - ELSEWHERE), ("otherwise.yml", OTHERWISE)):
            (folder / file).write_text(yaml.safe_dump(plays(roles)), encoding="utf-8")
        for playbook in ("miclinik.hosting.site", "alike.yml"):
            said = run("ansible-playbook", "--diff", playbook, *inventories, folder=folder)
            if not UNCHANGED.search(said):
                tasks = "\n".join(task.strip() for task in said.split("\nTASK ") if "\nchanged: [" in task)
                raise SystemExit(f"{playbook}, run from the installed collection, should change nothing:\n{tasks}")
        said = run("ansible-playbook", "--check", "--diff", "otherwise.yml", *inventories, folder=folder)
        if not ENDED_WELL.search(said):
            raise SystemExit(f"otherwise.yml, run from the installed collection, should end well:\n{said[-4000:]}")


if __name__ == "__main__":
    main(sys.argv[1:])
