# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which version a tree is of: the rule, the table of what differs, and that all who ask take them from there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.application import tree_version, versions
from ansible_collections.miclinik.hosting.plugins.plugin_utils.source import tree as source_tree
from ansible_collections.miclinik.hosting.plugins.plugin_utils.source.tree import SourceError

from tests.version_shapes import READABLE, UNREADABLE, write

PLUGINS = Path(__file__).parents[3] / "plugins"


@pytest.mark.parametrize(("version", "files"), READABLE.values(), ids=READABLE)
def test_shapes(tmp_path: Path, version: str, files: Mapping[str, str]) -> None:
    assert tree_version.read(write(tmp_path, files)) == version
    assert source_tree.find(tmp_path).version == version


@pytest.mark.parametrize(("files", "seen", "mend"), UNREADABLE.values(), ids=UNREADABLE)
def test_what_cannot_be_read_is_told(tmp_path: Path, files: Mapping[str, str], seen: str, mend: str) -> None:
    with pytest.raises(SourceError) as caught:
        source_tree.find(write(tmp_path, files))
    assert str(caught.value) == f"source.path: {seen.format(tmp_path)}. {mend}."
    assert tree_version.find(tmp_path) is None


def test_a_folder_that_is_not_there_has_no_version(tmp_path: Path) -> None:
    assert tree_version.find(tmp_path / "none") is None


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "filefunc.inc.php").mkdir()
    with pytest.raises(tree_version.VersionError) as caught:
        tree_version.read(tmp_path)
    assert str(caught.value) == f"{tmp_path}/filefunc.inc.php: Is a directory. Make it readable."


@pytest.mark.parametrize(
    ("version", "number"), [("22.0.4", 22), ("24.0.0-beta", 24), ("1.0-rc1", 1), ("22", 22), ("hotfix", 0), ("", 0)]
)
def test_number(version: str, number: int) -> None:
    assert versions.number(version) == number


@pytest.mark.parametrize(
    ("feature", "yes", "no"),
    [
        ("bearer", ("22.0.4", "24.0.0-beta", "25.0.0"), ("21.0.0", "15.0.3", "hotfix")),
        ("postgresql", ("16.0.3", "24.0.0"), ("15.0.3", "hotfix")),
        ("encrypted_mariadb", ("21.0.0", "24.0.0"), ("20.0.2", "hotfix")),
        ("subqueries_for_all", ("18.0.5", "21.0.0-alpha"), ("17.0.2", "22.0.4", "24.0.0")),
        ("login_on_request", ("24.0.0-beta", "25.0.0"), ("23.1.0", "16.0.3", "hotfix")),
        ("login_old_switch", ("15.0.3", "19.0.2"), ("20.0.0", "24.0.0")),
        ("token_table", ("23.1.0", "24.0.0-beta"), ("22.0.4", "hotfix")),
    ],
)
def test_what_differs(feature: str, yes: tuple[str, ...], no: tuple[str, ...]) -> None:
    assert [version for version in yes if not versions.has(version, feature)] == []
    assert [version for version in no if versions.has(version, feature)] == []


def test_nobody_has_a_rule_of_his_own() -> None:
    """No other file takes DOL_VERSION out of a tree, or a number out of a version."""
    own = {PLUGINS / f"module_utils/application/{name}.py" for name in ("tree_version", "versions")}
    # It is installed on its own, and knows of the collection nothing.
    own.add(PLUGINS / "module_utils/client/client.py")
    asks = re.compile(r"DOL_VERSION|\bint\([^)\n]*version", re.IGNORECASE)
    found = [str(path) for path in PLUGINS.rglob("*.py") if path not in own and asks.search(path.read_text())]
    assert found == []
