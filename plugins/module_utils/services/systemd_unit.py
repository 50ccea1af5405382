# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A unit of systemd: its state, and what is asked of it. Runs on the host."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ansible_collections.miclinik.hosting.plugins.module_utils.host import programs

_SHOWN = (
    "ActiveState,CanReload,InactiveExitTimestamp,InvocationID,Job,LoadState,MainPID,NeedDaemonReload,ReloadResult,"
    "StateChangeTimestamp,StateChangeTimestampMonotonic,UnitFileState"
)
#: Seconds before the end of a reload in which it has surely read its files.
_MARGIN = 10.0
#: Seconds by which the time of a file may be earlier than when it was written: the kernel looks at its clock at ticks.
_COARSE = 0.02
#: Seconds that systemd may take to say what it knows; what it is told to do takes as long as it takes.
_PATIENCE = 30.0


class UnitError(Exception):
    """A unit did not do what was asked; the message says what was seen and what to do."""


@dataclass(frozen=True)
class State:
    """What systemd says of a unit."""

    there: bool
    active: bool
    enabled: bool
    pid: int
    outdated: bool  # its file is newer than what systemd has read
    last_load: float  # when it had not yet begun to read what it has loaded
    mark: tuple[str, ...]  # another one after each start and reload that systemd knows of
    busy: bool = False  # it has begun, and has not ended: what runs once is never active

    @classmethod
    def of(cls, shown: Mapping[str, str]) -> State:
        """Make one of the properties that ``systemctl show`` prints."""
        started = max(0.0, _time(shown.get("InactiveExitTimestamp", "")) - _COARSE)
        changed = _time(shown.get("StateChangeTimestamp", "")) - _MARGIN
        return cls(
            there=shown.get("LoadState") == "loaded",
            active=shown.get("ActiveState") in ("active", "reloading"),
            enabled=shown.get("UnitFileState") == "enabled",
            pid=int(shown.get("MainPID") or 0),
            outdated=shown.get("NeedDaemonReload") == "yes",
            # A reload that failed has read nothing.
            last_load=max(started, changed) if shown.get("ReloadResult", "success") == "success" else started,
            mark=(shown.get("InvocationID", ""), shown.get("StateChangeTimestampMonotonic", "")),
            # On a busy host a job waits for its turn, and the unit is what it was until then.
            busy=shown.get("ActiveState") in ("activating", "deactivating") or shown.get("Job", "0") not in ("", "0"),
        )


def _time(text: str) -> float:
    """Return the seconds since 1970 of ``Fri 2026-11-27 09:05:54.143962 UTC``, 0 of what is no time."""
    try:
        # Without the day of the week, which Python has in the language of the host.
        return datetime.strptime(f"{text.partition(' ')[2]}+0000", "%Y-%m-%d %H:%M:%S.%f UTC%z").timestamp()
    except ValueError:
        return 0.0


def state(unit: str) -> State:
    """Return what systemd says of ``unit`` now. Raises UnitError when it says nothing."""
    shown = _show(f"--property={_SHOWN}", "--timestamp=us+utc", unit)
    return State.of(dict(line.split("=", 1) for line in shown.splitlines() if "=" in line))


def sockets(unit: str) -> str:
    """Return what systemd says now of the sockets that a socket unit holds, as ``systemctl show`` prints it.

    Raises UnitError when it says nothing.
    """
    return _show("--property=Listen,SocketUser,SocketGroup,SocketMode", unit)


def order(verb: str, *words: str, quiet: bool = False) -> None:
    """Have systemd do ``verb``, and wait for it. Raises UnitError with its words, unless ``quiet``."""
    done = _systemctl(verb, *words)
    if done.returncode and not quiet:
        unit = words[-1] if words else ""
        raise UnitError(
            f"`systemctl {' '.join([verb, *words])}` failed: {done.stderr.strip() or done.returncode}."
            f" See: journalctl --no-pager -n 50 {f'-u {unit}' if unit else ''}".rstrip()
        )


def _show(*words: str) -> str:
    try:
        return _systemctl("show", *words, timeout=_PATIENCE).stdout
    except subprocess.TimeoutExpired:
        mend = "See what holds it up: systemctl list-jobs, journalctl -b -u init.scope"
        raise UnitError(f"systemd says nothing of {words[-1]} within {_PATIENCE:g} s. {mend}") from None


def _systemctl(*words: str, timeout: float | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["systemctl", *words], check=False, capture_output=True, text=True, env=programs.environment(), timeout=timeout
    )
