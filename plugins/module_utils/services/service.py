# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Has a service run what is on disk: looks, acts only where that is not so, proves it, keeps a record. On the host."""

from __future__ import annotations

import fnmatch
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from ansible_collections.miclinik.hosting.plugins.module_utils.host import programs
from ansible_collections.miclinik.hosting.plugins.module_utils.services import loaded, systemd_unit
from ansible_collections.miclinik.hosting.plugins.module_utils.services import processes as services_processes
from ansible_collections.miclinik.hosting.plugins.module_utils.services import sockets as services_sockets
from ansible_collections.miclinik.hosting.plugins.module_utils.services.systemd_unit import State, UnitError

#: Steps after which the service runs with what was on disk.
LOADS = {"start", "reload", "restart"}
#: Where units of this host's own lie, and what is added to those of packages.
UNITS = "/etc/systemd/system/"


@dataclass(frozen=True)
class Service:
    """A unit, what it reads, and the unit that holds its sockets, if one does."""

    unit: str
    reads: Sequence[str] = ()
    sockets: str = ""
    kind: str = "other"
    restart_for: Sequence[str] = ()
    test: Sequence[str] = ()
    user: str = ""
    enabled: bool = True
    start: bool = True
    because: Sequence[str] = ()

    @property
    def units(self) -> list[str]:
        """The unit and the one that holds its sockets."""
        return [self.sockets, self.unit] if self.sockets else [self.unit]


@dataclass(frozen=True)
class Seen:
    """What was found: the unit's state, what is on disk, and why the two do not fit."""

    at: float
    state: State
    marks: Mapping[str, loaded.Mark]
    record: loaded.Record | None
    paths: list[str] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    holder: State | None = None  # of the unit that holds the sockets

    @property
    def _states(self) -> list[State]:
        return [self.state, self.holder] if self.holder else [self.state]

    def steps(self, service: Service) -> list[str]:
        """Return what has to be done, as verbs of systemctl."""
        if not self.state.active and not service.start:
            return []
        due = bool(self.paths or self.reasons or self.lost)
        # Of a folder of drop-ins that is new systemd does not say that it has to read its files again.
        outdated = any(state.outdated for state in self._states) or any(path.startswith(UNITS) for path in self.paths)
        found = ["daemon-reload"] if outdated or (due and service.unit.endswith(".timer")) else []
        if service.enabled and not all(state.enabled for state in self._states):
            found.append("enable")
        if not self.state.active:
            found.append("start")
        elif due:
            found.append("restart" if self.lost or _restarts(service, self.paths) else "reload")
        return found

    @property
    def because(self) -> list[str]:
        """All that shows that the service does not run what is on disk."""
        return [*self.paths, *self.reasons, *(f"{path} is not as its unit wants it" for path in self.lost)]

    def order(self, service: Service, step: str) -> tuple[str, list[str]]:
        """Return a step as systemctl is told it: the verb, and the units.

        A service that is restarted alone finds the calls that came in between in its sockets; these are made anew only
        where they are not as they should be.
        """
        if step == "enable":
            return step, service.units
        if step not in LOADS or not self.holder:
            return step, [service.unit]
        anew = self.lost or not self.holder.active or any(path.endswith(".socket") for path in self.paths)
        return ("restart" if anew else step), (service.units if anew else [service.unit])


def _restarts(service: Service, paths: Iterable[str]) -> bool:
    return any(fnmatch.fnmatch(path, pattern) for path in paths for pattern in service.restart_for)


def see(service: Service) -> Seen:
    """Look at the service and at what it reads."""
    at = time.time()
    state = systemd_unit.state(service.unit)
    marks = loaded.look(service.reads)
    record = loaded.load(service.unit)
    holder = systemd_unit.state(service.sockets) if service.sockets else None
    sockets = _sockets(service)
    deaf = services_sockets.deaf(sockets)
    lost = [*deaf, *services_sockets.lost(socket for socket in sockets if socket.path not in deaf)]
    if not state.active:
        return Seen(at, state, marks, record, lost=lost, holder=holder)
    generation = services_processes.generation(service.kind, state.pid)
    paths = loaded.stale(marks, record, state.mark, state.last_load, generation)
    return Seen(at, state, marks, record, paths, [*_reasons(service, state), *service.because], lost, holder)


def _reasons(service: Service, state: State) -> list[str]:
    """Return what shows, beside files and sockets, that the service does not run what it should."""
    if service.user and services_processes.lacking_groups(state.pid, service.user):
        return [f"workers of {service.user} are without one of its groups"]
    return []


def _sockets(service: Service) -> list[services_sockets.Socket]:
    return services_sockets.sockets(systemd_unit.sockets(service.sockets)) if service.sockets else []


def act(
    service: Service,
    seen: Seen,
    *,
    patience: float = 30.0,
    pause: Callable[[float], None] = time.sleep,
) -> None:
    """Do what ``seen`` asks for, and keep on record what is loaded then. Raises UnitError."""
    steps = seen.steps(service)
    if not steps and not seen.state.active:
        return
    if not seen.state.there and "daemon-reload" not in steps:
        raise UnitError(f"there is no unit {service.unit} on this host. Was its package installed?")
    before = services_processes.generation(service.kind, seen.state.pid)
    workers = services_processes.workers(seen.state.pid)
    if LOADS & set(steps):
        _test(service)
    for step in steps:
        if step == "daemon-reload":
            systemd_unit.order(step)
            continue
        if step == "start":
            # After five failures in a row systemd refuses to try again. Quiet, since a unit that it has not loaded yet
            # has nothing to be reset.
            systemd_unit.order("reset-failed", *service.units, quiet=True)
        verb, units = seen.order(service, step)
        systemd_unit.order(verb, *units)
        if step in LOADS:
            _wait(partial(_lacks, service, seen, step, before, workers), service.unit, step, patience, pause)
    now = systemd_unit.state(service.unit)
    generation = services_processes.generation(service.kind, now.pid)
    if steps or seen.record is None or not seen.record.is_of(now.mark, generation):
        record = loaded.Record(seen.at, list(now.mark), loaded.digests(seen.marks), generation)
        loaded.keep(service.unit, record)


def _test(service: Service) -> None:
    if not service.test:
        return
    done = subprocess.run(service.test, check=False, capture_output=True, text=True, env=programs.environment())
    if done.returncode:
        said = (done.stdout + done.stderr).strip()
        raise UnitError(
            f"`{' '.join(service.test)}` refuses what is on disk, so {service.unit} was left as it is. It says:\n{said}"
        )


def _lacks(service: Service, seen: Seen, step: str, before: Sequence[str], workers: Sequence[str]) -> list[str]:
    """Return what shows that the service does not run yet with what was on disk."""
    state = systemd_unit.state(service.unit)
    if not state.active:
        return ["it is not active"]
    old = step == "reload" and not services_processes.is_new(service.kind, state.pid, before, workers)
    lacks = ["it goes on with what it had loaded before"] if old else []
    deaf = services_sockets.deaf(_sockets(service))
    return [*lacks, *_reasons(service, state), *(f"nobody listens on {path}" for path in deaf)]


def _wait(
    lacks: Callable[[], list[str]], unit: str, step: str, patience: float, pause: Callable[[float], None]
) -> None:
    """Return once nothing is lacking. Raises UnitError when it does not come to it."""
    deadline = time.monotonic() + patience
    while found := lacks():
        if time.monotonic() >= deadline:
            raise UnitError(
                f"{unit} was told to {step}, and {patience:g} s later {'; '.join(found)}."
                f" See: journalctl --no-pager -n 50 -u {unit}"
            )
        pause(0.05)
