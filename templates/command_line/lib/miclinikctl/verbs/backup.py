# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Snapshots."""

from __future__ import annotations

import click

from .. import handed
from ..grammar import Group


@click.group(
    cls=Group,
    help="Snapshots in the repository of miclinik_backup; `restore` brings one back.",
    examples=[
        ("backup run", "make one now"),
        ("backup list", "those that there are"),
        ("backup test", "restore the last one beside the site, and prove it"),
    ],
)
def group() -> None:
    """Have verbs."""


def _add(name: str, about: str, *params: click.Parameter, changes: bool = False, example: str = "") -> None:
    group.add_command(
        handed.verb(
            name,
            about,
            "life",
            ["backup", name],
            params=params,
            examples=[(f"backup {name}{example}", "")],
            changes=f"backup {name}" if changes else "",
        )
    )


_add(
    "run",
    "Makes one now.",
    click.Option(["--tag"], multiple=True, help="A mark; one with a mark is kept apart."),
    changes=True,
    example=" --tag before-the-holidays",
)
_add("list", "Those that there are.")
_add(
    "check",
    "Has restic check the repository, and reads a part of it.",
    click.Option(["--all"], is_flag=True, help="Reads all of it."),
    changes=True,
)
_add(
    "test",
    "Restores one beside the site, proves it, and takes it away again.",
    click.Argument(["snapshot"], required=False, default="latest"),
    changes=True,
)
_add("state", "What became of the last ones, as JSON.")
_add("last", "The same in a line.")
_add("tidy", "Takes away what a test has left that was killed.")
