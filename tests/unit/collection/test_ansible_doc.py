# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""ansible-doc finds a page for everything that can be called by name, and every page says since when."""

from __future__ import annotations

import importlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[3]
COLLECTION = "miclinik.hosting"
PACKAGE = "ansible_collections.miclinik.hosting.plugins.filter"


def _ansible_doc(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [Path(sys.executable).parent / "ansible-doc", *arguments],
        cwd=ROOT,
        env={**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".collections"), "ANSIBLE_NOCOLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def _stems(folder: str) -> set[str]:
    return {f"{COLLECTION}.{file.stem}" for file in (ROOT / "plugins" / folder).glob("*.py")}


def _filters() -> set[str]:
    files = sorted((ROOT / "plugins" / "filter").glob("*.py"))
    modules = [importlib.import_module(f"{PACKAGE}.{file.stem}") for file in files]
    return {f"{COLLECTION}.{name}" for module in modules for name in module.FilterModule().filters()}


def _roles() -> set[str]:
    return {f"{COLLECTION}.{folder.name}" for folder in (ROOT / "roles").iterdir() if folder.is_dir()}


#: What can be called, by ansible-doc's name for its kind.
CALLED = {"module": _stems("modules"), "lookup": _stems("lookup"), "filter": _filters(), "role": _roles()}


@pytest.fixture(scope="module")
def pages() -> dict[str, dict[str, Any]]:
    done = _ansible_doc("--metadata-dump", "--no-fail-on-errors", COLLECTION)
    assert done.returncode == 0, done.stderr
    found: dict[str, dict[str, Any]] = json.loads(done.stdout)["all"]
    return found


def test_no_kind_of_plugin_is_left_out() -> None:
    # An action has the name and the page of its module; of the others nobody calls anything by name.
    kinds = {folder.name for folder in (ROOT / "plugins").iterdir() if folder.is_dir() and folder.name[0] not in "._"}
    assert kinds == {"modules", "lookup", "filter", "action", "doc_fragments", "module_utils", "plugin_utils"}
    assert _stems("action") <= CALLED["module"]


@pytest.mark.parametrize("kind", CALLED)
def test_nothing_is_undocumented(kind: str, pages: dict[str, dict[str, Any]]) -> None:
    assert set(pages[kind]) == CALLED[kind]
    assert {name: page["error"] for name, page in pages[kind].items() if "error" in page} == {}


@pytest.mark.parametrize("kind", CALLED)
def test_every_page_can_be_read(kind: str) -> None:
    # What --json takes, such as a page without a description, may still fail here.
    done = _ansible_doc("--type", kind, *sorted(CALLED[kind]))
    assert (done.returncode, done.stderr) == (0, "")
    assert "UNDOCUMENTED" not in done.stdout
    assert len(re.findall(rf"^> {kind.upper()}\b", done.stdout, re.MULTILINE)) == len(CALLED[kind])


@pytest.mark.parametrize("kind", ["module", "lookup", "filter"])
def test_every_page_is_complete(kind: str, pages: dict[str, dict[str, Any]]) -> None:
    for name, page in pages[kind].items():
        assert {"short_description", "description", "options", "author", "version_added"} <= set(page["doc"]), name
        assert page["examples"].strip(), name
        assert page["return"], name


def _since(value: Any) -> Iterator[str]:  # noqa: ANN401 (any JSON)
    if isinstance(value, dict):
        yield from (str(found) for key, found in value.items() if key == "version_added")
        yield from (found for inner in value.values() for found in _since(inner))
    elif isinstance(value, list):
        yield from (found for inner in value for found in _since(inner))


def test_nothing_is_older_or_newer_than_it_can_be(pages: dict[str, dict[str, Any]]) -> None:
    # What CHANGELOG.md has no heading for is not released, and comes with the version that galaxy.yml is about to be.
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    released = re.findall(r"^## \[(\d+\.\d+\.\d+)\]", changelog, re.MULTILINE)
    coming = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["version"]
    ours = [pages[kind] for kind in CALLED]
    assert set(_since(ours)) <= {*released, coming}
