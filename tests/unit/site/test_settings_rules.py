# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What an inventory may say of settings, in the words of the bridge, and where their secrets go."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.plugin_utils.promises import promises
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import (
    declared,
    logos,
    rules,
    settings_rules,
    sites,
)

from tests.application_tree import entry

BRIDGE = Path(__file__).parents[3] / "templates" / "bridge" / "src"
IMAGE = b"\x89PNG\r\n\x1a\n" + b"\0" * 20


def _problems(**more: Any) -> list[str]:  # noqa: ANN401 (what YAML can hold)
    return [str(problem).removeprefix("site 'norte': ") for problem in rules.check([entry("norte", **more)])]


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"company": {"fiscal_month": 13}}, "company.fiscal_month: is 13. Write a number from 1 to 12."),
        (
            {"company": {"town": 'Alcalá "x"'}},
            "company.town: has markup, a double quote or spaces at its ends, which the application's pages take out. "
            "Leave them out.",
        ),
        (
            {"company": {"phone": "1"}, "constants": {"MAIN_INFO_SOCIETE_TEL": "1"}},
            "constants.MAIN_INFO_SOCIETE_TEL: is what `company.phone` sets. Leave one of the two out.",
        ),
        (
            {"entities": [{"id": 2, "constants": {"X_Y": 1}}]},
            "entities: are given, and `modules` has no multicompany: nobody could choose them. Add the module, which "
            "is no part of the application, or leave them out.",
        ),
        (
            {"modules": ["multicompany"], "entities": [{"id": 1}]},
            "entities[0].id: is 1. Write 2 or more: `constants` is for the first one.",
        ),
        (
            {"modules": ["multicompany"], "entities": [{"id": 2}, {"id": 2}]},
            "entities[1].id: is 2, which stands there twice. Give each one entry.",
        ),
        (
            {"modules": ["multicompany"], "entities": [{"id": 2, "constants": {"x": 1}}]},
            "entities[0].constants.x: is no constant with a text, a number or true/false. Write it like "
            "MAIN_SIZE_LISTE_LIMIT: 50.",
        ),
        (
            {"dictionaries": {"payment_term": []}},
            "dictionaries.payment_term: is no dictionary. Did you mean 'payment_terms'.",
        ),
        (
            {"dictionaries": {"units": {"code": "x"}}},
            "dictionaries.units: is no list of mappings. Write - {code: …} or - {name: …} for each.",
        ),
        (
            {"dictionaries": {"units": [{"code": "x", "active": "no"}]}},
            "dictionaries.units[0].active: is neither true nor false. Write one of them.",
        ),
        (
            {"extra_fields": {"product": [{"label": "x"}]}},
            "extra_fields.product[0].name: is missing. Write three or more lower-case letters, digits and _, beginning "
            "with a letter.",
        ),
        (
            {"extra_fields": {"product": [{"name": "abc"}, {"name": "abc"}]}},
            "extra_fields.product[1].name: 'abc' stands there twice. Give each field one entry.",
        ),
        (
            {"extra_fields": {"product": [{"name": "abc", "lable": "x"}]}},
            "extra_fields.product[0].lable: is not a known key. Did you mean 'label'.",
        ),
        (
            {"extra_fields": {"product": [{"name": "abc", "state": "gone"}]}},
            "extra_fields.product[0].state: is 'gone'. Choose one of: present, absent.",
        ),
        (
            {"extra_fields": {"product": [{"name": "abc", "drop_data": True}]}},
            "extra_fields.product[0].drop_data: is given for a field that stays. Write state: absent as well, or leave "
            "it out.",
        ),
        (
            {"numbering": {"invoices": {"model": "terre"}}},
            "numbering.invoices: is no kind of record that is numbered here. Did you mean 'invoice'.",
        ),
        (
            {"numbering": {"invoice": {"modle": "terre"}}},
            "numbering.invoice: is no mapping with model, mask and masks. Write {model: …, mask: …}.",
        ),
        (
            {"numbering": {"invoice": {"mask": "FA{yy}"}}},
            "numbering.invoice.mask: is 'FA{yy}', and has no counter. Write three or more noughts: {0000}.",
        ),
        (
            {"numbering": {"invoice": {"masks": {"credit": "x"}}}},
            "numbering.invoice.masks.credit: is 'x', and has no counter. Write three or more noughts: {0000}.",
        ),
        (
            {"numbering": {"invoice": {"model": "terre"}}, "constants": {"FACTURE_ADDON": "mod_facture_mars"}},
            "constants.FACTURE_ADDON: is what `numbering.invoice` sets. Leave one of the two out.",
        ),
        (
            {"default_rights": {"societe.lire": "yes"}},
            "default_rights.societe.lire: is neither true nor false. Write one of them.",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_key(given: dict[str, Any], problem: str) -> None:
    assert _problems(**given) == [problem]


def test_what_is_right_is_not_complained_of() -> None:
    assert not _problems(
        modules=["Multicompany"],
        modules_exact=True,
        entities=[{"id": 2, "constants": {"MAIN_SIZE_LISTE_LIMIT": 50}}],
        company={"town": "Alcalá", "fiscal_month": 4, "vat_used": False, "professional_ids": {"id1": "B1"}},
        dictionaries={"payment_terms": [{"code": "45D", "label": "45 days", "days": 45, "active": False}]},
        extra_fields={"thirdparty": [{"name": "old", "state": "absent", "drop_data": True}]},
        numbering={"invoice": {"model": "mercure", "mask": "FA{yyyy}-{00000@1}", "masks": {"credit": "AB{0000}"}}},
        default_rights={"societe.lire": True},
    )


def _php(name: str, pattern: str) -> list[tuple[str, ...]]:
    found = re.findall(pattern, (BRIDGE / name).read_text(encoding="utf-8"), re.MULTILINE)
    return [one if isinstance(one, tuple) else (one,) for one in found]


def test_the_bridge_has_the_same_names() -> None:
    constants = _php("CompanyFacts.php", r"^\t\t'(\w+)' => '([A-Z_0-9]+)',")
    of_company = {key: value for key, value in constants if not re.match(r"id\d|language|region", key)}
    assert of_company == settings_rules.COMPANY
    named = _php("DictionaryTables.php", r"^\t\t'(\w+)' => array\(\s*'c_")
    assert {name for (name,) in named} == settings_rules.DICTIONARIES
    kinds = _php("Numbering.php", r"^\t\t'(\w+)' => array\('(\w+)', '([\w/]+)', '(\w+)',")
    assert {kind: (folder, start, constant) for kind, constant, folder, start in kinds} == settings_rules.NUMBERING
    text = (BRIDGE / "ExtraFieldRows.php").read_text(encoding="utf-8")
    fields = re.findall(r"'(\w+)' => '", text.split("const FIELDS")[1].split(");")[0])
    assert {*fields, "name", "state", "drop_data"} == settings_rules.FIELD


def test_secrets_of_entities_leave_the_site() -> None:
    given = entry(
        "norte",
        modules=["multicompany"],
        entities=[{"id": 2, "constants": {"MAIN_MAIL_SMTPS_PW": "hush-hush", "X_LIMIT": 5}}, {"id": 3}],
    )
    stored = {"2": {"constants": {"MAIN_MAIL_SMTPS_PW": "hush-hush"}}}
    assert declared.part(given).stored["entities"] == stored
    site = sites.plan([given])[0]
    assert "hush-hush" not in str(site)
    assert "entities.2.constants.MAIN_MAIL_SMTPS_PW" in site["declared"]
    record = {"users": {}, "entities": stored | {"4": {"constants": {"OLD_KEY": "gone"}}}}
    settings = promises.settings([site], {"norte": record})[0]
    assert settings["entities"] == [
        {"id": 2, "constants": {"X_LIMIT": 5, "MAIN_MAIL_SMTPS_PW": "hush-hush"}},
        {"id": 3, "constants": {}},
    ]


def test_a_logo_is_a_small_image(tmp_path: Path) -> None:
    (tmp_path / "norte.png").write_bytes(IMAGE)
    (tmp_path / "norte x.png").write_bytes(IMAGE)
    (tmp_path / "page.png").write_bytes(b"<html>")
    (tmp_path / "big.png").write_bytes(IMAGE + b"\0" * 1024 * 1024)

    def problems(name: str) -> list[str]:
        return [problem.seen for problem in logos.check([entry("a", company={"logo": name})], tmp_path)]

    assert problems("norte.png") == []
    assert problems("none.png") == [f"{tmp_path}/none.png is no file on the controller"]
    assert problems("norte x.png") == ["is called 'norte x.png'"]
    assert problems("page.png") == [f"{tmp_path}/page.png is no image"]
    assert problems("big.png") == [f"{tmp_path}/big.png has 1024 KiB"]
    given = logos.with_content(
        {"name": "a", "company": {"name": "A", "logo": "norte.png", "logo_square": None}}, tmp_path
    )
    assert given["company"]["logo"] == {"name": "norte.png", "content": "iVBORw0KGgoAAAAAAAAAAAAAAAAAAAAAAAAAAA=="}
    assert logos.with_content({"name": "a"}, tmp_path) == {"name": "a"}
