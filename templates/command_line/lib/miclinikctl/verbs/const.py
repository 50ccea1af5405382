# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Constants, which is what the application calls its settings."""

from __future__ import annotations

import fnmatch
from pathlib import Path
from typing import Any

import click
from ansible_collections.miclinik.hosting.plugins.module_utils.command_line import calls, constant_diff, known

from .. import screen
from ..asked import Asked, pass_asked
from ..completion import names, sites
from ..grammar import Group, Numbers, Verb, check_option, json_option

_entity = click.option("--entity", type=click.IntRange(0), help="Of one entity alone; 0 is all of them.")


@click.group(
    cls=Group,
    help="Constants: the settings of the application. Values of secret ones are never shown.",
    examples=[
        ("const get MAIN_LANG_DEFAULT", "one of them"),
        ("const set MAIN_SIZE_LISTE_LIMIT 50", "for all entities"),
        ("const list 'MAIN_MAIL_*'", "all that begin so"),
        ("const diff sur", "what another site of this host has set otherwise"),
    ],
)
def group() -> None:
    """Have verbs."""


def _of(entity: int | None) -> list[str]:
    return [] if entity is None else ["--entity", str(entity)]


@group.command(
    cls=Verb, help="Shows one.", examples=[("const get MAIN_LANG_DEFAULT", "its value, and where it is set")]
)
@click.argument("name", shell_complete=names(known.CONSTANTS))
@_entity
@json_option
@pass_asked
def get(asked: Asked, name: str, entity: int | None, as_json: bool) -> int:
    """Show it."""

    def human(data: dict[str, Any]) -> None:
        screen.line(screen.value(data["value"]) if data["set"] else f"{name} is not set")

    return asked.tell(asked.read("constant", "get", name, *_of(entity)), as_json, human)


@group.command(
    "list",
    cls=Verb,
    help="All that are set, or those whose names are like PATTERN.",
    examples=[
        ("const list 'MAIN_INFO_*'", "all that begin so"),
        ("const list --json > before.json", "for `const diff`"),
    ],
)
@click.argument("pattern", required=False, default="", shell_complete=names(known.CONSTANTS))
@_entity
@json_option
@pass_asked
def list_(asked: Asked, pattern: str, entity: int | None, as_json: bool) -> int:
    """Show them."""
    data = asked.data("constant", "all")
    like = pattern.upper() if any(sign in pattern for sign in "*?[") else f"*{pattern.upper()}*"
    found = [
        one
        for one in data["constants"]
        if fnmatch.fnmatchcase(one["name"].upper(), like) and entity in (None, one["entity"])
    ]
    if screen.is_json(as_json):
        screen.data({**data, "constants": found})
    else:
        screen.table(["name", "entity", "value"], [(one["name"], one["entity"], one["value"]) for one in found])
    return calls.DONE


@group.command(
    "set",
    cls=Numbers,
    help="Sets one. Without VALUE it is asked for, or read from standard input: for secrets, which have no place in a"
    " command line.",
    examples=[
        ("const set MAIN_SIZE_LISTE_LIMIT 50 --check", "only look"),
        ("const set MAIN_MAIL_SMTPS_PW", "asks for it"),
        ("const set MAIN_MAIL_SMTPS_PW < file", "takes the first line of a file"),
    ],
)
@click.argument("name", shell_complete=names(known.CONSTANTS))
@click.argument("value", required=False)
@_entity
@json_option
@check_option
@pass_asked
def set_(asked: Asked, name: str, value: str | None, entity: int | None, as_json: bool, check: bool) -> int:
    """Set it."""
    if value is None:
        value = screen.secret(f"Value of {name}")
    # By standard input, since everybody may read a process's arguments.
    said = asked.change(
        "constant", "set", name, *_of(entity), given={"value": value}, check=check, said_as=f"const set {name}"
    )
    return asked.tell_change(said, as_json, check=check)


@group.command(
    cls=Verb, help="Takes one away, so that the application's default holds.", examples=[("const unset MY_SWITCH", "")]
)
@click.argument("name", shell_complete=names(known.CONSTANTS))
@_entity
@json_option
@check_option
@pass_asked
def unset(asked: Asked, name: str, entity: int | None, as_json: bool, check: bool) -> int:
    """Take it away."""
    said = asked.change("constant", "unset", name, *_of(entity), check=check, said_as=f"const unset {name}")
    return asked.tell_change(said, as_json, check=check)


@group.command(
    cls=Verb,
    help="What is set otherwise in OTHER: another site of this host, or a file of `const list --json`. Ends with 3"
    " where something is.",
    examples=[("const diff sur", "this site and sur"), ("const diff before.json", "what has changed since")],
)
@click.argument("other", shell_complete=sites)
@json_option
@pass_asked
def diff(asked: Asked, other: str, as_json: bool) -> int:
    """Compare."""
    if other in asked.host.sites():
        there = Asked(other, asked.host).data("constant", "all")["constants"]
    else:
        there = constant_diff.saved(Path(other))
    here = asked.data("constant", "all")["constants"]
    found = constant_diff.compare(constant_diff.by_name(here), constant_diff.by_name(there))
    if screen.is_json(as_json):
        screen.data(found)
    elif found:
        rows = [(one["name"], one["entity"], one["here"], one["there"]) for one in found]
        screen.table(["name", "entity", asked.site, other], rows)
    else:
        screen.line("no difference")
    return calls.WOULD_CHANGE if found else calls.DONE
