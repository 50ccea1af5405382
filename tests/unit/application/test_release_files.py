# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What people did to a release is found, and nothing else is."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.application import release_files

NOTHING: dict[str, Any] = {
    "listed": True,
    "added": [],
    "missing": [],
    "changed": {},
    "loose": [],
    "counts": {"added": 0, "missing": 0, "changed": 0, "loose": 0},
}


@pytest.fixture
def release(tmp_path: Path) -> Path:
    folder = tmp_path / "releases/22.0.4-0123456789ab"
    (folder / "htdocs/societe").mkdir(parents=True)
    (folder / "htdocs/societe/card.php").write_text("<?php // card\n")
    (folder / "htdocs/index.php").write_text("<?php\n")
    (folder / "documents").symlink_to("/srv/miclinik/norte/documents")
    for path in [folder, *folder.rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() else 0o644)
    release_files.record(folder, release_files.list_of(folder))
    return folder


def _look(release: Path) -> dict[str, Any]:
    return release_files.look(release, release_files.list_of(release), os.geteuid())


def test_a_release_as_it_was_unpacked(release: Path) -> None:
    assert _look(release) == NOTHING
    assert release_files.list_of(release) == release.parent / ".22.0.4-0123456789ab.files"


def test_a_copy_of_a_release_has_other_times_and_is_the_same(release: Path) -> None:
    os.utime(release / "htdocs/societe/card.php", (1, 1))
    assert _look(release) == NOTHING


@pytest.mark.parametrize("text", ["<?php // cart\n", "<?php // card and more\n"], ids=["same size", "longer"])
def test_a_hand_edit(release: Path, text: str) -> None:
    card = release / "htdocs/societe/card.php"
    card.write_text(text)
    os.utime(card, (1, 1))
    seen = _look(release)
    assert seen["changed"] == {"htdocs/societe/card.php": release_files.digest(str(card))}
    assert seen["counts"] == {"added": 0, "missing": 0, "changed": 1, "loose": 0}


def test_an_add_on_is_named_by_its_folder(release: Path) -> None:
    folder = release / "htdocs/custom/mimodulo/core"
    folder.mkdir(parents=True)
    (folder / "x.php").write_text("<?php\n")
    (release / "htdocs/custom.php").write_text("<?php\n")
    seen = _look(release)
    assert seen["added"] == ["htdocs/custom", "htdocs/custom.php"]
    assert seen["counts"]["added"] == 2


def test_what_went_and_what_is_of_another_kind(release: Path) -> None:
    (release / "htdocs/index.php").unlink()
    (release / "documents").unlink()
    (release / "documents").mkdir(mode=0o755)
    seen = _look(release)
    assert (seen["missing"], seen["changed"]) == (["htdocs/index.php"], {"documents": ""})


def test_a_link_that_leads_elsewhere(release: Path) -> None:
    (release / "documents").unlink()
    (release / "documents").symlink_to("/srv")
    assert list(_look(release)["changed"]) == ["documents"]


@pytest.mark.parametrize(
    ("mode", "loose"), [(0o644, False), (0o444, False), (0o646, True), (0o600, True), (0o640, True)]
)
def test_who_may_write_and_who_cannot_read(release: Path, mode: int, loose: bool) -> None:
    (release / "htdocs/index.php").chmod(mode)
    assert _look(release)["loose"] == (["htdocs/index.php"] if loose else [])


def test_code_of_another_owner(release: Path) -> None:
    seen = release_files.look(release, release_files.list_of(release), os.geteuid() + 1)
    assert seen["loose"] == ["htdocs", "htdocs/index.php", "htdocs/societe", "htdocs/societe/card.php"]
    assert seen["counts"]["loose"] == 4


@pytest.mark.parametrize("content", [None, "[", "[]"], ids=["none", "broken", "another"])
def test_a_release_without_a_list_is_looked_at_for_its_owners_alone(release: Path, content: str | None) -> None:
    file = release_files.list_of(release)
    file.unlink() if content is None else file.write_text(content)
    (release / "htdocs/index.php").write_text("<?php // other\n")
    (release / "htdocs/index.php").chmod(0o666)
    assert _look(release) == NOTHING | {
        "listed": False,
        "loose": ["htdocs/index.php"],
        "counts": NOTHING["counts"] | {"loose": 1},
    }


def test_many_are_counted_and_not_all_named(release: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(release_files, "SHOWN", 2)
    for number in range(4):
        (release / f"htdocs/{number}.php").write_text("<?php\n")
    seen = _look(release)
    assert (seen["added"], seen["counts"]["added"]) == (["htdocs/0.php", "htdocs/1.php"], 4)


def test_folders_that_are_gone_or_empty(release: Path) -> None:
    def hollow() -> list[str]:
        return release_files.hollow(release, release_files.list_of(release))

    assert hollow() == []
    (release / "htdocs/societe/card.php").unlink()
    assert hollow() == ["htdocs/societe"]
    (release / "htdocs/societe").rmdir()
    assert hollow() == ["htdocs/societe"]
    (release / "htdocs/index.php").unlink()
    assert hollow() == ["htdocs", "htdocs/societe"]
    release_files.list_of(release).unlink()
    assert hollow() == []
