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
from pathlib import Path

from ansible_collections.miclinik.hosting.plugins.module_utils.host import programs
from ansible_collections.miclinik.hosting.plugins.module_utils.services import loaded, systemd_unit
from ansible_collections.miclinik.hosting.plugins.module_utils.services import pools as services_pools
from ansible_collections.miclinik.hosting.plugins.module_utils.services import processes as services_processes
from ansible_collections.miclinik.hosting.plugins.module_utils.services.systemd_unit import State, UnitError

_POOL_FILES = "/pool.d/"
#: Steps after which the service runs with what was on disk.
LOADS = {"start", "reload", "restart"}


@dataclass(frozen=True)
class Service:
    """A unit, and what it reads."""

    unit: str
    reads: Sequence[str]
    kind: str = "other"
    restart_for: Sequence[str] = ()
    test: Sequence[str] = ()
    user: str = ""
    enabled: bool = True
    start: bool = True


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

    def steps(self, service: Service) -> list[str]:
        """Return what has to be done, as verbs of systemctl."""
        if not self.state.active and not service.start:
            return []
        due = bool(self.paths or self.reasons or self.lost)
        found = ["daemon-reload"] if self.state.outdated or (due and service.unit.endswith(".timer")) else []
        if service.enabled and not self.state.enabled:
            found.append("enable")
        if not self.state.active:
            found.append("start")
        elif due:
            found.append("restart" if self.lost or _restarts(service, self.paths) else "reload")
        return found

    @property
    def because(self) -> list[str]:
        """All that shows that the service does not run what is on disk."""
        return [*self.paths, *self.reasons, *(f"{path} is not as its pool wants it" for path in self.lost)]


def _restarts(service: Service, paths: Iterable[str]) -> bool:
    return any(fnmatch.fnmatch(path, pattern) for path in paths for pattern in service.restart_for)


def see(service: Service, known: Sequence[str] = ()) -> Seen:
    """Look at the service and at what it reads; ``known`` are reasons that the caller has seen."""
    at = time.time()
    state = systemd_unit.state(service.unit)
    marks = loaded.look(service.reads)
    record = loaded.load(service.unit)
    if not state.active:
        return Seen(at, state, marks, record)
    generation = services_processes.generation(service.kind, state.pid)
    paths = loaded.stale(marks, record, state.mark, state.last_load, generation)
    reasons = [*_reasons(service, state, marks), *known]
    sockets = _sockets(service, marks)
    deaf = services_pools.deaf(sockets)
    lost = services_pools.lost(socket for socket in sockets if socket.path not in deaf)
    return Seen(at, state, marks, record, paths, reasons, lost)


def _reasons(service: Service, state: State, paths: Iterable[str]) -> list[str]:
    """Return what shows, beside files, that the service does not run what it should."""
    reasons = []
    if service.user and services_processes.lacking_groups(state.pid, service.user):
        reasons.append(f"workers of {service.user} are without one of its groups")
    reasons += [f"nobody listens on {socket}" for socket in services_pools.deaf(_sockets(service, paths))]
    return reasons


def _sockets(service: Service, paths: Iterable[str]) -> list[services_pools.Socket]:
    """Return the sockets of the pools among ``paths``, where the service is PHP-FPM."""
    if service.kind != "php-fpm":
        return []
    files = [Path(path) for path in paths if _POOL_FILES in path and path.endswith(".conf")]
    return [
        socket
        for file in files
        for socket in services_pools.sockets(file.read_text(encoding="utf-8", errors="replace"))
    ]


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
            systemd_unit.order("reset-failed", service.unit, quiet=True)
        systemd_unit.order(step, service.unit)
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
    return lacks + _reasons(service, state, seen.marks)


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
