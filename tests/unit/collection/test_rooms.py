# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The path of a plugin's code says where it runs, and its room imports upwards, as docs/architecture.md lists them."""

from __future__ import annotations

import ast
import re
from graphlib import TopologicalSorter
from pathlib import Path

from ansible_collections.miclinik.hosting.plugins.plugin_utils.controller import imports

ROOT = Path(__file__).parents[3]
PLUGINS = ROOT / "plugins"
LISTED = re.findall(
    r"^\| `((?:module|plugin)_utils/\w+)` \|", (ROOT / "docs/architecture.md").read_text(encoding="utf-8"), re.MULTILINE
)
FILES = sorted(file for place in ("module_utils", "plugin_utils") for file in (PLUGINS / place).rglob("*.py"))


def _room(file: Path) -> str:
    return file.parent.relative_to(PLUGINS).as_posix()


def _imported(file: Path) -> set[Path]:
    """Return what ``file`` imports of this collection by itself."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level == 1 and node.module:
            found.add(file.parent / f"{node.module}.py")
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"{imports.PACKAGE}."):
            words = str(node.module).removeprefix(f"{imports.PACKAGE}.").split(".")
            whole = PLUGINS.joinpath(*words).with_suffix(".py")
            found |= {whole} if whole.exists() else {PLUGINS.joinpath(*words, f"{a.name}.py") for a in node.names}
    return found


def test_every_file_is_in_a_room_that_is_listed() -> None:
    assert FILES
    assert {_room(file) for file in FILES} == set(LISTED)
    assert len(LISTED) == len(set(LISTED))


def test_what_is_imported_is_there() -> None:
    assert [str(target) for file in FILES for target in _imported(file) if not target.exists()] == []


def test_rooms_import_from_those_above_them() -> None:
    order = {room: place for place, room in enumerate(LISTED)}
    wrong = [
        f"{file.relative_to(PLUGINS)} imports {target.relative_to(PLUGINS)}"
        for file in FILES
        for target in _imported(file)
        if order[_room(target)] > order[_room(file)]
    ]
    assert wrong == []


def test_no_imports_go_in_circles() -> None:
    list(TopologicalSorter({file: _imported(file) for file in FILES}).static_order())  # raises CycleError


def test_what_travels_to_hosts_needs_nothing_of_the_controller() -> None:
    """Of a module that an action runs, too: Ansible sends a module without plugin_utils."""
    modules = [*(PLUGINS / "modules").glob("*.py"), *(PLUGINS / "module_utils").rglob("*.py")]
    names = [file.relative_to(PLUGINS).with_suffix("").as_posix().replace("/", ".") for file in modules]
    wrong = [name for name in names if any(file.startswith("plugin_utils") for file in imports.needed(name))]
    assert wrong == []


def test_the_tests_have_the_same_rooms() -> None:
    rooms = {room.partition("/")[2] for room in LISTED}
    #: The first is of the whole, the others test folders of their own.
    others = {"collection", "testhost", "bench"}
    found = {folder.name for folder in (ROOT / "tests/unit").iterdir() if any(folder.glob("test_*.py"))}
    assert found - others <= rooms
