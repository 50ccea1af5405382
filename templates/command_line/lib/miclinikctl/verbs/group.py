# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Groups of users."""

from __future__ import annotations

from typing import Any

import click

from .. import screen
from ..asked import Asked, pass_asked
from ..grammar import Group, Verb, json_option


@click.group(
    cls=Group, help="Groups of users, and what their members may do.", examples=[("group list", "all of them")]
)
def group() -> None:
    """Have verbs."""


@group.command("list", cls=Verb, help="All groups.", examples=[("group list", "")])
@json_option
@pass_asked
def list_(asked: Asked, as_json: bool) -> int:
    """Show them."""

    def human(data: dict[str, Any]) -> None:
        rows = [(one["name"], one.get("members"), len(one.get("rights") or [])) for one in data["groups"]]
        screen.table(["group", "members", "rights"], rows)

    return asked.tell(asked.read("group", "list"), as_json, human)


@group.command(cls=Verb, help="One group, with all rights.", examples=[("group show Sales", "")])
@click.argument("name")
@json_option
@pass_asked
def show(asked: Asked, name: str, as_json: bool) -> int:
    """Show one."""

    def human(data: dict[str, Any]) -> None:
        if data["group"] is None:
            screen.line(f"there is no group {name!r}")
        else:
            screen.pairs(data["group"])

    return asked.tell(asked.read("group", "show", name), as_json, human)
