# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Finds the application in a folder on the controller, and names what is in it by version and digest."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from ansible_collections.miclinik.hosting.plugins.module_utils.application import tree_version, versions

MARKER = tree_version.FILES[0]
# Upstream's packages for Debian and others have this line, which is a comment in its archives and in git. People mend
# the first of these files and not the second, whose installer then works on another conf.php.
_CONF_READERS = (MARKER, "install/inc.php")
_ELSEWHERE = re.compile(r"""^[ \t]*\$conffile\s*=\s*['"](/[^'"]*)['"]""", re.MULTILINE)
_MARKER_BYTES = 64 * 1024
DIGEST_LENGTH = 12
#: Where the application looks for modules that are not its own, below the document root.
CUSTOM = "custom"

# What a folder that has served a site may hold and a release must not: its configuration, its records, its history.
_PRIVATE = frozenset({"conf/conf.php", "conf/conf.php.old", "install.lock"})
_PRIVATE_FOLDERS = frozenset({"documents", ".git", ".svn"})


class SourceError(Exception):
    """A source that cannot be used: ``key`` of the site's source, what was ``seen``, and the ``mend``."""

    def __init__(self, key: str, seen: str, mend: str) -> None:
        super().__init__(f"{key}: {seen}. {mend}.")
        self.key, self.seen, self.mend = key, seen, mend


class Entry(NamedTuple):
    """One file, folder or link of a release: ``name`` below ``htdocs``' parent, ``path`` on the controller."""

    name: str
    path: str
    kind: str  # "file", "folder" or "link"
    size: int
    mtime_ns: int
    executable: bool


class Custom(NamedTuple):
    """A module that the release gets into its ``custom/``: the ``name`` of its folder there, ``path`` here."""

    name: str
    path: Path


@dataclass(frozen=True)
class Tree:
    """An application on the controller: ``top`` gets copied; ``inner`` says whether it has ``htdocs`` itself.

    ``custom`` are modules from elsewhere, which the release holds as well.
    """

    top: Path
    inner: bool
    version: str
    custom: tuple[Custom, ...] = ()

    @property
    def root(self) -> Path:
        """The document root."""
        return self.top / "htdocs" if self.inner else self.top

    @property
    def major(self) -> int:
        """First number of the version."""
        return versions.number(self.version)

    def text(self, name: str) -> str:
        """Return the text of a file by its name below the document root; nothing where there is no such file."""
        path = self.root / name
        return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""

    def entries(self) -> Iterator[Entry]:
        """Yield what belongs to a release, in a stable order."""
        prefix = "" if self.inner else "htdocs/"
        yield from _walk(self.top, prefix)
        if self.custom and not (self.root / CUSTOM).is_dir():
            yield Entry(f"htdocs/{CUSTOM}", "", "folder", 0, 0, False)
        for module in self.custom:
            yield from _walk(module.path, f"htdocs/{CUSTOM}/{module.name}/")

    def digest(self) -> str:
        """Return the first 12 hexadecimal digits of a SHA-256 over names, kinds and contents."""
        total = hashlib.sha256()
        for entry in self.entries():
            total.update(os.fsencode(f"{entry.kind}\0{entry.name}\0{int(entry.executable)}\0"))
            if entry.kind == "file":
                with open(entry.path, "rb") as stream:  # noqa: PTH123 (20000 objects of Path take longer than the rest)
                    total.update(hashlib.file_digest(stream, "sha256").digest())
            elif entry.kind == "link":
                total.update(os.fsencode(os.readlink(entry.path)))
        return total.hexdigest()[:DIGEST_LENGTH]

    def signature(self) -> str:
        """Return a quick fingerprint of names, sizes and times, to find a digest again that was computed before."""
        places = "".join(f"{module.path}\0" for module in self.custom)
        total = hashlib.sha256(os.fsencode(f"{self.top}\0{self.version}\0{places}"))
        for entry in self.entries():
            seen = (entry.kind, entry.name, entry.size, entry.mtime_ns, int(entry.executable))
            total.update(os.fsencode("\0".join(map(str, seen)) + "\0"))
        return total.hexdigest()


def find(folder: Path) -> Tree:
    """Return the application in ``folder``, at its root or under ``htdocs/``; raise SourceError without one."""
    if not folder.is_dir():
        raise SourceError("source.path", f"{folder} is not a folder on the controller", "Name the application's folder")
    for base, inner in ((folder, False), (folder / "htdocs", True)):
        marker = base / MARKER
        if marker.is_file():
            try:
                version = tree_version.read(base)
            except tree_version.VersionError as error:
                raise SourceError("source.path", error.seen, error.mend) from None
            _require_own_conf(base)
            return Tree(folder, inner, version)
    raise SourceError(
        "source.path",
        f"{folder} holds no application: neither {MARKER} nor htdocs/{MARKER} is there",
        "Name the folder that holds the application's own files",
    )


def _require_own_conf(base: Path) -> None:
    for reader in (base / name for name in _CONF_READERS if (base / name).is_file()):
        with reader.open("rb") as stream:
            elsewhere = _ELSEWHERE.search(stream.read(_MARKER_BYTES).decode("utf-8", "replace"))
        if elsewhere:
            raise SourceError(
                "source.path",
                f"{reader} reads {elsewhere.group(1)}, as a distribution's package does: all sites would share it",
                "Name the folder of a release from the application's own archive or repository",
            )


def _walk(top: Path, prefix: str) -> Iterator[Entry]:
    if prefix:
        yield Entry(prefix.rstrip("/"), str(top), "folder", 0, 0, False)
    yield from _walk_folder(str(top), prefix)


def _walk_folder(folder: str, prefix: str) -> Iterator[Entry]:
    with os.scandir(folder) as found:
        items = sorted(found, key=lambda item: item.name)
    for item in items:
        name = prefix + item.name
        inside = name.removeprefix("htdocs/")
        if inside in _PRIVATE or inside in _PRIVATE_FOLDERS or item.name in {".git", ".svn"}:
            continue
        if item.is_symlink():
            yield Entry(name, item.path, "link", 0, item.stat(follow_symlinks=False).st_mtime_ns, False)
        elif item.is_dir():
            yield Entry(name, item.path, "folder", 0, 0, False)
            yield from _walk_folder(item.path, name + "/")
        elif item.is_file():
            status = item.stat(follow_symlinks=False)
            yield Entry(name, item.path, "file", status.st_size, status.st_mtime_ns, bool(status.st_mode & 0o100))
