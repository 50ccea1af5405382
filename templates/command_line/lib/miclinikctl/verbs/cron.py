# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Scheduled jobs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from .. import handed, screen
from ..asked import Asked, pass_asked
from ..grammar import Group, Verb, json_option

_MEND = "Run playbooks/site.yml."


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
def list_(asked: Asked, as_json: bool | None) -> int:
    """Show them; in a pipe as it has always been, which is text."""
    return asked.listed("cron", _MEND, as_json=as_json, show=_show)


def _show(jobs: list[dict[str, Any]]) -> None:
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


def _state(job: dict[str, object]) -> str:
    if not job["enabled"]:
        return "off"
    return "runs" if job["running"] else "FAILED" if job["failed"] else "due" if job["due"] else "ok"


def _moment(seconds: object) -> str:
    import time  # noqa: PLC0415

    return time.strftime("%Y-%m-%d %H:%M", time.localtime(float(str(seconds)))) if seconds else "-"


def _due(asked: Asked, _given: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"due": [str(job["label"]) for job in asked.rows("cron", _MEND) if job["enabled"] and job["due"]]}


group.add_command(
    handed.verb(
        "run",
        "Runs what is due now, as the timer does, and says what came of it.",
        "cron",
        ["run"],
        examples=[("cron run", "")],
        changes="cron run",
        more=_due,
    )
)
