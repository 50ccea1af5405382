# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is done with a whole site, one operation at a time, and what takes back one that failed or was killed."""

from __future__ import annotations

import contextlib
import fcntl
import sys
import time
from collections.abc import Callable, Iterator

from ansible_collections.miclinik.hosting.plugins.module_utils.life import (
    database_password,
    door,
    engines,
    handover,
    switch,
    units,
    within,
)
from ansible_collections.miclinik.hosting.plugins.module_utils.life.backup import BackupError
from ansible_collections.miclinik.hosting.plugins.module_utils.life.engine import EngineError
from ansible_collections.miclinik.hosting.plugins.module_utils.life.journal import DONE, RUNNING, Journal, JournalError
from ansible_collections.miclinik.hosting.plugins.module_utils.life.manifest import ManifestError
from ansible_collections.miclinik.hosting.plugins.module_utils.life.places import Places
from ansible_collections.miclinik.hosting.plugins.module_utils.life.proof import ProofError
from ansible_collections.miclinik.hosting.plugins.module_utils.life.restic import ResticError
from ansible_collections.miclinik.hosting.plugins.module_utils.life.stage import Stage, StageError
from ansible_collections.miclinik.hosting.plugins.module_utils.services.systemd_unit import UnitError
from ansible_collections.miclinik.hosting.plugins.module_utils.site import several
from ansible_collections.miclinik.hosting.plugins.module_utils.site.layout import NEXT, SCRATCH

Work = Callable[[Stage, Journal], None]
#: What is said of one that nobody ended.
KILLED = "it was killed"
#: Seconds between two looks at what else is done with a site, and for how long.
PAUSE, PATIENCE = 5.0, 1800.0
_FAILURES = (EngineError, StageError, ProofError, UnitError, ManifestError, ResticError, BackupError, OSError)


class OperationError(Exception):
    """An operation that failed; the message says why, and that the site is as it was before."""


def carry_out(places: Places, operation: str, work: Work) -> Journal:
    """Do ``work`` on record, and take it back if anything is in its way. Raises OperationError and JournalError.

    A snapshot of the site that is being made is waited for.
    """
    with turn(places):
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
            if journal.state == DONE:
                return journal
            raise OperationError(
                f"site '{places.site}': {operation} failed at '{at}': {error}. The site is as it was before."
            ) from error
        journal.end()
        return journal


def require_open(places: Places) -> None:
    """Raise JournalError where somebody has closed the site: what is done with it would open it again.

    On a host of a cluster as well: what is done there is none of what the others need.
    """
    if refusal := several.refusal("what is done with the whole of a site"):
        raise JournalError(refusal)
    if places.shut.exists():
        raise JournalError(
            "it is closed, since it moves to another host perhaps. Open it first, if it may be open: miclinikctl"
            f" {places.site} open"
        )


def recover(places: Places) -> Journal | None:
    """Take back what an operation that was killed has left, or bring it to its end; return its record.

    None where there was nothing to do.
    """
    journal = Journal.read(places.journal)
    if not journal or journal.state != RUNNING:
        return None
    journal.problem = journal.problem or KILLED
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
    """Have the site be what it was before, and open. Can be called again after a kill.

    Where clients may have been let in already to what it has become, that is brought to its end instead.
    """
    places = stage.places
    within.end(places.site)
    if _let_in(stage, journal):
        _finish(stage, journal)
        return
    if places.closed.exists() or journal.has_begun("close"):
        door.stop(places)
    stage.revert(journal)
    if journal.operation == database_password.OPERATION:
        database_password.settle(stage)
    if journal.operation == handover.OPERATION:
        handover.settle(places, journal)
    if journal.operation == switch.OPERATION:
        switch.settle(places, journal)
    door.open_(places)
    for part in (NEXT, SCRATCH):
        stage.forget(part)
    journal.end(problem)


def _let_in(stage: Stage, journal: Journal) -> bool:
    """Return whether what clients have written since would be lost, or what is on record be untrue, if it went back."""
    if journal.operation == database_password.OPERATION:
        return database_password.is_recorded(stage, journal)
    killed = journal.problem == KILLED
    if journal.operation == handover.OPERATION:
        return killed and journal.has_begun(handover.SERVE)
    return journal.has_begun(door.OPEN) and (killed or not stage.places.closed.exists())


def _finish(stage: Stage, journal: Journal) -> None:
    """Do what is left of an operation that has put its work in place. Can be called again after a kill."""
    places = stage.places
    if journal.operation == handover.OPERATION:
        handover.complete(places, journal)
    else:
        if journal.operation == database_password.OPERATION:
            database_password.settle(stage)
        door.open_(places)
    for part in sorted({NEXT, SCRATCH, journal.facts.get("swap", {}).get("part", NEXT)}):
        stage.forget(part)
    journal.warnings.append(f"{journal.problem}, after it had taken effect: it was brought to its end")
    journal.end()


@contextlib.contextmanager
def alone(places: Places) -> Iterator[None]:
    """Have nobody else do something with the whole site. Raises JournalError."""
    places.work.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (places.work / "lock").open("a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            what = lock.read().strip() or "something"
            raise JournalError(f"{what} is under way with the site: see {places.journal}") from None
        lock.truncate(0)
        lock.write(f"`{' '.join(sys.argv[1:4])}`\n")
        lock.flush()
        yield


@contextlib.contextmanager
def turn(places: Places) -> Iterator[None]:
    """Wait until what else is done with the site is over, and have it alone then. Raises JournalError."""
    deadline = time.monotonic() + PATIENCE
    with contextlib.ExitStack() as held:
        while True:
            try:
                held.enter_context(alone(places))
                break
            except JournalError:
                if time.monotonic() > deadline:
                    raise
            time.sleep(PAUSE)
        yield
