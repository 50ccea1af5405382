# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What there is of a site, at a glance."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import click
from ansible_collections.miclinik.hosting.plugins.module_utils.command_line import calls
from ansible_collections.miclinik.hosting.plugins.module_utils.life.places import Places

from .. import screen
from ..asked import Asked, pass_asked
from ..grammar import Verb, json_option


@click.command(
    cls=Verb,
    help="What there is: version, database, modules, whether people are let in, the last backup. Ends with 1 where the"
    " database cannot be reached.",
    examples=[("status", "at a glance"), ("status --json | jq .version", "for a program")],
)
@json_option
@pass_asked
def status(asked: Asked, as_json: bool) -> int:
    """Show it."""
    said = asked.read("status")
    life = asked.host.program("life")
    if screen.is_json(as_json):
        if life.is_file() and not as_json:
            # In a pipe as it has always been: to the error output, since the answer is JSON.
            subprocess.run([str(life), asked.site, "backup", "last"], stdout=sys.stderr, check=False)
        return _code(said, asked.tell(said, as_json, lambda _: None))

    def human(data: dict[str, Any]) -> None:
        database = data["database"]
        pending = ", an upgrade of the database is pending" if data["upgrade_pending"] else ""
        found = {
            "version": f"{data['version']}{pending}",
            "state": data["schema"]["state"],
            "PHP": data["php"],
            "database": f"{database['engine']} {database['version']}" if database["reachable"] else database["problem"],
            "whose database": data["identity"],
            "API": data["api"],
            "modules": f"{len(data['modules'])}: {', '.join(sorted(data['modules']))}",
            "people are let in": not Places(asked.site, asked.host.root).closed.exists(),
        }
        if life.is_file():
            words = [str(life), asked.site, "backup", "last"]
            told = subprocess.run(words, capture_output=True, text=True, check=False).stdout.strip()
            found["backup"] = told.removeprefix("backup: ")
        screen.pairs(found)

    return _code(said, asked.tell(said, as_json, human))


def _code(said: calls.Said, code: int) -> int:
    """Return the exit code: of a site whose database cannot be reached nothing is done."""
    reachable = (said.data.get("database") or {}).get("reachable", True)
    return code if reachable else code or calls.FAILED
