# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Users whom people have made in the pages lose nothing to an API user of the same name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from .sites import ADMIN_PASSWORD, Answer, BridgedSite

KEY, OTHER_KEY = "a" * 39 + "0", "b" * 39 + "0"
PASSWORD = "p4ss'\"$x\\y z"
PERSON = {"lastname": "María", "password": PASSWORD, "key": KEY, "rights": ["produit.lire", "societe.lire"]}
TAKEN = {"password": PASSWORD + "2", "key": OTHER_KEY, "rights": ["produit.lire"], "enabled": True}


def forget(site: BridgedSite, login: str) -> None:
    """Make a user one that the bridge knows nothing of, as people's are, and those of earlier versions."""
    site.sql(
        "DELETE FROM llx_user_param WHERE param = 'MICLINIK_MADE' AND fk_user IN"  # noqa: S608
        f" (SELECT rowid FROM llx_user WHERE login = '{login}')"
    )


def row(site: BridgedSite, login: str) -> list[str]:
    """Return what must not be lost of a user."""
    shown = site.ok("user", "show", login)["user"]
    stored = site.sql(f"SELECT pass_crypted, api_key, lastname, admin, statut FROM llx_user WHERE login = '{login}'")  # noqa: S608
    return [*stored, *shown["rights"]]


def ensure(site: BridgedSite, login: str, **wanted: Any) -> Answer:  # noqa: ANN401 (whatever a user has)
    return site.ok("user", "ensure", login, given=wanted)


@pytest.fixture
def maria(installed: BridgedSite) -> Iterator[BridgedSite]:
    """Return a site with a user whom somebody has made in the pages."""
    installed.ok("module", "enable", "societe", "product", "api")
    ensure(installed, "maria", **PERSON, enabled=True, admin=False, existing=True)
    forget(installed, "maria")
    yield installed
    installed.sql("UPDATE llx_user SET login = 'maria', admin = 0 WHERE login IN ('maria', 'maria-neu')")
    installed.ok("user", "disable", "maria")


@pytest.mark.parametrize(
    "wanted", [TAKEN, {"password": PASSWORD + "2"}, {"key": OTHER_KEY}, {"rights": []}, {"rights": ["produit.lire"]}]
)
def test_a_user_of_somebody_else_is_left_alone(maria: BridgedSite, wanted: Answer) -> None:
    before = row(maria, "maria")
    for check in ([], ["--check"]):
        error = maria.error(*check, "user", "ensure", "maria", given=wanted)
        assert error["code"] == "user_exists"
        assert error["message"].startswith('There is a user "maria" whom somebody else has made')
        assert "existing: true" in error["mend"]
    assert row(maria, "maria") == before
    assert maria.ok("user", "show", "maria")["user"]["ours"] is False


def test_a_batch_stops_there_with_what_it_did_before(maria: BridgedSite) -> None:
    before = row(maria, "maria")
    orders = [
        {"command": "user show", "args": {"login": "maria"}},
        {"command": "user ensure", "args": {"login": "maria", **TAKEN}},
    ]
    answer = maria.ctl("batch", given=orders)
    assert (answer["ok"], answer["failed"], answer["error"]["code"]) == (False, 1, "user_exists")
    assert row(maria, "maria") == before


def test_it_is_taken_over_on_purpose_and_is_ours_from_then_on(maria: BridgedSite) -> None:
    foreseen = maria.ok("--check", "user", "ensure", "maria", given=TAKEN | {"existing": True})
    done = ensure(maria, "maria", **TAKEN, existing=True)
    assert foreseen["changes"] == done["changes"] == ["mark", "password", "key", "rights"]
    assert (done["user"]["ours"], done["user"]["rights"]) == (True, ["produit.lire"])
    assert ensure(maria, "maria", **TAKEN)["changes"] == []
    # Whatever people change of it, it stays ours.
    maria.sql("UPDATE llx_user SET login = 'maria-neu' WHERE login = 'maria'")
    # The mark holds the login that the inventory has for the user.
    assert ensure(maria, "maria-neu", **TAKEN)["changes"] == ["mark"]
    assert ensure(maria, "maria-neu", **TAKEN)["changes"] == []
    ensure(maria, "maria-neu", password=PASSWORD, key=KEY)
    assert ensure(maria, "maria-neu", **TAKEN)["changes"] == ["password", "key"]


@pytest.mark.parametrize("admin", [False, True])
def test_who_gets_a_password_alone_stays_whose_he_is(maria: BridgedSite, admin: bool) -> None:
    """As `user password` gives one: also where it is the one that he has."""
    maria.sql(f"UPDATE llx_user SET admin = {int(admin)} WHERE login = 'maria'")  # noqa: S608
    wanted = {"password": PASSWORD + "3", "existing": True, **({"admin": True} if admin else {})}
    assert ensure(maria, "maria", **wanted)["changes"] == ["password"]
    assert ensure(maria, "maria", **wanted)["changes"] == []
    assert maria.ok("user", "show", "maria")["user"]["ours"] is False


def test_who_is_named_with_a_password_is_ours_at_once(maria: BridgedSite) -> None:
    """Or the run after the one that gives it would have something to change."""
    wanted = {"password": PASSWORD + "3", "existing": True, "enabled": True, "lastname": "María"}
    assert ensure(maria, "maria", **wanted)["changes"] == ["mark", "password"]
    assert ensure(maria, "maria", **wanted)["changes"] == []


@pytest.mark.parametrize("known", ["password", "key"])
def test_what_is_on_record_opens_a_user_of_an_earlier_version(maria: BridgedSite, known: str) -> None:
    """Such have no mark: the run that finds them puts it there, and the next one changes nothing."""
    wanted = TAKEN | {known: PERSON[known]}
    changes = ensure(maria, "maria", **wanted)["changes"]
    assert changes == ["mark", *({"password", "key"} - {known}), "rights"]
    assert ensure(maria, "maria", **wanted)["changes"] == []


def test_a_user_whom_nothing_is_taken_from_can_be_changed(maria: BridgedSite) -> None:
    assert ensure(maria, "maria", lastname="Otra")["changes"] == ["lastname"]
    assert ensure(maria, "maria", rights=["produit.lire"], exact=False)["changes"] == []
    assert maria.ok("user", "show", "maria")["user"]["ours"] is False


@pytest.mark.parametrize(
    "wanted",
    [TAKEN, TAKEN | {"existing": True}, {"rights": []}, {"admin": False}, TAKEN | {"password": PASSWORD, "key": KEY}],
)
def test_an_administrator_is_never_stripped(maria: BridgedSite, wanted: Answer) -> None:
    maria.sql("UPDATE llx_user SET admin = 1 WHERE login = 'maria'")
    for login in ("maria", "admin"):
        before = row(maria, login)
        for check in ([], ["--check"]):
            error = maria.error(*check, "user", "ensure", login, given=wanted)
            assert error["code"] == "administrator"
            assert f'"{login}" is an administrator' in error["message"]
        assert maria.error("rights", "ensure", login, given={"rights": []})["code"] == "administrator"
        assert row(maria, login) == before


def test_an_administrator_serves_the_api_when_both_are_said(maria: BridgedSite) -> None:
    maria.sql("UPDATE llx_user SET admin = 1 WHERE login = 'maria'")
    done = ensure(maria, "maria", **TAKEN, existing=True, admin=True)
    assert done["changes"] == ["mark", "password", "key", "rights"]
    assert done["user"]["admin"] is True
    # One of ours whom somebody made an administrator, or who is to be none any more.
    assert ensure(maria, "maria", **TAKEN, admin=False)["changes"] == ["admin"]


def test_a_check_of_the_administrators_password_is_no_taking(maria: BridgedSite) -> None:
    assert maria.ok("--check", "user", "ensure", "admin", given={"password": ADMIN_PASSWORD})["changes"] == []
    assert maria.ok("user", "show", "admin")["user"]["ours"] is False


def test_a_user_who_was_renamed_is_named_and_none_is_made_in_its_place(maria: BridgedSite) -> None:
    ensure(maria, "maria", key=KEY)
    maria.sql("UPDATE llx_user SET login = 'maria-neu' WHERE login = 'maria'")
    users = maria.sql("SELECT count(*) FROM llx_user")
    for check in ([], ["--check"]):
        error = maria.error(*check, "user", "ensure", "maria", given={"key": KEY, "rights": ["produit.lire"]})
        assert (error["code"], error["details"]["holder"]) == ("renamed", "maria-neu")
        assert '"maria-neu" holds the key that is on record for it' in error["message"]
        assert KEY not in str(error)
    assert maria.sql("SELECT count(*) FROM llx_user") == users
    # The other way out: the inventory takes the new login.
    assert ensure(maria, "maria-neu", key=KEY, password=PASSWORD + "3")["changes"] == ["mark", "password"]


def test_what_keeps_a_user_from_the_api_is_told(maria: BridgedSite) -> None:
    for column, value, field, seen in (
        ("dateendvalidity", "'2020-02-03 00:00:00'", "outside", "until 2020-02-03"),
        ("datestartvalidity", "'2199-02-03 00:00:00'", "outside", "from 2199-02-03"),
        ("fk_soc", "4", "third_party", 4),
    ):
        maria.sql(f"UPDATE llx_user SET {column} = {value} WHERE login = 'maria'")  # noqa: S608
        assert maria.ok("user", "show", "maria")["user"][field] == seen
        maria.sql(f"UPDATE llx_user SET {column} = NULL WHERE login = 'maria'")  # noqa: S608
    assert maria.ok("user", "show", "maria")["user"]["outside"] == ""
    maria.sql("INSERT INTO llx_usergroup (rowid, nom, entity) VALUES (71, 'Ventas', 1), (72, 'Nada', 1)")
    for group in (71, 72):
        maria.sql(
            "INSERT INTO llx_usergroup_user (entity, fk_user, fk_usergroup)"  # noqa: S608
            f" SELECT 1, rowid, {group} FROM llx_user WHERE login = 'maria'"
        )
    maria.sql("INSERT INTO llx_usergroup_rights (entity, fk_usergroup, fk_id) VALUES (1, 71, 31), (1, 71, 32)")
    try:
        shown = maria.ok("user", "show", "maria")["user"]
        assert (shown["groups"], shown["rights_by_groups"]) == (["Nada", "Ventas"], ["Ventas"])
    finally:
        for table in ("usergroup_rights", "usergroup_user"):
            maria.sql(f"DELETE FROM llx_{table} WHERE fk_usergroup IN (71, 72)")  # noqa: S608
        maria.sql("DELETE FROM llx_usergroup WHERE rowid IN (71, 72)")


def test_modules_that_left_the_inventory_are_told_from_those_of_people(maria: BridgedSite) -> None:
    for name in ("commande", "stock", "facture"):
        maria.ok("module", "disable", name)
    maria.ok("module", "enable", "stock")
    asked = {"names": ["societe", "product", "commande"], "asked": True}
    first = maria.batch(("module enable", asked))["answers"][0]
    assert (first["changed"], first["recorded"]) == (True, True)
    again = maria.batch(("module enable", asked))["answers"][0]
    assert (again["changed"], "recorded" in again) == (False, False)

    def left(*declared: str) -> list[str]:
        found: list[str] = maria.batch(("module list", {"declared": list(declared)}))["answers"][0]["left"]
        return found

    assert left("societe", "Product", "commande") == []
    assert left("societe", "product") == ["commande"]
    # What another one needs is not superfluous.
    assert left("product", "commande") == []
    maria.ok("module", "disable", "commande")
    assert left("societe", "product") == []
    maria.ok("module", "enable", "commande")
    assert left("societe", "product") == ["commande"]
    # What was switched off leaves the record with the next run; switched on again by hand it is people's.
    maria.ok("module", "disable", "commande")
    assert maria.batch(("module enable", asked | {"names": ["societe", "product"]}))["answers"][0]["recorded"]
    maria.ok("module", "enable", "commande")
    assert left("societe", "product") == []
