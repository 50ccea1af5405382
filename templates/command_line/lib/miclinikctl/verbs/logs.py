# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What was logged."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click
from ansible_collections.miclinik.hosting.plugins.module_utils.command_line import calls, logs

from .. import screen
from ..asked import Asked, pass_asked
from ..grammar import Verb

if TYPE_CHECKING:
    from ansible_collections.miclinik.hosting.plugins.module_utils.command_line import log_lines

_USUAL = 50


def _since(_ctx: click.Context, _param: click.Parameter, given: str) -> float:
    # Here, and below, since completion imports this file, and has no time for it.
    from ansible_collections.miclinik.hosting.plugins.module_utils.command_line import moments  # noqa: PLC0415

    if not given:
        return 0.0
    try:
        return moments.since(given, time.time())
    except (ValueError, OverflowError):
        raise click.BadParameter(f"{given!r} is no time. Write it like {moments.EXAMPLES}.") from None


def _status(_ctx: click.Context, _param: click.Parameter, given: tuple[str, ...]) -> list[str]:
    from ansible_collections.miclinik.hosting.plugins.module_utils.command_line import log_lines  # noqa: PLC0415

    try:
        return [one for words in given for one in log_lines.statuses(words)]
    except ValueError as error:
        raise click.BadParameter(f"{str(error)!r} is no status. Write it like 404 or 5xx.") from None


@click.command(
    "logs",
    cls=Verb,
    help="What was logged, the last lines first named.\n\n\b\n"
    + "\n".join(f"{name:<8} {about}" for name, about in logs.KINDS.items()),
    examples=[
        ("logs -f", "what PHP says, as it comes"),
        ("logs api -n 100", "the last calls of the API"),
        ("logs api --failed --since 1h", "those of the last hour that were refused, or failed"),
        ("logs api --status 401,403 -f", "who is refused, as they come"),
        ("logs jobs --since yesterday", "from midnight on"),
        ("logs audit --since '2026-11-27 10:00'", "who has changed what since then"),
    ],
)
@click.argument("kind", type=click.Choice(list(logs.KINDS)), required=False, default="php")
@click.option("-f", "--follow", is_flag=True, help="Goes on with what comes.")
@click.option("-n", "--lines", type=click.IntRange(0), help="How many; 50 otherwise, or all since then with --since.")
@click.option(
    "--since", default="", metavar="TIME", callback=_since, help="5m, '2 hours ago', yesterday, 10:00, 2026-11-27."
)
@click.option(
    "--status", multiple=True, metavar="STATUS", callback=_status, help="Of api and access: 404, 5xx, or 401,403."
)
@click.option("--failed", is_flag=True, help="The same as --status 4xx,5xx.")
@pass_asked
def logs_(
    asked: Asked, kind: str, follow: bool, lines: int | None, since: float, status: list[str], failed: bool
) -> int:
    """Show them."""
    from ansible_collections.miclinik.hosting.plugins.module_utils.command_line import log_lines  # noqa: PLC0415

    if lines is None and not since:
        lines = _USUAL
    wanted = log_lines.Wanted(since, [*status, *(log_lines.FAILED if failed else ())])
    if wanted.status:
        logs.require_status(kind)
    if wanted and logs.is_file(kind):
        return _show(logs.file_of(asked.host, asked.site, kind), wanted, lines, follow=follow)
    words = logs.command(asked.host, asked.site, kind, lines, since, follow=follow)
    sys.stdout.flush()
    try:
        os.execvp(words[0], words)  # noqa: S606
    except OSError as error:
        raise calls.CallError(f"{words[0]} cannot be started: {error.strerror}") from None


def _show(file: Path, wanted: log_lines.Wanted, count: int | None, *, follow: bool) -> int:
    """Show lines of a web server's log that are wanted."""
    from ansible_collections.miclinik.hosting.plugins.module_utils.command_line import log_lines  # noqa: PLC0415

    try:
        found, end = log_lines.last(file, wanted, count)
    except OSError as error:
        raise calls.CallError(f"{file} cannot be read: {error.strerror}") from None
    for line in found:
        screen.line(line)
    if follow:
        _follow(file, end, wanted)
    return calls.DONE


def _follow(file: Path, end: int, wanted: log_lines.Wanted) -> None:
    """Show what comes, until somebody has seen enough."""
    from ansible_collections.miclinik.hosting.plugins.module_utils.command_line import log_lines  # noqa: PLC0415

    words = ["tail", "-c", f"+{end + 1}", "-F", str(file)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, errors="replace") as told:
        assert told.stdout is not None
        try:
            for line in log_lines.chosen((line.rstrip("\n") for line in told.stdout), wanted):
                screen.line(line)
        except KeyboardInterrupt:
            pass  # as journalctl and tail end
        finally:
            # Or it would be waited for until the next line came, where who reads has gone.
            told.terminate()
