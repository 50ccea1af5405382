#!/usr/bin/python
# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: site_change
short_description: Changes the whole of a site, as an upgrade does, or leaves it as it was
version_added: 0.1.0
description:
  - Gives the order to the program of the host, which carries it out in a unit of systemd (C(miclinik-change@SITE)), and
    shows each step. It ends whatever becomes of this connection; the same order once more goes on watching.
  - What fails or is killed is taken back by itself. The steps are in C(/var/lib/miclinik-sites/SITE/journal.json).
options:
  site:
    description: Name of the site.
    type: str
    required: true
  operation:
    description: What is done.
    type: str
    required: true
    choices: [adopt, clone, database-password, rename, restore, rollback, upgrade]
  source:
    description: Name of the site that is copied, for a clone, or the name that the site had, for a rename.
    type: str
  release:
    description: Name of the release, which is unpacked, for an upgrade.
    type: str
  snapshot:
    description: Name of the snapshot, or V(latest), for a restore, or a clone that is not made from the site itself.
    type: str
  at:
    description: The last snapshot before this time, for a restore or a clone.
    type: str
  repository:
    description: >-
      A file of the host that says where another repository is, and its password's file, in the form of
      C(/etc/miclinik-backup/environment), for a clone.
    type: str
  password:
    description: The new password of the database, where the inventory gives it; generated else.
    type: str
  since:
    description: Set by the action, which asks again and again.
    type: float
author:
  - miclinik.hosting maintainers (@miclinik)
attributes:
  check_mode:
    support: full
    description: Says that it would be done.
  diff_mode:
    support: none
    description: The steps are in the result.
"""

EXAMPLES = r"""
- name: Go back to before the last upgrade
  miclinik.hosting.site_change:
    site: norte
    operation: rollback
"""

RETURN = r"""
steps:
  description: What was done, with C(name), C(about), C(began) and C(ended), seconds since 1970.
  returned: success
  type: list
  elements: dict
seconds:
  description: How long it took.
  returned: success
  type: float
notes:
  description: What the operator should know of it, a sentence each.
  returned: success
  type: list
  elements: str
"""

from dataclasses import asdict

from ansible_collections.miclinik.hosting.plugins.module_utils.host.module import HostModule
from ansible_collections.miclinik.hosting.plugins.module_utils.life import (
    commands,
    database_password,
    engines,
    rollback,
)
from ansible_collections.miclinik.hosting.plugins.module_utils.life.engine import EngineError
from ansible_collections.miclinik.hosting.plugins.module_utils.life.journal import RUNNING, Journal, JournalError
from ansible_collections.miclinik.hosting.plugins.module_utils.life.places import Places
from ansible_collections.miclinik.hosting.plugins.module_utils.life.stage import Stage, StageError
from ansible_collections.miclinik.hosting.plugins.module_utils.services.systemd_unit import UnitError

_ORDER = ("operation", "source", "release", "snapshot", "at", "repository")


def _start(places: Places, order: dict[str, str], *, offered: bool) -> float:
    try:
        return commands.start(places, order)
    except (JournalError, UnitError, OSError):
        if offered:
            database_password.withdraw(places)
        raise


def _rolled_back(places: Places) -> str:
    """Return what there is to say where a roll-back was done already, as by a run that did not see its end."""
    try:
        last = Journal.read(places.journal)
        over = last is None or last.state != RUNNING
        return rollback.was_done(Stage(places, engines.of(places))) if over else ""
    except (EngineError, JournalError, StageError, OSError):
        return ""  # who carries it out says what is wrong


def main() -> None:
    """Run the module: it gives the order, and says from then on how far it has come."""
    module = HostModule(
        argument_spec={
            "site": {"type": "str", "required": True},
            "operation": {"type": "str", "required": True, "choices": sorted(commands.OPERATIONS)},
            "source": {"type": "str"},
            "release": {"type": "str"},
            "snapshot": {"type": "str"},
            "at": {"type": "str"},
            "repository": {"type": "str"},
            "password": {"type": "str", "no_log": True},
            "since": {"type": "float"},
        },
        required_if=[
            ("operation", "upgrade", ["release"]),
            ("operation", "clone", ["source"]),
            ("operation", "rename", ["source"]),
        ],
        supports_check_mode=True,
    )
    places = Places(module.params["site"])
    since = module.params["since"]
    if since is None and module.params["operation"] == rollback.OPERATION and (told := _rolled_back(places)):
        module.exit_json(changed=False, running=False, steps=[], seconds=0.0, notes=[told])
    if module.check_mode:
        module.exit_json(changed=True, running=False, steps=[], seconds=0.0, notes=[])
    try:
        if since is None:
            if module.params["password"] and not database_password.offer(places, module.params["password"]):
                told = "database.password of the inventory is in place already: nothing was changed"
                module.exit_json(changed=False, running=False, steps=[], seconds=0.0, notes=[told])
            order = {name: module.params[name] for name in _ORDER if module.params[name]}
            since = _start(places, order, offered=bool(module.params["password"]))
        # Asked first: what is read afterwards is at least as new.
        running = commands.under_way(places)
        journal = Journal.read(places.journal)
    except (JournalError, StageError, UnitError, OSError) as error:
        module.fail_json(msg=f"site '{places.site}': {error}")
    journal = journal if journal and journal.began > since else None
    module.exit_json(
        changed=True,
        running=running,
        since=since,
        state=journal.state if journal else "",
        problem=journal.problem if journal else "",
        tries=journal.tries if journal else 0,
        obstacle=journal.obstacle if journal else "",
        outcome=commands.outcome(journal, places.site) if journal else "The site is as it was before.",
        steps=[asdict(step) for step in journal.steps] if journal else [],
        seconds=round((journal.ended or journal.began) - journal.began, 1) if journal else 0.0,
        notes=journal.warnings if journal else [],
    )


if __name__ == "__main__":
    main()
