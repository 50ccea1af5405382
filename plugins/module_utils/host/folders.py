# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Folders on the way to a file, with modes that neither a umask nor a default ACL takes from. Runs on the host."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

OPEN = 0o755


def make(folder: Path, mode: int = OPEN) -> None:
    """Make ``folder`` and what is missing above it; everybody may pass through what is made above.

    A folder that is there stays as it is. ``Path.mkdir`` gives ``mode`` to the last folder only, and less the umask.
    """
    if folder.is_dir():
        return
    make(folder.parent)
    # One whose mode is not set yet is root's alone.
    folder.mkdir(mode=0o700, exist_ok=True)
    folder.chmod(mode)


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Wait until no other process has this folder locked, and have it so."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
