# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What has become of a release since it was unpacked: files that came, went or changed, and who may write to them.

Runs on the host. A list beside the release says how its files were. What has size and time of then is not read again:
one look costs an lstat for each file, 0.2 s for Dolibarr 22.0.4. It finds what people did, not who hides from it.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.host import atomic_file

#: Names that are returned of each kind; the rest is counted.
SHOWN = 200
#: Hexadecimal digits of a file's SHA-256.
DIGITS = 16
_LINK, _FOLDER = "link", "folder"
#: How deep the folders are that `hollow` looks at: `htdocs/langs` is of the second level.
_LEVELS = 2

#: A folder, a link with its target, or a file with size, time and digest.
Traits = list[Any]


def list_of(release: Path) -> Path:
    """Return where the list of a release is."""
    return release.with_name(f".{release.name}.files")


def record(folder: Path, file: Path) -> None:
    """Write down what is in ``folder``, which is a release that has just been unpacked."""
    traits = {name: _traits(path, seen, whole=True) for name, path, seen in _walk(str(folder), "")}
    atomic_file.replace(file, json.dumps(traits))


def digest(path: str) -> str:
    """Return what the list has of a file's content; nothing of one that cannot be read."""
    try:
        with open(path, "rb") as stream:  # noqa: PTH123 (as in Tree.digest)
            return hashlib.file_digest(stream, "sha256").hexdigest()[:DIGITS]
    except OSError:
        return ""


def look(folder: Path, file: Path, owner: int = 0) -> dict[str, Any]:
    """Compare ``folder`` with the list in ``file``.

    Return ``listed``, whether there is a list (a release of an earlier version, or somebody's own, has none); the names
    that were ``added`` (a folder stands for what is in it) and ``missing``; ``changed``, the new digests by name; and
    ``loose``, what others than ``owner`` may write to or the site cannot read. ``counts`` has the number of each.
    """
    listed = _load(file)
    found: dict[str, Any] = {"added": [], "missing": [], "changed": {}, "loose": []}
    there = set()
    within = "\0"
    for name, path, seen in _walk(str(folder), ""):
        if _is_loose(seen, owner):
            found["loose"].append(name)
        if listed is None:
            continue
        there.add(name)
        if name.startswith(within):
            continue
        if name not in listed:
            found["added"].append(name)
            within = f"{name}/" if stat.S_ISDIR(seen.st_mode) else "\0"
        elif _differs(listed[name], path, seen):
            found["changed"][name] = digest(path) if stat.S_ISREG(seen.st_mode) else ""
    found["missing"] = [name for name in listed or () if name not in there]
    counts = {kind: len(names) for kind, names in found.items()}
    found["changed"] = dict(list(found["changed"].items())[:SHOWN])
    shown = {kind: found[kind][:SHOWN] for kind in ("added", "missing", "loose")}
    return found | shown | {"listed": listed is not None, "counts": counts}


def hollow(folder: Path, file: Path) -> list[str]:
    """Return the large folders of a release (`htdocs/langs`) that are missing, or empty and were not.

    Known at once, however long a whole comparison takes on a busy host.
    """
    listed = _load(file) or {}
    full = {name.rpartition("/")[0] for name in listed}
    return [
        name
        for name, traits in listed.items()
        if traits[0] == _FOLDER and name.count("/") < _LEVELS and name in full and not _filled(folder / name)
    ]


def _filled(folder: Path) -> bool:
    try:
        with os.scandir(folder) as found:
            return any(True for _ in found)
    except OSError:
        return False


def _load(file: Path) -> dict[str, Traits] | None:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) else None


def _walk(folder: str, prefix: str) -> Iterator[tuple[str, str, os.stat_result]]:
    """Yield name, path and status of all that is in a folder, what is in a folder right after it."""
    try:
        with os.scandir(folder) as found:
            items = sorted(found, key=lambda item: item.name)
    except OSError:
        return
    for item in items:
        try:
            seen = item.stat(follow_symlinks=False)
        except OSError:
            continue  # gone meanwhile
        yield prefix + item.name, item.path, seen
        if stat.S_ISDIR(seen.st_mode):
            yield from _walk(item.path, f"{prefix}{item.name}/")


def _traits(path: str, seen: os.stat_result, *, whole: bool) -> Traits:
    if stat.S_ISDIR(seen.st_mode):
        return [_FOLDER]
    if stat.S_ISLNK(seen.st_mode):
        return [_LINK, os.readlink(path)]
    return [seen.st_size, int(seen.st_mtime), *([digest(path)] if whole else [])]


def _differs(listed: Traits, path: str, seen: os.stat_result) -> bool:
    now = _traits(path, seen, whole=False)
    if now == listed[: len(now)]:
        return False
    if _LINK in (now[0], listed[0]) or _FOLDER in (now[0], listed[0]) or now[0] != listed[0]:
        return True
    # A copy of the host may have new times.
    return bool(digest(path) != listed[2])


def _is_loose(seen: os.stat_result, owner: int) -> bool:
    if stat.S_ISLNK(seen.st_mode):
        return False
    mode = seen.st_mode
    needed = 0o005 if stat.S_ISDIR(mode) else 0o004
    shared = bool(mode & stat.S_IWOTH) or (bool(mode & stat.S_IWGRP) and seen.st_gid != owner)
    return seen.st_uid != owner or shared or mode & needed != needed
