# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One batch for a site, and one report from its answers."""

from __future__ import annotations

import json

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import people as bridge_people
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import settings as bridge_settings
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge.client import BridgeError

from .conftest import Host, failure

SITE = {
    "name": "norte",
    "modules": ["api", "product"],
    "modules_off": ["stock"],
    "switches": {"API_EXPLORER_DISABLED": 1, "MAIN_OLD_SWITCH": None},
    "constants": {"API_PRODUCTION_MODE": True, "MAIN_SIZE_LISTE_LIMIT": 50, "OLD": "", "SMTP_PW": "hush-hush"},
    "company": {"name": "Clínica", "country": "ES", "currency": None},
    "users": [
        {"login": "shop", "lastname": "Shop", "firstname": None, "email": "", "rights": ["produit.lire"], "exact": True}
        | {"key": "k" * 40, "password": "p" * 32, "state": "present"},
        {"login": "old", "rights": None, "state": "disabled"},
    ],
}
ORDERS = [
    {"command": "module disable", "args": {"names": ["stock"]}},
    {"command": "module enable", "args": {"names": ["api", "product"], "asked": True}},
    {"command": "company ensure", "args": {"name": "Clínica", "country": "ES"}},
    {"command": "constant set", "args": {"name": "API_EXPLORER_DISABLED", "value": 1, "everywhere": True}},
    {"command": "constant unset", "args": {"name": "MAIN_OLD_SWITCH", "everywhere": True}},
    {"command": "constant set", "args": {"name": "API_PRODUCTION_MODE", "value": True}},
    {"command": "constant set", "args": {"name": "MAIN_SIZE_LISTE_LIMIT", "value": 50}},
    {"command": "constant unset", "args": {"name": "OLD"}},
    {"command": "constant set", "args": {"name": "SMTP_PW", "value": "hush-hush"}},
    {
        "command": "user ensure",
        "args": {"login": "shop", "enabled": True, "lastname": "Shop", "rights": ["produit.lire"], "exact": True}
        | {"key": "k" * 40, "password": "p" * 32},
    },
    {"command": "user disable", "args": {"login": "old"}},
]


def test_modules_come_first_and_users_last() -> None:
    assert bridge_settings.orders(SITE) == ORDERS


def test_a_site_that_wants_nothing_orders_nothing() -> None:
    assert bridge_settings.orders({"name": "norte", "modules": [], "users": None}) == []


DECLARED = {
    "name": "norte",
    "modules": ["societe"],
    "modules_exact": True,
    "company": {
        "name": "Norte",
        "web": "",
        "vat_used": False,
        "currency": "",
        "professional_ids": {"id1": "B1", "id2": None},
    }
    | {"logo": {"name": "norte.png", "content": "aaaa"}},
    "dictionaries": {"units": [{"code": "BX"}]},
    "extra_fields": {"product": [{"name": "abc"}]},
    "numbering": {"invoice": {"model": "terre"}},
    "default_rights": {"societe.lire": True},
    "entities": [{"id": 2, "constants": {"X_Y": 1, "OLD": ""}}, {"id": 3, "constants": {}}],
}


def test_what_is_declared_goes_to_the_bridge_as_it_is() -> None:
    company = {"name": "Norte", "web": "", "vat_used": False, "logo": {"name": "norte.png", "content": "aaaa"}}
    assert bridge_settings.orders(DECLARED) == [
        {"command": "module enable", "args": {"names": ["societe"], "asked": True, "exact": True}},
        {"command": "company ensure", "args": company | {"professional_ids": {"id1": "B1"}}},
        {"command": "dictionary ensure", "args": {"dictionaries": {"units": [{"code": "BX"}]}}},
        {"command": "extrafield ensure", "args": {"extra_fields": {"product": [{"name": "abc"}]}}},
        {"command": "numbering ensure", "args": {"numbering": {"invoice": {"model": "terre"}}}},
        {"command": "rights ensure-default", "args": {"default_rights": {"societe.lire": True}}},
        {"command": "constant set", "args": {"name": "X_Y", "value": 1, "entity": 2}},
        {"command": "constant unset", "args": {"name": "OLD", "entity": 2}},
    ]
    assert bridge_settings.orders({"name": "norte", "modules": [], "modules_exact": True}) == [
        {"command": "module enable", "args": {"names": [], "asked": True, "exact": True}}
    ]


def test_what_is_declared_is_told_in_its_words() -> None:
    def answer(command: str, *changes: str, **more: object) -> dict[str, object]:
        diff = {"before": {}, "after": dict.fromkeys(changes, 1)}
        return {"command": command, "changed": True, "changes": list(changes), "diff": diff} | more

    constant = {"name": "X_Y", "entity": 2}
    told = bridge_settings.report(
        [
            answer("company ensure", "town"),
            answer("dictionary ensure", "units BX: made"),
            answer("extrafield ensure", "product abc: label"),
            answer("numbering ensure", "invoice: model mercure"),
            answer("rights ensure-default", "societe.lire given to new users"),
            answer("constant set", "X_Y (entity 2)", **constant),
        ]
    )
    assert told["changes"] == [
        "company town",
        "dictionary units BX: made",
        "extra field product abc: label",
        "numbering invoice: model mercure",
        "default right societe.lire given to new users",
        "constant X_Y (entity 2)",
    ]
    places = ["company", "dictionaries", "extra_fields", "numbering", "default_rights", "constants"]
    assert list(told["diff"]["after"]) == places
    foreseen = bridge_settings.foreseen(bridge_settings.orders(DECLARED), "not there yet")
    assert {"company", "dictionary units", "extra field product", "numbering invoice"} <= {*foreseen["changes"]}
    assert foreseen["diff"]["after"]["company"]["logo"] == "norte.png"


HOOK = {"name": "erp", "token": "t0ken", "events": ["BILL_VALIDATE", "X_Y"]}


def test_webhooks_come_where_there_are_or_were_some() -> None:
    site = {"name": "norte", "webhooks": [HOOK]}
    assert bridge_settings.orders(site) == [{"command": "webhook ensure", "args": {"targets": [HOOK]}}]
    assert bridge_settings.orders(site | {"webhooks": []}) == [{"command": "webhook ensure", "args": {"targets": []}}]
    assert bridge_settings.orders(site | {"webhooks": None}) == []
    diff = {"before": {}, "after": {"erp": {"trigger_codes": "BILL_VALIDATE,X_Y"}}}
    answer = {"command": "webhook ensure", "changed": True, "changes": ["erp: made"], "diff": diff}
    told = bridge_settings.report([answer])
    assert (told["changes"], told["diff"]["after"]) == (["webhook erp: made"], {"webhook": diff["after"]})
    foreseen = bridge_settings.foreseen(bridge_settings.orders(site), "not there yet")
    assert foreseen["changes"] == ["webhook erp: made"]
    assert "t0ken" not in str(foreseen)


def test_an_earlier_bridge_knows_no_webhooks() -> None:
    class Earlier:
        def __init__(self, site: str) -> None:
            self.site = site

        def batch(self, orders: list[dict[str, object]], check: bool = False) -> list[dict[str, object]]:
            assert check
            if any(str(order["command"]).startswith("webhook") for order in orders):
                raise BridgeError(self.site, "usage", "There is no command.", "Near: status.")
            return []

        def has_route_cache(self) -> bool:
            return True

    told = bridge_settings.apply({"name": "norte", "modules": ["api"], "webhooks": [HOOK]}, True, Earlier)  # type: ignore[arg-type]
    assert (told["changed"], told["changes"]) == (True, ["webhook erp: made"])


def test_that_a_user_is_taken_over_is_said_only_where_it_is_meant() -> None:
    """A bridge of an earlier version does not know the word."""
    order = {"login": "x", "enabled": True, "admin": False}
    assert bridge_people.user_order({"login": "x", "admin": False, "existing": False})["args"] == order
    wanted = {"login": "x", "admin": True, "existing": True}
    assert bridge_people.user_order(wanted)["args"] == wanted | {"enabled": True}


def test_a_user_without_rights_gets_none_and_one_of_whom_nothing_is_said_keeps_them() -> None:
    assert bridge_people.user_order({"login": "x", "rights": []})["args"] == {
        "login": "x",
        "enabled": True,
        "rights": [],
    }
    assert bridge_people.user_order({"login": "x"})["args"] == {"login": "x", "enabled": True}


def test_the_report_names_only_what_changed(norte: Host) -> None:
    off = {"command": "module disable", "changed": False, "switched_on": [], "switched_off": [], "diff": {}}
    on = {"command": "module enable", "changed": True, "switched_on": ["api", "product"], "switched_off": []}
    on |= {"enabled": ["api", "product"], "recorded": True}
    on |= {"route_cache_dropped": True, "diff": {"before": {"modules": []}, "after": {"modules": ["api", "product"]}}}
    company = {"command": "company ensure", "changed": True}
    company |= {"diff": {"before": {"MAIN_MONNAIE": None}, "after": {"MAIN_MONNAIE": "EUR"}}}
    constant = {
        "command": "constant set",
        "name": "A",
        "changed": True,
        "diff": {"before": {"A": "1"}, "after": {"A": "2"}},
    }
    user = {"command": "user ensure", "login": "shop", "changed": True, "changes": ["created", "key"]}
    user |= {"diff": {"before": {}, "after": {"login": "shop"}}}
    norte.answers = [{"ok": True, "changed": True, "answers": [off, on, company, constant, user]}]
    assert bridge_settings.apply(SITE, False, norte.bridge) == {
        "changed": True,
        "changes": [
            "module api on",
            "module product on",
            "record of modules",
            "constant MAIN_MONNAIE",
            "constant A",
            "user shop: created, key",
        ],
        "route_cache": False,
        "route_cache_dropped": True,
        "modules": ["api", "product"],
        "diff": {
            "before": {
                "modules": {"modules": []},
                "company": {"MAIN_MONNAIE": None},
                "constants": {"A": "1"},
                "user shop": {},
            },
            "after": {
                "modules": {"modules": ["api", "product"]},
                "company": {"MAIN_MONNAIE": "EUR"},
                "constants": {"A": "2"},
                "user shop": {"login": "shop"},
            },
        },
    }
    assert norte.asked[0][1] == ORDERS


def test_nothing_changed_is_nothing_reported(norte: Host) -> None:
    norte.answers = [
        {"ok": True, "changed": False, "answers": [{"command": "user ensure", "login": "x", "changed": False}]}
    ]
    table = norte.state / "norte" / "documents" / "api" / "temp" / "routes.php"
    table.parent.mkdir(parents=True)
    table.write_text("<?php\n")
    assert bridge_settings.apply(SITE, False, norte.bridge) == {
        "changed": False,
        "changes": [],
        "route_cache": True,
        "route_cache_dropped": False,
        "modules": [],
        "diff": {"before": {}, "after": {}},
    }


def test_check_mode_on_a_bare_host_foresees_everything_without_secrets(host: Host) -> None:
    report = bridge_settings.apply(SITE, True, host.bridge)
    assert report["changed"]
    assert report["changes"] == [
        "module api on",
        "module product on",
        "company",
        "constant API_EXPLORER_DISABLED",
        "constant API_PRODUCTION_MODE",
        "constant MAIN_SIZE_LISTE_LIMIT",
        "constant SMTP_PW",
        "user shop: created",
    ]
    assert report["pending"] == f"{host.state}/norte/site.json is missing."
    text = json.dumps(report)
    assert "hush-hush" not in text
    assert "k" * 40 not in text
    assert "p" * 32 not in text


def test_without_check_mode_a_bare_host_is_a_failure(host: Host) -> None:
    with pytest.raises(BridgeError, match=r"site\.json is missing"):
        bridge_settings.apply(SITE, False, host.bridge)


def test_check_mode_does_not_hide_a_fault_of_a_site_that_is_there(norte: Host) -> None:
    norte.answers = [failure("unknown_right")]
    with pytest.raises(BridgeError, match="It was seen"):
        bridge_settings.apply(SITE, True, norte.bridge)
    assert "--check" in norte.asked[0][0]


def test_check_mode_does_not_stop_at_a_database_server_that_is_to_come_back(norte: Host) -> None:
    norte.answers = [failure("database")]
    report = bridge_settings.apply(SITE, True, norte.bridge)
    assert (report["changed"], report["changes"], report["pending"]) == (False, [], "It was seen.")
    norte.answers = [failure("database")]
    with pytest.raises(BridgeError, match="It was seen"):
        bridge_settings.apply(SITE, False, norte.bridge)


def test_folders_that_were_made_again_are_named() -> None:
    answer = {"command": "module enable", "changed": True, "switched_on": [], "switched_off": [], "enabled": ["api"]}
    answer |= {"folders": ["api/temp"], "diff": {"before": {"folders": []}, "after": {"folders": ["api/temp"]}}}
    told = bridge_settings.report([answer])
    assert (told["changed"], told["changes"]) == (True, ["folder api/temp in the documents"])
    assert told["diff"]["after"] == {"modules": {"folders": ["api/temp"]}}
