# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Unpacks a tar that may come from anywhere, below one folder and nowhere else."""

from __future__ import annotations

import os
import tarfile
from pathlib import Path


def extract(packed: tarfile.TarFile, folder: Path) -> None:
    """Unpack ``packed`` into ``folder``; raise tarfile.TarError at a member that leads out of it.

    Python does that itself from 3.11.4 on (https://docs.python.org/3/library/tarfile.html#tarfile.data_filter), and
    Debian 12 has 3.11.2.
    """
    if hasattr(tarfile, "data_filter"):
        packed.extractall(folder, filter="data")
        return
    for member in packed:
        _check(member, folder)
        # Whoever unpacks is the owner, and nobody else may write.
        member.uid, member.gid, member.uname, member.gname = os.geteuid(), os.getegid(), "", ""
        member.mode = 0o755 if member.isdir() else member.mode & 0o755 | 0o600
        packed.extract(member, folder, numeric_owner=True)


def _check(member: tarfile.TarInfo, folder: Path) -> None:
    if not (member.isreg() or member.isdir() or member.issym() or member.islnk()):
        raise tarfile.TarError(f"{member.name!r} is neither a file nor a folder nor a link")
    places = [Path(member.name)]
    if member.issym():
        places.append(places[0].parent / member.linkname)
    elif member.islnk():
        places.append(Path(member.linkname))
    top = folder.resolve()
    for place in places:
        # As it is on the disk by now: a link that was unpacked before may stand in the path.
        if place.is_absolute() or not (top / place).resolve().is_relative_to(top):
            raise tarfile.TarError(f"{member.name!r} leads out of the archive")
