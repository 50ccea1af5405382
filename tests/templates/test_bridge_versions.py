# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The bridge reads the version of a tree by the same rule as the controller, and knows of versions what it does."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.application import versions

from tests.version_shapes import READABLE, UNREADABLE, write

from . import programs

SOURCES = Path(__file__).parents[2] / "templates/bridge/src"


def _php(code: str, folder: Path) -> Any:  # noqa: ANN401 (whatever the code prints)
    script = folder / "ask.php"
    script.write_text(f"<?php require '{SOURCES}/load.php'; use Miclinik\\Bridge as B; echo json_encode({code});")
    return json.loads(programs.accept(["php", "-n", script]))


@pytest.mark.parametrize(("version", "files"), READABLE.values(), ids=READABLE)
def test_shapes(tmp_path: Path, version: str, files: Mapping[str, str]) -> None:
    write(tmp_path / "app", files)
    assert _php(f"B\\TreeVersion::of('{tmp_path}/app')", tmp_path) == version


@pytest.mark.parametrize("files", [files for files, _, _ in UNREADABLE.values()], ids=UNREADABLE)
def test_what_cannot_be_read(tmp_path: Path, files: Mapping[str, str]) -> None:
    write(tmp_path / "app", files)
    assert _php(f"B\\TreeVersion::of('{tmp_path}/app')", tmp_path) is None


@pytest.mark.parametrize(
    ("case", "said"),
    [
        ("nothing", "{}/filefunc.inc.php states no DOL_VERSION that can be read."),
        ("nothing in both", "{}/filefunc.inc.php and version.inc.php state no DOL_VERSION that can be read."),
        (
            "a file is missing",
            "{}/filefunc.inc.php includes version.inc.php, which is missing or not readable for the site's user.",
        ),
    ],
)
def test_what_is_said_of_it(tmp_path: Path, case: str, said: str) -> None:
    folder = write(tmp_path / "app", UNREADABLE[case][0])
    assert _php(f"B\\TreeVersion::problem('{folder}')", tmp_path) == said.format(folder)


def test_a_folder_without_the_application(tmp_path: Path) -> None:
    said = f"{tmp_path} holds no application: there is no filefunc.inc.php in it."
    assert _php(f"B\\TreeVersion::problem('{tmp_path}')", tmp_path) == said


def test_the_tables_agree(tmp_path: Path) -> None:
    """What both languages have to know is the same in both."""
    table = _php("B\\Versions::FEATURES", tmp_path)
    shared = {name: [span.first, span.last] for name, span in versions.FEATURES.items() if name in table}
    assert shared == table


@pytest.mark.parametrize("version", ["22.0.4", "23.1.0", "24.0.0-beta", "25.0.0", "hotfix"])
def test_what_differs(tmp_path: Path, version: str) -> None:
    asked = f"B\\Versions::has('{version}', 'token_table')"
    assert _php(asked, tmp_path) is versions.has(version, "token_table")
