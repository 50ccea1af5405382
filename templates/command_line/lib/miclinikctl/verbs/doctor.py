# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A quick look at everything."""

from __future__ import annotations

from dataclasses import asdict

import click
from ansible_collections.miclinik.hosting.plugins.module_utils.command_line import calls
from ansible_collections.miclinik.hosting.plugins.module_utils.life.places import Places

from .. import screen
from ..asked import Asked, pass_asked
from ..grammar import Verb, json_option


@click.command(
    cls=Verb,
    help="A look at everything from this host, with what to do where something is wrong; ends with 1 then. The site is"
    " called as by `smoke`, and where a look is red it says what has changed since the host was last proven to work."
    " The whole doctor compares the host with the inventory: ansible-playbook playbooks/doctor.yml.",
    examples=[("doctor", "what is wrong, and what to do")],
)
@json_option
@pass_asked
def doctor(asked: Asked, as_json: bool) -> int:
    """Look."""
    # Here, and not above: completion imports this file, and has no time for all of that.
    from ansible_collections.miclinik.hosting.plugins.module_utils.command_line import (  # noqa: PLC0415
        looks,
        looks_proven,
    )

    found = looks.all_of(asked.host, asked.site)
    if not Places(asked.site, asked.host.root).closed.exists():
        found += looks_proven.all_of(asked.host, asked.site, red=any(not one.well for one in found))
    if any(not one.well for one in found):
        found += looks_proven.changes(asked.host, asked.site)
    ill = [place for place, one in enumerate(found) if not one.well]
    if screen.is_json(as_json):
        screen.data([{**asdict(one), "ok": one.well} for one in found])
    else:
        screen.table(["what", "is", "to do"], [(one.name, one.seen, one.mend) for one in found], bad=ill)
        if ill:
            screen.line("the cause, with evidence: ansible-playbook playbooks/doctor.yml")
    return calls.FAILED if ill else calls.DONE
