# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What must hold of a site's declared settings: company, entities, dictionaries, extra fields, numbering.

The bridge has the same names: templates/bridge/src/{CompanyFacts,DictionaryTables,ExtraFieldRows,Numbering}.php, and a
test compares them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import schema as site_schema
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site.addresses import Rest

#: Constants of the company, by the key that sets each.
COMPANY = {
    "name": "MAIN_INFO_SOCIETE_NOM",
    "address": "MAIN_INFO_SOCIETE_ADDRESS",
    "zip": "MAIN_INFO_SOCIETE_ZIP",
    "town": "MAIN_INFO_SOCIETE_TOWN",
    "country": "MAIN_INFO_SOCIETE_COUNTRY",
    "state": "MAIN_INFO_SOCIETE_STATE",
    "currency": "MAIN_MONNAIE",
    "phone": "MAIN_INFO_SOCIETE_TEL",
    "mobile": "MAIN_INFO_SOCIETE_MOBILE",
    "fax": "MAIN_INFO_SOCIETE_FAX",
    "email": "MAIN_INFO_SOCIETE_MAIL",
    "web": "MAIN_INFO_SOCIETE_WEB",
    "managers": "MAIN_INFO_SOCIETE_MANAGERS",
    "capital": "MAIN_INFO_CAPITAL",
    "legal_form": "MAIN_INFO_SOCIETE_FORME_JURIDIQUE",
    "vat_number": "MAIN_INFO_TVAINTRA",
    "object": "MAIN_INFO_SOCIETE_OBJECT",
    "fiscal_month": "SOCIETE_FISCAL_MONTH_START",
    "vat_used": "FACTURE_TVAOPTION",
}
_DICTIONARIES = """
asset_disposal_types availabilities batch_statuses civilities company_types contact_types countries currencies
departments ecotaxes event_types expense_types functions invoice_subtypes label_formats lead_statuses leave_types
legal_forms order_methods order_sources paper_formats payment_modes payment_terms product_natures prospect_levels
prospect_statuses public_holidays regions resource_types revenue_stamps shipping_methods social_contributions
social_networks staff_sizes states transport_modes units vat_rates website_containers
"""
DICTIONARIES = frozenset(_DICTIONARIES.split())
# What one field may hold; the application says what goes with which type.
_FIELD = """
name label type size required unique default options position visible editable permission help computed condition
translations total printable state drop_data
"""
FIELD = frozenset(_FIELD.split())
_FIELD_NAME = re.compile(r"[a-z][a-z0-9_]{2,63}")
_TEXTS = frozenset({"address", "zip", "town", "phone", "mobile", "fax", "email", "web", "vat_number", "capital"})
_COUNTER = re.compile(r"\{0{3,}[^}]*\}")
#: The folder of each kind's models in the application's tree, what their names begin with, and the model's constant.
NUMBERING = {
    "asset": ("asset", "mod_asset_", "ASSET_ASSET_ADDON"),
    "bom": ("bom", "mod_bom_", "BOM_ADDON"),
    "cheque_deposit": ("cheque", "mod_chequereceipt_", "CHEQUERECEIPTS_ADDON"),
    "contract": ("contract", "mod_contract_", "CONTRACT_ADDON"),
    "delivery": ("delivery", "mod_delivery_", "DELIVERY_ADDON_NUMBER"),
    "expense_report": ("expensereport", "mod_expensereport_", "EXPENSEREPORT_ADDON"),
    "intervention": ("fichinter", "mod_", "FICHEINTER_ADDON"),
    "invoice": ("facture", "mod_facture_", "FACTURE_ADDON"),
    "leave": ("holiday", "mod_holiday_", "HOLIDAY_ADDON"),
    "lot": ("product_batch", "mod_lot_", "PRODUCTBATCH_LOT_ADDON"),
    "member": ("member", "mod_member_", "MEMBER_CODEMEMBER_ADDON"),
    "order": ("commande", "mod_commande_", "COMMANDE_ADDON"),
    "payment": ("payment", "mod_payment_", "PAYMENT_ADDON"),
    "product": ("product", "mod_codeproduct_", "PRODUCT_CODEPRODUCT_ADDON"),
    "project": ("project", "mod_project_", "PROJECT_ADDON"),
    "proposal": ("propale", "mod_propale_", "PROPALE_ADDON"),
    "reception": ("reception", "mod_reception_", "RECEPTION_ADDON_NUMBER"),
    "serial": ("product_batch", "mod_sn_", "PRODUCTBATCH_SN_ADDON"),
    "shipment": ("expedition", "mod_expedition_", "EXPEDITION_ADDON_NUMBER"),
    "supplier_invoice": ("supplier_invoice", "mod_facture_fournisseur_", "INVOICE_SUPPLIER_ADDON_NUMBER"),
    "supplier_order": ("supplier_order", "mod_commande_fournisseur_", "COMMANDE_SUPPLIER_ADDON_NUMBER"),
    "supplier_payment": ("supplier_payment", "mod_supplier_payment_", "SUPPLIER_PAYMENT_ADDON"),
    "supplier_proposal": ("supplier_proposal", "mod_supplier_proposal_", "SUPPLIER_PROPOSAL_ADDON"),
    "task": ("project/task", "mod_task_", "PROJECT_TASK_ADDON"),
    "thirdparty": ("societe", "mod_codeclient_", "SOCIETE_CODECLIENT_ADDON"),
    "ticket": ("ticket", "mod_ticket_", "TICKET_ADDON"),
    "work_order": ("mrp", "mod_mo_", "MRP_MO_ADDON"),
}


def check(entry: Mapping[str, Any]) -> Iterator[Rest]:
    """Yield what is wrong with the declared settings of an entry of ``miclinik_sites``."""
    yield from _company(entry)
    yield from _entities(entry)
    yield from _lists(entry, "dictionaries", DICTIONARIES)
    yield from _lists(entry, "extra_fields", None)
    yield from _fields(entry)
    yield from _numbering(entry)
    for name, given in (entry.get("default_rights") or {}).items():
        if not isinstance(given, bool):
            yield f"default_rights.{name}", "is neither true nor false", "Write one of them"


def _company(entry: Mapping[str, Any]) -> Iterator[Rest]:
    company, constants = entry.get("company") or {}, entry.get("constants") or {}
    month = company.get("fiscal_month")
    if month is not None and not 1 <= month <= 12:  # noqa: PLR2004 - a year has twelve
        yield "company.fiscal_month", f"is {month}", "Write a number from 1 to 12"
    for key in sorted(_TEXTS & {*company}):
        value = company[key] or ""
        if '"' in value or value != value.strip() or re.search(r"<[a-zA-Z/!]", value):
            seen = "has markup, a double quote or spaces at its ends, which the application's pages take out"
            yield f"company.{key}", seen, "Leave them out"
    for key, constant in COMPANY.items():
        # Of the first three keys inventories have had the constants before.
        if company.get(key) is not None and constant in constants and key not in ("name", "country", "currency"):
            yield f"constants.{constant}", f"is what `company.{key}` sets", "Leave one of the two out"


def _entities(entry: Mapping[str, Any]) -> Iterator[Rest]:
    entities = entry.get("entities") or []
    if entities and "multicompany" not in {str(name).lower() for name in entry.get("modules") or []}:
        seen = "are given, and `modules` has no multicompany: nobody could choose them"
        yield "entities", seen, "Add the module, which is no part of the application, or leave them out"
    seen_ids: set[int] = set()
    for index, entity in enumerate(entities):
        if entity["id"] < 2:  # noqa: PLR2004 - the first company is the site's own
            yield f"entities[{index}].id", f"is {entity['id']}", "Write 2 or more: `constants` is for the first one"
        if entity["id"] in seen_ids:
            yield f"entities[{index}].id", f"is {entity['id']}, which stands there twice", "Give each one entry"
        seen_ids.add(entity["id"])
        for name, value in (entity.get("constants") or {}).items():
            if not re.fullmatch(r"[A-Z][A-Z0-9_]*", str(name)) or not isinstance(value, (str, int, float)):
                wrong = "is no constant with a text, a number or true/false"
                yield f"entities[{index}].constants.{name}", wrong, "Write it like MAIN_SIZE_LISTE_LIMIT: 50"


def _lists(entry: Mapping[str, Any], key: str, known: frozenset[str] | None) -> Iterator[Rest]:
    for name, rows in (entry.get(key) or {}).items():
        if known is not None and name not in known:
            yield f"{key}.{name}", "is no dictionary", site_schema.near(str(name), known)
        if not isinstance(rows, (list, tuple)) or not all(isinstance(row, Mapping) for row in rows):
            yield f"{key}.{name}", "is no list of mappings", "Write - {code: …} or - {name: …} for each"
        elif key == "dictionaries":
            for index, row in enumerate(rows):
                if not isinstance(row.get("active", True), bool):
                    yield f"{key}.{name}[{index}].active", "is neither true nor false", "Write one of them"


def _fields(entry: Mapping[str, Any]) -> Iterator[Rest]:
    for kind, fields in (entry.get("extra_fields") or {}).items():
        if not isinstance(fields, (list, tuple)):
            continue
        seen: set[str] = set()
        for index, field in enumerate(fields):
            if isinstance(field, Mapping):
                yield from _field(f"extra_fields.{kind}[{index}]", field, seen)


def _field(path: str, field: Mapping[str, Any], seen: set[str]) -> Iterator[Rest]:
    name = field.get("name")
    if not isinstance(name, str) or not _FIELD_NAME.fullmatch(name):
        mend = "Write three or more lower-case letters, digits and _, beginning with a letter"
        yield f"{path}.name", "is missing" if name is None else f"is {name!r}", mend
    elif name in seen:
        yield f"{path}.name", f"{name!r} stands there twice", "Give each field one entry"
    seen.add(str(name))
    for key in field:
        if key not in FIELD:
            yield f"{path}.{key}", "is not a known key", site_schema.near(str(key), FIELD)
    if field.get("state", "present") not in ("present", "absent"):
        yield f"{path}.state", f"is {field['state']!r}", "Choose one of: present, absent"
    if field.get("drop_data") and field.get("state") != "absent":
        yield f"{path}.drop_data", "is given for a field that stays", "Write state: absent as well, or leave it out"


def _numbering(entry: Mapping[str, Any]) -> Iterator[Rest]:
    for kind, given in (entry.get("numbering") or {}).items():
        path = f"numbering.{kind}"
        if kind not in NUMBERING:
            yield path, "is no kind of record that is numbered here", site_schema.near(str(kind), NUMBERING)
            continue
        if not isinstance(given, Mapping) or not given or set(given) - {"model", "mask", "masks"}:
            yield path, "is no mapping with model, mask and masks", "Write {model: …, mask: …}"
            continue
        masks = given.get("masks") or {}
        if not isinstance(masks, Mapping):
            yield f"{path}.masks", "is no mapping", "Write {credit: …} with a mask for each"
            continue
        for name, mask in [("mask", given.get("mask")), *((f"masks.{name}", mask) for name, mask in masks.items())]:
            if mask is not None and (not isinstance(mask, str) or not _COUNTER.search(mask)):
                yield f"{path}.{name}", f"is {mask!r}, and has no counter", "Write three or more noughts: {0000}"
        constant = NUMBERING[kind][2]
        if "model" in given and constant in (entry.get("constants") or {}):
            yield f"constants.{constant}", f"is what `numbering.{kind}` sets", "Leave one of the two out"
