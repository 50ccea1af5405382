# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where the data of a clone comes from: another site of the same host, which goes on meanwhile, or a snapshot.

Of the other site nothing is changed, and nothing of the application runs: a dump and the documents are read by the
programs of the system, or fetched by restic.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.application import identity
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import secret_store
from ansible_collections.miclinik.hosting.plugins.module_utils.database import connections
from ansible_collections.miclinik.hosting.plugins.module_utils.life import (
    choice,
    engines,
    fetched,
    operations,
    proof,
    restic,
    restore,
    upgrade,
)
from ansible_collections.miclinik.hosting.plugins.module_utils.life.engine import Rows
from ansible_collections.miclinik.hosting.plugins.module_utils.life.journal import RUNNING, Journal, JournalError
from ansible_collections.miclinik.hosting.plugins.module_utils.life.manifest import DUMP
from ansible_collections.miclinik.hosting.plugins.module_utils.life.places import Places
from ansible_collections.miclinik.hosting.plugins.module_utils.life.restic import Repository
from ansible_collections.miclinik.hosting.plugins.module_utils.life.stage import Stage, StageError, copy_folder
from ansible_collections.miclinik.hosting.plugins.module_utils.site.layout import LIVE, NEXT, SECRETS

#: What an old site's own is among documents: its sign, and a list of routes with its modules.
_NOT_COPIED = (f"/{identity.MARK}", "/api/temp/routes.php")
_NO_ENCRYPTION = ("", "0")


@dataclass(frozen=True)
class Brought:
    """The documents are in the copy; ``dump`` holds the database, with ``rows``; ``keys`` encrypted what is in it.

    ``user`` is the user of the database that it was of.
    """

    dump: Path
    rows: Rows
    version: str
    keys: list[str]
    user: str


def from_site(stage: Stage, journal: Journal, name: str) -> Brought:
    """Bring what the site called ``name`` holds now. Raises StageError and EngineError."""
    places = stage.places
    with journal.step("check", "see whether it can be done"):
        source = _source(stage, name)
        stage.check()
        version = _require_alike(stage, source)
        upgrade.require_space(stage, source)
        journal.facts |= {"from": name, "to": version}
    with left_alone(source.places):
        with journal.step("documents", f"copy the documents of {name}, which goes on"):
            stage.make(NEXT)
            bring_documents(stage, source)
        dump = places.work / f"{NEXT}-clone.sql"  # goes with the copy, should this be killed
        with journal.step("dump", f"write the database of {name} into a file"):
            rows = source.engine.dump(source.database(LIVE), dump)
    return Brought(dump, rows, version, keys_of(source.places), source.engine.login.user)


def from_snapshot(stage: Stage, journal: Journal, order: Mapping[str, Any]) -> Brought:
    """Bring what a snapshot of a site holds, which need not be on this host. Raises StageError and ResticError."""
    places, name = stage.places, str(order["source"])
    # Of another's repository nothing is changed, no lock put into it either.
    other = order.get("repository")
    repository = Repository(restic.read_environment(Path(str(other or restic.ENVIRONMENT))), locked=not other)
    with contextlib.ExitStack() as held:
        with journal.step("turn", "wait until nobody else of this host is in the repository"):
            held.enter_context(restic.alone())
        with journal.step("check", "find the snapshot, and see whether it can be done"):
            _require_declared(places, name)
            stage.check()
            which = str(order.get("snapshot") or choice.LATEST)
            chosen = choice.choose(repository, Places(name, places.root), which, str(order.get("at") or ""))
            said = chosen.manifest
            version = _require_fitting(places, said.engine, said.version)
            _require_own_id(places, name, said.sign)
            restore.require_server(stage, said)
            restore.require_space(stage, said)
            journal.warnings += chosen.notes
            journal.facts |= {"from": name, "to": said.version, "snapshot": chosen.snapshot, "of": chosen.time}
        with journal.step("fetch", f"fetch the documents and the database of {chosen.time[:19]} from the repository"):
            then = chosen.places(places.root)
            brought = fetched.fetch(stage, repository, chosen, NEXT, [then.conf, then.state / SECRETS])
    source = Places(said.site, brought.folder / str(places.root).lstrip("/"))
    _require_no_encryption(places, source)
    _require_own_keys(places, source)
    with journal.step("documents", "compare the documents with the snapshot's own list"):
        if meanwhile := fetched.put_documents(stage, brought, said, NEXT):
            journal.warnings.append(f"written while the snapshot was made: {', '.join(meanwhile[:5])}")
        for lost in _NOT_COPIED:
            (stage.places.documents(NEXT) / lost.lstrip("/")).unlink(missing_ok=True)
        _bring_mark(stage)
    user = identity.conf_values(source.conf).get("db_user", name)
    return Brought(brought.path(f"{chosen.folder}/{DUMP}"), said.rows, version, keys_of(source), user)


def _source(stage: Stage, name: str) -> Stage:
    """Return the site that is copied. Raises StageError where it is not the one that the inventory names."""
    source = Places(name, stage.places.root)
    if name == stage.places.site:
        raise StageError(f"'{name}' cannot be a clone of itself: name another site")
    if not source.facts.is_file():
        raise StageError(f"there is no site '{name}' on this host")
    _require_declared(stage.places, name)
    return Stage(source, engines.of(source))


def _require_declared(places: Places, name: str) -> None:
    declared = json.loads(places.facts.read_text(encoding="utf-8")).get("clone_of", "")
    if declared != name:
        raise StageError(
            f"'{places.site}' is declared as {f'a clone of {declared}' if declared else 'a site of its own'}, and its"
            f" data would be replaced by that of '{name}'. If that is wanted, write clone_of: {name} for it in the"
            " inventory and run site.yml"
        )


def _require_alike(stage: Stage, source: Stage) -> str:
    """Return the version of both sites. Raises StageError where the copy could not be the target's."""
    places, other = stage.places, source.places
    require_engine(places, other)
    _require_no_encryption(places, other)
    version = require_version(places, other)
    _require_own_id(places, other.site, identity.expected(other.state))
    _require_own_keys(places, other)
    return version


def _require_no_encryption(places: Places, other: Places) -> None:
    if any(identity.conf_values(one.conf).get("db_encryption", "") not in _NO_ENCRYPTION for one in (places, other)):
        raise StageError("$dolibarr_main_db_encryption is set in conf.php: constants cannot be made harmless then")


def _require_own_id(places: Places, other: str, sign: str) -> None:
    if identity.expected(places.state) == sign:
        raise StageError(f"'{places.site}' and '{other}' have one instance id: give each its own")


def _require_own_keys(places: Places, other: Places) -> None:
    mine = user_keys(places)
    same = set(mine.values()) & set(user_keys(other).values())
    if same:
        logins = sorted(login for login, key in mine.items() if key in same)
        raise StageError(
            f"API keys of '{places.site}' are those of '{other.site}' ({', '.join(logins)}): whoever has one could"
            " take one site for the other. Give it keys of its own"
        )


def require_engine(places: Places, other: Places) -> None:
    """Raise StageError where two sites are not of one engine."""
    here, there = (identity.conf_values(one.conf).get("db_type") for one in (places, other))
    if here != there:
        raise StageError(
            f"the data of '{other.site}' is on another engine ({there}, not {here}): data is not moved from one engine"
            " to the other"
        )


def require_version(places: Places, other: Places) -> str:
    """Return the version of two sites, of which ``places`` has to work. Raises StageError where it is not one."""
    ours, theirs = proof.prove(places), proof.status(other)
    versions = str(ours["schema"]["version"]), str((theirs.get("schema") or {}).get("version"))
    if versions[0] != versions[1] or theirs.get("upgrade_pending"):
        raise StageError(
            f"'{places.site}' is of version {versions[0]}, and '{other.site}' of {versions[1]}: give both the same"
            " source, and run site.yml or upgrade.yml first"
        )
    return versions[0]


def _require_fitting(places: Places, engine: str, version: str) -> str:
    """Return the site's version. Raises StageError where a snapshot is of another one, or of another engine."""
    here = connections.ENGINES.get(identity.conf_values(places.conf).get("db_type", ""), "")
    if here != engine:
        raise StageError(
            f"the snapshot's database is of {engine}, and that of '{places.site}' on {here}: data is not moved from one"
            " engine to the other"
        )
    ours = str(proof.prove(places)["schema"]["version"])
    if ours != version:
        raise StageError(
            f"the snapshot is of version {version}, and '{places.site}' of {ours}: name a source of {version} for it,"
            " or a snapshot of its version"
        )
    return ours


@contextlib.contextmanager
def left_alone(places: Places) -> Iterator[None]:
    """Have nobody change the whole of the site meanwhile. Raises StageError."""
    with contextlib.ExitStack() as held:
        try:
            held.enter_context(operations.turn(places))
            last = Journal.read(places.journal)
        except JournalError as error:
            raise StageError(f"'{places.site}' cannot be copied now: {error}") from error
        if last and last.state == RUNNING:
            raise StageError(f"{last.operation} of '{places.site}' was killed: miclinikctl {places.site} recover")
        yield


def user_keys(places: Places) -> dict[str, str]:
    """Return the keys on record of the site's users, by login. Raises StageError."""
    try:
        return secret_store.user_keys(secret_store.load(places.state / SECRETS))
    except secret_store.SecretError as error:
        raise StageError(str(error)) from error


def keys_of(places: Places) -> list[str]:
    """Return what the site encrypts and decrypts with, the one that it decrypts with first."""
    conf = identity.conf_values(places.conf)
    return [key for key in (conf.get("dolcrypt_key", ""), identity.conf_id(conf)) if key]


def bring_documents(stage: Stage, source: Stage) -> None:
    """Have the documents of ``source`` in the copy, for the site's own user. Raises StageError."""
    here, there = stage.places.documents(LIVE), source.places.documents(LIVE)
    ours, theirs = here.stat(), there.stat()
    owners = [f"--usermap={theirs.st_uid}:{ours.st_uid}", f"--groupmap={theirs.st_gid}:{ours.st_gid}"]
    excluded = (f"--exclude={name}" for name in _NOT_COPIED)
    copy_folder(there, stage.places.documents(NEXT), *owners, *excluded)
    _bring_mark(stage)


def _bring_mark(stage: Stage) -> None:
    """Have the site's own sign among the documents of the copy."""
    own = stage.places.documents(LIVE) / identity.MARK
    if own.is_file():
        target = stage.places.documents(NEXT) / identity.MARK
        shutil.copy2(own, target)
        kept = own.stat()
        os.chown(target, kept.st_uid, kept.st_gid)
