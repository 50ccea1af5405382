# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Files that are there as a whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path


def replace(path: Path, content: str) -> None:
    """Write a file so that a reader meets the old content or the new, and nothing between; all may read it.

    :raises OSError: it cannot be written; the old file is still there.
    """
    new = path.with_name(f".{path.name}.new-{os.getpid()}")
    try:
        new.write_text(content, encoding="utf-8")
        new.chmod(0o644)  # whatever the umask
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)
