# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The smoke test."""

from __future__ import annotations

from typing import Any

import click
from ansible_collections.miclinik.hosting.plugins.module_utils.command_line import calls, smoke

from .. import screen
from ..asked import Asked, pass_asked
from ..grammar import Verb, json_option


def _seen(one: dict[str, Any]) -> str:
    return str(one["seen"]) if one["ok"] else f"expected {one['expected']}; seen {one['seen']}"


@click.command(
    "smoke",
    cls=Verb,
    help="The smoke test from this host, by what the last run of site.yml promised: reads only, and tries no password."
    " Ends with 1 where a check fails.",
    examples=[("smoke", "every check, with what to do where one fails")],
)
@json_option
@pass_asked
def smoke_(asked: Asked, as_json: bool) -> int:
    """Run it."""
    found = smoke.run(asked.host, asked.site)
    ill = [place for place, one in enumerate(found) if not one["ok"]]
    if screen.is_json(as_json):
        screen.data(found)
    else:
        screen.table(
            ["check", "ok", "ms", "seen"], [(one["check"], one["ok"], one["ms"], _seen(one)) for one in found], bad=ill
        )
        for place in ill:
            screen.line(f"{found[place]['check']}, to do: {found[place]['mend']}")
    return calls.FAILED if ill else calls.DONE
