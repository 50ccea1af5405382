# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Users, their rights and keys: exact, read back from the database, without secrets in what is printed."""

from __future__ import annotations

import pytest

from .sites import ADMIN_PASSWORD, Answer, BridgedSite

KEY = "0123456789abcdef0123456789abcdef01234567"
OTHER_KEY = "f" * 40
PASSWORD = "p4ss'\"$x\\y z"
MODULES = ["societe", "product", "commande", "facture", "stock", "api"]


@pytest.fixture
def site(installed: BridgedSite) -> BridgedSite:
    """Return the site with the modules that have the rights, and without our users' keys."""
    installed.ok("module", "enable", *MODULES)
    for login in ("shop", "other"):
        installed.ok("user", "disable", login)
    return installed


def rights(site: BridgedSite, login: str) -> list[str]:
    """Return the rights that the database holds for a user."""
    sql = (
        "SELECT concat_ws('.', d.module, d.perms, nullif(d.subperms, '')) FROM llx_user_rights r"  # noqa: S608
        " JOIN llx_rights_def d ON d.id = r.fk_id AND d.entity = r.entity JOIN llx_user u ON u.rowid = r.fk_user"
        f" WHERE u.login = '{login}' AND r.entity = 1"
    )
    return sorted(site.sql(sql))


def ensure(site: BridgedSite, login: str = "shop", **wanted: object) -> Answer:
    """Ensure a user."""
    return site.ok("user", "ensure", login, given=wanted)


def test_a_user_of_another_entity_is_taken_back(site: BridgedSite) -> None:
    """Without the module multicompany there is one, and nobody of another sees anything."""
    ensure(site, rights=["produit.lire"])
    site.sql("UPDATE llx_user SET entity = 2 WHERE login = 'shop'")
    assert site.ok("--check", "user", "ensure", "shop", given={})["changes"] == ["entity"]
    assert site.sql("SELECT entity FROM llx_user WHERE login = 'shop'") == ["2"]
    assert ensure(site)["changes"] == ["entity"]
    assert site.sql("SELECT entity FROM llx_user WHERE login = 'shop'") == ["1"]
    assert ensure(site)["changed"] is False


def test_a_user_is_made_and_then_left_alone(site: BridgedSite) -> None:
    wanted = {
        "lastname": "Tienda",
        "email": "made@example.org",
        "password": PASSWORD,
        "key": KEY,
        "rights": ["produit.lire"],
    }
    site.sql("DELETE FROM llx_user_rights WHERE fk_user IN (SELECT rowid FROM llx_user WHERE login = 'made')")
    site.sql("DELETE FROM llx_user WHERE login = 'made'")
    foreseen = site.ok("--check", "user", "ensure", "made", given=wanted)
    assert foreseen["changes"] == ["created", "password", "key", "rights"]
    assert site.ok("user", "show", "made")["user"] is None
    done = site.run("user", "ensure", "made", given=wanted)
    assert PASSWORD not in done.stdout
    assert KEY not in done.stdout
    shown = site.ok("user", "show", "made")["user"]
    assert shown | {"id": 0} == {
        "id": 0,
        "login": "made",
        "lastname": "Tienda",
        "firstname": "",
        "email": "made@example.org",
        "admin": False,
        "entity": 1,
        "enabled": True,
        "password": True,
        "key": "encrypted" if site.major() >= 20 else "clear",
        "rights": ["produit.lire"],
        "ours": True,
        "third_party": None,
        "outside": "",
        "groups": [],
        "rights_by_groups": [],
        "language": "",
        "state": "present",
    }
    assert rights(site, "made") == ["produit.lire"]
    again = ensure(site, "made", **wanted)
    assert (again["changed"], again["changes"]) == (False, [])
    assert again["diff"]["before"] == again["diff"]["after"] == shown
    site.ok("user", "disable", "made")


def test_each_part_is_changed_alone(site: BridgedSite) -> None:
    ensure(site, lastname="Shop", email="", enabled=True, password=PASSWORD, key=KEY, rights=["produit.lire"])
    assert ensure(site, lastname="Otra")["changes"] == ["lastname"]
    assert ensure(site, email="shop@example.org")["changes"] == ["email"]
    assert ensure(site, firstname="Ana")["changes"] == ["firstname"]
    assert ensure(site, password=PASSWORD + "2")["changes"] == ["password"]
    assert ensure(site, password=PASSWORD + "2")["changes"] == []
    assert ensure(site, key=OTHER_KEY)["changes"] == ["key"]
    assert ensure(site, key=OTHER_KEY, enabled=True)["changes"] == []
    assert ensure(site, admin=True)["changes"] == ["admin"]
    assert ensure(site, admin=False)["changes"] == ["admin"]
    shown = site.ok("user", "show", "shop")["user"]
    assert (shown["lastname"], shown["email"], shown["admin"]) == ("Otra", "shop@example.org", False)
    assert shown["rights"] == ["produit.lire"]
    assert site.sql("SELECT entity FROM llx_user WHERE login = 'shop'") == ["1"]


def test_rights_are_exact_unless_asked_otherwise(site: BridgedSite) -> None:
    ensure(site, enabled=True, rights=["produit.lire", "produit.creer", "societe.lire", "societe.client.voir"])
    assert rights(site, "shop") == ["produit.creer", "produit.lire", "societe.client.voir", "societe.lire"]
    # The application takes all rights of a module away with its read right; the others have to survive that.
    ensure(site, rights=["societe.client.voir"])
    assert rights(site, "shop") == ["societe.client.voir"]
    more = ensure(site, rights=["stock.lire"], exact=False)
    assert more["changes"] == ["rights"]
    assert rights(site, "shop") == ["societe.client.voir", "stock.lire"]
    assert ensure(site, rights=["stock.lire"], exact=False)["changes"] == []
    taken = site.ok("rights", "ensure", "shop", given={"rights": []})
    assert taken["removed"] == ["societe.client.voir", "stock.lire"]
    assert rights(site, "shop") == []
    assert not site.ok("rights", "ensure", "shop", given={"rights": []})["changed"]


def test_the_read_right_that_comes_along_is_no_surplus(site: BridgedSite) -> None:
    ensure(site, enabled=True, rights=["commande.creer"])
    assert rights(site, "shop") == ["commande.creer", "commande.lire"]
    again = site.ok("--check", "rights", "ensure", "shop", given={"rights": ["commande.creer"]})
    assert not again["changed"]


def test_where_rights_come_from(site: BridgedSite) -> None:
    """What each right is held by: rows of the user's own, and those that bring it along."""
    ensure(site, enabled=True, rights=["commande.creer", "societe.client.voir", "produit.lire"])
    told = site.ok("rights", "list", "shop")
    assert sorted(told["held"]) == told["rights"] == rights(site, "shop")
    alone = {"own": True, "with": [], "groups": [], "administrator": False}
    assert told["held"]["commande.lire"] == alone | {"with": ["commande.creer"]}
    # A right below another is read by one beside it.
    assert told["held"]["produit.lire"] == told["held"]["societe.client.voir"] == alone
    # As long as that is there it stays, whatever is said of it; with it, it goes.
    left = [right for right in told["rights"] if right != "commande.lire"]
    assert not site.ok("rights", "ensure", "shop", given={"rights": left})["changed"]
    left.remove("commande.creer")
    assert site.ok("rights", "ensure", "shop", given={"rights": left})["removed"] == ["commande.creer", "commande.lire"]
    assert "commande.lire" not in site.ok("rights", "list", "shop")["held"]


def test_what_an_administrator_has_as_one(site: BridgedSite) -> None:
    """The application gives administrators the rights over users, and they cannot be taken away."""
    held = site.ok("rights", "list", "admin")["held"]
    forced = {name for name, source in held.items() if source["administrator"]}
    assert "user.user.creer" in forced
    assert {name.partition(".")[0] for name in forced} == {"user"}
    assert not [name for name, source in held.items() if source["administrator"] and source["groups"]]


def test_every_right_of_the_usual_modules_can_be_given(site: BridgedSite) -> None:
    owners = ("produit.", "societe.", "commande.", "facture.", "stock.")
    every = sorted(right for right in site.ok("rights", "list")["rights"] if right.startswith(owners))
    assert len(every) > 10
    ensure(site, enabled=True, rights=every)
    assert rights(site, "shop") == every
    assert not ensure(site, rights=every)["changed"]
    assert site.ok("rights", "list", "shop")["rights"] == every


def test_an_unknown_right_is_refused_before_the_user_is_made(site: BridgedSite) -> None:
    error = site.error("user", "ensure", "nobody-yet", given={"rights": ["produit.lire", "produit.leer"]})
    assert (error["code"], error["message"]) == ("unknown_right", 'There is no right "produit.leer".')
    assert "produit.lire" in error["mend"]
    assert site.ok("user", "show", "nobody-yet")["user"] is None
    assert site.error("rights", "ensure", "shop", given={"rights": ["nix.lire"]})["code"] == "unknown_right"


def test_a_right_of_a_module_that_is_off_names_the_module(site: BridgedSite) -> None:
    site.ok("module", "disable", "stock")
    error = site.error("user", "ensure", "shop", given={"rights": ["stock.lire"]})
    assert (error["code"], error["mend"]) == (
        "module_off",
        "Switch the module on first: miclinikctl module enable stock",
    )


def test_a_key_belongs_to_one_user(site: BridgedSite) -> None:
    ensure(site, "other", enabled=True)
    ensure(site, enabled=True, key=KEY)
    error = site.error("user", "ensure", "other", given={"key": KEY})
    assert error["code"] == "key_taken"
    assert '"shop"' in error["message"]
    assert KEY not in str(error)
    assert site.error("key", "set", "other", given={"key": KEY})["code"] == "key_taken"


def test_keys_are_set_rotated_and_shown_only_when_asked(site: BridgedSite) -> None:
    ensure(site, enabled=True, key=KEY)
    assert not site.ok("key", "set", "shop", given={"key": KEY})["changed"]
    hidden = site.ok("key", "rotate", "shop")
    assert (hidden["changed"], "key" in hidden) == (True, False)
    shown = site.ok("--reveal", "key", "rotate", "shop")
    assert not site.ok("key", "set", "shop", given={"key": shown["key"]})["changed"]
    assert site.ok("key", "set", "shop", given={"key": KEY})["changed"]
    stored = site.sql("SELECT api_key FROM llx_user WHERE login = 'shop'")[0]
    assert stored.startswith("dolcrypt:") if site.major() >= 20 else stored == KEY
    assert site.error("key", "rotate", "nobody-yet")["code"] == "no_such_user"


@pytest.mark.parametrize("key", ["short", "with blank in it 0123", "x" * 65, "dolcrypt:0123456789abcdef"])
def test_a_key_that_the_api_would_not_take_is_refused(site: BridgedSite, key: str) -> None:
    assert site.error("key", "set", "shop", given={"key": key})["code"] == "bad_key"


def test_a_disabled_user_has_no_key(site: BridgedSite) -> None:
    ensure(site, enabled=True, key=KEY)
    assert site.ok("--check", "user", "disable", "shop")["changes"] == ["enabled", "key"]
    off = site.ok("user", "disable", "shop")
    assert off["changes"] == ["enabled", "key"]
    assert (off["user"]["enabled"], off["user"]["key"]) == (False, None)
    assert site.sql("SELECT statut FROM llx_user WHERE login = 'shop' AND api_key IS NULL") == ["0"]
    assert not site.ok("user", "disable", "shop")["changed"]
    assert not site.ok("user", "disable", "nobody-yet")["changed"]
    assert ensure(site, enabled=True, key=KEY)["changes"] == ["enabled", "key"]


def test_the_only_administrator_is_not_disabled(site: BridgedSite) -> None:
    assert site.error("user", "disable", "admin")["code"] == "last_administrator"
    assert ensure(site, "admin", password=ADMIN_PASSWORD)["changes"] == []
    ensure(site, enabled=True, admin=True)
    site.sql("UPDATE llx_user SET statut = 0 WHERE login = 'admin'")
    try:
        for check in ([], ["--check"]):
            error = site.error(*check, "user", "ensure", "shop", given={"admin": False})
            assert (error["code"], '"shop"' in error["message"]) == ("last_administrator", True)
    finally:
        site.sql("UPDATE llx_user SET statut = 1 WHERE login = 'admin'")
    assert ensure(site, admin=False)["changes"] == ["admin"]


def test_two_users_cannot_share_an_address(site: BridgedSite) -> None:
    ensure(site, enabled=True, email="taken@example.org")
    for check in ([], ["--check"]):
        error = site.error(*check, "user", "ensure", "fresh", given={"email": "taken@example.org"})
        assert error["code"] == "email_taken"
        assert error["mend"].startswith("Give each user an address of its own")
    assert site.ok("user", "show", "fresh")["user"] is None


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ({"password": "short"}, "bad_password"),
        ({"email": "nix"}, "bad_email"),
        ({"colour": "red"}, "usage"),
        ({"enabled": False, "key": KEY}, "usage"),
    ],
)
def test_nonsense_is_refused(site: BridgedSite, wanted: Answer, code: str) -> None:
    assert site.error("user", "ensure", "shop", given=wanted)["code"] == code


@pytest.mark.parametrize("login", ["x", "a b", "a'b", "x" * 51])
def test_a_login_that_is_none_is_refused(site: BridgedSite, login: str) -> None:
    assert site.error("user", "show", login)["code"] == "bad_login"


def test_a_key_is_taken_away(site: BridgedSite) -> None:
    site.ok("user", "ensure", "gone", given={"key": "to-be-taken-away-0123", "enabled": True})
    assert site.ok("key", "remove", "gone")["changed"]
    assert not site.ok("key", "remove", "gone")["changed"]
    assert site.ok("key", "show", "gone")["stored"] is None
    assert site.error("key", "remove", "nobody")["code"] == "no_such_user"
