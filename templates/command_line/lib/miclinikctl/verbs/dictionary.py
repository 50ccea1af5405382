# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Dictionaries, which is what the application calls its lists of choices."""

from __future__ import annotations

from typing import Any

import click
from ansible_collections.miclinik.hosting.plugins.module_utils.command_line import calls, words

from .. import screen
from ..asked import Asked, pass_asked
from ..grammar import Group, Verb, assignments, check_option, json_option

#: What fits beside each other on a terminal.
_MOST = 8
_name = click.argument("name")
_code = click.argument("code")


@click.group(
    cls=Group,
    help="Dictionaries: payment terms, VAT rates, units and the like, by the names that the inventory has for them.",
    examples=[
        ("dict list", "all of them, and how many rows each has"),
        ("dict list payment_terms", "the rows of one"),
        ("dict set payment_terms 45D label='45 days' days=45", "a row more, or one that is there"),
        ("dict changed", "rows that are otherwise than the version ships them"),
    ],
)
def group() -> None:
    """Have verbs."""


def _table(rows: list[dict[str, Any]]) -> None:
    columns = list(dict.fromkeys(key for row in rows for key in row if key != "active"))[:_MOST]
    shown = [[row.get(name) for name in columns] + [row.get("active", True)] for row in rows]
    screen.table([*columns, "active"], shown)


@group.command(
    "list",
    cls=Verb,
    help="All dictionaries, or the rows of one.",
    examples=[("dict list", ""), ("dict list vat_rates", "its rows")],
)
@click.argument("name", required=False, default="")
@json_option
@pass_asked
def list_(asked: Asked, name: str, as_json: bool | None) -> int:
    """Show them."""

    def human(data: dict[str, Any]) -> None:
        if name:
            _table(data["dictionaries"][name])
        else:
            screen.table(["dictionary", "rows"], [(one, len(rows)) for one, rows in data["dictionaries"].items()])

    return asked.tell(asked.read("dictionary", "list", *([name] if name else [])), as_json, human)


@group.command(
    cls=Verb,
    help="Rows that are otherwise than the version ships them: made, or changed by somebody.",
    examples=[("dict changed", "")],
)
@json_option
@pass_asked
def changed(asked: Asked, as_json: bool | None) -> int:
    """Show them."""

    def human(data: dict[str, Any]) -> None:
        rows = [(name, row) for name, found in data["dictionaries"].items() for row in found]
        if rows:
            screen.table(["dictionary", "row"], rows)
        elif data.get("known", True):
            screen.line("all rows are as they are shipped")
        else:
            screen.line("what this version ships is not known, so nothing is known of changes")

    return asked.tell(asked.read("dictionary", "changed"), as_json, human)


@group.command(cls=Verb, help="The rows of a code.", examples=[("dict show payment_terms 30D", "")])
@_name
@_code
@json_option
@pass_asked
def show(asked: Asked, name: str, code: str, as_json: bool | None) -> int:
    """Show them."""
    rows = asked.data("dictionary", "list", name)["dictionaries"][name]
    codes = [str(row.get("code", row.get("rate", ""))) for row in rows]
    found = [row for row, its in zip(rows, codes, strict=True) if its == code]
    if not found:
        raise calls.CallError(f"{name} has no row {code!r}.{words.meant(code, codes)} See: dict list {name}")
    if screen.is_json(as_json):
        screen.data({"name": name, "rows": found})
        return calls.DONE
    for row in found:
        screen.pairs({"active": True} | row)
    return calls.DONE


@group.command(
    "set",
    cls=Verb,
    help="Makes a row, or changes what is named of one. active=false switches it off; nothing is taken away. What else"
    " a row is known by stands there as well: country=ES beside the rate of a VAT.",
    examples=[
        ("dict set payment_terms 45D label='45 days' days=45", ""),
        ("dict set payment_modes CHQ active=false --check", "only look"),
        ("dict set vat_rates '' rate=7.5 country=ES note=Special", "a VAT rate has no code of its own"),
    ],
)
@_name
@_code
@click.argument("values", nargs=-1, required=True, metavar="KEY=VALUE...", callback=assignments("active"))
@json_option
@check_option
@pass_asked
def set_(asked: Asked, name: str, code: str, values: dict[str, Any], as_json: bool | None, check: bool) -> int:
    """Bring a row to what is named."""
    said = asked.change(
        "dictionary",
        "ensure",
        given={"dictionaries": {name: [{"code": code} | values]}},
        check=check,
        said_as=f"dict set {name} {code}",
    )
    return asked.tell_change(said, as_json, check=check)
