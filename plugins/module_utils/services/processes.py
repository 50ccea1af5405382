# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the processes of a service say of what it has loaded. Runs on the host.

A reload is asynchronous: systemd calls it done when the signal was sent. What proves it is in /proc.
"""

from __future__ import annotations

import os
import pwd
from collections.abc import Iterable
from pathlib import Path

PROC = Path("/proc")
KINDS = ("php-fpm", "nginx", "apache", "other")
#: Part of the title of a worker of Nginx that takes no new connections.
_LEAVING = "shutting down"


def generation(kind: str, pid: int, proc: Path = PROC) -> list[str]:
    """Return what is another after each time that the service read its files, whoever made it do so.

    PHP-FPM runs itself anew below the same process id, with new shared memory, opcache among it; Nginx gets new
    workers. Apache's workers come and go by themselves, and tell nothing.
    """
    if kind == "php-fpm":
        return _shared_memory(pid, proc)
    if kind == "nginx":
        return sorted(found for found, title in _children(pid, proc).items() if _is_worker(title))
    return []


def is_new(kind: str, pid: int, before: Iterable[str], workers: Iterable[str], proc: Path = PROC) -> bool:
    """Return whether all that serves was made after ``before`` (a generation) and ``workers`` (of that time)."""
    now = generation(kind, pid, proc)
    if kind in ("php-fpm", "nginx"):
        return bool(now) and not set(now) & set(before)
    if kind == "apache":
        return bool(set(_children(pid, proc)) - set(workers))
    return True


def workers(pid: int, proc: Path = PROC) -> list[str]:
    """Return the processes that a service has started."""
    return sorted(_children(pid, proc))


def _is_worker(title: str) -> bool:
    return "worker process" in title and _LEAVING not in title


def _shared_memory(pid: int, proc: Path) -> list[str]:
    """Return the inodes of the memory that the master shares with its workers."""
    try:
        lines = (proc / str(pid) / "maps").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    return sorted({line.split()[4] for line in lines if line.endswith("/dev/zero (deleted)")})


def _children(pid: int, proc: Path) -> dict[str, str]:
    """Return the titles of the children of ``pid``, by process id and start time."""
    found = {}
    for entry in proc.iterdir():
        if not (pid and entry.name.isdecimal()):
            continue
        try:
            # The name of a program may hold anything, so fields are counted from its closing parenthesis.
            fields = (entry / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
            if fields[1] == str(pid) and fields[0] != "Z":
                found[f"{entry.name}:{fields[19]}"] = (
                    (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace").strip()
                )
        except (OSError, IndexError):  # it ended while we looked
            continue
    return found


def lacking_groups(pid: int, user: str, proc: Path = PROC) -> bool:
    """Return whether a worker of ``user`` is without a group that its user is in: it was started before he joined."""
    try:
        account = pwd.getpwnam(user)
    except KeyError:
        return False
    wanted = set(os.getgrouplist(user, account.pw_gid))
    for worker in _children(pid, proc):
        try:
            status = (proc / worker.partition(":")[0] / "status").read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        fields = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
        if int(fields["Uid"].split()[1]) == account.pw_uid and not wanted <= {
            int(group) for group in fields["Groups"].split() + fields["Gid"].split()
        }:
            return True
    return False
