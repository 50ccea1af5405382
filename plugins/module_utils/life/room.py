# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether a disk has the room that something is about to take."""

from __future__ import annotations

import shutil
from pathlib import Path

MIB = 1024 * 1024
#: What stays free beside a copy of a site.
SPARE = 512 * MIB


def lacking(where: Path, takes: int, told: str, spare: int = SPARE) -> str:
    """Return what is lacking in ``where`` for so many bytes and ``spare`` beside them; empty where nothing is.

    ``told`` is what takes them, with its verb.
    """
    free = shutil.disk_usage(where).free
    if free >= takes + spare:
        return ""
    has, wants, beside = (size // MIB for size in (free, takes, spare))
    return f"{where} has {has} MiB free, and {told} {wants} MiB, with {beside} MiB to spare: make room"
