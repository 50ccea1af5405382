# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Releases on a host: complete or not there at all, and served through a link that moves in one step."""

from __future__ import annotations

import os
import tarfile
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.application import release, release_files
from ansible_collections.miclinik.hosting.plugins.module_utils.application.release import ReleaseError
from ansible_collections.miclinik.hosting.plugins.plugin_utils.source import pack as source_pack
from ansible_collections.miclinik.hosting.plugins.plugin_utils.source import tree as source_tree

from tests import application_tree

NAME = "22.0.4-0123456789ab"


@pytest.fixture
def pack(tmp_path: Path, cache: Path) -> str:
    top = application_tree.make(tmp_path / "app")
    (top / "run.sh").write_text("#!/bin/sh\n")
    (top / "run.sh").chmod(0o755)
    (top / "link").symlink_to("index.php")
    packed = source_pack.pack(source_tree.find(top), "0123456789ab")
    assert packed.parent == cache
    return str(packed)


@pytest.fixture
def site(tmp_path: Path) -> dict[str, Any]:
    home = tmp_path / "norte"
    home.mkdir()
    return {
        "name": "norte",
        "release": NAME,
        "releases": str(home / "releases"),
        "current": str(home / "current"),
        "conf": str(home / "conf.php"),
        "documents": str(home / "documents"),
    }


def test_a_bare_host(site: dict[str, Any]) -> None:
    assert release.state(site) == {"unpacked": False, "current": None}


def test_unpack(site: dict[str, Any], pack: str) -> None:
    assert release.unpack(site, pack) is True
    folder = Path(site["releases"]) / NAME
    assert sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*")) == [
        "documents",
        "htdocs",
        "htdocs/conf",
        "htdocs/conf/conf.php",
        "htdocs/conf/conf.php.example",
        "htdocs/filefunc.inc.php",
        "htdocs/index.php",
        "htdocs/link",
        "htdocs/run.sh",
    ]
    assert os.readlink(folder / "htdocs/conf/conf.php") == site["conf"]
    assert os.readlink(folder / "documents") == site["documents"]
    assert os.readlink(folder / "htdocs/link") == "index.php"
    assert (folder / "htdocs/index.php").read_text() == "<?php echo 'front page';\n"
    assert release.state(site) == {"unpacked": True, "current": None}
    assert sorted(path.name for path in Path(site["releases"]).iterdir()) == [f".{NAME}.files", NAME]
    seen = release_files.look(folder, release_files.list_of(folder), os.geteuid())
    assert (seen["listed"], set(seen["counts"].values())) == (True, {0})


def test_nobody_but_the_owner_may_write(site: dict[str, Any], pack: str) -> None:
    release.unpack(site, pack)
    folder = Path(site["releases"]) / NAME
    modes = {path.name: path.lstat().st_mode & 0o777 for path in [folder, *folder.rglob("*")] if not path.is_symlink()}
    assert modes == {
        NAME: 0o755,
        "htdocs": 0o755,
        "conf": 0o755,
        "conf.php.example": 0o644,
        "filefunc.inc.php": 0o644,
        "index.php": 0o644,
        "run.sh": 0o755,
    }
    assert {(path.lstat().st_uid, path.lstat().st_gid) for path in folder.rglob("*")} == {(os.geteuid(), os.getegid())}


def test_unpacking_again_changes_nothing(site: dict[str, Any], pack: str) -> None:
    release.unpack(site, pack)
    before = (Path(site["releases"]) / NAME).stat().st_ctime_ns
    assert release.unpack(site, "a pack that is not read") is False
    assert (Path(site["releases"]) / NAME).stat().st_ctime_ns == before


def test_what_an_interrupted_run_left_is_cleared(site: dict[str, Any], pack: str) -> None:
    part = Path(site["releases"]) / f".{NAME}.part"
    (part / "htdocs").mkdir(parents=True)
    (part / "htdocs" / "half.php").write_text("half")
    assert release.state(site) == {"unpacked": False, "current": None}
    assert release.unpack(site, pack) is True
    assert not part.exists()
    assert not (Path(site["releases"]) / NAME / "htdocs" / "half.php").exists()


def test_a_broken_pack_leaves_nothing(site: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "broken.tar").write_text("this is no tar")
    with pytest.raises(ReleaseError) as caught:
        release.unpack(site, str(tmp_path / "broken.tar"))
    folder = site["releases"]
    assert str(caught.value).startswith(
        f"site 'norte': tar could not unpack the release into {folder}/.{NAME}.part: tar: "
    )
    assert str(caught.value).endswith(f". Is the disk full (df -h {folder}; df -i {folder})?")
    assert list(Path(site["releases"]).iterdir()) == []


def test_a_pack_that_ends_early_leaves_nothing(site: dict[str, Any], pack: str, tmp_path: Path) -> None:
    half = tmp_path / "half.tar.gz"
    half.write_bytes(Path(pack).read_bytes()[:-20])
    with pytest.raises(ReleaseError):
        release.unpack(site, str(half))
    assert list(Path(site["releases"]).iterdir()) == []


def test_an_application_with_a_conf_of_its_own_gets_the_sites(site: dict[str, Any], tmp_path: Path) -> None:
    # Not from our packs, which leave it out: a release serves the site's conf.php whatever came in.
    (tmp_path / "conf.php").write_text("<?php // foreign")
    with tarfile.open(tmp_path / "x.tar", "w") as packed:
        packed.add(tmp_path / "conf.php", "htdocs/conf/conf.php")
    release.unpack(site, str(tmp_path / "x.tar"))
    assert os.readlink(Path(site["releases"]) / NAME / release.CONF) == site["conf"]


def test_serve(site: dict[str, Any], pack: str) -> None:
    release.unpack(site, pack)
    assert release.serve(site) is True
    assert os.readlink(site["current"]) == f"releases/{NAME}"
    assert (Path(site["current"]) / "htdocs" / "filefunc.inc.php").is_file()
    assert release.state(site) == {"unpacked": True, "current": NAME}
    assert release.serve(site) is False


def test_serve_another_release(site: dict[str, Any], pack: str) -> None:
    release.unpack(site, pack)
    release.serve(site)
    other = site | {"release": "22.0.4-ffffffffffff"}
    assert release.state(other) == {"unpacked": False, "current": NAME}
    release.unpack(other, pack)
    assert release.serve(other) is True
    assert release.state(site) == {"unpacked": True, "current": "22.0.4-ffffffffffff"}
    assert release.serve(site) is True
    assert release.state(site)["current"] == NAME


def test_a_link_that_an_interrupted_run_left_is_no_obstacle(site: dict[str, Any], pack: str) -> None:
    release.unpack(site, pack)
    Path(site["current"]).with_name(".current.new").symlink_to("releases/none")
    assert release.serve(site) is True
    assert os.readlink(site["current"]) == f"releases/{NAME}"
    assert not Path(site["current"]).with_name(".current.new").is_symlink()


def test_what_cannot_be_replaced_is_named_with_its_site_and_leaves_nothing(site: dict[str, Any], pack: str) -> None:
    release.unpack(site, pack)
    Path(site["current"]).mkdir()
    with pytest.raises(ReleaseError) as caught:
        release.serve(site)
    home = Path(site["current"]).parent
    assert str(caught.value) == (
        f"site 'norte': the release {NAME} could not be put in place: {home}/.current.new -> {home}/current:"
        " Is a directory."
        " What was served before is served still. Look at what is there, then run again."
    )
    assert sorted(path.name for path in home.iterdir()) == ["current", "releases"]


def test_a_file_in_the_place_of_releases(site: dict[str, Any], pack: str) -> None:
    Path(site["releases"]).touch()
    with pytest.raises(ReleaseError, match=r"site 'norte': the release .* could not be put in place: .*releases"):
        release.unpack(site, pack)


def _releases(site: dict[str, Any], *names: str) -> Path:
    """Make releases, one after the other; the last one is served."""
    folder = Path(site["releases"])
    for age, name in enumerate(names):
        (folder / name).mkdir(parents=True)
        release_files.list_of(folder / name).touch()
        os.utime(folder / name, (1000 + age, 1000 + age))
    Path(site["current"]).symlink_to(f"releases/{names[-1]}")
    return folder


def test_old_releases_go_but_for_those_that_are_needed(site: dict[str, Any], tmp_path: Path) -> None:
    names = ("16.0.3-a", "20.0.0-b", "21.0.0-c", "22.0.3-d", NAME)
    folder = _releases(site, *names)
    (tmp_path / "norte/x").mkdir()
    work = tmp_path / "work"
    (work / "norte").mkdir(parents=True)
    (work / "norte/before.json").write_text('{"release": "20.0.0-b"}')
    assert release.prunable(site, 2, work) == ["16.0.3-a", "21.0.0-c"]
    assert release.prunable(site, 0, work) == release.prunable(site, 5, work) == []
    assert release.prune(site, 2, work) == ["16.0.3-a", "21.0.0-c"]
    left = [".20.0.0-b.files", f".{NAME}.files", ".22.0.3-d.files", "20.0.0-b", NAME, "22.0.3-d"]
    assert sorted(place.name for place in folder.iterdir()) == sorted(left)
    assert release.prune(site, 2, work) == []


def test_the_release_that_is_served_stays_however_old_it_is(site: dict[str, Any], tmp_path: Path) -> None:
    folder = _releases(site, NAME, "23.0.0-x", "24.0.0-y")
    Path(site["current"]).unlink()
    Path(site["current"]).symlink_to(f"releases/{NAME}")
    assert release.prune(site, 1, tmp_path) == ["23.0.0-x"]
    assert (folder / NAME).is_dir()


def test_a_record_that_cannot_be_read_keeps_everything(site: dict[str, Any], tmp_path: Path) -> None:
    _releases(site, "16.0.3-a", NAME)
    (tmp_path / "work/norte").mkdir(parents=True)
    (tmp_path / "work/norte/before.json").write_text("{")
    with pytest.raises(ReleaseError, match="see which release it needs"):
        release.prune(site, 1, tmp_path / "work")
