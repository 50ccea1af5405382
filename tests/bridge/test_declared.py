# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What an inventory declares of a site's settings: foreseen, written, read back in the same words, and left alone."""

from __future__ import annotations

import base64
import struct
import zlib
from typing import Any

import pytest

from .sites import TREE, BridgedSite

Answer = dict[str, Any]

COMPANY = {
    "name": "Clínica Norte",
    "country": "ES",
    "currency": "EUR",
    "language": "es_ES",
    "address": "Calle Mayor 1\n2º izq.",
    "zip": "28001",
    "town": "Alcalá",
    "phone": "+34 91 000 00 00",
    "email": "info@example.org",
    "web": "https://example.org",
    "vat_number": "ESB12345678",
    "professional_ids": {"id1": "B12345678", "id5": "28/123"},
    "capital": "3000",
    "fiscal_month": 4,
    "vat_used": True,
}
DICTIONARIES: dict[str, list[Answer]] = {
    "payment_terms": [{"code": "45D", "label": "45 days", "days": 45}, {"code": "30D", "active": False}],
    "payment_modes": [{"code": "BIZ", "label": "Bizum", "type": 0}, {"code": "CHQ", "active": False}],
    "vat_rates": [{"rate": 7.5, "note": "Especial"}, {"rate": 21, "country": "ES", "note": "General"}],
    "units": [{"code": "BX", "label": "Box", "short_label": "bx", "type": "qty", "scale": 1}],
}
MORE_DICTIONARIES: dict[str, list[Answer]] = {
    "civilities": [{"code": "DRA", "label": "Doctora"}],
    "company_types": [{"code": "TE_CLI", "label": "Clinic"}],
    "prospect_levels": [{"code": "PL_X", "label": "X", "position": 9}],
    "currencies": [{"code": "XTS", "label": "Test"}],
    "countries": [{"code": "ES", "favorite": 1}],
    "shipping_methods": [{"code": "MOTO", "label": "Moto"}],
    "availabilities": [{"code": "AV_9W", "label": "9 weeks", "quantity": 9, "unit": "w"}],
    "event_types": [{"code": "AC_VIDEO", "label": "Video", "type": "user"}],
    "legal_forms": [{"code": "9901", "label": "Otra"}],
}
EXTRA_FIELDS: dict[str, list[Answer]] = {
    "thirdparty": [
        {"name": "insurer", "label": "Insurer", "type": "varchar", "size": "64"},
        {
            "name": "tariff",
            "label": "Tariff",
            "type": "select",
            "options": {"1": "A", "2": "B", "x": "C"},
            "required": True,
        },
        {"name": "born", "label": "Born", "type": "date"},
        {"name": "vip", "label": "VIP", "type": "boolean", "default": "0"},
    ],
    "product": [{"name": "clinical", "label": "Clinical", "type": "separate"}],
    "invoice": [{"name": "claim_no", "label": "Claim", "type": "int", "size": "10", "unique": True}],
}
NUMBERING = {
    "invoice": {"model": "mercure", "mask": "FA{yyyy}-{00000@1}", "masks": {"credit": "AB{yyyy}-{00000@1}"}},
    "thirdparty": {"model": "elephant", "masks": {"customer": "C{0000}", "supplier": "P{0000}"}},
    "order": {"model": "saphir", "mask": "PE{yy}{mm}-{0000}"},
}
RIGHTS = {"societe.lire": True}


def orders(**more: object) -> list[Answer]:
    """Return the batch that brings a site to all of it."""
    return [
        {"command": "module enable", "args": {"names": ["societe", "product", "commande", "facture"]}},
        {"command": "company ensure", "args": COMPANY},
        {"command": "dictionary ensure", "args": {"dictionaries": more.get("dictionaries", DICTIONARIES)}},
        {"command": "extrafield ensure", "args": {"extra_fields": EXTRA_FIELDS}},
        {"command": "numbering ensure", "args": {"numbering": NUMBERING}},
        {"command": "rights ensure-default", "args": {"default_rights": RIGHTS}},
    ]


@pytest.fixture(scope="module")
def installed(apart: BridgedSite) -> BridgedSite:
    """Return a site of these tests' own."""
    return apart


@pytest.fixture(scope="module")
def declared(installed: BridgedSite) -> BridgedSite:
    """Return a site that has been brought to what is declared."""
    # The site is lent to all tests of a session, and another module may have declared the same.
    untouched = "town" not in installed.ok("company", "show")["company"]
    foreseen = installed.ok("--check", "batch", given=orders())
    assert foreseen["changed"] or not untouched
    assert ("town" not in installed.ok("company", "show")["company"]) is untouched, "a check run has written"
    done = installed.ok("batch", given=orders())
    told = [(answer["command"], answer.get("changes")) for answer in done["answers"][2:]]
    assert told == [(answer["command"], answer.get("changes")) for answer in foreseen["answers"][2:]]
    again = installed.ok("batch", given=orders())
    assert not again["changed"], again
    return installed


def test_the_company_is_told_in_the_words_that_declare_it(declared: BridgedSite) -> None:
    assert declared.ok("company", "show")["company"] == COMPANY
    emptied = declared.ok("company", "ensure", given={"web": ""})
    assert emptied["diff"]["after"] == {"MAIN_INFO_SOCIETE_WEB": None}
    assert "web" not in declared.ok("company", "show")["company"]
    declared.ok("company", "ensure", given=COMPANY)
    assert declared.error("company", "ensure", given={"town": 'a "b"'})["code"] == "bad_value"
    assert declared.error("company", "ensure", given={"fiscal_month": 13})["code"] == "bad_value"
    assert declared.error("company", "ensure", given={"professional_ids": {"id11": "x"}})["code"] == "usage"


def test_dictionaries_are_told_in_the_words_that_declare_them(declared: BridgedSite) -> None:
    seen = declared.ok("dictionary", "list")["dictionaries"]
    for name, rows in DICTIONARIES.items():
        for row in rows:
            key = {part: row[part] for part in ("code", "rate") if part in row}
            found = [one for one in seen[name] if one | key == one and one.get("country", "ES") == "ES"]
            assert len(found) == 1, (name, row, found)
            wanted = {part: value for part, value in row.items() if (part, value) != ("active", True)}
            assert found[0] | wanted == found[0]
    # What is not named, of a row and of the dictionary, is as it was.
    assert next(row for row in seen["payment_terms"] if row["code"] == "30D")["days"] == 30
    assert next(row for row in seen["payment_terms"] if row["code"] == "RECEP").get("active", True)


def test_what_the_version_does_not_know_of_a_dictionary_is_refused(declared: BridgedSite) -> None:
    def error(name: str, row: Answer) -> Answer:
        return declared.error("dictionary", "ensure", given={"dictionaries": {name: [row]}})

    assert error("payment_term", {"code": "X"})["code"] == "unknown_dictionary"
    assert "payment_terms" in error("payment_term", {"code": "X"})["mend"]
    assert error("payment_terms", {"code": "X", "day": 1})["code"] == "dictionary_field"
    assert "days" in error("payment_terms", {"code": "X", "day": 1})["mend"]
    assert (
        error("payment_terms", {"code": "NEW1"})["message"]
        == "dictionaries.payment_terms[0] is a new row, and has no label."
    )
    assert error("payment_terms", {"label": "x"})["code"] == "usage"
    assert error("vat_rates", {"rate": 3, "country": "ZZ"})["code"] == "unknown_country"
    assert error("payment_modes", {"code": "MUCHTOOLONG", "label": "x"})["code"] == "dictionary"


def test_extra_fields_are_told_in_the_words_that_declare_them(declared: BridgedSite) -> None:
    seen = declared.ok("extrafield", "list")["extra_fields"]
    usual: dict[str, set[str]] = {"varchar": set(), "int": {"size"}}
    for kind, fields in EXTRA_FIELDS.items():
        by_name = {field["name"]: field for field in seen[kind]}
        for field in fields:
            short = {key: value for key, value in field.items() if key not in usual.get(field["type"], set())}
            assert by_name[field["name"]] == short
    # As the application itself has them.
    columns = declared.sql(
        "SELECT column_name FROM information_schema.columns WHERE table_name = 'llx_societe_extrafields'"
    )
    assert {"insurer", "tariff", "born", "vip"} <= set(columns)


def _field(site: BridgedSite, field: Answer, *words: str) -> Answer:
    return site.ctl(*words, "extrafield", "ensure", given={"extra_fields": {"thirdparty": [field]}})


def test_a_field_with_values_goes_only_where_that_is_said(declared: BridgedSite) -> None:
    _field(declared, {"name": "gone", "label": "Gone", "type": "varchar"})
    declared.sql("INSERT INTO llx_societe (rowid, nom, entity) VALUES (4711, 'Somebody', 1)")
    declared.sql("INSERT INTO llx_societe_extrafields (fk_object, tariff, gone) VALUES (4711, '1', 'x')")
    refused = _field(declared, {"name": "gone", "state": "absent"})
    assert (refused["error"]["code"], "1 records have a value" in refused["error"]["message"]) == (
        "extra_field_data",
        True,
    )
    assert _field(declared, {"name": "gone", "state": "absent"}, "--check")["error"]["code"] == "extra_field_data"
    other = _field(declared, {"name": "gone", "type": "date"})
    assert other["error"]["code"] == "extra_field_type"
    assert _field(declared, {"name": "gone", "type": "text"})["changes"] == ["thirdparty gone: type, size"]
    gone = _field(declared, {"name": "gone", "state": "absent", "drop_data": True})
    assert gone["changes"] == ["thirdparty gone: taken away"]
    assert not _field(declared, {"name": "gone", "state": "absent"})["changed"]
    declared.sql("DELETE FROM llx_societe_extrafields WHERE fk_object = 4711")
    declared.sql("DELETE FROM llx_societe WHERE rowid = 4711")


def test_nonsense_about_fields_is_refused(declared: BridgedSite) -> None:
    def code(kind: str, field: Answer) -> str:
        return str(declared.error("extrafield", "ensure", given={"extra_fields": {kind: [field]}})["code"])

    assert code("nobody", {"name": "abc", "label": "x", "type": "int"}) == "unknown_element"
    assert code("thirdparty", {"name": "ab", "label": "x", "type": "int"}) == "usage"
    assert code("thirdparty", {"name": "abcd", "label": "x", "type": "str"}) == "extra_field_type"
    assert code("thirdparty", {"name": "abcd", "label": "x", "type": "select"}) == "usage"
    assert code("thirdparty", {"name": "abcd", "type": "int"}) == "usage"
    assert code("thirdparty", {"name": "abcd", "label": "x", "type": "int", "colour": 1}) == "usage"
    assert code("thirdparty", {"name": "order", "label": "x", "type": "int"}) == "bad_name"
    assert code("thirdparty", {"name": "abcd", "label": "x", "type": "select", "options": {"a,b": "c"}}) == "bad_value"


def test_numbering_is_told_in_the_words_that_declare_it(declared: BridgedSite) -> None:
    seen = declared.ok("numbering", "show")
    assert seen["numbering"]["invoice"] == {
        "model": "mercure",
        "masks": {"invoice": "FA{yyyy}-{00000@1}", "credit": "AB{yyyy}-{00000@1}"},
    }
    assert seen["numbering"]["order"] == NUMBERING["order"]
    assert seen["numbering"]["thirdparty"] == NUMBERING["thirdparty"]
    assert seen["models"]["invoice"] == ["mars", "mercure", "terre"]

    def error(kind: str, given: Answer) -> Answer:
        return declared.error("numbering", "ensure", given={"numbering": {kind: given}})

    assert error("invoice", {"model": "mercury"})["code"] == "unknown_model"
    assert "mercure" in error("invoice", {"model": "mercury"})["mend"]
    assert error("invoices", {"model": "mercure"})["code"] == "unknown_numbering"
    assert error("invoice", {"mask": "FA{yyyy}"})["code"] == "bad_mask"
    assert error("invoice", {"mask": "FA{00000@1}"})["code"] == "bad_mask"
    assert error("invoice", {"model": "terre", "mask": "FA{0000}"})["code"] == "unknown_mask"


def test_rights_by_default(declared: BridgedSite) -> None:
    assert declared.ok("rights", "default")["default_rights"] == ["societe.lire"]
    back = declared.ok("rights", "ensure-default", given={"default_rights": {"societe.lire": False}})
    assert back["changes"] == ["societe.lire not given to new users"]
    assert declared.ok("rights", "default")["default_rights"] == []
    assert declared.ok("rights", "ensure-default", given={"default_rights": RIGHTS})["changed"]
    assert (
        declared.error("rights", "ensure-default", given={"default_rights": {"societe.read": True}})["code"]
        == "unknown_right"
    )


def test_more_dictionaries(declared: BridgedSite) -> None:
    known = declared.ok("dictionary", "list")["dictionaries"]
    # The sandbox has the dictionaries of invoices only.
    here = {name: rows for name, rows in MORE_DICTIONARIES.items() if name in known}
    assert (here == MORE_DICTIONARIES) is not (TREE / "sandbox.json").is_file()
    given = {"dictionaries": here}
    assert len(declared.ok("dictionary", "ensure", given=given)["changes"]) == len(here)
    assert not declared.ok("dictionary", "ensure", given=given)["changed"]


def test_constants_that_people_set_are_listed(declared: BridgedSite) -> None:
    declared.ok("constant", "set", "MICLINIK_TEST_X", "1")
    declared.ok("constant", "set", "MAIN_SIZE_LISTE_LIMIT", "37")
    declared.ok("constant", "set", "SOME_TOKEN", given={"value": "hush-hush-hush"})
    declared.ok("--entity", "7", "constant", "set", "MAIN_SIZE_SHORTLIST_LIMIT", "8")
    seen = declared.ok("constant", "list")
    assert seen["constants"]["MAIN_SIZE_LISTE_LIMIT"] == "37"
    assert (seen["constants"]["SOME_TOKEN"], "SOME_TOKEN" in seen["secret"]) == ("********", True)
    assert seen["entities"]["7"] == {"MAIN_SIZE_SHORTLIST_LIMIT": "8"}
    shown_elsewhere = {
        "MAIN_INFO_SOCIETE_NOM",
        "FACTURE_ADDON",
        "MAIN_MODULE_SOCIETE",
        "MICLINIK_TEST_X",
        "MAIN_MONNAIE",
    }
    assert not shown_elsewhere & set(seen["constants"])
    assert declared.ok("--entity", "7", "constant", "list")["constants"] == seen["entities"]["7"]
    for words in (
        ("--entity", "7", "constant", "unset", "MAIN_SIZE_SHORTLIST_LIMIT"),
        ("constant", "unset", "SOME_TOKEN"),
    ):
        declared.ok(*words)
    declared.ok("constant", "unset", "MICLINIK_TEST_X")


def png(size: int) -> bytes:
    """Return a small image."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + b"\x30\x60\x90" * size for _ in range(size))
    head = struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def logo(size: int = 600) -> Answer:
    """Return a logo as the module gives it to the bridge."""
    return {"logo": {"name": "norte.png", "content": base64.b64encode(png(size)).decode()}}


def test_the_logo_and_its_thumbs(declared: BridgedSite) -> None:
    folder = declared.documents / "mycompany" / "logos"
    foreseen = declared.ok("--check", "company", "ensure", given=logo())
    assert (foreseen["changed"], folder.exists()) == (True, False)
    assert declared.ok("company", "ensure", given=logo())["changed"]
    assert (folder / "norte.png").read_bytes() == png(600)
    assert sorted(path.name for path in (folder / "thumbs").iterdir()) == ["norte_mini.png", "norte_small.png"]
    assert declared.ok("company", "show")["company"]["logo"] == "norte.png"
    assert not declared.ok("company", "ensure", given=logo())["changed"]
    (folder / "norte.png").unlink()
    lost = declared.ok("--check", "company", "ensure", given=logo())
    assert lost["diff"]["before"] == {"MAIN_INFO_SOCIETE_LOGO": "norte.png (file missing)"}
    assert declared.ok("company", "ensure", given=logo())["changed"]
    assert declared.ok("company", "ensure", given=logo(601))["changed"]
    assert declared.error("company", "ensure", given={"logo": {"name": "a.png", "content": "AAAA"}})["code"] == "logo"
    assert (
        declared.error("company", "ensure", given={"logo": {"name": "../a.png", "content": "AAAA"}})["code"] == "logo"
    )


def test_exactly_the_modules_that_are_named(declared: BridgedSite) -> None:
    declared.ok("module", "enable", "societe", "product", "commande", "facture", "stock", "api")
    named = {"names": ["api", "facture"], "exact": True}
    foreseen = declared.ok("--check", "module", "enable", "api", "facture", given={"exact": True})
    assert {"commande", "product", "stock"} <= set(foreseen["switched_off"])
    assert (foreseen["kept"]["societe"], foreseen["kept"]["user"]) == ("facture needs it", "the application needs it")
    assert "stock" in declared.ok("module", "list")["enabled"]
    done = declared.batch(("module enable", named))["answers"][0]
    assert done["switched_off"] == foreseen["switched_off"]
    assert set(declared.ok("module", "list")["enabled"]) == {"api", "facture", *done["kept"]}
    assert done["enabled"] == declared.ok("module", "list")["enabled"]
    again = declared.batch(("module enable", named))["answers"][0]
    assert (again["changed"], again["switched_off"]) == (False, [])
    declared.ok("module", "enable", "product", "commande")
