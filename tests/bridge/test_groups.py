# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Groups, who is in them, and users who leave: stored by the application's classes, read back from the database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from .sites import TREE, Answer, BridgedSite

KEY = "9" * 39 + "a"
NAME = "Ventas y Año's"
RIGHTS = ["produit.lire", "societe.lire"]
SANDBOX = (TREE / "sandbox.json").is_file()


def real(test: Callable[..., None]) -> Callable[..., None] | None:
    """Leave a test out where the sandbox is tested, which has no contacts and no such setting."""
    return None if SANDBOX else test


@pytest.fixture
def site(installed: BridgedSite) -> Iterator[BridgedSite]:
    """Return the site with the modules that have the rights, and without our groups and users."""
    installed.ok("module", "enable", "societe", "product", "api")
    forget(installed)
    yield installed
    forget(installed)


def forget(site: BridgedSite) -> None:
    """Take away what these tests make."""
    orders = [("group remove", {"name": name}) for name in (NAME, "Compras", "ventas y año's")]
    orders += [("user remove", {"login": login}) for login in ("ana", "Ana", "ana-neu", "eva")]
    site.batch(*orders)


def in_database(site: BridgedSite, login: str) -> list[str]:
    """Return the groups that the database has a user in."""
    return sorted(
        site.sql(
            "SELECT g.nom FROM llx_usergroup g JOIN llx_usergroup_user m ON m.fk_usergroup = g.rowid"  # noqa: S608
            f" JOIN llx_user u ON u.rowid = m.fk_user WHERE u.login = '{login}'"
        )
    )


def group(site: BridgedSite, name: str = NAME, **wanted: Any) -> Answer:  # noqa: ANN401 (whatever one has)
    return site.ok("group", "ensure", name, given=wanted)


def ensure(site: BridgedSite, login: str = "ana", **wanted: Any) -> Answer:  # noqa: ANN401 (whatever one has)
    return site.ok("user", "ensure", login, given=wanted)


def test_a_group_is_made_and_then_left_alone(site: BridgedSite) -> None:
    wanted: Answer = {"note": "Los que venden: ñ, 'a' & \"b\"", "rights": RIGHTS}
    foreseen = site.ok("--check", "group", "ensure", NAME, given=wanted)
    assert (foreseen["changes"], foreseen["diff"]["before"]) == (["created", "rights"], {})
    assert foreseen["diff"]["after"]["rights"] == RIGHTS
    assert site.ok("group", "show", NAME)["group"] is None
    done = group(site, **wanted)
    assert done["changes"] == ["created", "rights"]
    shown = site.ok("group", "show", NAME)["group"]
    assert shown | {"id": 0} == {
        "id": 0,
        "name": NAME,
        "note": wanted["note"],
        "rights": RIGHTS,
        "state": "present",
        "entity": 1,
        "members": [],
    }
    again = group(site, **wanted)
    assert (again["changes"], again["diff"]["before"]) == ([], again["diff"]["after"])
    assert shown in site.ok("group", "list")["groups"]


def test_each_part_of_a_group_is_changed_alone(site: BridgedSite) -> None:
    group(site, note="one", rights=RIGHTS)
    assert group(site, note="two")["changes"] == ["note"]
    assert group(site, rights=["societe.lire"])["changes"] == ["rights"]
    assert group(site, rights=["produit.creer", "produit.lire"], exact=False)["changes"] == ["rights"]
    assert site.ok("group", "show", NAME)["group"]["rights"] == ["produit.creer", "produit.lire", "societe.lire"]
    assert group(site, rights=[])["group"]["rights"] == []
    assert group(site)["changes"] == []
    assert site.ok("group", "show", NAME)["group"]["note"] == "two"
    assert site.error("group", "ensure", NAME, given={"rights": ["produit.leer"]})["code"] == "unknown_right"
    assert site.error("group", "ensure", " x ", given={})["code"] == "bad_group"
    assert site.error("group", "ensure", NAME, given={"members": ["ana"]})["code"] == "usage"


def test_a_user_is_in_exactly_the_groups_that_are_asked_for(site: BridgedSite) -> None:
    group(site, rights=RIGHTS)
    group(site, "Compras")
    assert ensure(site, groups=[NAME], rights=[])["changes"] == ["created", "groups"]
    shown = site.ok("user", "show", "ana")["user"]
    assert (shown["groups"], shown["rights_by_groups"], shown["rights"]) == ([NAME], [NAME], [])
    told = site.ok("rights", "list", "ana")
    assert (told["rights"], sorted(told["held"])) == ([], RIGHTS)
    assert told["held"][RIGHTS[0]] == {"own": False, "with": [], "groups": [NAME], "administrator": False}
    assert site.ok("--check", "user", "ensure", "ana", given={"groups": ["Compras"]})["user"]["groups"] == ["Compras"]
    assert in_database(site, "ana") == [NAME]
    assert ensure(site, groups=["Compras"])["changes"] == ["groups"]
    assert in_database(site, "ana") == ["Compras"]
    assert ensure(site, groups=[NAME], exact=False)["user"]["groups"] == ["Compras", NAME]
    assert ensure(site, groups=[NAME, "Compras"])["changes"] == []
    assert site.ok("group", "show", NAME)["group"]["members"] == ["ana"]
    error = site.error("user", "ensure", "ana", given={"groups": ["Venta"]})
    assert error["code"] == "no_such_group"
    assert NAME in error["mend"]
    assert ensure(site, groups=[])["changes"] == ["groups"]
    assert in_database(site, "ana") == []


def test_a_membership_is_of_an_entity_where_the_group_is_everybodys(site: BridgedSite) -> None:
    group(site)
    site.sql("UPDATE llx_usergroup SET entity = 0 WHERE nom LIKE 'Ventas%'")
    assert [ensure(site, groups=[NAME])["changes"] for _ in range(2)] == [["created", "groups"], []]
    assert site.sql("SELECT DISTINCT entity FROM llx_usergroup_user") == ["1"]


def test_a_check_run_knows_the_groups_that_it_would_have_made(site: BridgedSite) -> None:
    orders = (("group ensure", {"name": NAME, "rights": RIGHTS}), ("user ensure", {"login": "ana", "groups": [NAME]}))
    assert [answer["changed"] for answer in site.batch(*orders, check=True)["answers"]] == [True, True]
    assert site.ok("group", "show", NAME)["group"] is None
    assert [answer["changed"] for answer in site.batch(*orders)["answers"]] == [True, True]
    assert [answer["changed"] for answer in site.batch(*orders)["answers"]] == [False, False]


def test_a_group_is_removed_with_its_rights_and_members(site: BridgedSite) -> None:
    group(site, rights=RIGHTS)
    ensure(site, groups=[NAME])
    number = site.ok("group", "show", NAME)["group"]["id"]
    assert site.ok("--check", "group", "remove", NAME)["changes"] == ["removed"]
    assert in_database(site, "ana") == [NAME]
    removed = site.ok("group", "remove", NAME)
    assert (removed["changes"], removed["group"], removed["diff"]["before"]["members"]) == (["removed"], None, ["ana"])
    for table in ("usergroup_rights", "usergroup_user"):
        assert site.sql(f"SELECT count(*) FROM llx_{table} WHERE fk_usergroup = {number}") == ["0"]  # noqa: S608
    assert site.ok("group", "remove", NAME)["changed"] is False


def test_language_and_address_are_kept(site: BridgedSite) -> None:
    made = ensure(site, language="es_ES", email="Ana@Example.org", lastname=" Ana ")
    assert made["changes"] == ["created"]
    # The application cuts blanks off and writes addresses in lower case: that is no drift.
    assert ensure(site, language="es_ES", email="Ana@Example.org", lastname=" Ana ")["changes"] == []
    assert ensure(site, language="pt_BR")["changes"] == ["language"]
    assert site.sql("SELECT lang FROM llx_user WHERE login = 'ana'") == ["pt_BR"]
    assert site.sql("SELECT value FROM llx_user_param WHERE param = 'MAIN_LANG_DEFAULT'") == ["pt_BR"]
    # As any page does that saves the user: what is written to somebody has another language than the pages.
    site.sql("UPDATE llx_user SET lang = NULL WHERE login = 'ana'")
    assert ensure(site, language="pt_BR")["changes"] == []
    assert ensure(site, language="")["changes"] == ["language"]
    assert (ensure(site, language="")["changes"], site.ok("user", "show", "ana")["user"]["language"]) == ([], "")
    assert site.error("user", "ensure", "ana", given={"language": "spanish"})["code"] == "bad_language"


def test_an_address_of_another_user_is_refused(site: BridgedSite) -> None:
    """The application's class would store it: two users then cannot log in by it any more."""
    ensure(site, email="ana@example.org")
    ensure(site, "eva", email="eva@example.org")
    error = site.error("user", "ensure", "eva", given={"email": "ana@example.org"})
    assert (error["code"], '"ana"' in error["message"]) == ("email_taken", True)
    assert site.sql("SELECT email FROM llx_user WHERE login = 'eva'") == ["eva@example.org"]


def test_a_first_password_is_left_to_whoever_changes_it(site: BridgedSite) -> None:
    first, own = "the-first-one-123", "changed-by-herself-1"
    assert ensure(site, first_password=first)["changes"] == ["created", "password"]
    before = site.sql("SELECT pass_crypted FROM llx_user WHERE login = 'ana'")
    assert ensure(site, first_password=own)["changes"] == []
    assert site.sql("SELECT pass_crypted FROM llx_user WHERE login = 'ana'") == before
    assert first not in site.run("user", "ensure", "ana", given={"first_password": first}).stdout
    assert site.error("user", "ensure", "ana", given={"first_password": "short"})["code"] == "bad_password"


def test_a_renamed_user_of_ours_gets_its_login_back(site: BridgedSite) -> None:
    ensure(site, key=KEY, lastname="Ana")
    for name in ("ana-neu", "Ana"):
        site.sql(f"UPDATE llx_user SET login = '{name}' WHERE login = 'ana'")  # noqa: S608
        users = site.sql("SELECT count(*) FROM llx_user")
        assert site.ok("--check", "user", "ensure", "ana", given={"key": KEY})["changes"] == ["login"]
        assert ensure(site, key=KEY)["changes"] == ["login"]
        assert site.sql("SELECT lastname FROM llx_user WHERE login = 'ana'") == ["Ana"]
        assert site.sql("SELECT count(*) FROM llx_user") == users
        assert ensure(site, key=KEY)["changes"] == []


def test_a_user_without_records_is_removed(site: BridgedSite) -> None:
    group(site)
    ensure(site, key=KEY, rights=RIGHTS, groups=[NAME])
    number = site.sql("SELECT rowid FROM llx_user WHERE login = 'ana'")[0]
    assert site.ok("--check", "user", "remove", "ana")["changes"] == ["removed"]
    removed = site.ok("user", "remove", "ana")
    assert (removed["changes"], removed["user"], "kept" in removed) == (["removed"], None, False)
    assert site.sql("SELECT count(*) FROM llx_user WHERE login = 'ana'") == ["0"]
    for table in ("user_rights", "usergroup_user", "user_param"):
        assert site.sql(f"SELECT count(*) FROM llx_{table} WHERE fk_user = {number}") == ["0"]  # noqa: S608
    assert site.ok("user", "remove", "ana")["changed"] is False
    assert ensure(site, key=KEY)["changes"] == ["created", "key"]


def test_a_user_whom_records_refer_to_is_disabled_instead(site: BridgedSite) -> None:
    site.ok("module", "enable", "commande")
    ensure(site, key=KEY)
    site.sql("INSERT INTO llx_societe (rowid, nom, entity) VALUES (9001, 'Kunde', 1)")
    site.sql(
        "INSERT INTO llx_commande (rowid, ref, entity, fk_soc, fk_user_author)"
        " SELECT 9001, 'X9001', 1, 9001, rowid FROM llx_user WHERE login = 'ana'"
    )
    try:
        foreseen, done = (site.ok(*check, "user", "remove", "ana") for check in (["--check"], []))
        assert foreseen["changes"] == done["changes"] == ["enabled", "key"]
        assert foreseen["kept"] == done["kept"] == ["commande (1)"]
        assert (done["user"]["state"], done["user"]["key"]) == ("disabled", None)
        again = site.ok("user", "remove", "ana")
        assert (again["changed"], again["kept"]) == (False, ["commande (1)"])
    finally:
        site.sql("DELETE FROM llx_commande WHERE rowid = 9001")
        site.sql("DELETE FROM llx_societe WHERE rowid = 9001")


def test_the_last_administrator_stays_and_another_one_may_go(site: BridgedSite) -> None:
    for command in ("disable", "remove"):
        assert site.error("user", command, "admin")["code"] == "last_administrator"
        assert site.error("--check", "user", command, "admin")["code"] == "last_administrator"
    ensure(site, admin=True)
    try:
        # The one in whose name the bridge works, while there is another.
        assert site.ok("user", "disable", "admin")["changes"][0] == "enabled"
        assert site.error("user", "remove", "ana")["code"] == "last_administrator"
    finally:
        site.sql("UPDATE llx_user SET statut = 1 WHERE login = 'admin'")
    assert ensure(site, admin=False)["changes"] == ["admin"]


def test_all_users_are_listed_as_they_are_shown(site: BridgedSite) -> None:
    group(site, rights=RIGHTS)
    ensure(site, key=KEY, groups=[NAME], rights=["produit.lire"], language="es_ES")
    listed = site.ok("user", "list")["users"]
    assert [user["login"] for user in listed] == sorted(user["login"] for user in listed)
    for user in listed:
        if user["login"] in ("ana", "admin"):
            assert site.ok("user", "show", user["login"])["user"] == user
    assert KEY not in str(listed)
    assert site.ok("right", "list", "ana")["rights"] == ["produit.lire"]


def test_a_description_of_several_lines_is_no_drift(site: BridgedSite) -> None:
    """As YAML's block scalars have it, with a line break at the end."""
    note = "Los que venden\ny los que compran\n"
    assert group(site, note=note)["changes"] == ["created"]
    assert group(site, note=note)["changes"] == []


@real
def test_contacts_that_somebody_made_keep_the_user(site: BridgedSite) -> None:
    ensure(site)
    site.sql(
        "INSERT INTO llx_socpeople (rowid, lastname, entity, fk_user_creat)"
        " SELECT 9002, 'Kontakt', 1, rowid FROM llx_user WHERE login = 'ana'"
    )
    try:
        assert site.ok("user", "remove", "ana")["kept"] == ["socpeople (1)"]
    finally:
        site.sql("DELETE FROM llx_socpeople WHERE rowid = 9002")


@real
def test_an_address_that_the_site_requires_is_named(site: BridgedSite) -> None:
    site.ok("constant", "set", "USER_MAIL_REQUIRED", "1")
    try:
        error = site.error("user", "ensure", "ana", given={"lastname": "Ana"})
        assert error["code"] == "user"
        assert site.ok("user", "show", "ana")["user"] is None
        assert ensure(site, email="ana@example.org")["changes"] == ["created"]
    finally:
        site.ok("constant", "unset", "USER_MAIL_REQUIRED")


def test_rights_by_groups_survive_a_module_that_was_off(site: BridgedSite) -> None:
    group(site, rights=RIGHTS)
    site.ok("module", "disable", "product")
    assert site.ok("group", "show", NAME)["group"]["rights"] == ["societe.lire"]
    orders = (("module enable", {"names": ["product"]}), ("group ensure", {"name": NAME, "rights": RIGHTS}))
    assert [answer["changed"] for answer in site.batch(*orders, check=True)["answers"]][0] is True  # noqa: RUF015
    site.batch(*orders)
    assert site.ok("group", "show", NAME)["group"]["rights"] == RIGHTS


def test_a_group_of_another_entity_is_none_of_ours(site: BridgedSite) -> None:
    group(site, rights=RIGHTS)
    ensure(site, groups=[NAME])
    site.sql("UPDATE llx_usergroup SET entity = 2 WHERE nom LIKE 'Ventas%'")
    assert site.ok("group", "show", NAME)["group"] is None
    orders = (("group ensure", {"name": NAME, "rights": RIGHTS}), ("user ensure", {"login": "ana", "groups": [NAME]}))
    assert [answer["changes"] for answer in site.batch(*orders)["answers"]] == [["created", "rights"], ["groups"]]
    assert [answer["changes"] for answer in site.batch(*orders)["answers"]] == [[], []]
    site.sql(
        "DELETE FROM llx_usergroup_rights WHERE fk_usergroup IN (SELECT rowid FROM llx_usergroup WHERE entity = 2)"
    )
    site.sql("DELETE FROM llx_usergroup_user WHERE fk_usergroup IN (SELECT rowid FROM llx_usergroup WHERE entity = 2)")
    site.sql("DELETE FROM llx_usergroup WHERE entity = 2")
