# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the verbs import has to travel to the host with them."""

from __future__ import annotations

import ast
from pathlib import Path

from ansible_collections.miclinik.hosting.plugins.module_utils.command_line import program

ROOM = "ansible_collections.miclinik.hosting.plugins.module_utils.command_line"
LIB = Path(__file__).parents[3] / "templates/command_line/lib"


def test_all_that_the_verbs_import_is_named() -> None:
    wanted = {
        alias.name
        for file in LIB.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module == ROOM
        for alias in node.names
    }
    assert "routes" in wanted
    assert {name for name in wanted if not hasattr(program, name)} == set()
