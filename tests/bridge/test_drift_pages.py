# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What somebody changes of what is declared in the application's own pages: found, named, repaired, and then no more.

By HTTP, with a session and tokens, in forms and by links as the pages show them: nothing here knows a table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import settings

from .pages import Pages, served
from .sites import TREE, BridgedSite
from .test_declared import COMPANY, DICTIONARIES, EXTRA_FIELDS, NUMBERING, RIGHTS, logo

SECRET, KEY, PASSWORD = "hush-hush-hush", "d" * 39 + "3", "declared-by-us-1"
SITE: dict[str, Any] = {
    "name": "norte",
    "modules": ["api", "societe", "product", "commande", "facture"],
    "modules_exact": True,
    "company": COMPANY | logo(),
    "constants": {"MAIN_SIZE_LISTE_LIMIT": 37, "MAIN_START_WEEK": 2, "SOME_TOKEN": SECRET},
    "dictionaries": DICTIONARIES,
    "extra_fields": EXTRA_FIELDS,
    "numbering": NUMBERING,
    "default_rights": RIGHTS | {"produit.creer": False},
    "groups": [
        {"name": "Ventas", "note": "Los que venden", "rights": ["produit.lire", "societe.lire"]},
        {"name": "Otros", "rights": []},
    ],
    "users": [
        {
            "login": "ana",
            "lastname": "Ruiz",
            "firstname": "Ana",
            "email": "ana@example.org",
            "language": "es_ES",
            "admin": False,
            "groups": ["Ventas"],
            "first_password": PASSWORD,
        },
        {"login": "shop", "rights": ["produit.lire", "societe.lire"], "key": KEY, "password": PASSWORD, "admin": False},
        {"login": "luis", "state": "disabled"},
    ],
}
#: What is done by the kind's name, and what is said of it then.
KINDS: dict[str, tuple[Callable[[Pages, BridgedSite], object], list[str]]] = {}
Act = Callable[[Pages, BridgedSite], object]


def _says(*changes: str) -> Callable[[Act], Act]:
    def put(act: Act) -> Act:
        KINDS[act.__name__] = act, list(changes)
        return act

    return put


def _id(site: BridgedSite, login: str) -> str:
    return str(site.ok("user", "show", login)["user"]["id"])


def _group(site: BridgedSite, name: str) -> str:
    return str(site.ok("group", "show", name)["group"]["id"])


def _right(site: BridgedSite, name: str) -> str:
    owner, right = name.split(".")
    return site.sql(f"SELECT id FROM llx_rights_def WHERE entity = 1 AND module = '{owner}' AND perms = '{right}'")[0]  # noqa: S608


@_says("constant MAIN_SIZE_LISTE_LIMIT")
def a_constant_on_the_page_of_other_settings(pages: Pages, site: BridgedSite) -> None:
    pages.open("admin/const.php")
    pages.submit("constname", "add", constname="MAIN_SIZE_LISTE_LIMIT", constvalue="9")


@_says("constant SOME_TOKEN")
def a_secret_constant(pages: Pages, site: BridgedSite) -> None:
    pages.open("admin/const.php")
    pages.submit("constname", "add", constname="SOME_TOKEN", constvalue="stolen-stolen")


@_says("constant MAIN_START_WEEK")
def a_constant_deleted(pages: Pages, site: BridgedSite) -> None:
    page = pages.open("admin/const.php", visible="all", limit="1000")
    name = next(name for _, fields in page.forms for name, value in fields if value == "MAIN_START_WEEK")
    pages.submit("constname", "delete", action="delete", visible="all", **{name.replace("[name]", "[check]"): "1"})


@_says("company language", "constant MAIN_SIZE_LISTE_LIMIT")
def display_and_language(pages: Pages, site: BridgedSite) -> None:
    pages.open("admin/ihm.php", mode="other")
    changes = {"MAIN_SIZE_LISTE_LIMIT": "25", "main_size_liste_limit": "25"}
    changes |= {"MAIN_LANG_DEFAULT": "fr_FR", "main_lang_default": "fr_FR"}
    own = {name: value for name, value in changes.items() if name in pages.fields}
    pages.submit(" ".join(own), "submit", **own)


@_says("module commande on")
def a_module_switched_off(pages: Pages, site: BridgedSite) -> None:
    pages.open("admin/modules.php", mode="commonkanban")
    pages.click("action=reset", "value=modCommande")


@_says("module stock off")
def a_module_switched_on(pages: Pages, site: BridgedSite) -> None:
    pages.open("admin/modules.php", mode="commonkanban")
    pages.click("action=set", "value=modStock")


@_says("company name", "company town", "company vat_number", "company fiscal_month")
def the_company(pages: Pages, site: BridgedSite) -> None:
    pages.open("admin/company.php")
    name = "nom" if "nom" in pages.fields else "name"
    own = {name: "Clínica Sur", "tva": "X", "SOCIETE_FISCAL_MONTH_START": "7", "MAIN_INFO_SOCIETE_TOWN": ""}
    pages.submit("country_id", "save", **own)


@_says("company country")
def the_country(pages: Pages, site: BridgedSite) -> None:
    france = site.sql("SELECT rowid FROM llx_c_country WHERE code = 'FR'")[0]
    pages.open("admin/company.php")
    pages.submit("country_id", "save", country_id=france)


@_says("company logo")
def the_logo_removed(pages: Pages, site: BridgedSite) -> None:
    pages.open("admin/company.php")
    pages.click("action=removelogo")


@_says("dictionary payment terms 45D: active")
def a_row_of_a_dictionary_switched_off(pages: Pages, site: BridgedSite) -> None:
    pages.open("admin/dict.php", id="12")
    pages.click("action=disable", "code=45D")


@_says("dictionary payment terms 30D: active")
def a_row_of_a_dictionary_switched_on(pages: Pages, site: BridgedSite) -> None:
    pages.open("admin/dict.php", id="12")
    pages.click("action=activate", "code=30D")


@_says("dictionary payment terms 45D: label, days")
def a_row_of_a_dictionary_edited(pages: Pages, site: BridgedSite) -> None:
    pages.open("admin/dict.php", id="12")
    pages.click("action=edit", "code=45D")
    pages.submit("nbjour rowid", "actionmodify", libelle="X", nbjour="44")


@_says("dictionary payment modes BIZ: made")
def a_row_of_a_dictionary_deleted(pages: Pages, site: BridgedSite) -> None:
    page = pages.open("admin/dict.php", id="13")
    row = next(link for link in page.links if "code=BIZ" in link and "action=delete" in link)
    number = row.partition("rowid=")[2].partition("&")[0]
    pages.send("admin/dict.php", id="13", rowid=number, code="BIZ", action="confirm_delete", confirm="yes")


@_says("dictionary vat rates ES 7.5: note")
def a_rate(pages: Pages, site: BridgedSite) -> None:
    spain = site.sql("SELECT rowid FROM llx_c_country WHERE code = 'ES'")[0]
    number = site.sql(f"SELECT rowid FROM llx_c_tva WHERE taux = 7.5 AND fk_pays = {spain}")[0]  # noqa: S608
    pages.open("admin/dict.php", id="10", search_country_id=spain)
    pages.click("action=edit", f"rowid={number}")
    pages.submit("note rowid", "actionmodify", note="X")


@_says("extra field thirdparty insurer: label")
def an_extra_field_edited(pages: Pages, site: BridgedSite) -> None:
    pages.open("societe/admin/societe_extrafields.php")
    pages.click("action=edit", "attrname=insurer")
    pages.submit("label", "button", label="X")


@_says("extra field thirdparty born: made")
def an_extra_field_deleted(pages: Pages, site: BridgedSite) -> None:
    pages.open("societe/admin/societe_extrafields.php")
    if site.major() < 17:
        pages.click("action=delete", "attrname=born")
    else:
        pages.send("societe/admin/societe_extrafields.php", attrname="born", action="confirm_delete", confirm="yes")


def _of_invoices(site: BridgedSite) -> str:
    return next(page for page in ("admin/invoice.php", "admin/facture.php") if (site.htdocs / page).is_file())


@_says("numbering invoice: model mod_facture_mercure")
def a_model_of_numbers(pages: Pages, site: BridgedSite) -> None:
    pages.open(_of_invoices(site))
    pages.click("action=setmod", "value=mod_facture_mars")


@_says("numbering invoice: mask of credit AB{yyyy}-{00000@1}")
def a_mask(pages: Pages, site: BridgedSite) -> None:
    pages.open(_of_invoices(site))
    pages.submit("maskcredit", "Button", maskcredit="x{0000}")


@_says("numbering thirdparty: mask of supplier P{0000}")
def a_mask_of_third_parties(pages: Pages, site: BridgedSite) -> None:
    page = pages.open("societe/admin/societe.php")
    # Several forms with the same fields: that of the model comes first.
    fields = next(dict(fields) for _, fields in page.forms if ("param2", "COMPANY_ELEPHANT_MASK_SUPPLIER") in fields)
    assert fields["value2"] == "P{0000}"
    pages.submit("param1 value2", "Button", value2="x{0000}")


@_says("default right produit.creer not given to new users")
def a_right_by_default(pages: Pages, site: BridgedSite) -> None:
    pages.open("admin/perms.php")
    pages.click("action=add", f"pid={_right(site, 'produit.creer')}")


@_says("default right societe.lire given to new users")
def no_right_by_default(pages: Pages, site: BridgedSite) -> None:
    pages.open("admin/perms.php")
    # The link of 16 has no token, and is refused.
    number = _right(site, "societe.lire")
    link = next(link for link in pages.page.links if f"pid={number}&" in link)
    pages.click("action=remove", f"pid={number}") if "token" in link else pages.send(
        "admin/perms.php", pid=number, action="remove"
    )


@_says("user shop: rights")
def a_right_given(pages: Pages, site: BridgedSite) -> None:
    pages.open("user/perms.php", id=_id(site, "shop"))
    pages.click("action=addrights", f"rights={_right(site, 'produit.creer')}")


@_says("user shop: rights")
def all_rights_of_a_module_taken_away(pages: Pages, site: BridgedSite) -> None:
    pages.open("user/perms.php", id=_id(site, "shop"))
    pages.click("action=delrights", "module=societe")


@_says("group Ventas: rights")
def a_right_of_a_group_taken_away(pages: Pages, site: BridgedSite) -> None:
    pages.open("user/group/perms.php", id=_group(site, "Ventas"))
    pages.click("action=delrights", f"rights={_right(site, 'produit.lire')}")


def _save_group(pages: Pages, site: BridgedSite, **changes: str) -> None:
    pages.open("user/group/card.php", id=_group(site, "Ventas"), action="edit")
    if "nom" in pages.fields and "name" in changes:
        changes["nom"] = changes.pop("name")
    pages.submit("note", "save", **changes)


@_says("group Ventas: name")
def a_group_renamed(pages: Pages, site: BridgedSite) -> None:
    _save_group(pages, site, name="Ventas viejas")


@_says("group Ventas: note")
def a_group_described(pages: Pages, site: BridgedSite) -> None:
    if site.major() < 23:
        _save_group(pages, site, note="X")
    else:  # its page stores what was there before, whatever is typed
        site.ok("group", "ensure", "Ventas", given={"note": "X"})


@_says("group Ventas: created, rights", "user ana: groups")
def a_group_deleted(pages: Pages, site: BridgedSite) -> None:
    pages.open("user/group/card.php", id=_group(site, "Ventas"))
    pages.send("user/group/card.php", id=_group(site, "Ventas"), action="confirm_delete", confirm="yes")


@_says("user ana: groups")
def taken_out_of_a_group(pages: Pages, site: BridgedSite) -> None:
    pages.open("user/group/card.php", id=_group(site, "Ventas"))
    pages.click("action=removeuser", f"user={_id(site, 'ana')}")


@_says("user ana: groups")
def put_into_another_group(pages: Pages, site: BridgedSite) -> None:
    pages.open("user/group/card.php", id=_group(site, "Otros"))
    pages.submit("user", user=_id(site, "ana"))


@_says("user ana: enabled")
def a_user_disabled(pages: Pages, site: BridgedSite) -> None:
    number = _id(site, "ana")
    pages.open("user/card.php", id=number)
    pages.send("user/card.php", id=number, action="confirm_disable", confirm="yes")


@_says("user luis: enabled")
def who_left_enabled_again(pages: Pages, site: BridgedSite) -> None:
    number = _id(site, "luis")
    pages.open("user/card.php", id=number)
    pages.send("user/card.php", id=number, action="confirm_enable", confirm="yes")


def _card(pages: Pages, **changes: str) -> None:
    """Save a user's card; some editions want more of it than others."""
    wanted = {"civility_code": "MR", "gender": "man", "firstname": "Ana"}
    given = {name: value for _, fields in pages.page.forms for name, value in fields if name in wanted}
    more = {name: value for name, value in wanted.items() if given.get(name) in ("", "-1")}
    pages.submit("login", "save", **{**more, **changes})


@_says("user shop: admin")
def made_an_administrator(pages: Pages, site: BridgedSite) -> None:
    pages.open("user/card.php", id=_id(site, "shop"), action="edit")
    _card(pages, admin="1")


@_says("user ana: login, lastname, firstname, email")
def a_user_renamed(pages: Pages, site: BridgedSite) -> None:
    pages.open("user/card.php", id=_id(site, "ana"), action="edit")
    _card(pages, login="ana-x", lastname="X", firstname="Y", email="x@example.org")


@_says("user ana: language")
def the_language_of_a_user(pages: Pages, site: BridgedSite) -> None:
    number = _id(site, "ana")
    pages.open("user/param_ihm.php", id=number, action="edit")
    pages.submit("main_lang_default", "save", id=number, check_MAIN_LANG_DEFAULT="on", main_lang_default="fr_FR")


@_says("user shop: key")
def another_key(pages: Pages, site: BridgedSite) -> None:
    pages.open("user/card.php", id=_id(site, "shop"), action="edit")
    _card(pages, api_key="of-somebody-else-0123456")


@_says("user shop: password")
def another_password(pages: Pages, site: BridgedSite) -> None:
    pages.open("user/card.php", id=_id(site, "shop"), action="edit")
    _card(pages, password="An0ther-one-of-theirs!")


@_says("user ana: created, password, groups")
def a_user_deleted(pages: Pages, site: BridgedSite) -> None:
    number = _id(site, "ana")
    pages.open("user/card.php", id=number)
    pages.send("user/card.php", id=number, action="confirm_delete", confirm="yes")


def told(site: BridgedSite, *, check: bool = False) -> list[str]:
    """Bring the site to what is declared; return what is said of it."""
    report = settings.report(site.ok(*(["--check"] if check else []), "batch", given=settings.orders(SITE))["answers"])
    assert not [secret for secret in (SECRET, KEY, PASSWORD) if secret in str(report)]
    changes: list[str] = report["changes"]
    return changes


@pytest.fixture(scope="module")
def pages(apart: BridgedSite) -> Iterator[Pages]:
    """Return somebody who is logged in to a site that is as it is declared."""
    apart.ok("module", "enable", "societe", "product", "api")
    apart.ok("user", "ensure", "luis", given={"rights": []})
    told(apart)
    assert told(apart) == []
    with served(apart) as address:
        yield Pages(address)


#: The sandbox has one page of settings.
SANDBOX = ("a_constant_on_the_page_of_other_settings", "a_secret_constant")


@pytest.mark.parametrize("kind", SANDBOX if (TREE / "sandbox.json").is_file() else KINDS)
def test_drift_is_found_named_and_repaired(pages: Pages, apart: BridgedSite, kind: str) -> None:
    act, changes = KINDS[kind]
    act(pages, apart)
    assert told(apart, check=True) == changes
    assert told(apart) == changes
    assert told(apart) == []
