# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Makes a copy of a site from a snapshot, proves it, and has it take the site's place, or throws it away.

The site answers until the copy is proven; what it was is kept aside, and as a snapshot of its own.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.application import identity, tree_version, versions
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import secret_store
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge.client import Bridge, BridgeError
from ansible_collections.miclinik.hosting.plugins.module_utils.database import connections
from ansible_collections.miclinik.hosting.plugins.module_utils.life import backup, definers, door, proof, restic, room
from ansible_collections.miclinik.hosting.plugins.module_utils.life.choice import LATEST, Chosen, choose
from ansible_collections.miclinik.hosting.plugins.module_utils.life.engine import EngineError
from ansible_collections.miclinik.hosting.plugins.module_utils.life.fetched import fetch, put_documents, put_release
from ansible_collections.miclinik.hosting.plugins.module_utils.life.journal import Journal
from ansible_collections.miclinik.hosting.plugins.module_utils.life.manifest import DUMP, Manifest, ManifestError
from ansible_collections.miclinik.hosting.plugins.module_utils.life.places import Places
from ansible_collections.miclinik.hosting.plugins.module_utils.life.restic import Repository
from ansible_collections.miclinik.hosting.plugins.module_utils.life.stage import Stage, StageError
from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout
from ansible_collections.miclinik.hosting.plugins.module_utils.site.layout import LIVE, NEXT, SCRATCH, UNDONE

OPERATION = "restore"


def restore(stage: Stage, journal: Journal, order: Mapping[str, Any]) -> None:
    """Put what a snapshot holds in the place of what is served. Whatever is raised, the caller takes back."""
    places = stage.places
    repository = Repository(restic.read_environment())
    with ExitStack() as held:
        with journal.step("turn", "wait until nobody else of this host is in the repository"):
            held.enter_context(restic.alone())
        with journal.step("check", "find the snapshot, and see whether it can be restored here"):
            stage.check()
            chosen = choose(repository, places, str(order.get("snapshot") or LATEST), str(order.get("at") or ""))
            said = chosen.manifest
            require_fitting(places, said)
            require_server(stage, said)
            require_space(stage, said)
            journal.warnings += chosen.notes
            journal.facts |= {"snapshot": chosen.snapshot, "of": chosen.time, "to": said.version}
        with journal.step("keep", "make a snapshot of what is served now"):
            _keep(stage, repository, journal)
        with journal.step("fetch", f"fetch the documents and the database of {chosen.time[:19]} from the repository"):
            fetched = fetch(stage, repository, chosen, NEXT)
            keys = _keys_of(repository, places, chosen)
    with journal.step("documents", "compare the documents with the snapshot's own list"):
        if meanwhile := put_documents(stage, fetched, said, NEXT):
            journal.warnings.append(f"written while the snapshot was made: {', '.join(meanwhile[:5])}")
    with journal.step("release", f"have the release {said.release}"):
        put_release(places, fetched, said)
    with journal.step("load", "read the database into a second one, and count its rows"):
        dump = fetched.path(f"{chosen.folder}/{DUMP}")
        then = identity.conf_values(fetched.path(str(chosen.places(places.root).conf))).get("db_user", "")
        definers.rewrite(dump, then, stage.engine.login.user)  # it may have had another name then
        stage.fill_database(NEXT, dump, said.rows)
        fetched.remove()
    with journal.step("close", "close the site"):
        door.close(places, "a restore")
    served = stage.served()
    stage.promote(journal, NEXT, UNDONE, said.release)
    with journal.step("keys", "give the users of the API the keys on record"):
        journal.warnings += _set_keys(places, keys)
    with journal.step("prove", "see whether it works, before anybody is let in"):
        (places.documents(LIVE) / "api/temp/routes.php").unlink(missing_ok=True)
        door.start(places)
        proof.prove(places, said.version)
        stage.remember(UNDONE, {"release": served, "until": time.time(), "rows": {}})
        stage.forget(NEXT)
    with journal.step(door.OPEN, "open the site"):
        door.open_(places)


def test(stage: Stage, repository: Repository, which: str = LATEST) -> Chosen:
    """Restore a snapshot beside the site, prove it, and take it away again. Nothing of what is served is touched."""
    places = stage.places
    chosen = choose(repository, places, which)
    require_fitting(places, chosen.manifest)
    require_server(stage, chosen.manifest)
    require_space(stage, chosen.manifest)
    try:
        fetched = fetch(stage, repository, chosen, SCRATCH)
        put_documents(stage, fetched, chosen.manifest, SCRATCH)
        stage.fill_database(SCRATCH, fetched.path(f"{chosen.folder}/{DUMP}"), chosen.manifest.rows)
    finally:
        tidy(stage)
    return chosen


def tidy(stage: Stage) -> None:
    """Take away what a test makes."""
    stage.forget(SCRATCH)


def require_fitting(places: Places, said: Manifest) -> None:
    """Raise StageError where a snapshot is another site's, or this host cannot run what is in it."""
    sign = identity.expected(places.state)
    if said.sign != sign:
        raise StageError(
            f"the snapshot is of another site that is called '{said.site}' as well ({said.url}): its instance id is not"
            f" the one in {places.state / layout.SECRETS}"
        )
    engine = connections.ENGINES.get(identity.conf_values(places.conf).get("db_type", ""), "")
    if engine != said.engine:
        raise StageError(
            f"the snapshot's database is of {said.engine}, and the site's is on {engine}: data is not moved from one"
            f" engine to the other. Set miclinik_database_engine: {said.engine} on a host without the site, and restore"
            " there"
        )
    found = re.search(r"(\d+\.\d+)$", str(json.loads(places.facts.read_text(encoding="utf-8")).get("php", "")))
    require_php(said, found[1] if found else "")


def require_php(said: Manifest, php: str) -> None:
    """Raise StageError where PHP of the version ``php`` cannot run what is in the snapshot."""
    if php == said.php:
        return
    number = versions.number(said.version)
    if php not in versions.TESTED_PHP or not versions.OLDEST <= number <= versions.NEWEST:
        raise StageError(
            f"the snapshot holds version {said.version}, which ran on PHP {said.php}, and this host has PHP {php}, on"
            f" which it does not run: restore it on a host with PHP {said.php}"
        )


def require_server(stage: Stage, said: Manifest) -> None:
    """Raise StageError where the database server is older than the one that has written the dump, and cannot read it.

    MariaDB reads what newer ones write, as long as nothing in it is new.
    """
    here = stage.engine.version()
    if stage.engine.name == connections.POSTGRESQL and _major(here) < _major(said.engine_version):
        raise StageError(
            f"the snapshot is of PostgreSQL {said.engine_version}, and this host has {here}, which does not read what a"
            " newer one writes: restore it on a host with the newer distribution"
        )


def _major(server: str) -> int:
    return int(re.match(r"\d*", server)[0] or 0)  # type: ignore[index]


def require_space(stage: Stage, said: Manifest) -> None:
    """Raise StageError where there is no room for what a snapshot holds beside the site."""
    places = stage.places
    documents = sum(int(traits[0]) for traits in said.documents.values() if traits[0] != "link")
    database = 2 * stage.engine.size(stage.database(LIVE))
    folder = places.documents(LIVE).parent
    if lack := room.lacking(folder, documents + database, "what is restored takes"):
        raise StageError(lack)


def _keep(stage: Stage, repository: Repository, journal: Journal) -> None:
    run = backup.Run(stage.places, stage.engine, backup.Settings.read(), repository, (f"{backup.BEFORE}{OPERATION}",))
    try:
        kept = run.take()
    except (backup.BackupError, ManifestError, EngineError, tree_version.VersionError, OSError) as error:
        # What is broken is restored for that. All of it is kept aside.
        journal.warnings.append(f"no snapshot could be made of what was served ({error}); it is kept aside on the host")
        return
    journal.facts["kept"] = kept.snapshot


def _keys_of(repository: Repository, places: Places, chosen: Chosen) -> dict[str, str]:
    """Return the keys that were on record when the snapshot was made, by login."""
    file = chosen.places(places.root).state / layout.SECRETS
    return secret_store.user_keys(json.loads(repository.bytes_of(chosen.snapshot, str(file))))


def _set_keys(places: Places, then: Mapping[str, str]) -> list[str]:
    """Have the restored users keep the keys that callers have now; return what could not be done."""
    now = secret_store.user_keys(json.loads((places.state / layout.SECRETS).read_text(encoding="utf-8")))
    told = []
    for login, key in now.items():
        if then.get(login) == key:
            continue
        try:
            Bridge(places.site).batch([{"command": "key set", "args": {"login": login, "key": key}}], False)
        except BridgeError:
            told.append(f"the snapshot has no user '{login}' of the API: run playbooks/site.yml, which makes it")
    return told
