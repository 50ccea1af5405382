# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a snapshot holds, beside a site: fetched, proven, and made what the site of this host needs."""

from __future__ import annotations

import os
import re
import shutil
import stat as stat_module
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.miclinik.hosting.plugins.module_utils.application import release as app_release
from ansible_collections.miclinik.hosting.plugins.module_utils.application import release_files
from ansible_collections.miclinik.hosting.plugins.module_utils.life import manifest as life_manifest
from ansible_collections.miclinik.hosting.plugins.module_utils.life.choice import Chosen
from ansible_collections.miclinik.hosting.plugins.module_utils.life.manifest import DUMP, Manifest
from ansible_collections.miclinik.hosting.plugins.module_utils.life.places import Places
from ansible_collections.miclinik.hosting.plugins.module_utils.life.restic import Repository
from ansible_collections.miclinik.hosting.plugins.module_utils.life.stage import Stage, StageError
from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout
from ansible_collections.miclinik.hosting.plugins.module_utils.site.layout import LIVE, NEXT

_GLOB = re.compile(r"([\\*?\[\]])")


@dataclass(frozen=True)
class Fetched:
    """A folder in which what was fetched lies at its old paths."""

    folder: Path

    def path(self, old: str) -> Path:
        """Return where it lies."""
        return layout.below(self.folder, old)

    def remove(self) -> None:
        """Take away what is left of it."""
        shutil.rmtree(self.folder, ignore_errors=True)


def fetch(stage: Stage, repository: Repository, chosen: Chosen, part: str, instead: Sequence[Path] = ()) -> Fetched:
    """Have documents, database and, where it is not here, the release of a snapshot beside the documents.

    ``instead`` of the release other files are wanted.
    """
    stage.make(part)
    fetched = Fetched(stage.landing(part))
    fetched.folder.mkdir(mode=0o700)
    said = chosen.manifest
    wanted = [said.documents_folder, f"{chosen.folder}/{DUMP}", *map(str, instead)]
    release = chosen.places(stage.places.root).releases / said.release
    if part == NEXT and not instead:
        wanted.append(str(chosen.places(stage.places.root).conf))
    if part == NEXT and not instead and not (stage.places.releases / said.release).is_dir():
        wanted += [str(release), str(release_files.list_of(release))]
    includes = [word for path in wanted for word in ("--include", _GLOB.sub(r"\\\1", path))]
    repository.run("restore", chosen.snapshot, "--target", str(fetched.folder), *includes)
    return fetched


def put_documents(stage: Stage, fetched: Fetched, said: Manifest, part: str) -> list[str]:
    """Make what was fetched the documents of ``part``, for the site's user of this host; return what is newer."""
    source, target = fetched.path(said.documents_folder), stage.places.documents(part)
    if not source.is_dir():
        raise StageError("the snapshot holds no folder of documents")
    meanwhile = life_manifest.prove(said, source)
    live = stage.places.documents(LIVE).stat()
    _own(source, said.owner, live.st_uid, live.st_gid)
    os.chown(source, live.st_uid, live.st_gid)
    source.chmod(live.st_mode & 0o7777)
    target.rmdir()
    source.rename(target)
    return meanwhile


def _own(folder: Path, was: int, user: int, group: int) -> None:
    """Give what belonged to the site's user to who that is here; what was root's stays so."""
    for place, folders, files in os.walk(folder):
        for name in [*folders, *files]:
            path = os.path.join(place, name)  # noqa: PTH118 - of each of many files
            seen = os.lstat(path)
            owner = user if seen.st_uid in (was, user) or seen.st_uid else 0
            os.lchown(path, owner, group if seen.st_gid else 0)
            if not stat_module.S_ISLNK(seen.st_mode):
                os.chmod(path, seen.st_mode & 0o7777)  # noqa: PTH101 - as above; a new owner takes bits away


def put_release(places: Places, fetched: Fetched, said: Manifest) -> None:
    """Have the snapshot's release among the site's, whole. Raises StageError."""
    target = places.releases / said.release
    if target.is_dir():
        _lead(target, places)
        return
    source = fetched.path(str(Places(said.site, places.root).releases / said.release))
    listed = release_files.list_of(source)
    if not source.is_dir():
        raise StageError(f"the snapshot does not hold the release {said.release}")
    if listed.is_file():
        found = release_files.look(source, listed)
        wrong = [*found["missing"], *found["changed"]]
        if wrong:
            raise StageError(f"the release in the snapshot is not whole: {', '.join(wrong[:5])}")
        listed.replace(release_files.list_of(target))
    source.rename(target)
    _lead(target, places)


def _lead(target: Path, places: Places) -> None:
    """Have a release lead to the site by the name that it has now."""
    if app_release.lead(target, places.usual) and release_files.list_of(target).is_file():
        release_files.record(target, release_files.list_of(target))
