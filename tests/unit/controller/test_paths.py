# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Paths of an inventory that are not absolute."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.miclinik.hosting.plugins.plugin_utils.controller import paths


def test_the_inventorys_folder_comes_before_the_playbooks(tmp_path: Path) -> None:
    inventory, playbook = tmp_path / "inventory", tmp_path / "playbooks"
    for file in (inventory / "a", playbook / "a", playbook / "b"):
        file.parent.mkdir(exist_ok=True)
        file.touch()
    base = paths.base({"inventory_dir": str(inventory)}, str(playbook))
    assert [paths.find(base, name) for name in "abc"] == [inventory / "a", playbook / "b", inventory / "c"]


@pytest.mark.parametrize("variables", [{}, {"inventory_dir": None}])
def test_an_inventory_that_is_no_file(tmp_path: Path, variables: dict[str, None]) -> None:
    assert paths.find(paths.base(variables, str(tmp_path)), "a") == tmp_path / "a"


def test_an_absolute_path_and_ones_of_the_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    base = (Path("/none"), Path("/nothing"))
    assert [paths.find(base, given) for given in ("/x/y", "~/y")] == [Path("/x/y"), tmp_path / "y"]
