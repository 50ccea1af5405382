# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What somebody changes of users and groups behind the toolkit: found, named, repaired, and then nothing is left to do.

Each kind of drift is made by SQL, as by whoever works in the database or in the pages of the application.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from .sites import Answer, BridgedSite

KEY, PASSWORD = "c" * 39 + "7", "declared-by-us-1"
GROUP: Answer = {"name": "Ventas", "note": "Los que venden", "rights": ["produit.lire", "societe.lire"]}
OTHER: Answer = {"name": "Otros", "rights": []}
SHOP: Answer = {
    "login": "shop-d",
    "lastname": "Tienda",
    "firstname": "La",
    "email": "shop-d@example.org",
    "language": "es_ES",
    "admin": False,
    "enabled": True,
    "rights": ["produit.lire", "societe.lire"],
    "groups": ["Ventas"],
    "key": KEY,
    "password": PASSWORD,
}
GONE: Answer = {"login": "gone-d"}
DECLARED = (
    ("group ensure", GROUP),
    ("group ensure", OTHER),
    ("user ensure", SHOP),
    ("user disable", GONE),
)
_SHOP = "(SELECT rowid FROM llx_user WHERE login = 'shop-d')"
_OF = "(SELECT rowid FROM llx_usergroup WHERE nom = '{}')"
_RIGHT = "(SELECT id FROM llx_rights_def WHERE entity = 1 AND module = '{}' AND perms = '{}')"

#: A statement, and by whom what is then named.
KINDS: dict[str, tuple[str, str, list[str]]] = {
    "a right taken away": (
        f"DELETE FROM llx_user_rights WHERE fk_user = {_SHOP} AND fk_id = {_RIGHT.format('produit', 'lire')}",  # noqa: S608
        "shop-d",
        ["rights"],
    ),
    "all rights taken away": (f"DELETE FROM llx_user_rights WHERE fk_user = {_SHOP}", "shop-d", ["rights"]),  # noqa: S608
    "a right given": (
        f"INSERT INTO llx_user_rights (entity, fk_user, fk_id) SELECT 1, {_SHOP}, {_RIGHT.format('produit', 'creer')}",
        "shop-d",
        ["rights"],
    ),
    "disabled": ("UPDATE llx_user SET statut = 0 WHERE login = 'shop-d'", "shop-d", ["enabled"]),
    "renamed": ("UPDATE llx_user SET login = 'shop-x' WHERE login = 'shop-d'", "shop-d", ["login"]),
    "written in capitals": ("UPDATE llx_user SET login = 'SHOP-D' WHERE login = 'shop-d'", "shop-d", ["login"]),
    "made an administrator": ("UPDATE llx_user SET admin = 1 WHERE login = 'shop-d'", "shop-d", ["admin"]),
    "moved to another entity": ("UPDATE llx_user SET entity = 2 WHERE login = 'shop-d'", "shop-d", ["entity"]),
    "the last name": ("UPDATE llx_user SET lastname = 'X' WHERE login = 'shop-d'", "shop-d", ["lastname"]),
    "the first name": ("UPDATE llx_user SET firstname = NULL WHERE login = 'shop-d'", "shop-d", ["firstname"]),
    "the address": ("UPDATE llx_user SET email = 'x@example.org' WHERE login = 'shop-d'", "shop-d", ["email"]),
    "no address": ("UPDATE llx_user SET email = NULL WHERE login = 'shop-d'", "shop-d", ["email"]),
    "the language": ("UPDATE llx_user SET lang = 'fr_FR' WHERE login = 'shop-d'", "shop-d", ["language"]),
    "no language": ("UPDATE llx_user SET lang = NULL WHERE login = 'shop-d'", "shop-d", ["language"]),
    "another key": ("UPDATE llx_user SET api_key = 'of-somebody-else-0123' WHERE login = 'shop-d'", "shop-d", ["key"]),
    "no key": ("UPDATE llx_user SET api_key = NULL WHERE login = 'shop-d'", "shop-d", ["key"]),
    "another password": ("UPDATE llx_user SET pass_crypted = 'x' WHERE login = 'shop-d'", "shop-d", ["password"]),
    "no password": ("UPDATE llx_user SET pass_crypted = NULL WHERE login = 'shop-d'", "shop-d", ["password"]),
    "the mark": (f"DELETE FROM llx_user_param WHERE fk_user = {_SHOP}", "shop-d", ["mark"]),  # noqa: S608
    "out of its group": (f"DELETE FROM llx_usergroup_user WHERE fk_user = {_SHOP}", "shop-d", ["groups"]),  # noqa: S608
    "in another group": (
        f"INSERT INTO llx_usergroup_user (entity, fk_user, fk_usergroup) SELECT 1, {_SHOP}, {_OF.format('Otros')}",
        "shop-d",
        ["groups"],
    ),
    "its membership moved to another entity": (
        f"UPDATE llx_usergroup_user SET entity = 2 WHERE fk_user = {_SHOP}",  # noqa: S608
        "shop-d",
        ["groups"],
    ),
    "several at once": (
        "UPDATE llx_user SET lastname = 'X', admin = 1, statut = 0, lang = 'fr_FR' WHERE login = 'shop-d'",
        "shop-d",
        ["lastname", "language", "admin", "enabled"],
    ),
    "a group's right taken away": (
        f"DELETE FROM llx_usergroup_rights WHERE fk_usergroup = {_OF.format('Ventas')}"  # noqa: S608
        f" AND fk_id = {_RIGHT.format('societe', 'lire')}",
        "Ventas",
        ["rights"],
    ),
    "a group's right given": (
        "INSERT INTO llx_usergroup_rights (entity, fk_usergroup, fk_id)"
        f" SELECT 1, {_OF.format('Otros')}, {_RIGHT.format('produit', 'lire')}",
        "Otros",
        ["rights"],
    ),
    "a group's description": ("UPDATE llx_usergroup SET note = 'X' WHERE nom = 'Ventas'", "Ventas", ["note"]),
    "no description": ("UPDATE llx_usergroup SET note = NULL WHERE nom = 'Ventas'", "Ventas", ["note"]),
    "a user who left enabled again": ("UPDATE llx_user SET statut = 1 WHERE login = 'gone-d'", "gone-d", ["enabled"]),
    "a key for a user who left": (
        "UPDATE llx_user SET api_key = 'given-to-who-left-01' WHERE login = 'gone-d'",
        "gone-d",
        ["key"],
    ),
}


@pytest.fixture(scope="module")
def installed(apart: BridgedSite) -> BridgedSite:
    """Return a site of these tests' own."""
    return apart


@pytest.fixture(scope="module")
def declared(installed: BridgedSite) -> Iterator[BridgedSite]:
    """Return a site whose users and groups are as declared."""
    installed.ok("module", "enable", "societe", "product", "api")
    installed.ok("user", "ensure", "gone-d", given={"rights": []})
    repaired(installed)
    yield installed
    orders = [("user remove", {"login": login}) for login in ("shop-d", "shop-x", "SHOP-D", "gone-d")]
    installed.batch(*orders, *(("group remove", {"name": group["name"]}) for group in (GROUP, OTHER)))


def repaired(site: BridgedSite, *, check: bool = False) -> dict[str, list[str]]:
    """Bring all to what is declared; return what changed, by whose it is."""
    answers = site.batch(*DECLARED, check=check)["answers"]
    return {answer.get("login") or answer["name"]: answer["changes"] for answer in answers if answer["changed"]}


def shown(site: BridgedSite) -> list[Any]:
    """Return all there is to say of what is declared."""
    orders = [("user show", {"login": user["login"]}) for user in (SHOP, GONE)]
    orders += [("group show", {"name": group["name"]}) for group in (GROUP, OTHER)]
    return [answer.get("user") or answer["group"] for answer in site.batch(*orders)["answers"]]


@pytest.mark.parametrize("kind", KINDS)
def test_drift_is_found_named_and_repaired(declared: BridgedSite, kind: str) -> None:
    statement, whose, changes = KINDS[kind]
    before = shown(declared)
    declared.sql(statement)
    assert repaired(declared, check=True) == {whose: changes}
    assert repaired(declared) == {whose: changes}
    assert shown(declared) == before
    assert repaired(declared) == {}


@pytest.mark.parametrize(
    ("make", "declare"),
    [
        ("DELETE FROM llx_usergroup_user", lambda user: user.pop("groups")),
        ("UPDATE llx_user SET lang = 'fr_FR'", lambda user: user.pop("language")),
        ("DELETE FROM llx_user_rights", lambda user: user.pop("rights")),
        ("UPDATE llx_user SET admin = 1", lambda user: user.pop("admin")),
    ],
)
def test_what_is_not_declared_is_left_alone(
    declared: BridgedSite, make: str, declare: Callable[[Answer], object]
) -> None:
    user = dict(SHOP)
    declare(user)
    where = "login = 'shop-d'" if "llx_user SET" in make else f"fk_user = {_SHOP}"
    declared.sql(f"{make} WHERE {where}")
    try:
        assert declared.batch(("user ensure", user))["changed"] is False
    finally:
        repaired(declared)


def test_a_removed_user_is_made_again(declared: BridgedSite) -> None:
    declared.ok("user", "remove", "shop-d")
    assert repaired(declared) == {"shop-d": ["created", "password", "key", "rights", "groups"]}
    assert repaired(declared) == {}


def test_a_removed_group_is_made_again_with_who_is_in_it(declared: BridgedSite) -> None:
    declared.ok("group", "remove", "Ventas")
    assert repaired(declared, check=True) == {"Ventas": ["created", "rights"], "shop-d": ["groups"]}
    assert repaired(declared) == {"Ventas": ["created", "rights"], "shop-d": ["groups"]}
    assert repaired(declared) == {}


def test_others_are_not_touched(declared: BridgedSite) -> None:
    """A user and a group that nobody declares, with whatever they have."""
    declared.ok("user", "ensure", "by-hand", given={"rights": ["produit.lire"], "groups": ["Otros"]})
    declared.sql("UPDATE llx_user SET admin = 1, lang = 'fr_FR' WHERE login = 'by-hand'")
    before = declared.sql("SELECT * FROM llx_user WHERE login = 'by-hand'")
    declared.sql("UPDATE llx_user SET statut = 0 WHERE login = 'shop-d'")
    repaired(declared)
    assert declared.sql("SELECT * FROM llx_user WHERE login = 'by-hand'") == before
    assert declared.ok("user", "show", "by-hand")["user"]["groups"] == ["Otros"]
    declared.ok("user", "remove", "by-hand")
