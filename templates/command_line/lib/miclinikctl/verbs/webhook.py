# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Webhooks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click
from ansible_collections.miclinik.hosting.plugins.module_utils.command_line.calls import CallError

from .. import handed, screen
from ..asked import Asked, pass_asked
from ..grammar import Group, Verb, json_option

_MEND = "Are there `webhooks` in the inventory?"


@click.group(
    cls=Group,
    help="Webhooks: what the site tells others when something happens in it.",
    examples=[("webhook list", "how each does"), ("webhook test erp", "an event for a test")],
)
def group() -> None:
    """Have verbs."""


@group.command(
    "list", cls=Verb, help="What waits, what arrived last, what the receivers said.", examples=[("webhook list", "")]
)
@json_option
@pass_asked
def list_(asked: Asked, as_json: bool | None) -> int:
    """Show them; in a pipe as it has always been, which is text."""
    return asked.listed("webhooks", _MEND, as_json=as_json, show=_show)


def _show(found: list[dict[str, Any]]) -> None:
    columns = ["name", "receiver", "waiting", "dead", "delivered", "failed", "said", "relay"]
    rows = [
        (*(one["name"], one["host"], one["waiting"], len(one["dead"])), *(one[name] for name in columns[4:]))
        for one in found
    ]
    screen.table(columns, rows, bad=[place for place, one in enumerate(found) if one["dead"]])


def _name() -> click.Argument:
    return click.Argument(["name"])


def _known(asked: Asked, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what waits for the one that is named, and its dead letters. Raises CallError where there is none."""
    there = {one["name"]: one for one in asked.rows("webhooks", _MEND)}
    name = given["name"]
    if name not in there:
        raise CallError(f"{asked.site} has no webhook {name!r}. There are: {', '.join(there) or 'none'}")
    dead = [letter["id"] for letter in there[name]["dead"]]
    for unknown in (ident for ident in given.get("ids", ()) if ident not in dead):
        raise CallError(f"{name} has no dead letter {unknown}: see miclinikctl {asked.site} webhook list")
    return {"waiting": there[name]["waiting"], "dead": dead}


def _rotated(asked: Asked, given: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**_known(asked, given), "what": "would be made anew" if given["rotate"] else "would be printed"}


def _revealed(_asked: Asked, given: Mapping[str, Any]) -> list[str]:
    if not given["reveal"] and not screen.is_json(asked=None):
        raise click.UsageError("It is a secret: say --reveal to have it printed.")
    grace = ["--grace", str(given["grace"])] if given["grace"] is not None else []
    return ["secret", str(given["name"]), *(["--rotate"] if given["rotate"] else []), *grace]


group.add_command(
    handed.verb(
        "test",
        "Sends an event of the code MICLINIK_TEST, and says what came of it.",
        "webhooks",
        ["test"],
        params=[_name()],
        examples=[("webhook test erp", "")],
        changes="webhook test",
        more=_known,
    )
)
group.add_command(
    handed.verb(
        "resend",
        "Has dead letters, all or these, and what waits be tried now.",
        "webhooks",
        ["resend"],
        params=[_name(), click.Argument(["ids"], nargs=-1, metavar="[ID]...")],
        examples=[("webhook resend erp", "all of them")],
        changes="webhook resend",
        more=_known,
    )
)
group.add_command(
    handed.verb(
        "secret",
        "Prints by what the receiver tells that it is ours; on a terminal with --reveal. --rotate makes another.",
        "webhooks",
        [],
        params=[
            _name(),
            click.Option(["--reveal"], is_flag=True, help="Prints it."),
            click.Option(["--rotate"], is_flag=True, help="Makes another one, and prints that."),
            click.Option(["--grace"], metavar="TIME", help="For which both sign, as in 12h; 24h, 0 for none."),
        ],
        examples=[("webhook secret erp --reveal", ""), ("webhook secret erp --rotate --grace 12h --reveal", "")],
        changes="webhook secret",
        more=_rotated,
        before=_revealed,
    )
)
