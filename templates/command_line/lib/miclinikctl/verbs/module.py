# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Modules of the application."""

from __future__ import annotations

from typing import Any

import click
from ansible_collections.miclinik.hosting.plugins.module_utils.command_line import known

from .. import screen
from ..asked import Asked, pass_asked
from ..completion import names
from ..grammar import Group, Verb, check_option, json_option


@click.group(
    cls=Group,
    help="Modules of the application, by the names that the inventory has for them.",
    examples=[
        ("module list", "those that are on"),
        ("module enable stock --check", "what else would be switched on with it"),
    ],
)
def group() -> None:
    """Have verbs."""


@group.command(
    "list",
    cls=Verb,
    help="Those that are on; with --all also what could be.",
    examples=[("module list --all", "every module of this version")],
)
@click.option("--all", "every", is_flag=True, help="Also those that are off.")
@json_option
@pass_asked
def list_(asked: Asked, every: bool, as_json: bool | None) -> int:
    """Show them."""

    def human(data: dict[str, Any]) -> None:
        on = set(data["enabled"])
        shown = sorted({*on, *(data["available"] if every else ())})
        screen.table(["module", "is"], [(name, "on" if name in on else "off") for name in shown])

    return asked.tell(asked.read("module", "list"), as_json, human)


def _change(asked: Asked, word: str, modules: tuple[str, ...], as_json: bool | None, check: bool) -> int:
    said = asked.change("module", word, *modules, check=check)

    def human(data: dict[str, Any]) -> None:
        screen.changes(data, check=check)
        if data.get("came_along"):
            screen.line(f"with them, since they belong together: {', '.join(data['came_along'])}")

    return asked.tell(said, as_json, human, check=check)


@group.command(
    cls=Verb,
    help="Switches modules on, and those that they need.",
    examples=[("module enable stock product", "two of them"), ("module enable stock --check", "only look")],
)
@click.argument("modules", nargs=-1, required=True, metavar="NAME...", shell_complete=names(known.MODULES))
@json_option
@check_option
@pass_asked
def enable(asked: Asked, modules: tuple[str, ...], as_json: bool | None, check: bool) -> int:
    """Switch them on."""
    return _change(asked, "enable", modules, as_json, check)


@group.command(
    cls=Verb,
    help="Switches modules off, and those that need them. Their data stays.",
    examples=[("module disable stock --check", "what else would go off with it")],
)
@click.argument("modules", nargs=-1, required=True, metavar="NAME...", shell_complete=names(known.ENABLED))
@json_option
@check_option
@pass_asked
def disable(asked: Asked, modules: tuple[str, ...], as_json: bool | None, check: bool) -> int:
    """Switch them off."""
    return _change(asked, "disable", modules, as_json, check)
