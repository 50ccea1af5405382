# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Brings a site to another version: on a copy, which takes its place when it is proven.

The site answers until the copy is made, and again when the copy is in its place, or has failed.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Set
from pathlib import Path

from ansible_collections.miclinik.hosting.plugins.module_utils.application import (
    breaking_points,
    descriptors,
    tree_version,
    versions,
)
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge.client import Bridge, BridgeError
from ansible_collections.miclinik.hosting.plugins.module_utils.life import backup, door, installer, proof, room
from ansible_collections.miclinik.hosting.plugins.module_utils.life.engine import Rows
from ansible_collections.miclinik.hosting.plugins.module_utils.life.journal import Journal
from ansible_collections.miclinik.hosting.plugins.module_utils.life.stage import Stage, StageError
from ansible_collections.miclinik.hosting.plugins.module_utils.life.within import Within
from ansible_collections.miclinik.hosting.plugins.module_utils.site.layout import BEFORE, LIVE, NEXT, SCRATCH
from ansible_collections.miclinik.hosting.plugins.module_utils.text import lists as text_lists

OPERATION = "upgrade"
#: The module that writes the application's log, and where it does.
_LOGGING, _LOG = "syslog", "dolibarr.log"
#: So many names are enough to know what it is about.
_SHOWN = 8

Columns = Mapping[str, set[str]]
#: What a clinic lives by: no upgrade makes fewer of these.
_KEPT = ("user", "societe", "socpeople", "product", "commande", "commandedet", "facture", "facturedet", "user_rights")


def upgrade(stage: Stage, journal: Journal, release: str) -> None:
    """Bring the site to ``release``, which is unpacked. Whatever is raised, the caller takes back what was done."""
    places = stage.places
    root, served = places.releases / release / "htdocs", stage.served()
    with journal.step("check", "see whether it can be done"):
        stage.check()
        target = _version(root)
        before = proof.prove(places)
        present = str(before["schema"]["version"])
        _refuse_older(present, target)
        todo = installer.steps(root, present, target)
        require_space(stage, stage)
        journal.facts |= {"from": present, "to": target, "release": release}
        journal.warnings += breaking_points.told(present, target)
    if backup.SETTINGS.is_file():
        with journal.step("snapshot", "put a snapshot of what is there into the repository"):
            journal.facts["snapshot"] = backup.before(places, stage.engine, OPERATION)
    modules = sorted(before["modules"])
    with journal.step("scratch", f"install {target} beside it, with the same modules, to compare with"):
        wanted = _scratch(stage, release, modules)
    with journal.step("copy", "copy the documents, while the site goes on"):
        stage.make(NEXT)
        stage.copy_documents(NEXT)
    with journal.step("close", "close the site"):
        door.close(places, f"the upgrade to {target}")
    written = stage.engine.writes(stage.database(LIVE))
    rows = _fill(stage, journal)
    copy = Within(stage, NEXT, release)
    (places.documents(NEXT) / "api/temp/routes.php").unlink(missing_ok=True)
    for number, (about, task) in enumerate(installer.tasks(copy, present, target, todo), start=1):
        with journal.step(f"script-{number}", about):
            task()
    with journal.step("modules", "switch the custom modules on again, so that their tables and rights follow"):
        _switch_on(copy.bridge, root, modules)
        journal.warnings += _leave_off(copy.bridge, modules)
        if not (places.documents(LIVE) / _LOG).exists():
            (places.documents(NEXT) / _LOG).unlink(missing_ok=True)
    with journal.step("compare", f"compare it with {target} as it is installed anew"):
        added = installer.added(root, todo, stage.engine.name)
        journal.warnings += compare(wanted, stage.engine.columns(stage.database(NEXT)), added)
        after = stage.engine.rows(stage.database(NEXT))
        journal.warnings += _rows_kept(rows, after)
        require_unwritten(stage, written)
        stage.forget(SCRATCH)
    stage.promote(journal, NEXT, BEFORE, release)
    with journal.step("prove", "see whether it works, before anybody is let in"):
        door.start(places)
        proof.prove(places, target)
        stage.remember(BEFORE, {"release": served, "version": present, "until": journal.began, "rows": after})
    with journal.step(door.OPEN, "open the site"):
        door.open_(places)
    stage.forget(NEXT)


def _fill(stage: Stage, journal: Journal) -> Rows:
    """Make the copy what the site is, which is closed; return the rows of its tables."""
    with journal.step("documents", "copy the documents that have changed since"):
        stage.copy_documents(NEXT)
    dump = stage.places.work / f"{NEXT}-upgrade.sql"  # goes with the copy, should this be killed
    with journal.step("dump", "write the database into a file"):
        rows = stage.engine.dump(stage.database(LIVE), dump)
    with journal.step("load", "read it into a second database"):
        stage.fill_database(NEXT, dump, rows)
        dump.unlink()
    return rows


def require_unwritten(stage: Stage, written: int) -> None:
    """Raise StageError where somebody has written into a closed site since: the copy does not have it."""
    if stage.engine.writes(stage.database(LIVE)) > written:
        raise StageError(
            f"something has written into the database of '{stage.places.site}' while it was closed, and the copy does"
            f" not have that. Stop what is not PHP-FPM of the site's (a job of cron that runs cron_run_jobs.php, a"
            f" program with the user '{stage.engine.login.user}'), and try again"
        )


def _version(root: Path) -> str:
    try:
        return tree_version.read(root)
    except (tree_version.VersionError, OSError) as error:
        raise StageError(f"{root} holds no release that can be served: {error}") from error


def _refuse_older(present: str, target: str) -> None:
    if versions.older(target, present):
        raise StageError(
            f"the database is of {present}, and {target} is older: the application has no way back. To go back to what"
            " the site was before its last upgrade: playbooks/rollback.yml, or miclinikctl SITE rollback"
        )


def require_space(stage: Stage, source: Stage) -> None:
    """Raise StageError where there is no room for what is in ``source`` beside the site of ``stage``."""
    places = stage.places
    database = source.engine.size(source.database(LIVE))
    folder = source.places.documents(LIVE)
    documents = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file() and not file.is_symlink())
    for where, takes, what in (
        (places.documents(LIVE).parent, documents, "a copy of the documents takes"),
        (places.work, 2 * database, "the database, written out takes"),
    ):
        if lack := room.lacking(where, takes, what):
            raise StageError(lack)


def _scratch(stage: Stage, release: str, modules: list[str]) -> Columns:
    """Return the columns of a database that ``release`` has made itself, with ``modules``."""
    stage.make(SCRATCH)
    (stage.places.documents(SCRATCH)).chmod(0o700)
    bridge = Within(stage, SCRATCH, release).bridge
    try:
        bridge.call("install", {"login": "admin", "password": secrets.token_urlsafe(24), "language": "en_US"})
        for module in modules:
            bridge.call(f"module enable {module}")
    except BridgeError as error:
        raise StageError(f"the new version cannot be installed beside the old one: {error}") from error
    return stage.engine.columns(stage.database(SCRATCH))


def _switch_on(bridge: Bridge, root: Path, modules: list[str]) -> None:
    try:
        for module in sorted(descriptors.custom(root) & set(modules)):
            bridge.call(f"module disable {module}")
            bridge.call(f"module enable {module}")
    except BridgeError as error:
        raise StageError(f"a custom module does not come along: {error}") from error


def _leave_off(bridge: Bridge, modules: list[str]) -> list[str]:
    """Switch off what only the scripts have switched on; return what else is on that was not.

    Those of 22 and newer take their own log for one of the site, and leave it on for good: each statement in a file
    among the documents, with the keys of who calls the API.
    """
    try:
        more = set(bridge.call("status")["modules"]) - set(modules)
        if _LOGGING in more:
            bridge.call(f"module disable {_LOGGING}")
    except BridgeError as error:
        raise StageError(f"what the scripts have switched on cannot be seen to: {error}") from error
    more.discard(_LOGGING)
    return [f"modules that the application's scripts have switched on: {', '.join(sorted(more))}"] if more else []


def compare(wanted: Columns, found: Columns, added: Set[tuple[str, str]]) -> list[str]:
    """Return what ``found`` has other than ``wanted``; raise StageError where it lacks what it must have.

    That is every table, and the columns that the application's own scripts have ``added``: that these are missing is
    what a script that failed, or was left out, looks like. What no script adds an upgraded database has nowhere.
    """
    lacking = {(table, column) for table in wanted.keys() & found.keys() for column in wanted[table] - found[table]}
    missing = sorted(wanted.keys() - found.keys()) + _named(lacking & added)
    if missing:
        raise StageError(
            f"the upgraded database lacks {len(missing)} tables or columns that the new version has when it is"
            f" installed anew: {_some(missing)}"
        )
    never = _named(lacking - added)
    extra = sorted(found.keys() - wanted.keys())
    extra += [f"{table}.{column}" for table in sorted(wanted) for column in sorted(found[table] - wanted[table])]
    told = [f"columns of a new installation that no script of the application's adds: {_some(never)}"] if never else []
    return told + ([f"more than a new installation has: {_some(extra)}"] if extra else [])


def _named(columns: Set[tuple[str, str]]) -> list[str]:
    return sorted(f"{table}.{column}" for table, column in columns)


def _some(names: list[str]) -> str:
    return text_lists.shortened(names, _SHOWN)


def _rows_kept(before: Rows, after: Rows) -> list[str]:
    fewer = {table: (rows, after.get(table, 0)) for table, rows in before.items() if after.get(table, 0) < rows}
    lost = [f"{table}: {old} to {new}" for table, (old, new) in sorted(fewer.items())]
    if any(table.removeprefix("llx_") in _KEPT for table in fewer):
        raise StageError(f"the upgraded database has lost rows: {', '.join(lost)}")
    return [f"tables with fewer rows than before: {', '.join(lost)}"] if lost else []
