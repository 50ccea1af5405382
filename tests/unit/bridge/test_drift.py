# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""With ``enforce: report`` what somebody has changed is told, and what is new in the inventory is done."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import drift
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import settings as bridge_settings
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge.client import BridgeError

from .conftest import Host, failure

ANA = {"login": "ana", "rights": ["produit.lire"], "password": "not-to-be-seen-1"}
SITE = {"name": "norte", "constants": {"MAIN_X": "1"}, "users": [ANA], "enforce": "report"}
SAME = {"changed": False, "diff": {"before": {}, "after": {}}}
CONSTANT = {"command": "constant set", "name": "MAIN_X", **SAME}
USER = {"command": "user ensure", "login": "ana", "changes": [], **SAME}
LOST = USER | {
    "changed": True,
    "changes": ["rights", "email", "enabled"],
    "diff": {
        "before": {"rights": ["societe.lire"], "email": "x@example.org", "enabled": False},
        "after": {"rights": ["produit.lire"], "email": "ana@example.org", "enabled": True},
    },
}


def answers(*given: dict[str, Any]) -> dict[str, Any]:
    return {"ok": True, "answers": list(given)}


def checked(host: Host) -> list[bool]:
    """Return of each call of the bridge whether it was one that changes nothing."""
    return ["--check" in words for words, _ in host.asked]


def applied(host: Host, site: dict[str, Any], *given: dict[str, Any], check: bool = False) -> dict[str, Any]:
    host.asked.clear()
    host.answers = list(given)
    return bridge_settings.apply(site, check, host.bridge)


def test_a_new_site_gets_its_settings(norte: Host) -> None:
    new = answers({"set": False})
    told = applied(norte, SITE, new, answers(CONSTANT | {"changed": True}, USER))
    assert (checked(norte), told["changed"], "would" in told) == ([True, False], True, False)
    record = norte.state / "norte" / drift.FILE
    assert (sorted(json.loads(record.read_text())), record.stat().st_mode & 0o777) == (
        ["constant MAIN_X", "user ana"],
        0o600,
    )
    assert "not-to-be-seen" not in record.read_text()


def test_what_somebody_changed_is_told_and_nothing_is_done(norte: Host) -> None:
    applied(norte, SITE | {"enforce": "repair"}, answers(CONSTANT, USER))
    told = applied(norte, SITE, answers(CONSTANT, LOST))
    assert (checked(norte), told["changed"], told["changes"]) == ([True], False, [])
    assert told["would"] == [
        "user ana: permission produit.lire would be given",
        "user ana: permission societe.lire would be taken away",
        "user ana: e-mail is 'x@example.org', and would be 'ana@example.org'",
        "user ana: would be enabled",
    ]


def test_what_is_new_in_the_inventory_is_done_all_the_same(norte: Host) -> None:
    applied(norte, SITE | {"enforce": "repair"}, answers(CONSTANT, USER))
    other = SITE | {"users": [ANA | {"email": "new@example.org"}]}
    told = applied(norte, other, answers(LOST), answers(CONSTANT))
    assert (checked(norte), told["changed"], told["would"]) == ([False, True], True, [])
    assert [order["command"] for order in norte.asked[0][1]] == ["user ensure"]
    told = applied(norte, other, answers(CONSTANT, USER))
    assert (checked(norte), told["changed"]) == ([True], False)


def test_a_check_run_keeps_no_record(norte: Host) -> None:
    applied(norte, SITE, answers({"set": False}), answers(CONSTANT, USER), check=True)
    assert not (norte.state / "norte" / drift.FILE).exists()


def test_a_site_of_an_earlier_version_is_left_as_it_is(norte: Host) -> None:
    told = applied(norte, SITE, answers({"set": True}), answers(CONSTANT, LOST))
    assert (checked(norte), told["changed"], len(told["would"])) == ([True, True], False, 4)
    assert applied(norte, SITE, answers(CONSTANT, USER))["would"] == []


def test_what_the_bridge_refuses_is_told_too(norte: Host) -> None:
    applied(norte, SITE | {"enforce": "repair"}, answers(CONSTANT, USER))
    refused = failure("key_taken", failed=0, failed_command="constant set", answers=[])
    assert applied(norte, SITE, refused, answers(LOST))["would"][0] == "constant MAIN_X: It was seen. Mend it."
    with pytest.raises(BridgeError):
        applied(norte, SITE, failure("database"))


def test_a_record_that_cannot_be_read_is_none(norte: Host) -> None:
    (norte.state / "norte" / drift.FILE).write_text("[]")
    assert applied(norte, SITE, answers({"set": True}), answers(CONSTANT, USER))["would"] == []


def test_words() -> None:
    def word(command: str, changes: list[str], before: object, after: object, **more: object) -> list[str]:
        return drift.words(
            {"command": command, "changed": True, "changes": changes, "diff": {"before": before, "after": after}} | more
        )

    assert word("group ensure", ["created"], {}, {}, name="Ventas") == ["group Ventas: would be made"]
    assert word("user ensure", ["groups", "admin"], {"groups": ["A"], "admin": True}, {"groups": ["B"]}, login="x") == [
        "user x: would be put into the group B",
        "user x: would be taken out of the group A",
        "user x: administrator is yes, and would be not set",
    ]
    assert word("user ensure", ["login", "key"], {"login": "y"}, {"login": "x"}, login="x") == [
        "user x: login is 'y', and would be 'x'",
        "user x: the API key would be that on record",
    ]
    modules = {"switched_on": ["api"], "switched_off": ["stock"], "folders": ["api"]}
    assert word("module enable", [], {}, {}, **modules) == [
        "module api would be switched on",
        "module stock would be switched off",
        "the folder api of the documents would be made",
    ]
    assert word("constant set", [], {"A": "1"}, {"A": "2"}, name="A") == ["constant A is '1', and would be '2'"]
    assert word("webhook ensure", ["erp: made"], {}, {}) == ["webhook erp: made"]
