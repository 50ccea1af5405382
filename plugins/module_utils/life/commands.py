# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What ``miclinik-life SITE VERB …`` does: the operations on a whole site, for people, for systemd and for Ansible.

An operation runs in a unit of systemd of its own (miclinik-change@SITE), so that it ends whatever becomes of the
terminal or the connection that has asked for it; the order lies beside its journal.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.bridge.client import BridgeError
from ansible_collections.miclinik.hosting.plugins.module_utils.life import (
    adopt,
    adopt_commands,
    backup_commands,
    choice,
    clone,
    closing,
    database_password,
    export_commands,
    handover,
    operations,
    remove,
    rename,
    restic,
    restore,
    rollback,
    switch,
    units,
    upgrade,
)
from ansible_collections.miclinik.hosting.plugins.module_utils.life.journal import DONE, RUNNING, Journal, JournalError
from ansible_collections.miclinik.hosting.plugins.module_utils.life.operations import OperationError, Work
from ansible_collections.miclinik.hosting.plugins.module_utils.life.places import Places
from ansible_collections.miclinik.hosting.plugins.module_utils.life.stage import StageError
from ansible_collections.miclinik.hosting.plugins.module_utils.services import systemd_unit
from ansible_collections.miclinik.hosting.plugins.module_utils.services.systemd_unit import UnitError
from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout

_FAILURES = (OperationError, UnitError, BridgeError, *backup_commands.FAILURES)
_PAUSE = 0.5
#: Seconds after which a step that goes on is said once more.
_SILENCE = 10.0
#: What an order makes of its arguments.
OPERATIONS: dict[str, Callable[[dict[str, Any]], Work]] = {
    upgrade.OPERATION: lambda order: lambda stage, journal: upgrade.upgrade(stage, journal, order["release"]),
    clone.OPERATION: lambda order: lambda stage, journal: clone.clone(stage, journal, order),
    handover.OPERATION: lambda order: lambda stage, journal: rename.rename(stage, journal, order["source"]),
    switch.OPERATION: lambda _order: adopt.adopt,
    rollback.OPERATION: lambda _order: rollback.roll_back,
    database_password.OPERATION: lambda _order: database_password.rotate,
    restore.OPERATION: lambda order: lambda stage, journal: restore.restore(stage, journal, order),
}


def under_way(places: Places) -> bool:
    """Return whether a change is being made, or taken back. systemd begins the second when the first has ended."""
    for pause in (_PAUSE, 0.0):
        if units.busy(places.site):
            return True
        journal = Journal.read(places.journal)
        if not journal or journal.state != RUNNING:
            return False
        time.sleep(pause)
    return False


def main(arguments: Sequence[str]) -> int:
    """Do what ``arguments`` ask for and return an exit code: 0 done, 1 failed, 2 wrong usage."""
    if list(arguments) == ["--all", "recover"]:
        return _recover_all()
    if list(arguments[:2]) == ["--all", "backup"]:
        return backup_commands.all_sites(arguments[2:])
    given = _parser().parse_args(arguments)
    places = Places(given.site)
    try:
        if not places.facts.is_file() and given.does not in _WITHOUT_SITE:
            raise StageError(f"there is no site '{given.site}' on this host")
        return int(given.does(places, given))
    except _FAILURES as error:
        print(error, file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="miclinikctl", description="What is done with a whole site.")
    parser.add_argument("site", metavar="SITE", help="name of the site")
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    verb = verbs.add_parser("upgrade", help="bring it to a release that is unpacked")
    verb.add_argument("--to", required=True, metavar="RELEASE", help="name of the release, as in releases/")
    verb.set_defaults(does=lambda places, given: ask(places, {"operation": "upgrade", "release": given.to}))
    verb = verbs.add_parser("rollback", help="bring it back to what it was before its last upgrade")
    verb.set_defaults(does=lambda places, _: ask(places, {"operation": "rollback"}))
    verb = verbs.add_parser("remove", help="take it off this host, with all that it has there, after a last snapshot")
    verb.add_argument("--yes-remove", required=True, metavar="SITE", help="the name of the site once more")
    verb.add_argument("--without-snapshot", action="store_true", help="keep nothing of it")
    verb.set_defaults(does=_remove)
    verb = verbs.add_parser("clone", help="give it the data of another site, made harmless")
    verb.add_argument("--from", required=True, dest="source", metavar="SOURCE", help="name of that site")
    verb.add_argument("--snapshot", default="", help="not as it is now: as a snapshot holds it, or latest")
    verb.add_argument("--at", default="", metavar="TIME", help="as the last snapshot before this time holds it")
    verb.add_argument("--repository", default="", metavar="FILE", help=f"another one: a file like {restic.ENVIRONMENT}")
    verb.set_defaults(does=lambda places, given: ask(places, _clone_order(given)))
    verb = verbs.add_parser("rename", help="have it take the place of what it was called: playbooks/rename.yml")
    verb.add_argument("--from", required=True, dest="source", metavar="SITE", help="the name that it had")
    part = verb.add_mutually_exclusive_group()
    part.add_argument("--prepare", action="store_true", help="give the new name secrets and certificates, no more")
    part.add_argument("--done", action="store_true", help="say whether that was done before, no more")
    part.add_argument("--finish", action="store_true", help="take away what is left under the old name, no more")
    verb.set_defaults(does=_rename)
    adopt_commands.add(verbs, ask)
    export_commands.add(verbs)
    backup_commands.add(verbs)
    verb = verbs.add_parser("restore", help="bring it back to what a snapshot holds")
    verb.add_argument("snapshot", nargs="?", default=choice.LATEST, help="as `backup list` calls it, or latest")
    verb.add_argument("--at", default="", metavar="TIME", help="the last one before this time, as 2026-11-27T01:30")
    verb.set_defaults(
        does=lambda places, given: ask(
            places, {"operation": restore.OPERATION, "snapshot": given.snapshot, "at": given.at}
        )
    )
    verb = verbs.add_parser("close", help="let nobody in, over reboots as well, and have nothing of it run by itself")
    verb.set_defaults(does=_close)
    verb = verbs.add_parser("open", help="end that")
    verb.set_defaults(does=_open)
    verb = verbs.add_parser("database-password", help="give the site's user of the database another password")
    verb.add_argument("what", choices=["rotate"])
    verb.set_defaults(does=lambda places, _: ask(places, {"operation": database_password.OPERATION}))
    verb = verbs.add_parser("journal", help="what was done last, or is under way, as JSON")
    verb.set_defaults(does=_show)
    verb = verbs.add_parser("run", help="do what was ordered; for systemd")
    verb.set_defaults(does=_run)
    verb = verbs.add_parser("recover", help="take back what was killed, or bring it to its end; for systemd")
    verb.set_defaults(does=_recover)
    return parser


def _clone_order(given: argparse.Namespace) -> dict[str, Any]:
    # The words that the module site_change gives: the same order once more is the one that is under way.
    words = {name: getattr(given, name) for name in ("source", "snapshot", "at", "repository")}
    return {"operation": clone.OPERATION, **{name: value for name, value in words.items() if value}}


def ask(places: Places, order: dict[str, Any]) -> int:
    """Have systemd carry out ``order``, and show each step until it is over."""
    journal = start(places, order)
    shown, told = 0, time.monotonic()
    while True:
        running = under_way(places)
        last = Journal.read(places.journal)
        if last and last.began > journal:
            for step in last.steps[shown:]:
                print(f"{step.name}: {step.about}", flush=True)
                shown, told = shown + 1, time.monotonic()
            if last.steps and running and time.monotonic() - told > _SILENCE:
                print(f"{last.steps[-1].name}: for {time.time() - last.steps[-1].began:.0f} s", flush=True)
                told = time.monotonic()
        elif running and time.monotonic() - told > _SILENCE:
            print("waits until what else is done with the site is over: a snapshot, perhaps", flush=True)
            told = time.monotonic()
        if not running:
            return _told(last if last and last.began > journal else None, places)
        time.sleep(_PAUSE)


def start(places: Places, order: dict[str, Any]) -> float:
    """Give the order; return a time before it. Raises JournalError while something else is under way.

    The same order once more, of somebody whose connection was lost, is the one that is under way.
    """
    if under_way(places):
        journal = Journal.read(places.journal)
        if journal and places.order.is_file() and json.loads(places.order.read_text(encoding="utf-8")) == order:
            return journal.began - 1
        raise JournalError(
            "something is under way with the site: journalctl"
            f" -u {units.change(places.site)} -u {units.recovery(places.site)}"
        )
    operations.require_open(places)
    places.work.mkdir(mode=0o700, parents=True, exist_ok=True)
    places.order.write_text(json.dumps(order), encoding="utf-8")
    began = time.time()
    systemd_unit.order("reset-failed", units.change(places.site), quiet=True)
    systemd_unit.order("start", "--no-block", units.change(places.site))
    return began


def _told(journal: Journal | None, places: Places) -> int:
    if journal is None:
        print(f"It did not begin: journalctl -u {units.change(places.site)}", file=sys.stderr)
        return 1
    for warning in journal.warnings:
        print(f"note: {warning}")
    if journal.state != DONE:
        print(f"failed at {journal.problem}. {outcome(journal, places.site)}", file=sys.stderr)
        return 1
    print(f"done in {(journal.ended or 0) - journal.began:.1f} s")
    return 0


def outcome(journal: Journal, site: str) -> str:
    """Return in what state an operation that failed has left the site."""
    if journal.state != RUNNING:
        return "The site is as it was before."
    return (
        f"It could not be taken back, and nobody is let in: {journal.obstacle or 'that was killed as well'}. Mend that,"
        f" then: miclinikctl {site} recover; journalctl -u {units.recovery(site)}"
    )


def _show(places: Places, _given: argparse.Namespace) -> int:
    journal = Journal.read(places.journal)
    print(json.dumps(asdict(journal) | {"file": str(journal.file)} if journal else {}))
    return 0


def _run(places: Places, _given: argparse.Namespace) -> int:
    order = json.loads(places.order.read_text(encoding="utf-8"))
    operations.carry_out(places, order["operation"], OPERATIONS[order["operation"]](order))
    return 0


def _remove(places: Places, given: argparse.Namespace) -> int:
    if given.yes_remove != places.site:
        raise StageError(f"--yes-remove is {given.yes_remove!r}, and the site is {places.site!r}: nothing was done")
    if not remove.there(places):
        print(f"nothing of {places.site} is on this host")
        return 0
    remove.remove(places, without_snapshot=given.without_snapshot, say=lambda words: print(words, flush=True))
    print(f"nothing is left of {places.site} on this host")
    return 0


def _recover_all() -> int:
    """After a power cut: have what was under way taken back, of each site by itself, until it is."""
    for file in sorted(Path(layout.WORK).glob("*/journal.json")):
        places = Places(file.parent.name)
        if places.facts.is_file() and _is_running(places):
            systemd_unit.order("start", "--no-block", units.recovery(places.site))
    return 0


def _is_running(places: Places) -> bool:
    try:
        journal = Journal.read(places.journal)
    except JournalError:
        return True  # who takes it back says what is wrong with it
    return journal is not None and journal.state == RUNNING


def _close(places: Places, _given: argparse.Namespace) -> int:
    closing.close(places)
    print(f"{places.site} is closed until: miclinikctl {places.site} open")
    return 0


def _open(places: Places, _given: argparse.Namespace) -> int:
    closing.open_(places)
    print(f"{places.site} is open")
    return 0


def _rename(places: Places, given: argparse.Namespace) -> int:
    done = handover.is_done(places, given.source)
    if given.finish:
        gone = rename.finish(places, given.source, lambda words: print(words, flush=True))
        print(f"nothing is left of {given.source} on this host{'' if gone else ', as before'}")
    elif done:
        print(f"{given.source} is called {places.site} already")
    elif given.done:
        print(f"{given.source} is not called {places.site} yet")
    elif given.prepare:
        rename.prepare(places, given.source)
        print(f"{places.site} has the secrets of {given.source}")
    else:
        return ask(places, {"operation": handover.OPERATION, "source": given.source})
    return 0


def _recover(places: Places, _given: argparse.Namespace) -> int:
    with operations.alone(places):
        journal = operations.recover(places)
    if journal:
        brought = "brought to its end" if journal.state == DONE else "taken back: the site is as it was before"
        print(f"{journal.operation} {journal.identifier} was {brought}")
    return 0


#: What is done where there is no such site on the host, or not yet.
_WITHOUT_SITE = (_remove, _rename, adopt_commands.adopt, export_commands.export)
