# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Keys of the REST API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click
from ansible_collections.miclinik.hosting.plugins.module_utils.command_line import calls, known, words

from .. import handed, screen
from ..asked import Asked, pass_asked
from ..completion import names
from ..grammar import Group, Verb, json_option


@click.group(
    cls=Group,
    help="Keys of the REST API. What an integration may do with one is said by `right list LOGIN`.",
    examples=[
        ("key list", "who has a key"),
        ("key who", "whose a key is that was found somewhere; it is asked for"),
        ("key show shop --reveal", "the key itself"),
        ("key rotate shop", "a new one, without a call that fails"),
    ],
)
def group() -> None:
    """Have verbs."""


@group.command(
    "list", cls=Verb, help="Users who have a key, and whether it does anything.", examples=[("key list", "")]
)
@json_option
@pass_asked
def list_(asked: Asked, as_json: bool | None) -> int:
    """Show them."""
    found = [one for one in asked.data("user", "list")["users"] if one["key"]]
    if screen.is_json(as_json):
        screen.data(
            [{name: one[name] for name in ("login", "enabled", "admin", "key", "rights", "ours")} for one in found]
        )
    else:
        columns = ["login", "user is enabled", "admin", "key is stored", "rights", "made by"]
        rows = [
            (
                one["login"],
                one["enabled"],
                one["admin"],
                one["key"],
                len(one["rights"]),
                "this toolkit" if one["ours"] else "people",
            )
            for one in found
        ]
        screen.table(columns, rows)
    return calls.DONE


@group.command(
    cls=Verb,
    help="Whose a key is. It is asked for, or read from standard input, and has no place in a command line.",
    examples=[("key who", "asks for it"), ("key who < file", "takes the first line of a file")],
)
@json_option
@pass_asked
def who(asked: Asked, as_json: bool | None) -> int:
    """Find its user."""
    said = asked.read("key", "holder", given={"key": screen.secret("Key").strip()})

    return asked.tell(
        said,
        as_json,
        lambda data: screen.line(f"it is {data['login']}'s"),
        missing=lambda data: None if data["login"] else calls.CallError(f"site '{asked.site}': nobody has this key"),
    )


@group.command(
    cls=Verb,
    help="Whether a user has a key, and with --reveal the key itself; ends with 1 where there is none.",
    examples=[("key show shop --reveal", "")],
)
@click.argument("login", shell_complete=names(known.LOGINS))
@click.option("--reveal", is_flag=True, help="Prints the key.")
@json_option
@pass_asked
def show(asked: Asked, login: str, reveal: bool, as_json: bool | None) -> int:
    """Show it."""
    said = asked.read("key", "show", login, *(["--reveal"] if reveal else []))
    if reveal and said.data.get("ok"):
        asked.note(f"key show {login} --reveal", "shown")

    def human(data: dict[str, Any]) -> None:
        if reveal and data["readable"]:
            screen.line(screen.value(data["key"]))
        else:
            readable = "" if data["readable"] else ", and cannot be read: was the site's id changed?"
            screen.line(f"{login} has a key; it is stored {data['stored']}{readable}. --reveal prints it")

    return asked.tell(said, as_json, human, missing=lambda data: _keyless(asked, login, data, reveal=reveal))


def _keyless(asked: Asked, login: str, data: Mapping[str, Any], *, reveal: bool) -> calls.CallError | None:
    """Return what is missing: the user, the key, or what would make it readable."""
    if data["stored"] is not None and (data["readable"] or not reveal):
        return None
    about = f"site '{asked.site}': "
    if data["stored"] is not None:
        return calls.CallError(f"{about}the key of {login} cannot be read: was the site's id changed?")
    logins = [one["login"] for one in asked.data("user", "list")["users"]]
    if login not in logins:
        return calls.CallError(f"{about}There is no user {login!r}.{words.meant(login, logins)}")
    return calls.CallError(f"{about}{login} has no key. Make one: miclinikctl {asked.site} key rotate {login}")


def _login(*, required: bool = True) -> click.Argument:
    return click.Argument(["login"], required=required, shell_complete=names(known.LOGINS))


group.add_command(
    handed.verb(
        "rotate",
        "Gives users new keys, without a call that fails: all of the inventory where none is named.",
        "keys",
        ["rotate"],
        params=[
            _login(required=False),
            click.Option(["--user"], metavar="LOGIN", shell_complete=names(known.LOGINS), help="The same."),
            click.Option(
                ["--grace"], type=int, default=3600, show_default=True, help="Seconds for which the old one is good."
            ),
        ],
        examples=[("key rotate shop --grace 0", "the old one is dead at once")],
        changes="key rotate",
        foreseen_by_itself=True,
    )
)
group.add_command(
    handed.verb(
        "adopt",
        "Has the web server know a key that somebody made in the application.",
        "keys",
        ["adopt"],
        params=[_login()],
        examples=[("key adopt ana", "")],
        changes="key adopt",
        foreseen_by_itself=True,
    )
)
group.add_command(
    handed.verb(
        "revoke",
        "Has a key be dead at once.",
        "keys",
        ["revoke"],
        params=[_login()],
        examples=[("key revoke shop", "")],
        changes="key revoke",
        foreseen_by_itself=True,
    )
)
