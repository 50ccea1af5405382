# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What deep in a site's documents is not its user's to use, as after a command that root has run there.

Runs on the host, only reads, and ends in time: of a million files not all are looked at. The first levels are those of
``application/places.py``, which stop a run as well.
"""

from __future__ import annotations

import os
import pwd
import stat
import time
from collections import deque
from collections.abc import Mapping
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.host import permissions

#: Seconds and entries after which it is enough, and what is told.
_PATIENCE, _MOST, _SHOWN = 1.5, 50_000, 4
#: Levels that others look at, and what is nobody's but the API's or the file system's own.
_KNOWN, _ASIDE = 2, ("api", "lost+found")


def look(site: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return folders that the site's user cannot write to, and files that it cannot read: ``path`` and ``seen``."""
    try:
        account = pwd.getpwnam(site["user"])
    except KeyError:
        return []
    groups = set(os.getgrouplist(site["user"], account.pw_gid))
    found: list[dict[str, str]] = []
    waiting, until, seen = deque([(str(site["documents"]), 0)]), time.monotonic() + _PATIENCE, 0
    while waiting and len(found) < _SHOWN and seen < _MOST and time.monotonic() < until:
        folder, depth = waiting.popleft()
        try:
            entries = [*os.scandir(folder)]
        except OSError:
            continue
        for entry in entries:
            seen += 1
            if entry.name[0] == "." or entry.is_symlink() or (not depth and entry.name in _ASIDE):
                continue
            status = entry.stat(follow_symlinks=False)
            below = stat.S_ISDIR(status.st_mode)
            if below:
                waiting.append((entry.path, depth + 1))
            if depth >= _KNOWN and not _usable(status, below, account.pw_uid, groups):
                found.append({"path": entry.path, "seen": permissions.shown(status)})
    return found[:_SHOWN]


def _usable(status: os.stat_result, folder: bool, user: int, groups: set[int]) -> bool:
    wanted = os.R_OK | os.W_OK | os.X_OK if folder else os.R_OK
    shift = 6 if status.st_uid == user else 3 if status.st_gid in groups else 0
    return (status.st_mode >> shift) & wanted == wanted
