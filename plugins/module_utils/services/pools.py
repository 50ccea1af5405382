# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The sockets of PHP-FPM's pools: what their files say, and what is there. Runs on the host."""

from __future__ import annotations

import re
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.miclinik.hosting.plugins.module_utils.host import permissions

PROC = Path("/proc")
_LISTENING = 0x10000  # __SO_ACCEPTCON of include/uapi/linux/net.h
_POOL = re.compile(r"^\s*\[([^\]]+)\]")
_SETTING = re.compile(r"^\s*(listen(?:\.owner|\.group|\.mode|\.acl_users|\.acl_groups)?)\s*=\s*[\"']?([^\s\"';]+)")


@dataclass(frozen=True)
class Socket:
    """A Unix socket as its pool wants it; an empty owner, group or mode is left open."""

    path: str
    owner: str = ""
    group: str = ""
    mode: str = ""


def sockets(text: str) -> list[Socket]:
    """Return the Unix sockets of the pools in one file."""
    pools: list[dict[str, str]] = []
    for line in text.splitlines():
        if named := _POOL.match(line):
            pools.append({"pool": named[1]})
        elif pools and (found := _SETTING.match(line)):
            pools[-1][found[1]] = found[2].replace("$pool", pools[-1]["pool"])
    return [_socket(pool) for pool in pools if pool.get("listen", "").startswith("/")]


def _socket(pool: Mapping[str, str]) -> Socket:
    # Where access lists are given, PHP-FPM leaves owner and group alone.
    lists = "listen.acl_users" in pool or "listen.acl_groups" in pool
    owner, group = ("", "") if lists else (pool.get("listen.owner", ""), pool.get("listen.group", ""))
    return Socket(pool["listen"], owner, group, pool.get("listen.mode", ""))


def deaf(wanted: Iterable[Socket], proc: Path = PROC) -> list[str]:
    """Return the paths on which nobody listens."""
    listening = set()
    for line in (proc / "net/unix").read_text(encoding="utf-8", errors="replace").splitlines()[1:]:
        fields = line.split(maxsplit=7)
        if len(fields) > 7 and int(fields[3], 16) & _LISTENING:  # noqa: PLR2004 (a path is the eighth)
            listening.add(_short(fields[7]))
    return sorted(socket.path for socket in wanted if _short(socket.path) not in listening)


def _short(path: str) -> str:
    return path.removeprefix("/var") if path.startswith("/var/run/") else path


def lost(wanted: Iterable[Socket]) -> list[str]:
    """Return the paths that a reload cannot mend: PHP-FPM takes its open sockets along as they are.

    It goes on listening where the file is gone, and leaves an owner or a mode that its pool has changed.
    """
    return sorted(socket.path for socket in wanted if _is_lost(socket))


def _is_lost(socket: Socket) -> bool:
    try:
        status = Path(socket.path).stat()
    except OSError:
        return True
    wrong = [
        socket.mode and stat.S_IMODE(status.st_mode) != int(socket.mode, 8),
        socket.owner and permissions.user_name(status.st_uid) != socket.owner,
        socket.group and permissions.group_name(status.st_gid) != socket.group,
    ]
    return not stat.S_ISSOCK(status.st_mode) or any(wrong)
