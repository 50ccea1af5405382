# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where a site is reached, and where its secrets are."""

from __future__ import annotations

import subprocess

import click
from ansible_collections.miclinik.hosting.plugins.module_utils.command_line import calls, foresee, places

from .. import screen
from ..asked import Asked, pass_asked
from ..grammar import Verb, check_option, json_option


def _tell(asked: Asked, as_json: bool) -> None:
    found = places.of(asked.host, asked.site)
    if screen.is_json(as_json):
        screen.data(found)
    else:
        screen.pairs(found)


@click.command(
    cls=Verb,
    help="URLs, and where on this host its files are. Of secrets the place is said, and nothing else. To have it at"
    " another domain or path: change `domain` or `base_path` in the inventory, and run playbooks/site.yml.",
    examples=[("urls", ""), ("urls --json | jq -r .API", "for a script")],
)
@json_option
@pass_asked
def urls(asked: Asked, as_json: bool) -> int:
    """Show them."""
    _tell(asked, as_json)
    return calls.DONE


@click.command(
    "open",
    cls=Verb,
    help="Lets people in again after `close`, and says where: on a terminal also the places of `urls`.",
    examples=[("open", "ends: close")],
)
@json_option
@check_option
@pass_asked
def open_(asked: Asked, as_json: bool, check: bool) -> int:
    """End a closing, and show the places."""
    said, would = foresee.operation(asked.host, asked.site, "open", {})
    if check:
        screen.line(said)
        return calls.WOULD_CHANGE if would else calls.DONE
    if would:
        asked.note("open", "asked for")
    if screen.is_json(as_json) and not as_json:
        return asked.hand_on("life", "open")
    program = asked.host.program("life")
    if would:
        code = subprocess.run([str(program), asked.site, "open"], stdout=subprocess.DEVNULL, check=False).returncode
        if code:
            return code
    if not as_json:
        screen.line(f"{asked.site} is open")
    _tell(asked, as_json)
    return calls.DONE
