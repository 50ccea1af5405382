# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What somebody has changed by hand of what is declared: found, named, repaired, and read back over the API."""

from __future__ import annotations

import json
import time
import urllib.request
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import settings

from .pages import served
from .sites import BridgedSite
from .test_declared import COMPANY, DICTIONARIES, EXTRA_FIELDS, NUMBERING, RIGHTS, logo

SECRET = "hush-hush-hush"
KEY = "0123456789abcdef" * 2
SITE: dict[str, Any] = {
    "name": "norte",
    "modules": ["api", "societe", "product", "commande", "facture"],
    "modules_exact": True,
    "company": COMPANY | logo() | {"logo_square": logo(300)["logo"] | {"name": "norte-square.png"}},
    "constants": {"MAIN_SIZE_LISTE_LIMIT": 37, "MAIN_SIZE_SHORTLIST_LIMIT": 4, "SOME_TOKEN": SECRET, "MAIN_OLD": ""},
    "entities": [{"id": 2, "constants": {"MAIN_SIZE_LISTE_LIMIT": 38}}],
    "dictionaries": DICTIONARIES,
    "extra_fields": EXTRA_FIELDS,
    "numbering": NUMBERING,
    "default_rights": RIGHTS,
}


def _const(name: str, value: str, entity: int = 1) -> str:
    return f"UPDATE llx_const SET value = '{value}' WHERE name = '{name}' AND entity = {entity}"  # noqa: S608


def _no_const(name: str, entity: int = 1) -> str:
    return f"DELETE FROM llx_const WHERE name = '{name}' AND entity = {entity}"  # noqa: S608


def _new_const(name: str) -> str:
    return f"INSERT INTO llx_const (name, value, entity, type) VALUES ('{name}', '1', 1, 'string')"  # noqa: S608


#: What is done by SQL, and what is said of it.
DRIFT = {
    "DELETE FROM llx_const WHERE name = 'MAIN_MODULE_COMMANDE'": "module commande on",
    _new_const("MAIN_MODULE_STOCK"): "module stock off",
    _const("MAIN_SIZE_LISTE_LIMIT", "9"): "constant MAIN_SIZE_LISTE_LIMIT",
    _no_const("MAIN_SIZE_SHORTLIST_LIMIT", 0): "constant MAIN_SIZE_SHORTLIST_LIMIT",
    _const("MAIN_SIZE_LISTE_LIMIT", "39", 2): "constant MAIN_SIZE_LISTE_LIMIT (entity 2)",
    _const("SOME_TOKEN", "stolen-stolen"): "constant SOME_TOKEN",
    _new_const("MAIN_OLD"): "constant MAIN_OLD",
    _const("MAIN_INFO_SOCIETE_NOM", "Clínica Sur"): "company name",
    _no_const("MAIN_INFO_SOCIETE_TOWN"): "company town",
    _const("MAIN_INFO_SOCIETE_COUNTRY", "1:FR:France"): "company country",
    _const("MAIN_INFO_SIREN", "X"): "company professional_ids.id1",
    _const("SOCIETE_FISCAL_MONTH_START", "7"): "company fiscal_month",
    _const("FACTURE_TVAOPTION", "0"): "company vat_used",
    _const("MAIN_LANG_DEFAULT", "fr_FR"): "company language",
    _no_const("MAIN_INFO_SOCIETE_LOGO_SQUARRED_MINI"): "company logo_square",
    "UPDATE llx_c_payment_term SET libelle = 'x', active = 0 WHERE code = '45D'": (
        "dictionary payment terms 45D: label, active"
    ),
    "UPDATE llx_c_payment_term SET active = 1 WHERE code = '30D'": "dictionary payment terms 30D: active",
    "DELETE FROM llx_c_paiement WHERE code = 'BIZ'": "dictionary payment modes BIZ: made",
    "UPDATE llx_c_tva SET note = NULL WHERE taux = 7.5": "dictionary vat rates ES 7.5: note",
    "UPDATE llx_c_units SET short_label = 'b', scale = 2 WHERE code = 'BX'": "dictionary units BX: short_label, scale",
    "UPDATE llx_extrafields SET label = 'x' WHERE name = 'insurer'": "extra field thirdparty insurer: label",
    "UPDATE llx_extrafields SET param = '' WHERE name = 'tariff'": "extra field thirdparty tariff: options",
    "DELETE FROM llx_extrafields WHERE name = 'born'": "extra field thirdparty born: made",
    "ALTER TABLE llx_societe_extrafields DROP COLUMN vip": "extra field thirdparty vip: column made again",
    "UPDATE llx_extrafields SET list = '0', pos = 9 WHERE name = 'clinical'": "",
    _const("FACTURE_ADDON", "mod_facture_mars"): "numbering invoice: model mod_facture_mercure",
    _no_const("COMMANDE_SAPHIR_MASK"): "numbering order: mask PE{yy}{mm}-{0000}",
    _const("FACTURE_MERCURE_MASK_CREDIT", "x{0000}"): "numbering invoice: mask of credit AB{yyyy}-{00000@1}",
    "UPDATE llx_rights_def SET bydefault = 0 WHERE module = 'societe'": "default right societe.lire given to new users",
}


def _told(site: BridgedSite, *, check: bool = False) -> dict[str, Any]:
    """Bring the site to what is declared, as the module does, and return its report."""
    answers = site.ok(*(["--check"] if check else []), "batch", given=settings.orders(SITE))["answers"]
    return settings.report(answers)


@pytest.fixture(scope="module")
def installed(apart: BridgedSite) -> BridgedSite:
    """Return a site of these tests' own."""
    return apart


@pytest.fixture(scope="module")
def declared(installed: BridgedSite) -> BridgedSite:
    """Return a site that is as it is declared."""
    _told(installed)
    assert _told(installed)["changes"] == []
    return installed


def test_drift_is_found_named_and_repaired(declared: BridgedSite) -> None:
    for statement in DRIFT:
        declared.sql(statement)
    (declared.documents / "mycompany" / "logos" / "norte.png").unlink()
    expected = {words for words in DRIFT.values() if words} | {"company logo"}
    found = _told(declared, check=True)
    assert {*found["changes"]} == expected
    assert SECRET not in json.dumps(found)
    assert _told(declared, check=True)["changes"] == found["changes"], "a check run has repaired something"
    repaired = _told(declared)
    # What a module brings comes back with it, so that it is not named a second time.
    assert {*repaired["changes"]} - expected == set()
    assert expected - {*repaired["changes"]} == set()
    assert repaired["diff"]["before"].keys() == found["diff"]["before"].keys()
    again = _told(declared)
    assert (again["changed"], again["changes"]) == (False, [])


def _get(address: str) -> Any:  # noqa: ANN401 (whatever the API says)
    request = urllib.request.Request(address, headers={"DOLAPIKEY": KEY})  # noqa: S310 (an address of ours)
    for _ in range(50):
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
                return json.load(answer)
        except ConnectionRefusedError:
            time.sleep(0.1)
        except urllib.error.URLError as error:
            if not isinstance(error.reason, ConnectionRefusedError):
                raise
            time.sleep(0.1)
    raise AssertionError(address)


def test_the_api_says_the_same(declared: BridgedSite) -> None:
    _told(declared)
    declared.ok("key", "set", "admin", given={"key": KEY})
    real = (declared.htdocs / "admin" / "dict.php").is_file()
    with served(declared) as address:
        api = f"{address}/api/index.php"
        company = _get(f"{api}/setup/company")
        by_api = {
            "name": "name",
            "address": "address",
            "zip": "zip",
            "town": "town",
            "phone": "phone",
            "email": "email",
        }
        by_api |= {"web": "url", "vat_number": "tva_intra", "country": "country_code"}
        assert {key: company[name] for key, name in by_api.items()} == {key: COMPANY[key] for key in by_api}
        # 16 says nothing of the currency.
        assert company.get("currency_code", "EUR") == "EUR"
        assert (company["idprof1"], company["logo"]) == (COMPANY["professional_ids"]["id1"], "norte.png")  # type: ignore[index]
        assert {"api", "societe", "commande"} <= {*_get(f"{api}/setup/modules")}
        assert "stock" not in _get(f"{api}/setup/modules")
        limit = "MAIN_SIZE_LISTE_LIMIT"
        if declared.major() < 24:
            assert _get(f"{api}/setup/conf/{limit}") == "37"
        if not real:
            return
        terms = {row["code"]: row for row in _get(f"{api}/setup/dictionary/payment_terms?limit=200")}
        assert (terms["45D"]["label"], terms["45D"]["nbjour"], "30D" in terms) == ("45 days", "45", False)
        modes = {row["code"]: row for row in _get(f"{api}/setup/dictionary/payment_types?limit=200")}
        assert (modes["BIZ"]["type"], "CHQ" in modes) == ("0", False)
        units = {row["code"]: row for row in _get(f"{api}/setup/dictionary/units?limit=300")}
        assert (units["BX"]["short_label"], units["BX"]["unit_type"]) == ("bx", "qty")
        fields = _get(f"{api}/setup/extrafields")
        assert fields["societe"]["insurer"]["label"] == "Insurer"
        assert fields["societe"]["tariff"]["param"]["options"] == EXTRA_FIELDS["thirdparty"][1]["options"]
        assert str(fields["facture"]["claim_no"]["unique"]) == "1"
