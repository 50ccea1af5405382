# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Gives a site the data of another one of the same host, harmless before anything of the application runs on it.

Of the other site two things are read, by the programs of the system: a dump and the documents. It goes on meanwhile.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.application import identity
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import secret_store
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge.client import Bridge, BridgeError
from ansible_collections.miclinik.hosting.plugins.module_utils.life import (
    door,
    engines,
    neutral,
    operations,
    proof,
    reseal,
    upgrade,
)
from ansible_collections.miclinik.hosting.plugins.module_utils.life.journal import RUNNING, Journal, JournalError
from ansible_collections.miclinik.hosting.plugins.module_utils.life.places import Places
from ansible_collections.miclinik.hosting.plugins.module_utils.life.stage import Stage, StageError, copy_folder
from ansible_collections.miclinik.hosting.plugins.module_utils.life.within import Within
from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout
from ansible_collections.miclinik.hosting.plugins.module_utils.site.layout import BEFORE, LIVE, NEXT, SECRETS

OPERATION = "clone"
#: What an old site's own is among documents: its sign, and a list of routes with its modules.
_NOT_COPIED = (f"/{identity.MARK}", "/api/temp/routes.php")
_NO_ENCRYPTION = ("", "0")


def clone(stage: Stage, journal: Journal, name: str) -> None:
    """Put a copy of the site called ``name`` in the place of what is served. The caller takes back what fails."""
    places = stage.places
    with journal.step("check", "see whether it can be done"):
        source = _source(stage, name)
        stage.check()
        version = _require_alike(stage, source)
        upgrade.require_space(stage, source)
        journal.facts |= {"from": name, "to": version}
    served = stage.served()
    day = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime())
    with left_alone(source.places):
        with journal.step("documents", f"copy the documents of {name}, which goes on"):
            stage.make(NEXT)
            bring_documents(stage, source)
        dump = places.work / f"{NEXT}-clone.sql"  # goes with the copy, should this be killed
        with journal.step("dump", f"write the database of {name} into a file"):
            rows = source.engine.dump(source.database(LIVE), dump)
    with journal.step("reseal", "encrypt anew what was encrypted with its id"):
        unreadable = reseal.reseal(dump, Bridge(places.site).php, _keys(source.places), _keys(places)[0])
    with journal.step("load", "read it into a second database"):
        stage.fill_database(NEXT, dump, rows)
        dump.unlink()
    with journal.step("neutral", "switch off mails, jobs, webhooks, payments and keys, before anything runs"):
        database = stage.database(NEXT)
        journal.warnings += neutral.neutralise(stage.engine, database, name, day)
        journal.warnings += reseal.clear(stage.engine, database, unreadable)
    with journal.step("sign", f"make it the database of {places.site}, with the keys of its own users"):
        key = _sign(Within(stage, NEXT, served), places, journal)
    with journal.step("close", "close the site"):
        door.close(places, f"a clone of {name}")
    before = stage.engine.rows(stage.database(LIVE))
    stage.promote(journal, NEXT, BEFORE, served)
    with journal.step("prove", "see whether it works, before anybody is let in"):
        door.start(places)
        proof.prove(places, version, key)
        stage.remember(BEFORE, {"release": served, "version": version, "until": journal.began, "rows": before})
    with journal.step("open", "open the site"):
        _forget_log_ins(places)
        door.open_(places)
    stage.forget(NEXT)


def _source(stage: Stage, name: str) -> Stage:
    """Return the site that is copied. Raises StageError where it is not the one that the inventory names."""
    places = stage.places
    source = Places(name, places.root)
    if name == places.site:
        raise StageError(f"'{name}' cannot be a clone of itself: name another site")
    if not source.facts.is_file():
        raise StageError(f"there is no site '{name}' on this host")
    declared = json.loads(places.facts.read_text(encoding="utf-8")).get("clone_of", "")
    if declared != name:
        raise StageError(
            f"'{places.site}' is declared as {f'a clone of {declared}' if declared else 'a site of its own'}, and its"
            f" data would be replaced by that of '{name}'. If that is wanted, write clone_of: {name} for it in the"
            " inventory and run site.yml"
        )
    return Stage(source, engines.of(source))


def _require_alike(stage: Stage, source: Stage) -> str:
    """Return the version of both sites. Raises StageError where the copy could not be the target's."""
    places, other = stage.places, source.places
    require_engine(places, other)
    if any(identity.conf_values(one.conf).get("db_encryption", "") not in _NO_ENCRYPTION for one in (places, other)):
        raise StageError("$dolibarr_main_db_encryption is set in conf.php: constants cannot be made harmless then")
    version = require_version(places, other)
    if identity.expected(places.state) == identity.expected(other.state):
        raise StageError(f"'{places.site}' and '{other.site}' have one instance id: give each its own")
    same = set(_user_keys(places).values()) & set(_user_keys(other).values())
    if same:
        logins = sorted(login for login, key in _user_keys(places).items() if key in same)
        raise StageError(
            f"API keys of '{places.site}' are those of '{other.site}' ({', '.join(logins)}): whoever has one could"
            " take one site for the other. Give it keys of its own"
        )
    return version


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


@contextlib.contextmanager
def left_alone(places: Places) -> Iterator[None]:
    """Have nobody change the whole of the site meanwhile. Raises StageError."""
    with contextlib.ExitStack() as held:
        try:
            held.enter_context(operations.alone(places))
            last = Journal.read(places.journal)
        except JournalError as error:
            raise StageError(f"'{places.site}' cannot be copied now: {error}") from error
        if last and last.state == RUNNING:
            raise StageError(f"{last.operation} of '{places.site}' was killed: miclinikctl {places.site} recover")
        yield


def _user_keys(places: Places) -> dict[str, str]:
    try:
        return secret_store.user_keys(secret_store.load(places.state / SECRETS))
    except secret_store.SecretError as error:
        raise StageError(str(error)) from error


def _keys(places: Places) -> list[str]:
    """Return what the site encrypts and decrypts with, the one that it decrypts with first."""
    conf = identity.conf_values(places.conf)
    return [key for key in (conf.get("dolcrypt_key", ""), identity.conf_id(conf)) if key]


def bring_documents(stage: Stage, source: Stage) -> None:
    """Have the documents of ``source`` in the copy, for the site's own user. Raises StageError."""
    here, there = stage.places.documents(LIVE), source.places.documents(LIVE)
    target = stage.places.documents(NEXT)
    ours, theirs = here.stat(), there.stat()
    owners = [f"--usermap={theirs.st_uid}:{ours.st_uid}", f"--groupmap={theirs.st_gid}:{ours.st_gid}"]
    copy_folder(there, target, *owners, *(f"--exclude={name}" for name in _NOT_COPIED))
    if (here / identity.MARK).is_file():
        _copy_with_owner(here / identity.MARK, target / identity.MARK)


def _forget_log_ins(places: Places) -> None:
    """End the sessions: the number of who has logged in may be that of somebody else in the new data."""
    for folder in ("sessions", "signed_in"):
        for file in layout.below(places.root, places.usual[folder]).glob("*"):
            if file.is_file():
                file.unlink(missing_ok=True)


def _copy_with_owner(source: Path, target: Path) -> None:
    shutil.copy2(source, target)
    kept = source.stat()
    os.chown(target, kept.st_uid, kept.st_gid)


def _sign(copy: Within, places: Places, journal: Journal) -> str:
    """Give the copy the site's sign and keys; return a key that works, empty when nobody has one."""
    works = ""
    try:
        copy.bridge.call("identity replace")
        known: dict[str, Any] = _user_keys(places)
        for login, key in known.items():
            user = copy.bridge.call(f"user show {login}").get("user")
            if not user:
                journal.warnings.append(f"there is no user '{login}' of the API in the data: site.yml makes it")
                continue
            copy.bridge.batch([{"command": "key set", "args": {"login": login, "key": key}}])
            works = works or (key if user.get("enabled") else "")
    except BridgeError as error:
        raise StageError(f"the copy cannot be made the site's own: {error}") from error
    return works
