# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Files that are there as a whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

OPEN, PRIVATE = 0o644, 0o600


def replace(path: Path, content: str, mode: int = OPEN, *, durable: bool = False) -> None:
    """Write a file so that a reader meets the old content or the new, and nothing between; all may read it.

    With ``PRIVATE`` nobody but the owner can read it at any moment. What is ``durable`` outlives a power cut.

    :raises OSError: it cannot be written; the old file is still there.
    """
    new = path.with_name(f".{path.name}.new-{os.getpid()}")
    new.unlink(missing_ok=True)
    try:
        handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(content)
            os.fchmod(stream.fileno(), mode)  # whatever the umask
            if durable:
                stream.flush()
                os.fsync(stream.fileno())
        new.replace(path)
        if durable:
            _sync(path.parent)
    finally:
        new.unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
