# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is done with a whole site, one operation at a time, and what takes back one that failed or was killed."""

from __future__ import annotations

import contextlib
import fcntl
import time
from collections.abc import Callable, Iterator

from ansible_collections.miclinik.hosting.plugins.module_utils.life import (
    database_password,
    door,
    engines,
    handover,
    units,
    within,
)
from ansible_collections.miclinik.hosting.plugins.module_utils.life.backup import BackupError
from ansible_collections.miclinik.hosting.plugins.module_utils.life.engine import EngineError
from ansible_collections.miclinik.hosting.plugins.module_utils.life.journal import RUNNING, Journal, JournalError
from ansible_collections.miclinik.hosting.plugins.module_utils.life.manifest import ManifestError
from ansible_collections.miclinik.hosting.plugins.module_utils.life.places import Places
from ansible_collections.miclinik.hosting.plugins.module_utils.life.proof import ProofError
from ansible_collections.miclinik.hosting.plugins.module_utils.life.restic import ResticError
from ansible_collections.miclinik.hosting.plugins.module_utils.life.stage import Stage, StageError
from ansible_collections.miclinik.hosting.plugins.module_utils.services.systemd_unit import UnitError
from ansible_collections.miclinik.hosting.plugins.module_utils.site.layout import NEXT, SCRATCH

Work = Callable[[Stage, Journal], None]
_FAILURES = (EngineError, StageError, ProofError, UnitError, ManifestError, ResticError, BackupError, OSError)


class OperationError(Exception):
    """An operation that failed; the message says why, and that the site is as it was before."""


def carry_out(places: Places, operation: str, work: Work) -> Journal:
    """Do ``work`` on record, and take it back if anything is in its way. Raises OperationError and JournalError."""
    with alone(places):
        recover(places)
        require_open(places)
        stage = Stage(places, engines.of(places))
        journal = Journal.begin(places.journal, operation, time.strftime("%Y%m%dT%H%M%SZ", time.gmtime()), {})
        try:
            work(stage, journal)
        except _FAILURES as error:
            at = journal.steps[-1].name if journal.steps else "the beginning"
            journal.problem = f"{at}: {error}"
            _try_to_take_back(stage, journal)
            raise OperationError(
                f"site '{places.site}': {operation} failed at '{at}': {error}. The site is as it was before."
            ) from error
        journal.end()
        return journal


def require_open(places: Places) -> None:
    """Raise JournalError where somebody has closed the site: what is done with it would open it again."""
    if places.shut.exists():
        raise JournalError(
            "it is closed, since it moves to another host perhaps. Open it first, if it may be open: miclinikctl"
            f" {places.site} open"
        )


def recover(places: Places) -> Journal | None:
    """Take back what an operation that was killed has left; return its record, None where there was nothing to do."""
    journal = Journal.read(places.journal)
    if not journal or journal.state != RUNNING:
        return None
    journal.problem = journal.problem or "it was killed"
    _try_to_take_back(Stage(places, engines.of(places)), journal)
    return journal


def _try_to_take_back(stage: Stage, journal: Journal) -> None:
    """Take it back; what is in the way, as a database server that is starting, is on record. It can be tried again."""
    journal.tries += 1
    journal.write()
    if stage.engine.login.local:
        units.start_server(stage.engine.name)
    try:
        take_back(stage, journal, journal.problem)
    except _FAILURES as error:
        journal.obstacle = str(error)
        journal.write()
        raise OperationError(
            f"site '{stage.places.site}': {journal.operation} failed at {journal.problem}, and could not be taken back"
            f" yet (try {journal.tries}: {error}). It is tried again by miclinik-recover@{stage.places.site}"
        ) from error


def take_back(stage: Stage, journal: Journal, problem: str) -> None:
    """Have the site be what it was before, and open. Can be called again after a kill."""
    places = stage.places
    within.end(places.site)
    if places.closed.exists() or journal.has_begun("close"):
        door.stop(places)
    stage.revert(journal)
    if journal.operation == database_password.OPERATION:
        database_password.settle(stage)
    if journal.operation == handover.OPERATION:
        handover.settle(places, journal)
    door.open_(places)
    for part in (NEXT, SCRATCH):
        stage.forget(part)
    journal.end(problem)


@contextlib.contextmanager
def alone(places: Places) -> Iterator[None]:
    """Have nobody else do something with the whole site. Raises JournalError."""
    places.work.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (places.work / "lock").open("w", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise JournalError(f"something is under way with the site: see {places.journal}") from None
        yield
