# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The verb ``adopt``: takes over an installation that others have made, and goes back to it."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.life import adopt as life_adopt
from ansible_collections.miclinik.hosting.plugins.module_utils.life import closing, switch
from ansible_collections.miclinik.hosting.plugins.module_utils.life.places import Places
from ansible_collections.miclinik.hosting.plugins.module_utils.life.stage import StageError

Ask = Callable[[Places, dict[str, Any]], int]


def add(verbs: argparse._SubParsersAction[argparse.ArgumentParser], ask: Ask) -> None:
    """Add the verb; ``ask`` gives an order to systemd."""
    verb = verbs.add_parser("adopt", help="take over an installation of others: playbooks/adopt.yml")
    verb.add_argument("--from", dest="source", default="", metavar="FOLDER", help="where it is")
    verb.add_argument("--documents", default="", metavar="FOLDER", help="its documents, where conf.php names others")
    verb.add_argument("--host", default="", help="its database's server, where conf.php names another")
    verb.add_argument("--port", default="", help="and its port")
    verb.add_argument("--vhost", action="append", default=[], metavar="FILE", help="by which it is served")
    verb.add_argument("--without-changes", action="store_true", help="let its own changes to files go")
    verb.add_argument("--no-documents", action="store_true", help="keep no third copy of its documents")
    part = verb.add_mutually_exclusive_group()
    part.add_argument("--prepare", action="store_true", help="give the site the instance id of the old one, no more")
    part.add_argument("--undo", action="store_true", help="close the site, and have the old one served again")
    verb.set_defaults(does=adopt, ask=ask)


def adopt(places: Places, given: argparse.Namespace) -> int:
    """Do what the verb asks for; return an exit code. Raises StageError, and what closing does."""
    if given.undo:
        return _undo(places)
    if not given.source:
        raise StageError("--from is missing: name the folder of the old site")
    if life_adopt.is_done(places, given.source):
        print(f"{places.site} was adopted from there already")
        return 0
    if given.prepare:
        order = {name: getattr(given, name) for name in ("source", "documents", "host", "port", "without_changes")}
        changed = life_adopt.prepare(places, {**order, "vhosts": given.vhost, "keep_documents": not given.no_documents})
        print(f"{places.site} has the instance id of the old site{'' if changed else ', as before'}")
        return 0
    return int(given.ask(places, {"operation": switch.OPERATION, "source": given.source}))


def _undo(places: Places) -> int:
    facts = switch.record(places)
    if not facts:
        raise StageError(f"'{places.site}' was not adopted on this host: there is nothing to go back to")
    if not places.shut.exists():
        closing.close(places)
    switch.back(places, facts["web"])
    switch.forget(places)
    files = [one["file"] for one in facts["web"]["vhosts"]]
    print(f"{places.site} is closed, and the old site is served again by {', '.join(files) or 'nothing'}")
    return 0
