# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What users may do."""

from __future__ import annotations

from typing import Any

import click
from ansible_collections.miclinik.hosting.plugins.module_utils.command_line import calls, known, right_sources, words

from .. import screen
from ..asked import Asked, pass_asked
from ..completion import names
from ..grammar import Group, Verb, check_option, json_option

_login = click.argument("login", shell_complete=names(known.LOGINS))
_rights = click.argument("rights", nargs=-1, required=True, metavar="RIGHT...", shell_complete=names(known.RIGHTS))


@click.group(
    cls=Group,
    help="Rights, by names like produit.lire. Those of users of the inventory are brought back by the next run.",
    examples=[
        ("right list shop", "what the user shop may do"),
        ("right grant shop commande.creer", "one more"),
        ("right list --table | grep facture", "those that there are of a module"),
    ],
)
def group() -> None:
    """Have verbs."""


@group.command(
    "list",
    cls=Verb,
    help="All that there are, or those of a user, and where each comes from: own, groups, the administrator's flag.",
    examples=[("right list shop", "what the user shop may do"), ("right list --table | grep facture", "of a module")],
)
@click.argument("login", required=False, default="", shell_complete=names(known.LOGINS))
@json_option
@pass_asked
def list_(asked: Asked, login: str, as_json: bool | None) -> int:
    """Show them."""

    def human(data: dict[str, Any]) -> None:
        if not login:
            screen.table(["module", "right"], [(name.partition(".")[0], name) for name in data["rights"]])
        elif data["held"]:
            rows = [
                (name.partition(".")[0], name, right_sources.words(source)) for name, source in data["held"].items()
            ]
            screen.table(["module", "right", "from"], rows)
        else:
            screen.line(f"{login} has none")

    said = asked.read("rights", "list", *([login] if login else []))
    return asked.tell(said, as_json, human)


@group.command(
    cls=Verb, help="Gives a user more rights.", examples=[("right grant shop produit.lire commande.creer", "two more")]
)
@_login
@_rights
@json_option
@check_option
@pass_asked
def grant(asked: Asked, login: str, rights: tuple[str, ...], as_json: bool | None, check: bool) -> int:
    """Give them."""
    said = asked.change(
        "rights",
        "ensure",
        login,
        given={"rights": list(rights), "exact": False},
        check=check,
        said_as=f"right grant {login} {' '.join(rights)}",
    )
    return asked.tell_change(said, as_json, check=check)


@group.command(
    cls=Verb,
    help="Takes rights away from a user. Where one would stay all the same, since another right, a group or the"
    " administrator's flag brings it, that is said, nothing is changed, and it ends with 1.",
    examples=[("right revoke shop commande.creer --check", "only look")],
)
@_login
@_rights
@json_option
@check_option
@pass_asked
def revoke(asked: Asked, login: str, rights: tuple[str, ...], as_json: bool | None, check: bool) -> int:
    """Take them away."""
    told = asked.data("rights", "list", login)
    has = told["rights"]
    for right in rights:
        # A right that exists and that the user has not is no fault: it is away.
        if right not in told["held"] and right not in (known_ones := asked.data("rights", "list")["rights"]):
            raise calls.CallError(f"There is no right {right!r}.{words.meant(right, known_ones)}")
    said_as = f"right revoke {login} {' '.join(rights)}"
    if staying := right_sources.staying(asked.site, login, told["held"], rights):
        if not check:
            asked.note(said_as, "refused: rights would stay")
        raise calls.CallError([*staying, "Nothing was changed."])
    left = [right for right in has if right not in rights]
    said = asked.change(
        "rights",
        "ensure",
        login,
        given={"rights": left, "exact": True},
        check=check,
        said_as=said_as,
    )
    return asked.tell_change(said, as_json, check=check)
