# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What was logged."""

from __future__ import annotations

import os
import sys

import click
from ansible_collections.miclinik.hosting.plugins.module_utils.command_line import calls, logs

from ..asked import Asked, pass_asked
from ..grammar import Verb


@click.command(
    "logs",
    cls=Verb,
    help="What was logged, the last lines first named.\n\n\b\n"
    + "\n".join(f"{name:<8} {about}" for name, about in logs.KINDS.items()),
    examples=[
        ("logs -f", "what PHP says, as it comes"),
        ("logs api -n 100", "the last calls of the API"),
        ("logs jobs --since yesterday", ""),
        ("logs audit", "who has changed what"),
    ],
)
@click.argument("kind", type=click.Choice(list(logs.KINDS)), required=False, default="php")
@click.option("-f", "--follow", is_flag=True, help="Goes on with what comes.")
@click.option("-n", "--lines", type=click.IntRange(0), default=50, show_default=True, help="How many.")
@click.option("--since", default="", metavar="TIME", help="As journalctl takes it: yesterday, 10:00, -1h.")
@pass_asked
def logs_(asked: Asked, kind: str, follow: bool, lines: int, since: str) -> int:
    """Show them."""
    words = logs.command(asked.host, asked.site, kind, lines, since, follow=follow)
    sys.stdout.flush()
    try:
        os.execvp(words[0], words)  # noqa: S606
    except OSError as error:
        raise calls.CallError(f"{words[0]} cannot be started: {error.strerror}") from None
