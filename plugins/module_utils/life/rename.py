# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Gives a site another name: the same site, laid anew under that name, takes the place of the old one.

Of the old one nothing is changed until its data, with the same instance id and keys, works under the new name. Then
the vhost of the one is exchanged for that of the other, and what was kept for the way back is taken away.
"""

from __future__ import annotations

import gzip
import os
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from ansible_collections.miclinik.hosting.plugins.module_utils.application import identity
from ansible_collections.miclinik.hosting.plugins.module_utils.host import atomic_file
from ansible_collections.miclinik.hosting.plugins.module_utils.life import (
    backup,
    clone_source,
    definers,
    door,
    engines,
    handover,
    operations,
    proof,
    remove,
    upgrade,
)
from ansible_collections.miclinik.hosting.plugins.module_utils.life.journal import Journal
from ansible_collections.miclinik.hosting.plugins.module_utils.life.places import Places
from ansible_collections.miclinik.hosting.plugins.module_utils.life.stage import Stage, StageError
from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout
from ansible_collections.miclinik.hosting.plugins.module_utils.site.layout import BEFORE, LIVE, NEXT, SECRETS
from ansible_collections.miclinik.hosting.plugins.module_utils.tls import files as tls_files
from ansible_collections.miclinik.hosting.plugins.module_utils.web.servers import SERVERS
from ansible_collections.miclinik.hosting.plugins.module_utils.webhooks import hooks

#: What the site is known by, the secrets last: with them the new name has its identity. Roles write the rest.
_KEPT = (tls_files.FOLDERS, tls_files.LINK, SECRETS)
_TABLE = re.compile(rb'(?:INSERT INTO|COPY) [`"]?(?:public\.)?([^`" (]+)')
_ROTATED = re.compile(r"\.(\d+)(\.gz)?$")


def prepare(places: Places, name: str) -> None:
    """Give the new name what the site called ``name`` is known by: secrets and certificates. Raises StageError."""
    source = Places(name, places.root)
    if not source.facts.is_file():
        raise StageError(f"rename_from: there is no site '{name}' on this host: `miclinikctl` lists them")
    mine, theirs = identity.expected(places.state), identity.expected(source.state)
    if not theirs:
        raise StageError(f"rename_from: {source.state / SECRETS} holds no instance id: run playbooks/doctor.yml")
    if mine and mine != theirs:
        raise StageError(
            f"rename_to: '{places.site}' is a site of its own on this host, with another instance id: take another"
            " name, or take that site away first (playbooks/remove.yml)"
        )
    server = engines.of(source)
    if not server.login.local:
        raise StageError(
            f"rename_from: the database of '{name}' is on {server.login.host}, where its user may make no second one"
            f" to take its place. Leave the site's name, and change what people see: domain (docs/moving.md)"
        )
    places.state.mkdir(mode=0o755, parents=True, exist_ok=True)
    for kept in _KEPT:
        if os.path.lexists(source.state / kept):
            _bring(source.state / kept, places.state / kept)


def _bring(item: Path, target: Path) -> None:
    if item.is_dir() and not item.is_symlink():
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(item, target, symlinks=True)
    elif item.name == SECRETS:
        atomic_file.replace(target, item.read_text(encoding="utf-8"), atomic_file.PRIVATE, durable=True)
    else:
        target.unlink(missing_ok=True)
        shutil.copy2(item, target, follow_symlinks=False)


def rename(stage: Stage, journal: Journal, name: str) -> None:
    """Put what the site called ``name`` is in the place of the new one's nothing. The caller takes back what fails."""
    places = stage.places
    with journal.step("check", "see whether it can be done"):
        source = _source(stage, name)
        stage.check()
        clone_source.require_engine(places, source.places)
        version = clone_source.require_version(places, source.places)
        upgrade.require_space(stage, source)
        web = [server.name for server in handover.servers(places, source.places)]
        journal.facts |= {"from": name, "to": version, "web": web}
    served = stage.served()
    with clone_source.left_alone(source.places):
        with journal.step("documents", f"copy the documents of {name}, which goes on"):
            stage.make(NEXT)
            clone_source.bring_documents(stage, source)
        with journal.step("close", f"close {name}"):
            door.close(source.places, f"its new name, {places.site},")
            door.stop(places)
        with journal.step("rest", "copy what has changed meanwhile"):
            clone_source.bring_documents(stage, source)
        written = source.engine.writes(source.database(LIVE))
        dump = places.work / f"{NEXT}-rename.sql"  # goes with the copy, should this be killed
        with journal.step("dump", f"write the database of {name} into a file"):
            rows = source.engine.dump(source.database(LIVE), dump)
            definers.rewrite(dump, source.engine.login.user, stage.engine.login.user)
            if tables := _naming(dump, source.places.home):
                journal.warnings.append(f"the data names the folder {source.places.home} in: {', '.join(tables)}")
        with journal.step("load", "read it into a second database, and count its rows"):
            stage.fill_database(NEXT, dump, rows)
            stage.engine.admit_others(stage.database(NEXT), source.database(LIVE))
            dump.unlink()
            upgrade.require_unwritten(source, written)
        stage.promote(journal, NEXT, BEFORE, served)
        with journal.step("prove", "see whether it works, before anybody is let in"):
            door.start(places)
            proof.prove(places, version)
            stage.forget(NEXT)
        with journal.step(handover.SERVE, f"have the web server serve {places.site}, and {name} no more"):
            handover.hand_over(source.places, places, web)


def finish(places: Places, name: str, say: remove.Say) -> bool:
    """Take away what is left under the old name, after a last snapshot; return whether there was something.

    Raises StageError, and what ``remove`` does.
    """
    source = Places(name, places.root)
    if not remove.there(source):
        return False
    if not handover.is_done(places, name):
        raise StageError(f"'{name}' is served still: nothing of it is taken away")
    _bring_logs(source, places)
    _bring_webhooks(source, places)
    with operations.turn(places):
        Stage(places, engines.of(places)).forget(BEFORE)  # the empty installation that was there first
    remove.remove(source, without_snapshot=not backup.SETTINGS.is_file(), say=say)
    return True


def _source(stage: Stage, name: str) -> Stage:
    places = stage.places
    source = Places(name, places.root)
    if not source.facts.is_file():
        raise StageError(f"there is no site '{name}' on this host")
    if name == places.site or identity.expected(source.state) != identity.expected(places.state):
        raise StageError(f"'{places.site}' was not made to take the place of '{name}': run playbooks/rename.yml")
    if source.shut.exists():
        raise StageError(f"'{name}' is closed: miclinikctl {name} open, first")
    return Stage(source, engines.of(source))


def _naming(dump: Path, folder: Path) -> Sequence[str]:
    """Return the tables of a dump that have the name of a folder in them."""
    wanted, table, found = f"{folder}/".encode(), b"", set()
    with dump.open("rb") as lines:
        for line in lines:
            if head := _TABLE.match(line):
                table = head[1]
            if wanted in line:
                found.add(table.decode(errors="replace"))
    return sorted(found)


def _bring_webhooks(source: Places, places: Places) -> None:
    """Have the relay know the receivers by the new name, before it forgets the old one and with it what waits."""
    old, new = (one.state / hooks.FILE for one in (source, places))
    if old.exists() and not new.exists():
        hooks.put(new, old.read_text(encoding="utf-8"), like=old)


def _bring_logs(source: Places, places: Places) -> None:
    """Have the logs of the old name be the former ones of the new, as log rotation counts them."""
    for server in SERVERS.values():
        folder = layout.below(places.root, server.logs)
        for kind, old in source.usual["logs"].items():
            new = str(dict(places.usual["logs"])[kind])
            if any(folder.glob(f"{new}.*")):
                continue  # brought already
            for file in folder.glob(f"{old}*"):
                _bring_log(file, folder / new, file.name.removeprefix(str(old)))


def _bring_log(file: Path, new: Path, number: str) -> None:
    if not number:
        file.rename(new.with_name(f"{new.name}.1"))
    elif found := _ROTATED.fullmatch(number):
        target = new.with_name(f"{new.name}.{int(found[1]) + 1}.gz")
        if found[2]:
            file.rename(target)
            return
        with file.open("rb") as plain, gzip.open(target, "wb") as packed:
            shutil.copyfileobj(plain, packed)
        shutil.copystat(file, target)
        kept = file.stat()
        shutil.chown(target, kept.st_uid, kept.st_gid)
        file.unlink()
