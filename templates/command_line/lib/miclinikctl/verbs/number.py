# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How records are numbered."""

from __future__ import annotations

from typing import Any

import click
from ansible_collections.miclinik.hosting.plugins.module_utils.command_line import calls, words

from .. import screen
from ..asked import Asked, pass_asked
from ..grammar import Group, Verb, assignments, check_option, json_option

_kind = click.argument("kind")


@click.group(
    cls=Group,
    help="Numbering: by which model and mask records get their numbers, by kind, as invoice or order.",
    examples=[
        ("number list", "all kinds"),
        ("number show invoice", "one, and the models that there are"),
        ("number set invoice --model mercure --mask 'FA{yyyy}-{00000@1}'", "another way"),
    ],
)
def group() -> None:
    """Have verbs."""


def _masks(one: dict[str, Any]) -> Any:
    return one.get("mask") or one.get("masks")


@group.command("list", cls=Verb, help="All kinds that have a model.", examples=[("number list", "")])
@json_option
@pass_asked
def list_(asked: Asked, as_json: bool | None) -> int:
    """Show them."""

    def human(data: dict[str, Any]) -> None:
        screen.table(["kind", "model", "mask"], [(k, v["model"], _masks(v)) for k, v in data["numbering"].items()])

    return asked.tell(asked.read("numbering", "show"), as_json, human)


@group.command(cls=Verb, help="One kind, and the models that there are.", examples=[("number show invoice", "")])
@_kind
@json_option
@pass_asked
def show(asked: Asked, kind: str, as_json: bool | None) -> int:
    """Show one."""
    data = asked.data("numbering", "show")
    if kind not in data["models"] and kind not in data["numbering"]:
        near = words.meant(kind, {*data["models"], *data["numbering"]})
        raise calls.CallError(f"There is no numbering of {kind!r}.{near} See: miclinikctl {asked.site} number list")
    found = {"kind": kind} | data["numbering"].get(kind, {"model": None})
    found["models"] = data["models"].get(kind, [])
    screen.data(found) if screen.is_json(as_json) else screen.pairs(found)
    return calls.DONE


@group.command(
    "set",
    cls=Verb,
    help="Gives a kind another model, or another mask; the application says whether it can make a number of it.",
    examples=[
        ("number set invoice --model mercure --mask 'FA{yyyy}-{00000@1}'", ""),
        ("number set invoice --mask-of credit='AB{yyyy}-{00000@1}' --check", "that of credit notes alone; only look"),
    ],
)
@_kind
@click.option("--model", help="Its name, as `number show` lists them.")
@click.option("--mask", help="The mask, with a counter as {0000} in it.")
@click.option(
    "--mask-of", "masks", multiple=True, metavar="NAME=MASK", callback=assignments(), help="One of several masks."
)
@json_option
@check_option
@pass_asked
def set_(
    asked: Asked,
    /,
    kind: str,
    model: str | None,
    mask: str | None,
    masks: dict[str, Any],
    as_json: bool | None,
    check: bool,
) -> int:
    """Bring it to what is named."""
    wanted = {key: value for key, value in (("model", model), ("mask", mask), ("masks", masks)) if value}
    if not wanted:
        raise click.UsageError("Nothing is named: say --model, --mask or --mask-of.")
    given = {"numbering": {kind: wanted}}
    said = asked.change("numbering", "ensure", given=given, check=check, said_as=f"number set {kind}")
    return asked.tell_change(said, as_json, check=check)
