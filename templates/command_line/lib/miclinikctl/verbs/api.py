# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The REST API, called from its host."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click
from ansible_collections.miclinik.hosting.plugins.module_utils.command_line import api_call, calls
from click.shell_completion import CompletionItem

from .. import handed, screen
from ..asked import Asked, pass_asked
from ..grammar import Group, Verb, check_option, json_option


@click.group(
    cls=Group,
    help="The REST API, with a key that is on record: nobody has to see it.",
    examples=[
        ("api call GET /products --limit 5", "the first five"),
        ("api call GET /status", "whether it answers"),
        ("api spec --out api.json", "its description, for generators of clients"),
    ],
)
def group() -> None:
    """Have verbs."""


def _methods(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    return [CompletionItem(name) for name in api_call.METHODS if name.startswith(incomplete.upper())]


def _query(_ctx: click.Context, _param: click.Parameter, given: tuple[str, ...]) -> list[tuple[str, str]]:
    wrong = [pair for pair in given if "=" not in pair]
    if wrong:
        raise click.BadParameter(f"{wrong[0]!r} is no NAME=VALUE.")
    return [(pair.partition("=")[0], pair.partition("=")[2]) for pair in given]


def _body(data: str | None) -> str | None:
    if data == "-":
        return sys.stdin.read()
    if data and data.startswith("@"):
        try:
            return Path(data[1:]).read_text(encoding="utf-8")
        except OSError as error:
            raise calls.CallError(f"{data[1:]} cannot be read: {error.strerror}") from None
    return data


@group.command(
    cls=Verb,
    help="Calls it. On a terminal a list is a table of its most useful columns (--fields says which); --json has all."
    " Ends with 1 where the API refuses.",
    examples=[
        ("api call GET /products --limit 5", "the first five"),
        ("api call GET /thirdparties --sqlfilters \"(t.nom:like:'%ana%')\"", "those that are called so"),
        ('api call POST /products --data \'{"ref": "A1", "label": "One"}\'', "makes one"),
        ("api call GET /orders/7 --user shop --json", "as the user shop, all of it"),
    ],
)
@click.argument("method", type=click.Choice(api_call.METHODS, case_sensitive=False), shell_complete=_methods)
@click.argument("path")
@click.option("--user", metavar="LOGIN", help="By whose key; else of the first who has one on record, and may log in.")
@click.option("--limit", help="How many.")
@click.option("--page", help="Which page of them, from 0 on.")
@click.option("--sortfield", help="By what they are sorted, as t.ref.")
@click.option("--sortorder", type=click.Choice(["ASC", "DESC"], case_sensitive=False), help="Which way.")
@click.option("--sqlfilters", help="Which, as \"(t.ref:like:'A%')\".")
@click.option("-q", "--query", multiple=True, metavar="NAME=VALUE", callback=_query, help="Any other; several times.")
@click.option("--data", metavar="JSON", help="What is sent: JSON, @FILE, or - for standard input.")
@click.option("--fields", default="", metavar="A,B", help="Columns of the table.")
@json_option
@check_option
@pass_asked
def call(
    asked: Asked,
    /,
    method: str,
    path: str,
    user: str | None,
    query: list[tuple[str, str]],
    data: str | None,
    fields: str,
    as_json: bool | None,
    check: bool,
    **known_ones: str | None,
) -> int:
    """Call it."""
    method = method.upper()
    asked_for = [(name, value) for name, value in known_ones.items() if value is not None] + query
    body = _body(data)
    if check:
        if body is not None:
            api_call.require_json(body)
        screen.line(f"would call {method} {api_call.target(path, asked_for)}")
        return calls.DONE if method == "GET" else calls.WOULD_CHANGE
    told = api_call.call(asked.host, asked.site, user, method, path, asked_for, body)
    if method != "GET":
        asked.note(f"api call {method} {path}", f"status {told.status}")
    found = told.data()
    if not told.fine:
        screen.warn(f"{method} {path}, as {told.login}: status {told.status}")
        for line in told.why:
            screen.warn(line)
    if screen.is_json(as_json) or not told.fine:
        screen.data(found)
    else:
        _show(found, [name for name in fields.split(",") if name])
    return calls.DONE if told.fine else calls.FAILED


def _show(found: Any, fields: list[str]) -> None:
    if isinstance(found, list) and found and all(isinstance(row, dict) for row in found):
        columns = api_call.columns(found, fields)
        screen.table(columns, [[row.get(name) for name in columns] for row in found])
    elif isinstance(found, dict) and fields:
        screen.pairs({name: found.get(name) for name in fields})
    else:
        screen.data(found)


group.add_command(
    handed.verb(
        "spec",
        "Prints it as an OpenAPI document, for generators of clients.",
        "api",
        ["spec"],
        params=[
            click.Option(["--out"], metavar="FILE", type=click.Path(), help="Writes it there."),
            click.Option(
                ["--user"],
                metavar="LOGIN",
                help="The user whose key is shown; else the first whose key is taken.",
            ),
        ],
        examples=[("api spec --out api.json", "")],
    )
)
