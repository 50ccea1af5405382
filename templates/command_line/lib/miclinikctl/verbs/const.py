# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Constants, which is what the application calls its settings."""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
from ansible_collections.miclinik.hosting.plugins.module_utils.command_line import calls, constant_diff, known, words

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
    cls=Verb,
    help="Shows one; ends with 1 where it is not set.",
    examples=[("const get MAIN_LANG_DEFAULT", "its value, and where it is set")],
)
@click.argument("name", shell_complete=names(known.CONSTANTS))
@_entity
@json_option
@pass_asked
def get(asked: Asked, name: str, entity: int | None, as_json: bool | None) -> int:
    """Show it."""

    return asked.tell(
        asked.read("constant", "get", name, *_of(entity)),
        as_json,
        lambda data: screen.line(screen.value(data["value"])),
        missing=lambda data: None if data["set"] else _unset(asked, name, entity),
    )


def _unset(asked: Asked, name: str, entity: int | None) -> calls.CallError:
    where = "" if entity is None else f" in entity {entity}"
    near = words.meant(name, known.words(asked.host, asked.site, known.CONSTANTS))
    return calls.CallError(f"site '{asked.site}': {name} is not set{where}.{near}")


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
def list_(asked: Asked, pattern: str, entity: int | None, as_json: bool | None) -> int:
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
    elif found:
        screen.table(["name", "entity", "value"], [(one["name"], one["entity"], one["value"]) for one in found])
    else:
        near = words.meant(pattern, [one["name"] for one in data["constants"]])
        screen.line(f"none that is set is called so.{near}")
    return calls.DONE


@group.command(
    "set",
    cls=Numbers,
    help="Sets one, and says what brings it back to what it was. Without VALUE it is asked for, or read from standard"
    " input: for secrets, which have no place in a command line.",
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
def set_(asked: Asked, name: str, value: str | None, entity: int | None, as_json: bool | None, check: bool) -> int:
    """Set it."""
    if value is None:
        value = screen.secret(f"Value of {name}")
    # By standard input, since everybody may read a process's arguments.
    said = asked.change(
        "constant", "set", name, *_of(entity), given={"value": value}, check=check, said_as=f"const set {name}"
    )
    code = _tell(asked, said, name, entity, as_json, check)
    if said.data.get("changed"):
        _warn(asked, name, said.data.get("former") or {})
    return code


def _tell(asked: Asked, said: calls.Said, name: str, entity: int | None, as_json: bool | None, check: bool) -> int:
    # Here and below, since completion imports this file, and has no time for what these import.
    from ansible_collections.miclinik.hosting.plugins.module_utils.command_line import way_back  # noqa: PLC0415

    def human(data: dict[str, Any]) -> None:
        screen.changes(data, check=check)
        if data["changed"] and not check:
            back = way_back.commands(asked.site, name, data.get("former") or {}, everywhere=entity is None)
            for line in back:
                screen.line(f"the way back: {line}")

    return asked.tell(said, as_json, human, check=check)


def _warn(asked: Asked, name: str, former: Mapping[str, Any]) -> None:
    """Say so where nobody reads a constant that was nowhere set: the application takes every name."""
    from ansible_collections.miclinik.hosting.plugins.module_utils.command_line import way_back  # noqa: PLC0415

    if [value for value in former.values() if value is not None]:
        return
    read = way_back.names(asked.host, asked.site)
    if read and name not in read:
        near = words.meant(name, read)
        screen.warn(f"Nothing in the code of {asked.site} reads a constant {name}.{near}")


@group.command(
    cls=Verb,
    help="Takes one away, so that the application's default holds, and says what brings it back.",
    examples=[("const unset MY_SWITCH", "as if it had never been set"), ("const unset MY_SWITCH --entity 1", "there")],
)
@click.argument("name", shell_complete=names(known.CONSTANTS))
@_entity
@json_option
@check_option
@pass_asked
def unset(asked: Asked, name: str, entity: int | None, as_json: bool | None, check: bool) -> int:
    """Take it away."""
    said = asked.change("constant", "unset", name, *_of(entity), check=check, said_as=f"const unset {name}")
    return _tell(asked, said, name, entity, as_json, check)


@group.command(
    cls=Verb,
    help="What is set otherwise in OTHER: another site of this host, or a file of `const list --json`. Ends with 3"
    " where something is.",
    examples=[("const diff sur", "this site and sur"), ("const diff before.json", "what has changed since")],
)
@click.argument("other", shell_complete=sites)
@json_option
@pass_asked
def diff(asked: Asked, other: str, as_json: bool | None) -> int:
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
