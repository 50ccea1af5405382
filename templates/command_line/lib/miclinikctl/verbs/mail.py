# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Mail of the application."""

from __future__ import annotations

from typing import Any

import click
from ansible_collections.miclinik.hosting.plugins.module_utils.command_line import calls

from .. import screen
from ..asked import Asked, pass_asked
from ..grammar import Group, Verb, check_option, json_option


@click.group(
    cls=Group, help="Mail, by the way that the application's settings say.", examples=[("mail test me@example.org", "")]
)
def group() -> None:
    """Have verbs."""


@group.command(
    cls=Verb,
    help="Sends a mail through the application, and says what the server said.",
    examples=[("mail test me@example.org", ""), ("mail test me@example.org --check", "only by which way")],
)
@click.argument("address")
@json_option
@check_option
@pass_asked
def test(asked: Asked, address: str, as_json: bool, check: bool) -> int:
    """Send it."""
    if check:
        way = asked.data("constant", "get", "MAIN_MAIL_SENDMODE")["value"]
        server = asked.data("constant", "get", "MAIN_MAIL_SMTP_SERVER")["value"]
        screen.line(f"a mail to {address} would be sent by {way or 'mail'}{f' to {server}' if server else ''}")
        return calls.WOULD_CHANGE
    said = asked.read("mail", "test", address)
    asked.note(f"mail test {address}", "sent" if said.data.get("ok") else "failed")

    def human(data: dict[str, Any]) -> None:
        screen.pairs({name: value for name, value in data.items() if name not in ("ok", "command", "changed", "diff")})

    return asked.tell(said, as_json, human)
