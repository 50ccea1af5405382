# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What somebody changes of users and groups behind the toolkit: found, named, repaired, and then nothing is left to do.

Each kind of drift is made by SQL, as by whoever works in the database or in the pages of the application.
"""

from __future__ import annotations

from collections.abc import Iterator
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
_LANGUAGE = f"param = 'MAIN_LANG_DEFAULT' AND fk_user = {_SHOP}"
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
    "the language": (f"UPDATE llx_user_param SET value = 'fr_FR' WHERE {_LANGUAGE}", "shop-d", ["language"]),  # noqa: S608
    "no language": (f"DELETE FROM llx_user_param WHERE {_LANGUAGE}", "shop-d", ["language"]),  # noqa: S608
    "another key": ("UPDATE llx_user SET api_key = 'of-somebody-else-0123' WHERE login = 'shop-d'", "shop-d", ["key"]),
    "no key": ("UPDATE llx_user SET api_key = NULL WHERE login = 'shop-d'", "shop-d", ["key"]),
    "another password": ("UPDATE llx_user SET pass_crypted = 'x' WHERE login = 'shop-d'", "shop-d", ["password"]),
    "no password": ("UPDATE llx_user SET pass_crypted = NULL WHERE login = 'shop-d'", "shop-d", ["password"]),
    "the mark": (f"DELETE FROM llx_user_param WHERE fk_user = {_SHOP} AND param = 'MICLINIK_MADE'", "shop-d", ["mark"]),  # noqa: S608
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
        "UPDATE llx_user SET lastname = 'X', admin = 1, statut = 0, email = NULL WHERE login = 'shop-d'",
        "shop-d",
        ["lastname", "email", "admin", "enabled"],
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
    ("make", "part"),
    [
        (f"DELETE FROM llx_usergroup_user WHERE fk_user = {_SHOP}", "groups"),  # noqa: S608
        (f"UPDATE llx_user_param SET value = 'fr_FR' WHERE {_LANGUAGE}", "language"),  # noqa: S608
        (f"DELETE FROM llx_user_rights WHERE fk_user = {_SHOP}", "rights"),  # noqa: S608
        ("UPDATE llx_user SET admin = 1 WHERE login = 'shop-d'", "admin"),
    ],
)
def test_what_is_not_declared_is_left_alone(declared: BridgedSite, make: str, part: str) -> None:
    declared.sql(make)
    try:
        user = {name: value for name, value in SHOP.items() if name != part}
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


def test_the_definition_of_a_right_that_somebody_deleted_is_back(declared: BridgedSite) -> None:
    """Whoever has the right has nothing of it without its definition: it is given to each of them."""
    number = declared.sql(f"SELECT {_RIGHT.format('produit', 'lire')}")[0]
    given = {"default_rights": {"produit.lire": "produit.lire" in declared.ok("rights", "default")["default_rights"]}}
    gone = f"DELETE FROM llx_rights_def WHERE entity = 1 AND id = {number}"  # noqa: S608
    before = shown(declared)
    for check in (True, False):
        declared.sql(gone)
        assert [one["rights"] for one in shown(declared)][0::2] == [["societe.lire"]] * 2
        foreseen = declared.batch(*DECLARED, check=True)["answers"]
        told = declared.batch(*DECLARED, check=check)["answers"]
        assert [answer["diff"] for answer in told] == [answer["diff"] for answer in foreseen]
        assert {answer.get("login") or answer["name"]: answer["changes"] for answer in told if answer["changed"]} == {
            "Ventas": ["rights"],
            "shop-d": ["rights"],
        }
        assert told[0]["diff"]["before"]["rights"] == ["societe.lire"]
    assert (repaired(declared), shown(declared)) == ({}, before)
    for words in (("rights", "ensure", "shop-d"), ("rights", "ensure-default")):
        declared.sql(gone)
        wanted = given if words[1] == "ensure-default" else {"rights": SHOP["rights"]}
        foreseen, done, again = (declared.ok(*way, *words, given=wanted) for way in (["--check"], [], []))
        assert (foreseen["changed"], foreseen["diff"]) == (True, done["diff"])
        assert (done["changed"], again["changed"]) == (True, False)


def test_a_renamed_group_gets_its_name_back_with_who_is_in_it(declared: BridgedSite) -> None:
    before = shown(declared)
    declared.sql("UPDATE llx_usergroup SET nom = 'Ventas viejas' WHERE nom = 'Ventas'")
    assert repaired(declared, check=True) == {"Ventas": ["name"]}
    assert repaired(declared) == {"Ventas": ["name"]}
    assert (repaired(declared), shown(declared)) == ({}, before)
    # Where people have made another one of that name, it is that one which is meant.
    declared.sql("UPDATE llx_usergroup SET nom = 'Ventas viejas' WHERE nom = 'Ventas'")
    declared.sql("INSERT INTO llx_usergroup (nom, entity) VALUES ('Ventas', 1)")
    told = {"Ventas": ["note", "mark", "rights"], "shop-d": ["groups"]}
    assert repaired(declared, check=True) == told
    assert repaired(declared) == told
    assert repaired(declared) == {}
    declared.ok("group", "remove", "Ventas viejas")


def test_who_was_renamed_leaves_all_the_same(declared: BridgedSite) -> None:
    """Whom the inventory has disabled or removed must not stay in by another name."""
    declared.sql("UPDATE llx_user SET login = 'shop-x' WHERE login = 'shop-d'")
    declared.sql("UPDATE llx_usergroup SET nom = 'Otros x' WHERE nom = 'Otros'")
    orders = (("user disable", {"login": "shop-d"}), ("group remove", {"name": "Otros"}))
    for check in (True, False):
        answers = declared.batch(*orders, check=check)["answers"]
        assert [answer["changes"] for answer in answers] == [["enabled", "key"], ["removed"]]
    assert declared.batch(*orders)["changed"] is False
    assert declared.sql("SELECT statut FROM llx_user WHERE login = 'shop-x'") == ["0"]
    assert declared.sql("SELECT nom FROM llx_usergroup WHERE nom LIKE 'Otros%'") == []
    # Another name in the inventory as well as in the pages: it is the same one, and nobody who left.
    renamed = (("user ensure", {"login": "shop-x", "rights": []}), ("user remove", {"login": "shop-d"}))
    for check in (True, False):
        assert [answer["changes"] for answer in declared.batch(*renamed, check=check)["answers"]] == [
            ["mark", "rights"],
            [],
        ]
    declared.ok("user", "remove", "shop-x")
    assert {*repaired(declared)} == {"shop-d", "Otros"}


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
