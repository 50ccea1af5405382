# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether a site's places are what they have to be, and its documents are its user's to use.

Runs on the host, as root, and only reads. Faults are told as losses are: before anything is changed, and by the doctor.
What a run puts right by itself (owners and modes of what is rendered) is no fault here.
"""

from __future__ import annotations

import grp
import os
import pwd
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.application import release_files, tree_version
from ansible_collections.miclinik.hosting.plugins.module_utils.application.identity import MARK, RECORD, Places
from ansible_collections.miclinik.hosting.plugins.module_utils.application.losses import Loss
from ansible_collections.miclinik.hosting.plugins.module_utils.host import permissions
from ansible_collections.miclinik.hosting.plugins.module_utils.text import lists as text_lists

#: Entries looked at of a folder in the documents: the first levels show what somebody's chown or chmod has done.
AT_MOST = 50
_SHOWN = 4
_READ, _WRITE = os.R_OK, os.R_OK | os.W_OK | os.X_OK
_AGAIN = "the run makes it anew"
#: PHP looks at no file again by itself, and what a run finds as it was it has no reload for.
_RELOAD = "systemctl reload 'miclinik-php@*.service'"


def look(site: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the faults of a site, of which ``name`` is read, and ``user`` and its folders where they are given."""
    places = Places.of(site)
    user = site.get("user") or site["name"]
    return [asdict(loss) for loss in (*_kinds(places), *_current(places), *_linked_conf(places), *_shut(places, user))]


def _kinds(places: Places) -> Iterator[Loss]:
    """Yield what is a file and has to be a folder, the other way round, or a link to nothing."""
    home, documents, state = places.conf.parent, places.documents, places.state
    restore = "mount or restore the site's documents there"
    wanted: list[tuple[Path, str, str]] = [
        (home, "folder", _AGAIN),
        (home / "releases", "folder", _AGAIN),
        (home / "sessions", "folder", _AGAIN),
        (places.conf, "file", _AGAIN),
        (documents, "folder", restore),
        (documents / MARK, "file", _AGAIN),
        (documents / "install.lock", "file", _AGAIN),
        (documents / "api", "folder", _AGAIN),
        (documents / "api/temp", "folder", _AGAIN),
        (documents / "api/temp/routes.php", "file", _AGAIN),
        (state, "folder", "restore the site's secrets there"),
        (state / RECORD, "file", _AGAIN),
        (state / "site.json", "file", _AGAIN),
    ]
    for path, kind, then in wanted:
        if seen := _odd(path, kind):
            aside = f"move it away (mv {path} {path}.aside)"
            mend = (
                f"Bring back what it leads to, or take the link away (rm {path})"
                if "link" in seen
                else "Look at it, and "
            )
            mend += aside if "link" not in seen else ""
            yield Loss("place-kind", "name", f"{path} {seen}, and has to be a {kind}", f"{mend}; then {then}")


def _odd(path: Path, wanted: str) -> str:
    """Return what is at a path instead of what is wanted; nothing where there is nothing at all."""
    try:
        seen = path.lstat()
    except OSError:
        return ""
    if stat.S_ISLNK(seen.st_mode):
        try:
            seen = path.stat()
        except OSError:
            return f"is a link to {os.readlink(path)}, which is not there"
    kind = (
        "folder" if stat.S_ISDIR(seen.st_mode) else "file" if stat.S_ISREG(seen.st_mode) else "neither file nor folder"
    )
    return "" if kind == wanted else f"is {kind if kind[0] == 'n' else f'a {kind}'}"


def _current(places: Places) -> Iterator[Loss]:
    """Yield that ``current`` is no link to a folder; one to nothing is put right by a run."""
    current = places.current
    try:
        mode = current.lstat().st_mode
    except OSError:
        return
    if stat.S_ISLNK(mode):
        if current.is_file():
            mend = f"Take the link away (rm {current}); then {_AGAIN}"
            yield Loss("current-replaced", "source", f"{current} leads to a file, not to a release", mend)
        return
    what = "a folder" if stat.S_ISDIR(mode) else "a file"
    seen = f"{current} is {what}, and has to be a link to the release that is served"
    releases = current.parent / "releases"
    release = _release_of(current, releases) if stat.S_ISDIR(mode) else ""
    if not release:
        mend = f"Move it away (mv {current} {current}.by-hand); then {_AGAIN}"
        yield Loss("current-replaced", "source", seen, mend)
        return
    aside = next(path for path in _free(releases / "by-hand") if not os.path.lexists(path))
    back = f"mv {current} {aside} && ln -s releases/{release} {current} && {_RELOAD}"
    mend = f"Serve the release that is there: {back}. What of the folder is to stay belongs into the source"
    yield Loss("current-replaced", "source", f"{seen}{_compared(current, releases / release)}", mend)


def _release_of(folder: Path, releases: Path) -> str:
    """Return the release that a folder in the place of ``current`` was made from or took the place of: its version's
    newest, else the newest.
    """
    version = tree_version.find(folder / "htdocs") or tree_version.find(folder)
    there = [path for path in releases.glob("[!.]*") if (path / "htdocs").is_dir()] if releases.is_dir() else []
    newest = max(there, key=lambda path: (path.name.startswith(f"{version}-"), path.stat().st_mtime), default=None)
    return newest.name if newest else ""


def _compared(folder: Path, release: Path) -> str:
    if not (folder / "htdocs").is_dir():
        return ""
    seen = release_files.look(folder, release_files.list_of(release))
    if not seen["listed"]:
        return ""
    names = [*seen["changed"], *seen["added"], *seen["missing"]]
    count = sum(seen["counts"][kind] for kind in ("changed", "added", "missing"))
    such = f", such as {', '.join(names[:_SHOWN])}" if names else ""
    return f" (it differs from releases/{release.name} in {count} file{'' if count == 1 else 's'}{such})"


def _free(path: Path) -> Iterator[Path]:
    yield path
    yield from (path.with_name(f"{path.name}-{number}") for number in range(2, 1000))


def _linked_conf(places: Places) -> Iterator[Loss]:
    """Yield that the application reads a conf.php of its own: no run writes there."""
    own = places.current / "htdocs/conf/conf.php"
    if places.current.is_symlink() and own.is_file() and not own.is_symlink():
        aside = places.conf.with_name("conf.php.by-hand")
        seen = f"{own} is a file, and has to be a link to {places.conf}: the application reads what no run writes"
        mend = f"Compare the two; then: mv {own} {aside} && ln -s {places.conf} {own} && {_RELOAD}"
        yield Loss("conf-unlinked", "source", seen, mend)


def _shut(places: Places, user: str) -> Iterator[Loss]:
    """Yield that the site's user cannot use what is in the documents, as after a chown or a restore by root."""
    try:
        account = pwd.getpwnam(user)
    except KeyError:
        return
    groups = set(os.getgrouplist(user, account.pw_gid))
    # The kernel is asked only of what modes forbid: folders above may be shut, which a run puts right.
    doubtful = [
        (path, seen, mode)
        for path, seen in _first_levels(places.documents)
        if not _modes_allow(seen, mode := _WRITE if stat.S_ISDIR(seen.st_mode) else _READ, account.pw_uid, groups)
    ]
    usable = permissions.allowed(user, [(str(path), mode) for path, _, mode in doubtful])
    shut = [
        f"{path.relative_to(places.documents)} ({permissions.shown(seen)})"
        for (path, seen, _), can in zip(doubtful, usable, strict=True)
        if can is False
    ]
    if shut:
        folder, group = f"{places.documents}/", grp.getgrgid(account.pw_gid).gr_name
        seen_ = f"{user} cannot read, or cannot write to, what is in {folder}: {text_lists.shortened(shut, _SHOWN)}"
        mend = f"Give it to the site's user, all at once: chown -R {user}:{group} {folder} && chmod -R u+rwX {folder}"
        yield Loss("documents-shut", "name", seen_, mend)


def _first_levels(documents: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """Yield mark and lock, then the folders and what is in them. No links, and nothing of the file system's own."""
    seen = [path for name in (MARK, "install.lock") if (path := documents / name).is_file() and not path.is_symlink()]
    yield from ((path, path.lstat()) for path in seen)
    for path, status in _within(documents, 1000):
        # The API's own folder has a cause of its own. Files beside the folders are not the application's: a dump that
        # an administrator has left there is no fault.
        if not stat.S_ISDIR(status.st_mode) or path.name in ("lost+found", "api"):
            continue
        yield path, status
        yield from _within(path, AT_MOST)


def _within(folder: Path, limit: int) -> Iterator[tuple[Path, os.stat_result]]:
    try:
        with os.scandir(folder) as found:
            for item in islice((item for item in found if item.name[0] != "." and not item.is_symlink()), limit):
                yield Path(item.path), item.stat(follow_symlinks=False)
    except OSError:
        return  # shut even to root, as a share may be


def _modes_allow(seen: os.stat_result, wanted: int, user: int, groups: Sequence[int] | set[int]) -> bool:
    shift = 6 if seen.st_uid == user else 3 if seen.st_gid in groups else 0
    return (seen.st_mode >> shift) & wanted == wanted
