# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What ``miclinikctl SITE backup …`` does."""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from ansible_collections.miclinik.hosting.plugins.module_utils.application import tree_version
from ansible_collections.miclinik.hosting.plugins.module_utils.life import (
    backup,
    backup_state,
    choice,
    engines,
    operations,
    restic,
    restore,
)
from ansible_collections.miclinik.hosting.plugins.module_utils.life.engine import EngineError
from ansible_collections.miclinik.hosting.plugins.module_utils.life.journal import RUNNING, Journal, JournalError
from ansible_collections.miclinik.hosting.plugins.module_utils.life.manifest import ManifestError
from ansible_collections.miclinik.hosting.plugins.module_utils.life.places import Places
from ansible_collections.miclinik.hosting.plugins.module_utils.life.restic import Repository, ResticError
from ansible_collections.miclinik.hosting.plugins.module_utils.life.stage import Stage, StageError
from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout

FAILURES = (
    backup.BackupError,
    ResticError,
    ManifestError,
    EngineError,
    StageError,
    JournalError,
    tree_version.VersionError,
    OSError,
)
#: Below this a check reads all data, above it another tenth each week.
_SMALL = 2 * 1024**3
_PARTS = 10


def add(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the verb ``backup``."""
    verb = verbs.add_parser("backup", help="snapshots in the repository of miclinik_backup")
    parts = verb.add_subparsers(required=True, metavar="run|list|check|test|state|last")
    one = parts.add_parser("run", help="make one now")
    one.add_argument("--tag", action="append", default=[], help="a mark; one with a mark is kept apart")
    one.set_defaults(does=run)
    parts.add_parser("list", help="those that there are").set_defaults(does=show)
    one = parts.add_parser("check", help="have restic check the repository, and read a part of it")
    one.add_argument("--all", action="store_true", help="read all of it")
    one.set_defaults(does=lambda places, given: check([places.site], whole=given.all))
    one = parts.add_parser("test", help="restore one beside the site, prove it, take it away again")
    one.add_argument("snapshot", nargs="?", default=choice.LATEST)
    one.set_defaults(does=test)
    parts.add_parser("tidy", help="take away what a test has left that was killed; for systemd").set_defaults(
        does=_tidy
    )
    parts.add_parser("state", help="what became of the last ones, as JSON").set_defaults(does=_state)
    parts.add_parser("last", help="the same in a line").set_defaults(does=_last)


def all_sites(arguments: Sequence[str]) -> int:
    """Do what is done once for all sites of the host: ``check``."""
    if list(arguments) != ["check"]:
        print("for all sites there is: backup check", file=sys.stderr)
        return 2
    return check(sorted(file.parent.name for file in Path(layout.STATES).glob("*/site.json")))


def run(places: Places, given: argparse.Namespace) -> int:
    """Make a snapshot, and take away those that are not to be kept any more."""
    settings, repository = _open()

    def work(news: dict[str, object]) -> None:
        taken = backup.Run(places, engines.of(places), settings, repository, tuple(given.tag), _saying()).take()
        news |= {"snapshot": taken.snapshot, "bytes": taken.total, "added": taken.added, "succeeded": time.time()}
        said = taken.manifest
        # What fails from here on is told, and is no reason to say that there is no backup.
        gone = backup.forget(said.sign, settings, repository)
        print(
            f"snapshot {taken.snapshot}: {said.version}, {sum(said.rows.values())} rows in {len(said.rows)} tables,"
            f" {len(said.documents)} documents, {taken.total / 2**20:.1f} MiB, {taken.added / 2**20:.1f} MiB new"
            + (f"; {gone} old ones taken away" if gone else "")
        )

    return _recorded([places.site], backup_state.BACKUP, settings, lambda news: _alone(places, lambda: work(news)))


def test(places: Places, given: argparse.Namespace) -> int:
    """Restore one for a test."""
    settings, repository = _open()

    def work(news: dict[str, object]) -> None:
        chosen = restore.test(Stage(places, engines.of(places)), repository, given.snapshot)
        said = chosen.manifest
        print(
            f"snapshot {chosen.snapshot} of {chosen.time[:19]} can be restored: {sum(said.rows.values())} rows in"
            f" {len(said.rows)} tables and {len(said.documents)} documents are as they were"
        )
        news["snapshot"] = chosen.snapshot

    return _recorded([places.site], backup_state.TEST, settings, lambda news: _alone(places, lambda: work(news)))


def check(sites: Sequence[str], *, whole: bool = False) -> int:
    """Have restic check the repository, which is that of all sites."""
    settings, repository = _open()

    def work(news: dict[str, object]) -> None:
        with restic.alone():
            size = int(json.loads(repository.run("stats", "--mode", "raw-data", "--json"))["total_size"])
            week = time.gmtime().tm_yday // 7 % _PARTS + 1
            part = "" if whole or size < _SMALL else f"{week}/{_PARTS}"
            backup.check(repository, part)
        print(f"{repository.place} holds {size / 2**20:.1f} MiB, and nothing is wrong ({part or 'all'} of it was read)")
        news["part"] = part or "all"

    return _recorded(sites, backup_state.CHECK, settings, work)


def show(places: Places, _given: argparse.Namespace) -> int:
    """Print the snapshots of a site, the oldest first."""
    _, repository = _open()
    for one in backup.snapshots_of(places, repository):
        tags = dict(tag.split("=", 1) for tag in one.get("tags") or () if "=" in tag)
        marks = [tag for tag in one.get("tags") or () if "=" not in tag and tag != backup.TAG]
        former = f"as {tags['site']}" if tags.get("site") not in (None, places.site) else ""
        words = [str(one["id"])[:8], str(one["time"])[:19], tags.get("version", ""), str(one["hostname"])]
        words += [former, *marks]
        print("  ".join(word for word in words if word))
    return 0


def _tidy(places: Places, _given: argparse.Namespace) -> int:
    with operations.alone(places):
        restore.tidy(Stage(places, engines.of(places)))
    return 0


def _state(places: Places, _given: argparse.Namespace) -> int:
    print(json.dumps(backup_state.read(places.site, places.root)))
    return 0


def _last(places: Places, _given: argparse.Namespace) -> int:
    state = backup_state.read(places.site, places.root)
    # Of a host that makes no backups, and has never made one, there is nothing to say.
    if state or backup.SETTINGS.is_file():
        print(f"backup: {backup_state.sentence(state, time.time())}")
    return 0


def _open() -> tuple[backup.Settings, Repository]:
    return backup.Settings.read(), Repository(restic.read_environment())


def _recorded(
    sites: Sequence[str], kind: str, settings: backup.Settings, work: Callable[[dict[str, object]], None]
) -> int:
    """Do ``work``, which adds to the news, and write down what became of it, for ``sites``; return an exit code."""
    began = time.time()
    problem = ""
    news: dict[str, object] = {}
    try:
        work(news)
    except FAILURES as error:
        problem = str(error)
        print(f"{', '.join(sites)}: {kind.replace('_', ' ')} failed: {problem}", file=sys.stderr)
    if kind == backup_state.BACKUP:
        news["every"] = settings.every_seconds
    for site in sites:
        folder = Path(settings.metrics) if settings.metrics else None
        backup_state.write(site, kind, news | backup_state.ended(problem, began), folder)
    return int(bool(problem))


def _alone(places: Places, work: Callable[[], None]) -> None:
    """Do ``work`` while nobody else does something with the site, or is in the repository.

    Who waits for one of them does not hold the other: an upgrade, and what takes it back, come first.
    """
    deadline = time.monotonic() + operations.PATIENCE
    while True:
        with contextlib.ExitStack() as held:
            held.enter_context(restic.alone())
            try:
                held.enter_context(operations.alone(places))
            except JournalError:
                if time.monotonic() > deadline:
                    raise
            else:
                journal = Journal.read(places.journal)
                if journal and journal.state == RUNNING:
                    mend = f"miclinikctl {places.site} recover, then once more"
                    raise JournalError(f"{journal.operation} was killed: {mend}")
                work()
                return
        time.sleep(operations.PAUSE)


def _saying(seconds: float = 10.0) -> backup.Say:
    """Return what prints each step, and of what is under way no more than a line in ``seconds``."""
    last = 0.0

    def say(words: str) -> None:
        nonlocal last
        if "%" in words and time.monotonic() - last < seconds:
            return
        last = time.monotonic()
        print(words, flush=True)

    return say
