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
    examples=[
        ("mail test me@example.org", ""),
        ("mail test me@example.org --check", "from where it would go"),
    ],
)
@click.argument("address")
@json_option
@check_option
@pass_asked
def test(asked: Asked, address: str, as_json: bool | None, check: bool) -> int:
    """Send it."""
    said = calls.ask(asked.host, asked.site, ["mail", "test", address], check=check)
    if not check:
        asked.note(f"mail test {address}", "sent" if said.data.get("ok") else "failed")

    def human(data: dict[str, Any]) -> None:
        done = "would be sent" if check else "was sent"
        screen.line(f"A mail to {data['to']} {done} from {data['from']} by {data['way']}.")

    return asked.tell(said, as_json, human, check=check)
