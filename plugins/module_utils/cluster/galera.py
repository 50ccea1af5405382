# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a host has of a Galera cluster: whether it is at work in one, and how far its data goes."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import TypedDict

from ansible_collections.miclinik.hosting.plugins.module_utils.host import programs

DATA = Path("/var/lib/mysql")
#: Debian's own databases.
_SYSTEM = frozenset({"mysql", "performance_schema", "sys", "test", "lost+found"})
_ASKED = r"SHOW GLOBAL STATUS LIKE 'wsrep\_%'"
_STATUS = ["mariadb", "--no-defaults", "--batch", "--skip-column-names", "--execute", _ASKED]
_POSITION = re.compile(r"--wsrep_start_position=([0-9a-f-]{36}):(-?\d+)")


class Seen(TypedDict):
    """``running`` is whether the server answers, ``primary`` whether it is in a part that may write.

    ``uuid`` and ``seqno`` say how far the data goes where it does not run. ``foreign`` are databases of a server that
    never was a member.
    """

    running: bool
    primary: bool
    synced: bool
    uuid: str
    seqno: int
    foreign: list[str]


def look(data: Path = DATA) -> Seen:
    """Return what this host has; nothing is changed."""
    status = _status()
    primary = is_primary(status)
    state = _saved(data)
    # One that waits for the others holds its files: nobody else can read them.
    if state and not status and not _unit_runs():
        state = _recovered() or state
    uuid, seqno = state or ("", -1)
    return {
        "running": bool(status),
        "primary": primary,
        "synced": primary and status.get("wsrep_local_state_comment") == "Synced",
        "uuid": uuid,
        "seqno": seqno,
        "foreign": [] if state else _databases(data),
    }


def is_primary(status: Mapping[str, str] | None = None) -> bool:
    """Return whether the server is in a part that may write; it is asked where its ``status`` is not given."""
    return (_status() if status is None else status).get("wsrep_cluster_status") == "Primary"


def _status() -> dict[str, str]:
    """Return what the server says of itself; nothing where it does not answer."""
    try:
        done = subprocess.run(
            _STATUS, capture_output=True, text=True, check=False, timeout=20, env=programs.environment()
        )
    except (OSError, subprocess.TimeoutExpired):
        return {}
    rows = (line.partition("\t") for line in done.stdout.splitlines())
    return {name: value for name, _, value in rows}


def _unit_runs() -> bool:
    """Return whether there is a server, be it one that answers nobody yet."""
    done = subprocess.run(
        ["systemctl", "is-active", "mariadb"], capture_output=True, text=True, check=False, env=programs.environment()
    )
    return done.stdout.strip() in ("active", "activating", "deactivating", "reloading")


def _saved(data: Path) -> tuple[str, int] | None:
    """Return what the server wrote down; its number is -1 where it did not end by itself."""
    try:
        text = (data / "grastate.dat").read_text(encoding="utf-8")
    except OSError:
        return None
    found = dict(re.findall(r"^(uuid|seqno):\s*(\S+)", text, re.MULTILINE))
    return str(found.get("uuid", "")), int(found.get("seqno", -1))


def _recovered() -> tuple[str, int] | None:
    """Return what InnoDB itself says, by MariaDB's own program; it starts no server."""
    try:
        done = subprocess.run(
            ["galera_recovery"], capture_output=True, text=True, check=False, timeout=300, env=programs.environment()
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = _POSITION.search(done.stdout)
    return (found[1], int(found[2])) if found else None


def _databases(data: Path) -> list[str]:
    if not data.is_dir():
        return []
    return sorted(entry.name for entry in data.iterdir() if entry.is_dir() and entry.name not in _SYSTEM)


def waits(data: Path = DATA) -> bool:
    """Return whether the server of a member waits for others, and can neither be read nor written meanwhile."""
    return _saved(data) is not None and _unit_runs() and not is_primary()


def leave() -> None:
    """End a server that waits for others: it does not end when it is asked to, and nobody writes into it.

    :raises subprocess.SubprocessError: it is still there.
    """
    # Fails where it has just ended by itself; the unit would start it again.
    subprocess.run(["systemctl", "kill", "--signal=KILL", "mariadb"], check=False, env=programs.environment())
    subprocess.run(["systemctl", "stop", "mariadb"], check=True, timeout=60, env=programs.environment())


def begin(data: Path = DATA) -> None:
    """Begin the cluster on this host, whoever was begun by last time.

    :raises OSError: it did not start.
    :raises subprocess.SubprocessError: a server that runs did not stop.
    """
    if waits(data):
        leave()
    subprocess.run(["systemctl", "stop", "mariadb"], check=True, timeout=300, env=programs.environment())
    state = data / "grastate.dat"
    if state.exists():
        text = state.read_text(encoding="utf-8")
        state.write_text(text.replace("safe_to_bootstrap: 0", "safe_to_bootstrap: 1"), encoding="utf-8")
    done = subprocess.run(
        ["galera_new_cluster"], capture_output=True, text=True, check=False, timeout=600, env=programs.environment()
    )
    if done.returncode:
        raise OSError(f"MariaDB did not begin a cluster: {done.stderr.strip()}. See: journalctl -u mariadb")
