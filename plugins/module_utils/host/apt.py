# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Installs packages with apt-get, on hosts that others work on as well. Runs on the host.

Nothing is asked, no changed configuration file is replaced, and nothing is ever removed.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ansible_collections.miclinik.hosting.plugins.module_utils.host import apt_faults, dpkg_status, programs
from ansible_collections.miclinik.hosting.plugins.module_utils.host.apt_locks import Patience

UPDATES = Path("/var/lib/dpkg/updates")
ENVIRONMENT = {
    "DEBIAN_FRONTEND": "noninteractive",
    "DEBIAN_PRIORITY": "critical",
    "APT_LISTCHANGES_FRONTEND": "none",
    # Says which services should be restarted, and restarts none: they may be other people's.
    "NEEDRESTART_MODE": "l",
    "UCF_FORCE_CONFFOLD": "1",
    # What is said is looked at; the language stands before LC_ALL.
    "LC_ALL": "C.UTF-8",
    "LANGUAGE": "C",
}
_OPTIONS = (
    *("-qq", "--yes", "--no-remove", "--no-install-recommends"),
    *("-o", "Dpkg::Use-Pty=0", "-o", "Dpkg::Options::=--force-confdef", "-o", "Dpkg::Options::=--force-confold"),
    *("-o", "Acquire::Retries=3"),
)
#: States in which a package is left when dpkg dies, or a disk is full.
_HALF = frozenset({"half-configured", "half-installed", "unpacked", "triggers-awaited", "triggers-pending"})
#: Runs a command; returns its exit code, and all that it said.
Runner = Callable[[Sequence[str]], tuple[int, str]]


class AptError(Exception):
    """Packages could not be installed; the message says what apt said and what to do."""


@dataclass
class Outcome:
    """What came of it: names of the packages that were missing, and what an operator should hear."""

    installed: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def run(words: Sequence[str]) -> tuple[int, str]:
    """Run ``words`` without a terminal, and with nobody to answer questions."""
    done = subprocess.run(
        list(words),
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
        env=programs.environment() | ENVIRONMENT,
    )
    return done.returncode, done.stdout


class Apt:
    """apt-get, and dpkg where it was interrupted."""

    def __init__(
        self, patience: Patience, runner: Runner = run, status: Path = dpkg_status.STATUS, updates: Path = UPDATES
    ) -> None:
        self._patience, self._run = patience, runner
        self._status, self._updates = status, updates
        self._lists = ""

    def missing(self, names: Sequence[str]) -> list[str]:
        """Return those of ``names`` that are not installed."""
        there = dpkg_status.states(self._status)
        return [name for name in names if there.get(name) != dpkg_status.INSTALLED]

    def install(self, names: Sequence[str]) -> Outcome:
        """Install those of ``names`` that are missing. Raises AptError and apt_locks.Busy."""
        missing = self.missing(names)
        outcome = Outcome(missing)
        if not missing:
            return outcome
        self._patience.wait()
        outcome.notes += self._finish_others()
        self._update()
        code, said = self._install(missing)
        if code and apt_faults.is_stale(said):
            self._update()
            code, said = self._install(missing)
        still = self.missing(missing)
        if still:
            raise AptError(self._told(still, said))
        outcome.notes += [note for note in (self._patience.told(), self._lists_note()) if note]
        return outcome

    def _finish_others(self) -> list[str]:
        """Have dpkg finish what was interrupted: apt does nothing before."""
        half = sorted(name for name, state in dpkg_status.states(self._status).items() if state in _HALF)
        journal = self._updates.is_dir() and any(path.name.isdecimal() for path in self._updates.iterdir())
        if not (half or journal):
            return []
        self._patient(["dpkg", "--force-confdef", "--force-confold", "--configure", "--pending"])
        # Judged by what apt says next: one that cannot be finished need not be in the way.
        return [f"dpkg had been interrupted, and was asked to finish{': ' if half else ''}{', '.join(half)}"]

    def _update(self) -> None:
        # Lists of a repository that we do not need may be out of reach: what is missing afterwards tells.
        code, said = self._patient(["apt-get", "-qq", "-o", "Acquire::Retries=3", "update"])
        self._lists = said if code or apt_faults.complaints(said) else ""

    def _install(self, names: Sequence[str]) -> tuple[int, str]:
        timeout = f"DPkg::Lock::Timeout={int(self._patience.left)}"
        return self._patient(["apt-get", *_OPTIONS, "-o", timeout, "install", "--fix-broken", *names])

    def _patient(self, words: Sequence[str]) -> tuple[int, str]:
        """Run ``words``; again, once the locks are free, where another program was quicker."""
        while True:
            code, said = self._run(words)
            if code == 0 or not apt_faults.is_lock(said):
                return code, said
            self._patience.pause()
            self._patience.wait()
            if self._patience.left <= 0:
                return code, said

    def _told(self, names: Sequence[str], said: str) -> str:
        work = f"apt could not install {', '.join(names)}"
        if "remove is disabled" in said:
            work += f", for which it would remove {', '.join(self._removals(names)) or 'others'}"
        # Why the lists are not what they should be, where apt found nothing to install from.
        return apt_faults.told(work, f"{self._lists}\n{said}")

    def _removals(self, names: Sequence[str]) -> list[str]:
        options = [option for option in _OPTIONS if option not in ("--no-remove", "-qq")]
        _, said = self._run(["apt-get", *options, "--simulate", "install", *names])
        return re.findall(r"^Remv (\S+)", said, re.MULTILINE)

    def _lists_note(self) -> str:
        words = apt_faults.complaints(self._lists)
        return f"apt could not bring all of its lists up to date: {'; '.join(words)}" if words else ""
