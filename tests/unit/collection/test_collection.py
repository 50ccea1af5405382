# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The collection names what it uses, requirements.txt brings that, and what is built is what git knows."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import ansible_collections
import pytest
import yaml
from ansible_collections.miclinik.hosting.plugins.plugin_utils.controller import ansible_version

from tests.controllers import test_versions

ROOT = Path(__file__).parents[3]
GALAXY = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))
#: Written with a dot and two words, and no module: keys of systemd, of Python packages and of host names are not.
USED = re.compile(r"\b((?:ansible|community)\.\w+)\.\w+")
#: Named by roles, playbooks and plugins: ansible-core brings the one, and the other is no collection.
NO_DEPENDENCY = {"ansible.builtin"}
PYTHON = re.compile(r"^\s*(?:from|import) ansible\.")
#: What whoever installs the collection gets. The rest belongs to a clone.
BUILT = {
    *("CHANGELOG.md", "LICENSE", "README.md"),
    *("docs", "meta", "playbooks", "plugins", "roles", "sandbox", "templates"),
}
NOT_BUILT = ("docs/adding", "docs/architecture.md", "docs/generate.py", "docs/manual.py")
MADE = {"MANIFEST.json", "FILES.json"}
JUNK = (
    *(f"{folder}/x" for folder in (".ansible", ".cache", ".hypothesis", ".mypy_cache", ".pytest_cache", ".ruff_cache")),
    *(".venv/bin/python", "plugins/filter/__pycache__/x.pyc", "reports/x", "old-1.0.0.tar.gz"),
    *("plugins/.ruff_cache/x", "roles/nginx/.mypy_cache/x", "templates/nginx/.site.conf.j2.swp", "docs/faults.md~"),
    *("inventories/demo/hosts.json", "inventories/mine/secret.yml", "tools/x"),
)


def _dotted(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(".")[:3])


def _floor(collection: str) -> tuple[int, ...]:
    asked = re.match(r">=(\d+\.\d+\.\d+)(,<\d|$)", GALAXY["dependencies"][collection])
    assert asked
    return _dotted(asked[1])


def _used() -> set[str]:
    """Return the collections that roles, playbooks, templates and plugins call."""
    found = set()
    for folder in ("roles", "playbooks", "plugins", "templates"):
        for file in (ROOT / folder).rglob("*"):
            if file.suffix in {".yml", ".py", ".j2"}:
                lines = file.read_text(encoding="utf-8").splitlines()
                found |= {name for line in lines if not PYTHON.match(line) for name in USED.findall(line)}
    return found


def test_galaxy_names_every_collection_that_is_used() -> None:
    used = _used()
    assert "ansible.builtin" in used
    assert used - NO_DEPENDENCY == set(GALAXY["dependencies"])


@pytest.mark.parametrize("collection", sorted(GALAXY["dependencies"]))
def test_the_requirements_bring_what_galaxy_asks_for(collection: str) -> None:
    manifests = [Path(place, *collection.split("."), "MANIFEST.json") for place in ansible_collections.__path__]
    installed = next(json.loads(file.read_text(encoding="utf-8")) for file in manifests if file.exists())
    there = _dotted(installed["collection_info"]["version"])
    assert there >= _floor(collection)
    ceiling = re.search(r",<(\d+\.\d+\.\d+)$", GALAXY["dependencies"][collection])
    assert not ceiling or there < _dotted(ceiling[1])


def test_an_execution_environment_gets_what_the_plugins_call() -> None:
    about = yaml.safe_load((ROOT / "meta" / "execution-environment.yml").read_text(encoding="utf-8"))
    assert about == {"version": 1, "dependencies": {"python": "meta/requirements.txt", "system": "meta/bindep.txt"}}
    asked = re.findall(r"(?m)^(\w+)>=", (ROOT / "meta" / "requirements.txt").read_text(encoding="utf-8"))
    bindep = (ROOT / "meta" / "bindep.txt").read_text(encoding="utf-8")
    assert set(re.findall(r"(?m)^(\w+) \[", bindep)) == {"git"}
    with_core = {"ansible", "ansible_collections", "cryptography", "jinja2", "packaging", "yaml"}
    with_requests = {"idna", "requests", "urllib3"}
    roots = set()
    for file in (ROOT / "plugins").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                roots |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                roots.add(str(node.module).partition(".")[0])
    assert roots - sys.stdlib_module_names - with_core == with_requests
    assert asked == ["requests"]


def test_the_oldest_ansible_is_the_same_everywhere() -> None:
    floor = ".".join(map(str, ansible_version.OLDEST))
    runtime = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))
    assert runtime == {"requires_ansible": f">={floor}.0"}
    assert ansible_version.TESTED[0] == floor
    assert sorted(test_versions.RELEASES) == list(ansible_version.TESTED)
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"ansible-core {floor} or newer" in readme
    assert f"tested: {', '.join(ansible_version.TESTED)}" in readme
    pinned = re.search(r"(?m)^ansible-core==(.+)$", (ROOT / "requirements.txt").read_text(encoding="utf-8"))
    assert pinned
    assert pinned[1] == version("ansible-core")
    assert not ansible_version.refusal(pinned[1])


@pytest.mark.parametrize("old", ["2.9.27", "2.14.18", "2.18.19", "2.18.0rc1"])
def test_an_old_ansible_is_refused_with_the_mend(old: str) -> None:
    assert ansible_version.refusal(old) == (
        f"miclinik.hosting needs ansible-core 2.19 or newer, and this is {old}. Nothing on the host was changed."
        " To mend: install a newer one in a virtual environment (python3 -m venv .venv && .venv/bin/pip install"
        " 'ansible>=12'; it wants Python 3.11 or newer), and run .venv/bin/ansible-playbook."
        " Tested are 2.19, 2.20, 2.21"
    )


@pytest.mark.parametrize("new", ["2.19.0", "2.19.0b1", "2.21.5", "2.100.0", "3.0.0.dev0"])
def test_a_newer_ansible_is_taken(new: str) -> None:
    assert ansible_version.refusal(new) == ""


@pytest.fixture(scope="module")
def tracked() -> set[str]:
    said = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return {name for name in said.split("\0") if name}


@pytest.fixture(scope="module")
def archive(tracked: set[str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[tarfile.TarFile]:
    """Return what is built of a clone in which tools have left things."""
    folder = tmp_path_factory.mktemp("build")
    clone = folder / "clone"
    for name in tracked:
        (clone / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, clone / name, follow_symlinks=False)
    for name in JUNK:
        (clone / name).parent.mkdir(parents=True, exist_ok=True)
        (clone / name).write_text("left by a tool", encoding="utf-8")
    subprocess.run(
        [Path(sys.executable).parent / "ansible-galaxy", "collection", "build", "--output-path", folder, clone],
        env={"HOME": str(folder), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        check=True,
    )
    (file,) = folder.glob("*.tar.gz")
    with tarfile.open(file) as packed:
        yield packed


def test_what_is_built_is_for_those_who_install_it(tracked: set[str], archive: tarfile.TarFile) -> None:
    members = archive.getmembers()
    assert {entry.name.partition("/")[0] for entry in members} == BUILT | MADE
    expected = {name for name in tracked if name.partition("/")[0] in BUILT and not name.startswith(NOT_BUILT)}
    assert {entry.name for entry in members if not entry.isdir()} == expected | MADE
    # No empty folder either, of something that was left out.
    assert {entry.name for entry in members if entry.isdir()} == {
        str(parent) for name in expected for parent in Path(name).parents if str(parent) != "."
    }


def test_pages_that_are_built_lead_to_what_is_built(archive: tarfile.TarFile) -> None:
    names = {entry.name for entry in archive.getmembers()}
    pages = sorted(name for name in names if name.endswith(".md"))
    assert {"README.md", "docs/faults.md", "roles/php/README.md"} <= set(pages)
    astray = set()
    for page in pages:
        file = archive.extractfile(page)
        assert file
        for link in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", file.read().decode()):
            if "://" not in link and os.path.normpath(f"{Path(page).parent}/{link}") not in names:
                astray.add((page, link))
    assert astray == set()
