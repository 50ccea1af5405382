# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Groups of users."""

from __future__ import annotations

from typing import Any

import click
from ansible_collections.miclinik.hosting.plugins.module_utils.command_line import calls, known, words

from .. import screen
from ..asked import Asked, pass_asked
from ..completion import names
from ..grammar import Group, Verb, check_option, json_option


@click.group(
    cls=Group,
    help="Groups of users, and what their members may do. Those of the inventory are brought back by the next run.",
    examples=[
        ("group list", "all of them"),
        ("group set Sales --right commande.lire --right commande.creer", "one more right or two, or one more group"),
        ("group join Sales ana", "one more member"),
    ],
)
def group() -> None:
    """Have verbs."""


@group.command("list", cls=Verb, help="All groups.", examples=[("group list", "")])
@json_option
@pass_asked
def list_(asked: Asked, as_json: bool | None) -> int:
    """Show them."""

    def human(data: dict[str, Any]) -> None:
        rows = [(one["name"], one.get("members"), len(one.get("rights") or [])) for one in data["groups"]]
        screen.table(["group", "members", "rights"], rows)

    return asked.tell(asked.read("group", "list"), as_json, human)


@group.command(cls=Verb, help="One group, with all rights.", examples=[("group show Sales", "")])
@click.argument("name")
@json_option
@pass_asked
def show(asked: Asked, name: str, as_json: bool | None) -> int:
    """Show one."""

    return asked.tell(
        asked.read("group", "show", name),
        as_json,
        lambda data: screen.pairs(data["group"]),
        missing=lambda data: _none(asked, name) if data["group"] is None else None,
    )


def _none(asked: Asked, name: str) -> calls.CallError:
    near = words.meant(name, [one["name"] for one in asked.data("group", "list")["groups"]])
    return calls.CallError(f"There is no group {name!r}.{near} See: miclinikctl {asked.site} group list")


@group.command(
    "set",
    cls=Verb,
    help="Makes a group, or brings one to what is named. Rights come to those that it has; with --exact the others go.",
    examples=[
        ("group set Sales --note 'who sells' --right commande.lire", ""),
        ("group set Sales --right commande.lire --exact --check", "that one alone; only look"),
    ],
)
@click.argument("name")
@click.option("--note", help="Its description.")
@click.option(
    "--right", "rights", multiple=True, shell_complete=names(known.RIGHTS), help="As produit.lire; several times."
)
@click.option("--exact", is_flag=True, help="Takes all other rights away.")
@json_option
@check_option
@pass_asked
def set_(
    asked: Asked,
    /,
    name: str,
    note: str | None,
    rights: tuple[str, ...],
    exact: bool,
    as_json: bool | None,
    check: bool,
) -> int:
    """Bring one to what is named."""
    given: dict[str, Any] = {} if note is None else {"note": note}
    if rights or exact:
        given |= {"rights": list(rights), "exact": exact}
    said = asked.change("group", "ensure", name, given=given, check=check, said_as=f"group set {name}")
    return asked.tell_change(said, as_json, check=check)


@group.command(cls=Verb, help="Takes one away; its users stay.", examples=[("group delete Sales --check", "only look")])
@click.argument("name")
@json_option
@check_option
@pass_asked
def delete(asked: Asked, name: str, as_json: bool | None, check: bool) -> int:
    """Take it away."""
    if asked.data("group", "show", name)["group"] is None:
        raise _none(asked, name)
    said = asked.change("group", "remove", name, check=check, said_as=f"group delete {name}")
    return asked.tell_change(said, as_json, check=check)


def _groups_of(asked: Asked, name: str, login: str) -> list[str]:
    """Return the groups that a user is in. Raises CallError where there is no such user, or no such group."""
    if asked.data("group", "show", name)["group"] is None:
        raise _none(asked, name)
    users = {one["login"]: one["groups"] for one in asked.data("user", "list")["users"]}
    if login not in users:
        raise calls.CallError(f"There is no user {login!r}.{words.meant(login, list(users))}")
    return list(users[login])


def _ensure(asked: Asked, said_as: str, login: str, groups: list[str], *, as_json: bool | None, check: bool) -> int:
    given = {"groups": groups, "exact": True, "existing": True}
    said = asked.change("user", "ensure", login, given=given, check=check, said_as=said_as)
    return asked.tell_change(said, as_json, check=check)


_member = click.argument("login", shell_complete=names(known.LOGINS))


@group.command(cls=Verb, help="Has a user be in a group as well.", examples=[("group join Sales ana", "")])
@click.argument("name")
@_member
@json_option
@check_option
@pass_asked
def join(asked: Asked, name: str, login: str, as_json: bool | None, check: bool) -> int:
    """Have him in it."""
    groups = _groups_of(asked, name, login)
    wanted = groups if name in groups else [*groups, name]
    return _ensure(asked, f"group join {name} {login}", login, wanted, as_json=as_json, check=check)


@group.command(cls=Verb, help="Has a user be in a group no more.", examples=[("group leave Sales ana --check", "")])
@click.argument("name")
@_member
@json_option
@check_option
@pass_asked
def leave(asked: Asked, name: str, login: str, as_json: bool | None, check: bool) -> int:
    """Have him out of it."""
    wanted = [one for one in _groups_of(asked, name, login) if one != name]
    return _ensure(asked, f"group leave {name} {login}", login, wanted, as_json=as_json, check=check)
