# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Extra fields of records."""

from __future__ import annotations

import json
from typing import Any

import click
from ansible_collections.miclinik.hosting.plugins.module_utils.command_line import calls, words

from .. import screen
from ..asked import Asked, pass_asked
from ..grammar import Group, Verb, assignments, check_option, json_option

#: Keys that are true or false.
_SWITCHES = ("required", "unique", "editable", "total")
_kind = click.argument("kind")
_name = click.argument("name")


@click.group(
    cls=Group,
    help="Extra fields: what records have beyond what the application gives them, by kind, as thirdparty or product.",
    examples=[
        ("field list", "all of them"),
        ("field set thirdparty insurer label=Insurer type=varchar", "one more, or one that is there"),
        ("field delete thirdparty insurer --check", "what would be lost with it"),
    ],
)
def group() -> None:
    """Have verbs."""


@group.command("list", cls=Verb, help="All, or those of a kind.", examples=[("field list thirdparty", "")])
@click.argument("kind", required=False, default="")
@json_option
@pass_asked
def list_(asked: Asked, kind: str, as_json: bool | None) -> int:
    """Show them."""
    said = asked.read("extrafield", "list")

    def human(data: dict[str, Any]) -> None:
        rows = [
            (of, one["name"], one.get("label"), one.get("type"), one.get("required", False))
            for of, found in data["extra_fields"].items()
            for one in found
            if kind in ("", of)
        ]
        columns = ["kind", "name", "label", "type", "required"]
        screen.table(columns, rows) if rows else screen.line("there are none")

    if kind and screen.is_json(as_json):
        found = calls.require(said, asked.site)["extra_fields"]
        screen.data({"extra_fields": {kind: found.get(kind, [])}})
        return calls.DONE
    return asked.tell(said, as_json, human)


def _get(asked: Asked, kind: str, name: str) -> dict[str, Any]:
    """Return a field. Raises CallError."""
    kinds = asked.data("extrafield", "list")["extra_fields"]
    for one in kinds.get(kind, []):
        if one["name"] == name:
            return dict(one)
    near = words.meant(name, [one["name"] for one in kinds.get(kind, [])]) or words.meant(kind, kinds)
    raise calls.CallError(f"{kind} has no extra field {name!r}.{near} See: miclinikctl {asked.site} field list")


@group.command(cls=Verb, help="One of them.", examples=[("field show thirdparty insurer", "")])
@_kind
@_name
@json_option
@pass_asked
def show(asked: Asked, kind: str, name: str, as_json: bool | None) -> int:
    """Show one."""
    found = _get(asked, kind, name)
    screen.data({"kind": kind} | found) if screen.is_json(as_json) else screen.pairs({"kind": kind} | found)
    return calls.DONE


def _options(field: dict[str, Any]) -> dict[str, Any]:
    """Return a field whose options are a mapping where they are written as one."""
    if field.get("options", "").startswith("{"):
        try:
            field["options"] = json.loads(field["options"])
        except ValueError as error:
            raise click.UsageError(f"options is no JSON: {error}") from None
    return field


@group.command(
    "set",
    cls=Verb,
    help="Makes a field, or changes what is named of one: label, type, size, required, unique, default, options,"
    " position, visible, editable, permission, help, computed, condition, translations, total, printable.",
    examples=[
        ("field set thirdparty insurer label=Insurer type=varchar size=64", ""),
        ('field set product kind label=Kind type=select options=\'{"a": "One", "b": "Two"}\'', "with a choice"),
        ("field set thirdparty insurer required=true --check", "only look"),
    ],
)
@_kind
@_name
@click.argument("values", nargs=-1, required=True, metavar="KEY=VALUE...", callback=assignments(*_SWITCHES))
@json_option
@check_option
@pass_asked
def set_(asked: Asked, kind: str, name: str, values: dict[str, Any], as_json: bool | None, check: bool) -> int:
    """Bring a field to what is named."""
    return _ensure(asked, f"field set {kind} {name}", kind, _options({"name": name} | values), as_json, check)


def _ensure(asked: Asked, said_as: str, kind: str, field: dict[str, Any], as_json: bool | None, check: bool) -> int:
    given = {"extra_fields": {kind: [field]}}
    said = asked.change("extrafield", "ensure", given=given, check=check, said_as=said_as)
    return asked.tell_change(said, as_json, check=check)


@group.command(
    cls=Verb,
    help="Takes one away. Where records have a value in it, it is refused without --drop-data, and lost with it.",
    examples=[("field delete thirdparty insurer --check", "only look"), ("field delete thirdparty insurer", "")],
)
@_kind
@_name
@click.option("--drop-data", is_flag=True, help="Also where records have a value in it.")
@json_option
@check_option
@pass_asked
def delete(asked: Asked, /, kind: str, name: str, drop_data: bool, as_json: bool | None, check: bool) -> int:
    """Take one away."""
    _get(asked, kind, name)
    field = {"name": name, "state": "absent"} | ({"drop_data": True} if drop_data else {})
    return _ensure(asked, f"field delete {kind} {name}", kind, field, as_json, check)
