# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The table of ours in the kernel: what is in it, and having it be what the file says. Runs on the host.

Whoever loads it has a moment to say, over a new connection, that the host can still be reached. Otherwise a timer takes
the table away again, and it does not come back with the next boot.
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.miclinik.hosting.plugins.module_utils.host import programs
from ansible_collections.miclinik.hosting.plugins.module_utils.services import systemd_unit
from ansible_collections.miclinik.hosting.plugins.module_utils.services.systemd_unit import UnitError

FILE = Path("/etc/nftables.d/miclinik.nft")
UNIT = "miclinik-firewall.service"
UNDO = "miclinik-firewall-undo"
_LIST = ("nft", "--stateless", "list", "table", "inet", "miclinik")


@dataclass(frozen=True)
class Seen:
    """What is loaded, what the file would load (``None`` where it cannot be told), and whether it comes with a boot."""

    live: str
    wanted: str | None
    enabled: bool
    outdated: bool

    @property
    def as_wanted(self) -> bool:
        """Return whether nothing is to be done."""
        loaded = self.live == self.wanted if self.wanted is not None else bool(self.live)
        return loaded and self.enabled and not self.outdated


def see(file: Path = FILE) -> Seen:
    """Look at the kernel, the file and the unit."""
    state = systemd_unit.state(UNIT)
    return Seen(live(), wanted(file), state.enabled and state.active, state.outdated)


def live() -> str:
    """Return the table as the kernel has it; empty when it is not there."""
    done = _run(_LIST)
    return done.stdout if done.returncode == 0 else ""


def wanted(file: Path) -> str | None:
    """Return the table as the kernel would have it: loaded in a network of its own, which goes at once."""
    done = _run(["unshare", "--net", "sh", "-c", f'nft -f "$1" && {" ".join(_LIST)}', "sh", str(file)])
    return done.stdout if done.returncode == 0 else None


def load(seconds: int) -> None:
    """Have the kernel do what the file says, for ``seconds`` unless it is confirmed by then. Raises UnitError."""
    forget()
    systemd_unit.order("daemon-reload")
    systemd_unit.order("disable", UNIT, quiet=True)
    done = _run(
        [
            *("systemd-run", "--quiet", f"--unit={UNDO}", f"--on-active={seconds}s"),
            *("--timer-property=AccuracySec=1s", "systemctl", "disable", "--now", UNIT),
        ]
    )
    if done.returncode:
        raise UnitError(f"systemd makes no timer that would undo it, so nothing was loaded: {done.stderr.strip()}")
    systemd_unit.order("reload-or-restart", UNIT)
    if not live():
        raise UnitError(f"{UNIT} was started, and there is no table inet miclinik")


def confirm() -> None:
    """Keep what was loaded, from now on. Raises UnitError when it is gone already."""
    if not live() or not systemd_unit.state(f"{UNDO}.timer").active:
        raise UnitError(
            "the firewall was taken away again before anybody said that the host can be reached. Run the playbook once "
            "more"
        )
    systemd_unit.order("enable", UNIT)
    forget()


def forget() -> None:
    """Stop the timer that would undo it."""
    systemd_unit.order("stop", f"{UNDO}.timer", quiet=True)
    systemd_unit.order("reset-failed", f"{UNDO}.service", quiet=True)


def remove() -> None:
    """Take the table away for good. Raises UnitError."""
    forget()
    if systemd_unit.state(UNIT).there:
        systemd_unit.order("disable", "--now", UNIT)
    if live():
        _run(["nft", "delete", "table", "inet", "miclinik"])


def _run(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(command, check=False, capture_output=True, text=True, env=programs.environment())
    except FileNotFoundError as error:
        return subprocess.CompletedProcess(command, 127, "", str(error))
