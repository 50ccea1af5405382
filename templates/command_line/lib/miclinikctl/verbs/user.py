# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Users of the application."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click
from ansible_collections.miclinik.hosting.plugins.module_utils.command_line import calls, known, passwords, words

from .. import screen
from ..asked import Asked, pass_asked
from ..completion import names
from ..grammar import Group, Verb, check_option, json_option

_login = click.argument("login", shell_complete=names(known.LOGINS))


@click.group(
    cls=Group,
    help="Users of the application. Those of the inventory are brought back to what it says by the next run.",
    examples=[
        ("user list", "who there is, who is an administrator, who has a key"),
        ("user password admin", "give the administrator another password"),
        ("user disable ana", "nobody logs in so, and the key is dead"),
    ],
)
def group() -> None:
    """Have verbs."""


@group.command(
    "list",
    cls=Verb,
    help="All users.",
    examples=[("user list --admins", "administrators only"), ("user list --json | jq -r '.users[].email'", "")],
)
@click.option("--admins", is_flag=True, help="Administrators only.")
@click.option("--enabled", is_flag=True, help="Only those who can log in.")
@json_option
@pass_asked
def list_(asked: Asked, admins: bool, enabled: bool, as_json: bool | None) -> int:
    """Show them."""
    data = asked.data("user", "list")
    users = [one for one in data["users"] if (one["admin"] or not admins) and (one["enabled"] or not enabled)]
    if screen.is_json(as_json):
        screen.data({**data, "users": users})
        return calls.DONE
    columns = ["login", "name", "e-mail", "enabled", "admin", "key", "rights", "groups"]
    rows = [
        (
            *(
                one["login"],
                f"{one['firstname']} {one['lastname']}".strip(),
                one["email"],
                one["enabled"],
                one["admin"],
            ),
            *(one["key"] is not None, len(one["rights"]), one["groups"]),
        )
        for one in users
    ]
    screen.table(columns, rows)
    return calls.DONE


@group.command(cls=Verb, help="One user, with all rights.", examples=[("user show shop", "")])
@_login
@json_option
@pass_asked
def show(asked: Asked, login: str, as_json: bool | None) -> int:
    """Show one."""
    said = asked.read("user", "show", login)

    return asked.tell(said, as_json, lambda data: screen.pairs(data["user"]), missing=_missing(asked, login))


def _missing(asked: Asked, login: str) -> Callable[[dict[str, Any]], calls.CallError | None]:
    return lambda data: _nobody(asked, login) if data["user"] is None else None


def _nobody(asked: Asked, login: str) -> calls.CallError:
    near = words.meant(login, known.words(asked.host, asked.site, known.LOGINS))
    return calls.CallError(
        f"site '{asked.site}': There is no user {login!r}.{near} See: miclinikctl {asked.site} user list"
    )


@group.command(
    cls=Verb,
    help="Makes a user, or brings one that this toolkit has made to what is given. Without --password nobody can log in"
    " so.",
    examples=[
        ("user create ana --lastname Ruiz --email ana@example.org --password", "asks for a password"),
        ("user create shop --right produit.lire --right commande.creer", "one for the API; then: key rotate shop"),
    ],
)
@_login
@click.option("--lastname", help="As the pages show it; the login otherwise.")
@click.option("--firstname", help="As the pages show it.")
@click.option("--email", help="A user's own: no two have the same.")
@click.option("--admin", is_flag=True, default=None, help="An administrator, who may do everything.")
@click.option(
    "--right", "rights", multiple=True, shell_complete=names(known.RIGHTS), help="As produit.lire; several times."
)
@click.option("--password", is_flag=True, help="Asks for it, or reads it from standard input.")
@json_option
@check_option
@pass_asked
def create(
    asked: Asked,
    /,
    login: str,
    as_json: bool | None,
    check: bool,
    password: bool,
    rights: tuple[str, ...],
    **given: Any,
) -> int:
    """Make one."""
    wanted = {name: value for name, value in given.items() if value is not None}
    if rights:
        wanted |= {"rights": list(rights), "exact": False}
    if password:
        wanted["password"] = screen.secret(f"Password of {login}", twice=True)
    said = asked.change("user", "ensure", login, given=wanted, check=check, said_as=f"user create {login}")
    return asked.tell_change(said, as_json, check=check)


@group.command(
    cls=Verb,
    help="Has nobody log in so any more, and takes the API key away, which versions 15 and 16 go on taking otherwise.",
    examples=[("user disable ana", "")],
)
@_login
@json_option
@check_option
@pass_asked
def disable(asked: Asked, login: str, as_json: bool | None, check: bool) -> int:
    """Disable one."""
    said = asked.change("user", "disable", login, check=check)
    return asked.tell(
        said,
        as_json,
        lambda data: screen.changes(data, check=check),
        check=check,
        missing=_missing(asked, login),
    )


@group.command(cls=Verb, help="Lets one log in again; a key has to be made anew.", examples=[("user enable ana", "")])
@_login
@json_option
@check_option
@pass_asked
def enable(asked: Asked, login: str, as_json: bool | None, check: bool) -> int:
    """Enable one."""
    if asked.data("user", "show", login)["user"] is None:
        raise _nobody(asked, login)
    said = asked.change("user", "ensure", login, given={"enabled": True}, check=check, said_as=f"user enable {login}")
    return asked.tell_change(said, as_json, check=check)


@group.command(
    cls=Verb,
    help="Gives a user another password: asked for, read from standard input, or made (--generate). Where the former"
    " one is on record, the new one takes its place.",
    examples=[
        ("user password admin", "asks for it, twice"),
        ("user password admin --generate --reveal", "makes one, and prints it"),
        ("user password ana < file", "takes the first line of a file"),
    ],
)
@_login
@click.option("--generate", is_flag=True, help="Makes one.")
@click.option("--reveal", is_flag=True, help="Prints the one that was made.")
@json_option
@check_option
@pass_asked
def password(asked: Asked, login: str, generate: bool, reveal: bool, as_json: bool | None, check: bool) -> int:
    """Set it."""
    user = asked.data("user", "show", login)["user"]
    if user is None:
        raise _nobody(asked, login)
    place = passwords.place_of(asked.host, asked.site, login, user["id"])
    if generate and not reveal and not place:
        raise click.UsageError("Nobody would know it: say --reveal beside --generate.")
    new = passwords.make() if generate else screen.secret(f"Password of {login}", twice=True)
    wanted = {"password": new, "existing": True, **({"admin": True} if user["admin"] else {})}
    said = asked.change("user", "ensure", login, given=wanted, check=check, said_as=f"user password {login}")
    if not said.data.get("ok") or check:
        return asked.tell_change(said, as_json, check=check)
    kept = passwords.record(asked.host, asked.site, place, new) if place else ""
    told = {"ok": True, "changed": said.data["changed"], "login": login, "on_record": kept or None}
    if reveal:
        told["password"] = new
    if screen.is_json(as_json):
        screen.data(told)
        return calls.DONE
    changed = "has another password" if said.data["changed"] else "had this password already"
    screen.line(f"{login} {changed}{f'; it is in {kept}' if kept else ''}")
    if reveal:
        screen.line(f"password: {new}")
    return calls.DONE
