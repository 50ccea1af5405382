# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The Unix sockets that a unit of systemd holds: what the unit says, and what is there. Runs on the host."""

from __future__ import annotations

import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.miclinik.hosting.plugins.module_utils.host import permissions

PROC = Path("/proc")
_LISTENING = 0x10000  # __SO_ACCEPTCON of include/uapi/linux/net.h
_STREAM = " (Stream)"


@dataclass(frozen=True)
class Socket:
    """A Unix socket as its unit wants it; an empty owner, group or mode is left open."""

    path: str
    owner: str = ""
    group: str = ""
    mode: str = ""


def sockets(shown: str) -> list[Socket]:
    """Return the Unix sockets in what ``systemctl show`` prints of a socket unit.

    >>> sockets("SocketUser=www-data\\nSocketGroup=\\nSocketMode=0600\\nListen=/run/norte/web.sock (Stream)")
    [Socket(path='/run/norte/web.sock', owner='www-data', group='', mode='0600')]
    """
    pairs = [line.split("=", 1) for line in shown.splitlines() if "=" in line]
    values = dict(pairs)
    owner, group, mode = (values.get(name, "") for name in ("SocketUser", "SocketGroup", "SocketMode"))
    return [
        Socket(value.removesuffix(_STREAM), owner, group, mode)
        for name, value in pairs
        if name == "Listen" and value.startswith("/")
    ]


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
    """Return the paths that a reload of the service cannot mend: systemd goes on listening where the file is gone."""
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
