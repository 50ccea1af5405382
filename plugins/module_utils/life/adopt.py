# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Takes an installation that others have made into a site of this host, which is laid beside it already.

Of the old one nothing is changed but that the web server serves it no more: its folder, its database and the files by
which it was served stay where they are. Whatever fails leaves it served as before.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.application import identity
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import secret_store
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge.client import Bridge, BridgeError
from ansible_collections.miclinik.hosting.plugins.module_utils.database import connections
from ansible_collections.miclinik.hosting.plugins.module_utils.life import (
    adopt_files,
    definers,
    door,
    foreign,
    foreign_conf,
    proof,
    room,
    switch,
)
from ansible_collections.miclinik.hosting.plugins.module_utils.life.foreign import Foreign, ForeignError, Order
from ansible_collections.miclinik.hosting.plugins.module_utils.life.foreign_conf import ConfError
from ansible_collections.miclinik.hosting.plugins.module_utils.life.journal import Journal
from ansible_collections.miclinik.hosting.plugins.module_utils.life.places import Places
from ansible_collections.miclinik.hosting.plugins.module_utils.life.stage import Stage, StageError, copy_folder
from ansible_collections.miclinik.hosting.plugins.module_utils.life.within import Within
from ansible_collections.miclinik.hosting.plugins.module_utils.site.layout import BEFORE, LIVE, NEXT, SECRETS

#: Of the old site's documents, what is made anew.
_NOT_COPIED = ("/api/temp/routes.php", f"/{identity.MARK}")


def prepare(places: Places, given: dict[str, Any]) -> bool:
    """Give the site the instance id of the old one, before anything of it is laid; return whether that is new.

    Raises StageError.
    """
    old = _foreign(places, given)
    switch.keep_order(places, given)
    wanted = old.conf.instance_id
    file = places.state / SECRETS
    try:
        values = secret_store.load(file)
    except secret_store.SecretError as error:
        raise StageError(str(error)) from error
    there = values.get("instance_unique_id", "")
    if not wanted or there == wanted:
        return False
    if places.facts.is_file() or there:
        raise StageError(
            f"adopt_site: '{places.site}' is a site of its own on this host, with another instance id: take another"
            " name, or take that site away first (playbooks/remove.yml)"
        )
    secret_store.write(file, {**values, "instance_unique_id": wanted})
    return True


def adopt(stage: Stage, journal: Journal) -> None:
    """Put what the old site is in the place of the new one's nothing. The caller takes back what fails."""
    places = stage.places
    given = switch.order(places)
    with journal.step("check", "see whether it can be done"):
        old = _foreign(places, given)
        stage.check()
        version = _require_fitting(stage, old)
        _require_space(stage, old, given)
        served = stage.served()
        journal.facts |= {"from": str(old.root), "to": version, "web": switch.plan(places, given["vhosts"])}
    with journal.step("compare", "compare its files with those of the source"):
        _compare(stage, old, journal, bool(given.get("without_changes")))
    kept = places.work / "adopted"
    with journal.step("keep", f"keep its files and its conf.php in {kept}"):
        adopt_files.keep(old, kept)
    with journal.step("documents", "copy its documents, while it goes on"):
        stage.make(NEXT)
        _documents(stage, old)
    with journal.step(switch.CLOSE, "have the web server serve it no more"):
        door.close(places, "its adoption")
        switch.serve(places, journal.facts["web"])
    with journal.step("rest", "copy what has changed meanwhile"):
        _documents(stage, old)
        if given.get("keep_documents", True):
            copy_folder(stage.places.documents(NEXT), adopt_files.made(kept / "documents"))
    written = old.engine.writes(old.database)
    dump = places.work / f"{NEXT}-adopt.sql"  # goes with the copy, should this be killed
    with journal.step("dump", "write its database into a file"):
        rows = old.engine.dump(old.database, dump)
        adopt_files.pack(dump, kept / "database.sql.gz")
        adopt_files.make_readable(dump, old)
        definers.rewrite(dump, old.engine.login.user, stage.engine.login.user)
    with journal.step("load", "read it into a second database, and count its rows"):
        stage.fill_database(NEXT, dump, rows)
        dump.unlink()
        _require_unwritten(old, written)
    with journal.step("sign", f"make it the database of {places.site}"):
        try:
            Within(stage, NEXT, served).bridge.call("identity replace")
        except BridgeError as error:
            raise StageError(f"it cannot be made the site's own: {error}") from error
    stage.promote(journal, NEXT, BEFORE, served)
    with journal.step("prove", "see whether it works, before anybody is let in"):
        door.start(places)
        proof.prove(places, version, _take_keys(places))
    switch.keep(places, {"from": str(old.root), "at": time.time(), "web": journal.facts["web"]})
    with journal.step(door.OPEN, "open the site"):
        door.open_(places)
    stage.forget(NEXT)
    stage.forget(BEFORE)  # the empty installation that was there first


def is_done(places: Places, source: str) -> bool:
    """Return whether the site was adopted from there."""
    known = switch.record(places).get("from", "")
    return bool(known) and known in {str(Path(source).resolve()), str((Path(source) / "htdocs").resolve())}


def _foreign(places: Places, given: dict[str, Any]) -> Foreign:
    order = Order(*(str(given.get(word) or "") for word in ("source", "documents", "host", "port")))
    try:
        found = foreign.find(order, places.work)
    except (ForeignError, ConfError) as error:
        raise StageError(str(error)) from error
    if problem := next(iter(found.conf.problems()), None):
        raise StageError(". ".join(problem))
    return found


def _require_fitting(stage: Stage, old: Foreign) -> str:
    """Return the version. Raises StageError where what is laid is not what the old site needs."""
    places = stage.places
    here = connections.ENGINES.get(identity.conf_values(places.conf).get("db_type", ""), "")
    if here != old.conf.engine:
        raise StageError(f"its database is of {old.conf.engine}, and that of '{places.site}' on {here}")
    if old.conf.instance_id and identity.expected(places.state) != foreign_conf.sign(old.conf):
        raise StageError(f"'{places.site}' has another instance id than the old site: run playbooks/adopt.yml")
    if old.conf.text("dolcrypt_key") != identity.conf_values(places.conf).get("dolcrypt_key", ""):
        raise StageError(
            f"{old.conf.file} sets $dolibarr_main_dolcrypt_key, which opens what is encrypted, and the site does not"
            " have it: write it into conf_extra of the site as dolibarr_main_dolcrypt_key, and run playbooks/adopt.yml"
        )
    if not stage.engine.login.local:
        raise StageError(
            f"the database of '{places.site}' is on {stage.engine.login.host}, where no second one is made"
        )
    try:
        version, known = old.version, foreign.constants(old)
    except ForeignError as error:
        raise StageError(str(error)) from error
    ours = proof.prove(places)
    seen = {"its files": version, "its database": foreign.schema(known), places.site: str(ours["schema"]["version"])}
    if len(set(seen.values())) > 1:
        told = ", ".join(f"{name}: {value or 'none'}" for name, value in seen.items())
        raise StageError(f"the versions are not one ({told})")
    if switch.record(places):
        raise StageError(f"'{places.site}' was adopted already: see miclinikctl {places.site} journal")
    return version


def _require_space(stage: Stage, old: Foreign, given: dict[str, Any]) -> None:
    places = stage.places
    documents, database = foreign.size(old.documents), old.engine.size(old.database)
    kept = foreign.size(old.tree) + 2 * database + (documents if given.get("keep_documents", True) else 0)
    for where, takes, what in (
        (places.documents(LIVE).parent, documents, "a copy of the documents takes"),
        (places.work, kept, "what is kept of the old site, written out, takes"),
    ):
        if lack := room.lacking(where, takes, what):
            raise StageError(lack)


def _compare(stage: Stage, old: Foreign, journal: Journal, accepted: bool) -> None:
    """Raise StageError where files of the old site are not among those of the source, or are others."""
    release = stage.places.current.resolve() / "htdocs"
    changed, more = adopt_files.differences(old.root, release, old.documents.resolve())
    told = []
    if changed:
        told.append(f"changed in the old site: {adopt_files.some(changed)}")
    if more:
        told.append(f"only there, and not in the source: {adopt_files.some(more)}")
    if told and not accepted:
        raise StageError(
            f"the files of the old site are not those of the source ({'; '.join(told)}). Name a source that has them"
            " (modules below htdocs/custom/), or, where they may go: -e adopt_without_changes=true"
        )
    journal.warnings += told


def _documents(stage: Stage, old: Foreign) -> None:
    live = stage.places.documents(LIVE).stat()
    excluded = (f"--exclude={name}" for name in _NOT_COPIED)
    owner = [f"--chown={live.st_uid}:{live.st_gid}", "--chmod=u+rwX,o-rwx"]
    copy_folder(old.documents.resolve(), stage.places.documents(NEXT), *owner, *excluded)
    stage.places.documents(NEXT).chmod(live.st_mode & 0o7777)


def _require_unwritten(old: Foreign, written: int) -> None:
    if old.engine.writes(old.database) > written:
        raise StageError(
            f"something has written into the database '{old.database}' of the old site while it was copied. Stop what"
            " is not served by the web server (a job of cron, another server), and try again"
        )


def _take_keys(places: Places) -> str | None:
    """Have the keys that users of the API have be those on record; return one that works.

    Of the administrator's password nothing is known: it is the one that it was.
    """
    file = places.state / SECRETS
    values = secret_store.load(file)
    bridge, works = Bridge(places.site), ""
    try:
        for login, known in (values.get("users") or {}).items():
            if not bridge.call(f"user show {login}").get("user"):
                known.pop("key", None)
                continue
            key = str(bridge.call(f"key show {login}", {"reveal": True})["key"] or "")
            if key:
                known["key"] = key
                works = works or key
            else:
                known.pop("key", None)
    except BridgeError as error:
        raise StageError(f"the keys of its users cannot be read: {error}") from error
    values.pop("admin_password", None)
    secret_store.write(file, values)
    return works
