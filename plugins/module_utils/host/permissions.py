# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a Unix user may do with files, and whose they are. Runs on the host, as root, and changes nothing."""

from __future__ import annotations

import grp
import json
import os
import pwd
import stat
from collections.abc import Sequence


def allowed(user: str, wanted: Sequence[tuple[str, int]]) -> list[bool | None]:
    """Ask the kernel, as this user, for each path and access mode; all None when there is no such user.

    A child takes the user on: no reading of modes tells what folders above, groups and read-only mounts come to.
    """
    try:
        account = pwd.getpwnam(user)
    except KeyError:
        return [None] * len(wanted)
    receiver, sender = os.pipe()
    child = os.fork()
    if child == 0:
        answer = b"null"
        try:
            # Where a disk hangs it outlives its parent, and must not keep open what others read to its end.
            nothing = os.open(os.devnull, os.O_RDWR)
            for standard in (0, 1, 2):
                os.dup2(nothing, standard)
            os.initgroups(account.pw_name, account.pw_gid)
            os.setgid(account.pw_gid)
            os.setuid(account.pw_uid)
            answer = json.dumps([os.access(path, mode) for path, mode in wanted]).encode()
        finally:
            # One write may be short where the answer is longer than the pipe.
            with os.fdopen(sender, "wb", closefd=False) as pipe:
                pipe.write(answer)
            os._exit(0)
    os.close(sender)
    with os.fdopen(receiver, "rb") as pipe:
        text = pipe.read()
    os.waitpid(child, 0)
    found: list[bool | None] | None = json.loads(text)
    return found or [None] * len(wanted)


def owners(seen: os.stat_result) -> dict[str, str]:
    """``owner``, ``group`` and ``mode`` (octal) of what was seen, as people write them."""
    return {
        "owner": user_name(seen.st_uid),
        "group": group_name(seen.st_gid),
        "mode": f"{stat.S_IMODE(seen.st_mode):04o}",
    }


def shown(seen: os.stat_result) -> str:
    """The same in one text: ``root:root 0755``."""
    told = owners(seen)
    return f"{told['owner']}:{told['group']} {told['mode']}"


def user_name(uid: int) -> str:
    """The user with this id, or the id itself where there is none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def group_name(gid: int) -> str:
    """The group with this id, or the id itself where there is none."""
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)
