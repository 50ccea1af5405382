# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the doctor wants to know of a host as such. Runs on the host and changes nothing."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.host import programs

#: Seconds that one command may take: a doctor who waits for ever names no cause.
PATIENCE = 5
_UNIT = (
    *("Id", "LoadState", "ActiveState", "SubState", "Result", "StateChangeTimestampMonotonic", "UnitFileState"),
    "ControlGroup",
)
#: What is told of a journal, and what is looked through for it.
_LINES, _LOOKED_AT = 4, 60
#: Seconds in which systemd tries a service again before it gives up.
ATTEMPTS = 15
_WIDTH = 240
#: `[26-Nov-2026 18:38:10] `, `2026/11/26 18:50:48 `, `2026-11-26 18:50:48.123 UTC [77] ` and the like.
_STAMP = re.compile(r"^\[?\d[\w/-]*[ T][\d:.]+(?: [A-Z]{3,4})?\]? (?:\[\d+\] )?")
MIB = 1024 * 1024


def run(*words: str, text: str | None = None) -> str:
    """Standard output and error of a command; empty when there is no such program or it took too long."""
    try:
        done = subprocess.run(
            words,
            input=text,
            stdin=None if text is not None else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
            timeout=PATIENCE,
            env=programs.environment(),
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout


def units(names: Sequence[str]) -> dict[str, dict[str, Any]]:
    """State of services: ``there``, ``active``, ``state``, ``result``, ``enabled``, and ``loaded``, the time in seconds
    since 1970 at which they last started or were reloaded; ``off_at_boot``, and ``held``, the processes
    that are stopped by a signal.
    """
    shown = run("systemctl", "show", f"--property={','.join(_UNIT)}", *(f"{name}.service" for name in names))
    found: dict[str, dict[str, Any]] = {}
    boot = time.time() - time.monotonic()
    for block in shown.split("\n\n"):
        values = dict(line.split("=", 1) for line in block.splitlines() if "=" in line)
        if "Id" not in values:
            continue
        stamp = values.get("StateChangeTimestampMonotonic", "")
        changed = int(stamp) / 1e6 if stamp.isdecimal() else 0.0
        found[values["Id"].removesuffix(".service")] = {
            "there": values.get("LoadState") == "loaded",
            "active": values.get("ActiveState") in ("active", "reloading"),
            "state": f"{values.get('ActiveState')} ({values.get('SubState')})",
            "result": values.get("Result", ""),
            "enabled": values.get("UnitFileState") == "enabled",
            "loaded": round(boot + changed, 3) if changed else 0.0,
            "off_at_boot": values.get("UnitFileState") in ("disabled", "masked"),
            "held": held(values.get("ControlGroup", "")),
        }
    return found


def held(group: str, cgroups: Path = Path("/sys/fs/cgroup"), processes: Path = Path("/proc")) -> list[int]:
    """Processes of a control group that are stopped (SIGSTOP): nothing but SIGCONT lets them go on."""
    found = []
    try:
        numbers = [int(line) for line in (cgroups / group.lstrip("/") / "cgroup.procs").read_text().split()]
    except (OSError, ValueError):
        return []
    for number in numbers if group.strip("/") else []:
        try:
            state = (processes / str(number) / "stat").read_text(errors="replace").rpartition(")")[2].split()[0]
        except (OSError, IndexError):
            continue
        found += [number] if state == "T" else []
    return found


def journal(unit: str, changed: float = 0.0) -> list[str]:
    """The last lines of a service's journal, each once.

    They are of what made it what it is: not older than the attempts before its last change of state, at ``changed``; of
    the last half hour where that is unknown.
    """
    since = f"@{changed - ATTEMPTS:.0f}" if changed else "-30min"
    # What a program says on its standard error has no level of its own.
    level = () if changed else ("-p", "warning")
    text = run("journalctl", "-q", "-u", unit, *level, "--since", since, "-n", str(_LOOKED_AT), "-o", "cat")
    return distinct(text.splitlines(), _LINES if not changed else 2 * _LINES)


#: What the kernel has done to a program, and by what names it knows the programs of a unit.
_KERNEL = re.compile(r'apparmor="DENIED"|oom-kill:|Out of memory|segfault at|general protection|I/O error|traps:')
_PROGRAMS = {"mariadb": "mariadbd|mysqld", "postgresql": "postgres", "nginx": "nginx", "apache2": "apache2"}


def kernel(unit: str, changed: float) -> list[str]:
    """The kernel's lines about a service's program, of the time in which it became what it is."""
    if not changed:
        return []
    since = f"@{changed - ATTEMPTS:.0f}"
    text = run("journalctl", "-q", "-k", "--since", since, "-n", str(10 * _LOOKED_AT), "-o", "cat")
    return of_kernel(text.splitlines(), unit)


def of_kernel(lines: Sequence[str], unit: str) -> list[str]:
    """Of these lines those that are about a program of the unit, or of a disk."""
    program = re.compile(_PROGRAMS.get(re.split(r"[@.]", unit)[0], "php-fpm") + "|I/O error")
    return distinct([line for line in lines if _KERNEL.search(line) and program.search(line)], 2)


def distinct(lines: Sequence[str], most: int = _LINES) -> list[str]:
    """The last lines that differ by more than the time that programs write before them; of several the last."""
    last = {_STAMP.sub("", line): line[:_WIDTH] for line in lines}
    order = sorted(last, key=lambda text: max(at for at, line in enumerate(lines) if _STAMP.sub("", line) == text))
    return [last[text] for text in order][-most:]


def disk(path: str) -> dict[str, Any]:
    """Room of the file system that holds a path, or the nearest folder above it that is there."""
    place = Path(path)
    while not place.exists() and place != place.parent:
        place = place.parent
    seen = os.statvfs(place)
    return {
        "path": str(place),
        "free_mb": seen.f_bavail * seen.f_frsize // MIB,
        "size_mb": seen.f_blocks * seen.f_frsize // MIB,
        "free_inodes": seen.f_favail,
        "inodes": seen.f_files,
        "read_only": bool(seen.f_flag & os.ST_RDONLY),
    }


def addresses() -> list[str]:
    """Addresses of this host, without loopback."""
    return run("hostname", "-I").split()


def loopback_up(flags: Path = Path("/sys/class/net/lo/flags")) -> bool:
    """Whether the interface of 127.0.0.1 is up (IFF_UP of netdevice(7)); so it is where nobody says."""
    try:
        return bool(int(flags.read_text(encoding="ascii"), 16) & 1)
    except (OSError, ValueError):
        return True


def resolved(name: str) -> list[str]:
    """What this host thinks a name's addresses are; empty when it does not know."""
    try:
        return sorted({str(entry[4][0]) for entry in socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)})
    except OSError:
        return []


def hosts_lines(name: str, path: Path = Path("/etc/hosts")) -> list[str]:
    """Addresses that /etc/hosts gives to a name."""
    found = []
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines() if path.is_file() else ():
        words = line.partition("#")[0].split()
        if name in words[1:]:
            found.append(words[0])
    return found


def listening(path: str) -> str:
    """Why nobody answers at a Unix socket; empty when somebody does."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(PATIENCE)
        try:
            client.connect(path)
        except FileNotFoundError:
            return "there is no such socket"
        except OSError as error:
            return str(error.strerror or error)
    return ""


#: Whose programs listen at a site's sockets; and a line of `ss -Hlxpe`: who listens, and at which inode.
_OF_PHP = re.compile(r'\(\("?(systemd|php-fpm)|,\("?(systemd|php-fpm)')
_LISTENS = re.compile(r" LISTEN +\d+ +\d+ +(?P<path>\S+) .* users:\((?P<users>.*)\) .*\bino:(?P<inode>\d+) ")
_WHO = re.compile(r'"(?P<name>[^"]*)",pid=(?P<process>\d+)')


def strangers(sockets: Mapping[str, str]) -> dict[str, str]:
    """By role, who listens at a Unix socket in place of systemd and PHP-FPM: ``name (process 7)``, or nothing."""
    lines = [found for line in run("ss", "-Hlxpe").splitlines() if (found := _LISTENS.search(line))]
    return {role: _stranger(path, lines) for role, path in sockets.items()}


def _stranger(path: str, lines: Iterable[re.Match[str]]) -> str:
    """What was at this path before has the same name, so that the inode tells which is reached."""
    try:
        inode = Path(path).stat().st_ino
    except OSError:
        return ""
    for found in lines:
        here = found["path"] == path and int(found["inode"]) == inode
        if here and not _OF_PHP.search(f"({found['users']}"):
            return ", ".join(f"{who['name']} (process {who['process']})" for who in _WHO.finditer(found["users"]))
    return ""


def newest(paths: Iterable[str]) -> tuple[str, float]:
    """Which of these files, or links themselves, was changed last, and when (seconds since 1970)."""
    times = [(os.lstat(path).st_mtime, path) for path in paths if os.path.lexists(path)]
    when, path = max(times, default=(0.0, ""))
    return path, round(when, 3)
