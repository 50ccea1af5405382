# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Packs an application on the controller into one file, kept in a cache so that the next host finds it done."""

from __future__ import annotations

import contextlib
import fcntl
import io
import json
import os
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from ansible_collections.miclinik.hosting.plugins.plugin_utils.source.tree import Tree


def cache_folder() -> Path:
    """Return the controller's cache folder (``$XDG_CACHE_HOME/miclinik-hosting``), made when it is missing."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    folder = Path(base) / "miclinik-hosting"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


@contextlib.contextmanager
def locked(name: str) -> Iterator[None]:
    """Let one process at a time work on ``name``: Ansible runs a fork per host, and hosts share a source."""
    with (cache_folder() / f"{name}.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def digest(tree: Tree) -> str:
    """Return the tree's digest; a tree whose names, sizes and times are as before is not read again."""
    signature = tree.signature()
    with locked("digests"):
        memory = cache_folder() / "digests.json"
        known: dict[str, str] = {}
        with contextlib.suppress(FileNotFoundError, json.JSONDecodeError):
            known = json.loads(memory.read_text(encoding="utf-8"))
        if signature not in known:
            known[signature] = tree.digest()
            _write(memory, json.dumps(known).encode())
        return known[signature]


def pack(tree: Tree, digest_: str) -> Path:
    """Return a compressed tar of ``tree``, owned by root inside, made unless the cache has it.

    Compressed with gzip: zstd is faster, but a host has it only after its packages came, and a release comes beside
    them.
    """
    target = cache_folder() / f"{tree.version}-{digest_}.tar.gz"
    with locked(target.name):
        if not target.is_file():
            part = target.with_name(f".{target.name}.part")
            with part.open("wb") as raw:
                _fill(tree, raw)
            part.replace(target)
    return target


def _fill(tree: Tree, raw: IO[bytes]) -> None:
    with tarfile.open(fileobj=raw, mode="w:gz", compresslevel=1, format=tarfile.GNU_FORMAT) as archive:
        _add_all(tree, archive)


def _add_all(tree: Tree, archive: tarfile.TarFile) -> None:
    for entry in tree.entries():
        info = tarfile.TarInfo(entry.name)
        info.mtime = entry.mtime_ns // 1_000_000_000
        if entry.kind == "folder":
            info.type, info.mode = tarfile.DIRTYPE, 0o755
            archive.addfile(info)
        elif entry.kind == "link":
            info.type, info.linkname = tarfile.SYMTYPE, os.readlink(entry.path)
            archive.addfile(info)
        else:
            info.mode = 0o755 if entry.executable else 0o644
            # The size counts what is read, not what was seen before: a file that grows would break the archive.
            content = Path(entry.path).read_bytes()
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))


def _write(target: Path, content: bytes) -> None:
    part = target.with_name(f".{target.name}.part")
    part.write_bytes(content)
    part.replace(target)
