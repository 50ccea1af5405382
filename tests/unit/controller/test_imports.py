# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A program on a host gets all of the collection that it imports, and no more."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from ansible_collections.miclinik.hosting.plugins.plugin_utils.controller import imports

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("import json\nfrom pathlib import Path\n", []),
        (f"from {imports.PACKAGE}.module_utils.room import other, third as alias\n", ["other", "third"]),
        (f"from {imports.PACKAGE}.module_utils.room.other import Thing\n", ["other"]),
        (f"import {imports.PACKAGE}.module_utils.room.other\n", ["other"]),
        # Inside of a function, and in a circle.
        (f"def late():\n    from {imports.PACKAGE}.module_utils.room.circle import me\n", ["circle", "other"]),
        ("from ansible_collections.community.general.plugins.module_utils import other\n", []),
    ],
)
def test_what_a_module_needs(tmp_path: Path, text: str, expected: list[str]) -> None:
    room = tmp_path / "module_utils/room"
    room.mkdir(parents=True)
    for name in ("other", "third", "unused"):
        (room / f"{name}.py").write_text("")
    circle = f"from {imports.PACKAGE}.module_utils.room import circle, other\nme = 1\n"
    (room / "circle.py").write_text(circle)
    (room / "entry.py").write_text(text)
    found = imports.needed("module_utils.room.entry", tmp_path)
    assert found == sorted(f"module_utils/room/{name}.py" for name in ["entry", *expected])


def _parsed(file: Path) -> set[str]:
    """Return what Python's own parser finds of our names in a file."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return {name.removeprefix(f"{imports.PACKAGE}.") for name in found if name.startswith(f"{imports.PACKAGE}.")}


def test_statements_are_found_as_python_finds_them() -> None:
    for file in imports.PLUGINS.glob("**/*.py"):
        expected = set()
        for name in _parsed(file):
            places = [imports.PLUGINS.joinpath(*words).with_suffix(".py") for words in _ways(name)]
            expected |= set([place for place in places if place.is_file()][:1])
        assert set(imports._imports(file, imports.PLUGINS)) == expected, file


def _ways(name: str) -> list[list[str]]:
    """Return a name as that of a module, and as that of something in one."""
    words = name.split(".")
    return [words, words[:-1]] if len(words) > 1 else [words]


def test_a_module_that_is_not_there() -> None:
    with pytest.raises(LookupError, match=r"there is no module module_utils\.nowhere in plugins/"):
        imports.needed("module_utils.nowhere")


def test_the_timer_needs_nothing_of_the_controller() -> None:
    needed = imports.needed("module_utils.smoke.watch")
    assert "module_utils/smoke/checks.py" in needed
    assert [file for file in needed if not file.startswith("module_utils/")] == []


def test_the_timers_program_runs_with_what_it_gets(tmp_path: Path) -> None:
    for file in imports.needed("module_utils.smoke.watch"):
        place = tmp_path / "lib" / imports.PACKAGE.replace(".", "/") / file
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(imports.PLUGINS / file, place)
    shutil.copy(ROOT / "templates/smoke/miclinik-smoke", tmp_path)
    done = subprocess.run(
        [sys.executable, "-I", tmp_path / "miclinik-smoke", tmp_path / "none.json"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "ModuleNotFoundError" not in done.stderr
    assert f"{tmp_path}/none.json" in done.stdout + done.stderr
