# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Gives a site the data of another one, harmless before anything of the application runs on it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.bridge.client import Bridge, BridgeError
from ansible_collections.miclinik.hosting.plugins.module_utils.life import (
    clone_source,
    definers,
    door,
    neutral,
    proof,
    reseal,
)
from ansible_collections.miclinik.hosting.plugins.module_utils.life.journal import Journal
from ansible_collections.miclinik.hosting.plugins.module_utils.life.places import Places
from ansible_collections.miclinik.hosting.plugins.module_utils.life.stage import Stage, StageError
from ansible_collections.miclinik.hosting.plugins.module_utils.life.within import Within
from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout
from ansible_collections.miclinik.hosting.plugins.module_utils.site.layout import BEFORE, LIVE, NEXT

OPERATION = "clone"


def clone(stage: Stage, journal: Journal, order: Mapping[str, Any]) -> None:
    """Put a copy of another site in the place of what is served. The caller takes back what fails."""
    places, name = stage.places, str(order["source"])
    served = stage.served()
    day = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime())
    if any(order.get(word) for word in ("snapshot", "at", "repository")):
        brought = clone_source.from_snapshot(stage, journal, order)
        day = f"{journal.facts['of'][:16].replace('T', ' ')} UTC"
    else:
        brought = clone_source.from_site(stage, journal, name)
    with journal.step("reseal", "encrypt anew what was encrypted with its id"):
        unreadable = reseal.reseal(brought.dump, Bridge(places.site).php, brought.keys, clone_source.keys_of(places)[0])
    definers.rewrite(brought.dump, brought.user, stage.engine.login.user)
    with journal.step("load", "read it into a second database"):
        stage.fill_database(NEXT, brought.dump, brought.rows)
        brought.dump.unlink()
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
        proof.prove(places, brought.version, key)
        stage.remember(BEFORE, {"release": served, "version": brought.version, "until": journal.began, "rows": before})
        _forget_log_ins(places)
    with journal.step(door.OPEN, "open the site"):
        door.open_(places)
    stage.forget(NEXT)


def _forget_log_ins(places: Places) -> None:
    """End the sessions: the number of who has logged in may be that of somebody else in the new data."""
    for folder in ("sessions", "signed_in"):
        for file in layout.below(places.root, places.usual[folder]).glob("*"):
            if file.is_file():
                file.unlink(missing_ok=True)


def _sign(copy: Within, places: Places, journal: Journal) -> str:
    """Give the copy the site's sign and keys; return a key that works, empty when nobody has one."""
    works = ""
    try:
        copy.bridge.call("identity replace")
        known = clone_source.user_keys(places)
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
