# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What stands where something else has to be is named with its path and its mend, and nothing is touched."""

from __future__ import annotations

import getpass
import grp
import os
import pwd
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.application import places, release_files
from ansible_collections.miclinik.hosting.plugins.module_utils.host import permissions

NAME = "22.0.4-0123456789ab"
VERSION = "<?php\ndefine('DOL_VERSION', '22.0.4');\n"


@pytest.fixture
def site(tmp_path: Path) -> dict[str, Any]:
    """A site that is whole."""
    home, state = tmp_path / "srv/norte", tmp_path / "etc/norte"
    release = home / "releases" / NAME
    for folder in (release / "htdocs/conf", home / "sessions", home / "documents/api/temp", state):
        folder.mkdir(parents=True)
    (home / "conf.php").write_text("<?php\n")
    (release / "htdocs/conf/conf.php").symlink_to(home / "conf.php")
    (release / "htdocs/filefunc.inc.php").write_text(VERSION)
    (home / "current").symlink_to(f"releases/{NAME}")
    for file in (".miclinik-site", "install.lock", "api/temp/routes.php"):
        (home / "documents" / file).write_text("")
    for file in ("secrets.json", "identity.json", "site.json"):
        (state / file).write_text("{}")
    release_files.record(release, release_files.list_of(release))
    return {"name": "norte", "home": home, "state": state, "user": "no-such-user"}


def _told(site: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(fault["id"], fault["seen"], fault["mend"]) for fault in places.look(site)]


def test_a_whole_site_a_bare_one_and_one_whose_release_is_gone(site: dict[str, Any], tmp_path: Path) -> None:
    assert _told(site) == []
    assert _told({"name": "sur", "home": tmp_path / "srv/sur", "state": tmp_path / "etc/sur"}) == []
    shutil.rmtree(site["home"] / "releases")
    assert _told(site) == []  # the next run unpacks it again


def test_links_of_the_operators_are_as_good(site: dict[str, Any], tmp_path: Path) -> None:
    (site["home"] / "documents").rename(tmp_path / "volume")
    (site["home"] / "documents").symlink_to(tmp_path / "volume")
    assert _told(site) == []


FOLDERS = ("home:releases", "home:sessions", "home:documents", "home:documents/api", "home:documents/api/temp")
FILES = (
    "home:conf.php",
    "home:documents/.miclinik-site",
    "home:documents/install.lock",
    "home:documents/api/temp/routes.php",
    "state:identity.json",
    "state:site.json",
)


def _replace(path: Path, make: Callable[[Path], object]) -> None:
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    make(path)


@pytest.mark.parametrize("place", FOLDERS)
def test_a_file_in_the_place_of_a_folder(site: dict[str, Any], place: str) -> None:
    which, _, name = place.partition(":")
    path = site[which] / name
    _replace(path, Path.touch)
    ((kind, seen, mend),) = _told(site)
    assert (kind, seen) == ("place-kind", f"{path} is a file, and has to be a folder")
    then = "mount or restore the site's documents there" if name == "documents" else "the run makes it anew"
    assert mend == f"Look at it, and move it away (mv {path} {path}.aside); then {then}"


@pytest.mark.parametrize("place", FILES)
def test_a_folder_in_the_place_of_a_file(site: dict[str, Any], place: str) -> None:
    which, _, name = place.partition(":")
    path = site[which] / name
    _replace(path, Path.mkdir)
    ((_, seen, mend),) = _told(site)
    assert seen == f"{path} is a folder, and has to be a file"
    assert mend == f"Look at it, and move it away (mv {path} {path}.aside); then the run makes it anew"


@pytest.mark.parametrize("place", [*FOLDERS, *FILES])
def test_a_link_to_nothing(site: dict[str, Any], place: str) -> None:
    which, _, name = place.partition(":")
    path = site[which] / name
    _replace(path, lambda made: made.symlink_to("/mnt/none"))
    told = _told(site)
    wanted = "folder" if place in FOLDERS else "file"
    assert told[0][1] == f"{path} is a link to /mnt/none, which is not there, and has to be a {wanted}"
    assert told[0][2].startswith(f"Bring back what it leads to, or take the link away (rm {path}); then ")
    assert len(told) == 1


def test_a_folder_in_the_place_of_current(site: dict[str, Any]) -> None:
    home = site["home"]
    current = home / "current"
    current.unlink()
    shutil.copytree(home / "releases" / NAME, current, symlinks=True)
    (home / "releases/by-hand").mkdir()  # is in use already
    (current / "htdocs/filefunc.inc.php").write_text(f"{VERSION}// mine\n")
    ((kind, seen, mend),) = _told(site)
    assert kind == "current-replaced"
    assert seen == (
        f"{current} is a folder, and has to be a link to the release that is served"
        f" (it differs from releases/{NAME} in 1 file, such as htdocs/filefunc.inc.php)"
    )
    link = f"ln -s releases/{NAME} {current}"
    back = f"mv {current} {home}/releases/by-hand-2 && {link} && systemctl reload 'miclinik-php@*.service'"
    assert mend == f"Serve the release that is there: {back}. What of the folder is to stay belongs into the source"


def test_the_release_of_the_same_version_is_served_again(site: dict[str, Any]) -> None:
    current = site["home"] / "current"
    newer = site["home"] / "releases/23.0.0-0123456789ab/htdocs"
    newer.mkdir(parents=True)
    current.unlink()
    current.mkdir()
    (current / "filefunc.inc.php").write_text(VERSION)  # unzipped without htdocs
    ((_, seen, mend),) = _told(site)
    assert seen == f"{current} is a folder, and has to be a link to the release that is served"
    assert f"ln -s releases/{NAME} {current} && " in mend
    (current / "filefunc.inc.php").write_text(VERSION.replace("22.0.4", "23.0.0"))
    assert "ln -s releases/23.0.0-0123456789ab " in _told(site)[0][2]


@pytest.mark.parametrize("releases", [True, False])
def test_a_file_in_the_place_of_current(site: dict[str, Any], releases: bool) -> None:
    current = site["home"] / "current"
    current.unlink()
    current.touch()
    if not releases:
        shutil.rmtree(site["home"] / "releases")
    ((_, seen, mend),) = _told(site)
    assert seen == f"{current} is a file, and has to be a link to the release that is served"
    assert mend == f"Move it away (mv {current} {current}.by-hand); then the run makes it anew"
    current.unlink()
    current.symlink_to("conf.php")
    ((_, seen, mend),) = _told(site)
    assert seen == f"{current} leads to a file, not to a release"


def test_a_conf_php_of_the_releases_own(site: dict[str, Any]) -> None:
    own = site["home"] / "current/htdocs/conf/conf.php"
    own.unlink()
    own.write_text("<?php\n")
    ((kind, seen, mend),) = _told(site)
    assert kind == "conf-unlinked"
    assert seen.startswith(f"{own} is a file, and has to be a link to {site['home']}/conf.php: ")
    # Not beside it, where the web server serves what is no PHP.
    assert f"mv {own} {site['home']}/conf.php.by-hand && ln -s {site['home']}/conf.php {own}" in mend


@pytest.fixture
def other(monkeypatch: pytest.MonkeyPatch) -> str:
    """A user who is somebody else, for whom the kernel says what modes say."""
    account = pwd.struct_passwd(("norte", "x", os.geteuid() + 1, 65533, "", "", ""))
    monkeypatch.setattr(pwd, "getpwnam", lambda _: account)
    monkeypatch.setattr(grp, "getgrgid", lambda _: type("Group", (), {"gr_name": "norte"}))
    monkeypatch.setattr(os, "getgrouplist", lambda *_: [65533])
    monkeypatch.setattr(permissions, "allowed", lambda _, wanted: [False] * len(wanted))
    return "norte"


def test_documents_of_another_owner(site: dict[str, Any], other: str) -> None:
    documents = site["home"] / "documents"
    for folder in ("societe/1", "lost+found/x", ".snapshot/y", "users"):
        (documents / folder).mkdir(parents=True)
    (documents / "societe/link").symlink_to("/root")
    for path in [documents, *documents.rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o777 if path.is_dir() else 0o444)
    (documents / "dump.sql").touch(mode=0o600)  # an administrator's
    assert _told(site | {"user": other}) == []
    (documents / ".miclinik-site").chmod(0o440)
    (documents / "users").chmod(0o755)
    (documents / "societe/1").chmod(0o700)
    (documents / "lost+found").chmod(0o700)
    (documents / ".snapshot").chmod(0o555)
    ((kind, seen, mend),) = _told(site | {"user": other})
    mine = f"{getpass.getuser()}:{permissions.owners(documents.stat())['group']}"
    assert kind == "documents-shut"
    told = seen.partition(f"norte cannot read, or cannot write to, what is in {documents}/: ")[2]
    assert told.startswith(f".miclinik-site ({mine} 0440), ")
    assert sorted(told.split(", ")) == sorted(
        [f".miclinik-site ({mine} 0440)", f"societe/1 ({mine} 0700)", f"users ({mine} 0755)"]
    )
    assert mend == (
        f"Give it to the site's user, all at once: chown -R norte:norte {documents}/ && chmod -R u+rwX {documents}/"
    )


def test_what_a_list_of_rights_allows_is_asked_of_the_kernel(
    site: dict[str, Any], other: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (site["home"] / "documents/societe").mkdir(mode=0o700)
    assert len(_told(site | {"user": other})) == 1
    monkeypatch.setattr(permissions, "allowed", lambda _, wanted: [True] * len(wanted))
    assert _told(site | {"user": other}) == []


def test_a_large_folder_is_looked_at_in_part(site: dict[str, Any], other: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "AT_MOST", 3)
    documents = site["home"] / "documents"
    for path in [documents, *documents.rglob("*")]:
        path.chmod(0o777 if path.is_dir() else 0o444)
    (documents / "societe").mkdir()
    (documents / "societe").chmod(0o777)
    for number in range(9):
        (documents / f"societe/{number}").mkdir(mode=0o700)
    (documents / "api/temp").chmod(0o700)  # has a cause of its own
    ((_, seen, _),) = _told(site | {"user": other})
    assert seen.count("(") == 3
