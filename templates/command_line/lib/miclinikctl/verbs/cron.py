# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Scheduled jobs."""

from __future__ import annotations

import json
import subprocess

import click
from ansible_collections.miclinik.hosting.plugins.module_utils.command_line import calls

from .. import handed, screen
from ..asked import Asked, pass_asked
from ..grammar import Group, Verb, json_option


@click.group(
    cls=Group,
    help="Scheduled jobs of the application, which a timer runs.",
    examples=[("cron list", "what ran, what came of it, when it runs next"), ("cron run", "what is due, now")],
)
def group() -> None:
    """Have verbs."""


@group.command(
    "list",
    cls=Verb,
    help="What ran, what came of it, and when it runs next.",
    examples=[("cron list", ""), ("cron list --json", "for programs")],
)
@json_option
@pass_asked
def list_(asked: Asked, as_json: bool) -> int:
    """Show them; in a pipe as it has always been, which is text."""
    if as_json or not screen.is_json(asked=False):
        words = [str(asked.host.program("cron")), asked.site, "list", "--json"]
        try:
            done = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=False)
        except OSError as error:
            raise calls.CallError(
                f"{words[0]} cannot be started: {error.strerror}. Run playbooks/site.yml.", calls.USAGE
            ) from None
        if done.returncode or as_json:
            print(done.stdout, end="")
            return done.returncode
        jobs = json.loads(done.stdout)
        screen.table(
            ["id", "job", "is", "last", "next", "runs", "said"],
            [
                (
                    one["id"],
                    one["label"],
                    _state(one),
                    _moment(one["ended"]),
                    _moment(one["next"]),
                    one["runs"],
                    one["output"] if one["failed"] else "",
                )
                for one in jobs
            ],
            bad=[place for place, one in enumerate(jobs) if one["enabled"] and one["failed"]],
        )
        return calls.DONE
    return asked.hand_on("cron", "list")


def _state(job: dict[str, object]) -> str:
    if not job["enabled"]:
        return "off"
    return "runs" if job["running"] else "FAILED" if job["failed"] else "due" if job["due"] else "ok"


def _moment(seconds: object) -> str:
    import time  # noqa: PLC0415

    return time.strftime("%Y-%m-%d %H:%M", time.localtime(float(str(seconds)))) if seconds else "-"


group.add_command(
    handed.verb(
        "run",
        "Runs what is due now, as the timer does, and says what came of it.",
        "cron",
        ["run"],
        examples=[("cron run", "")],
        changes="cron run",
    )
)
