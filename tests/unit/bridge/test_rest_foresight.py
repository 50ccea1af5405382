# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Check mode of a site whose next release brings what the present one does not know."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import settings as bridge_settings
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge.client import BridgeError

from .conftest import Host, failure

LISTED = {"command": "module list", "changed": False, "enabled": ["api", "societe"], "available": ["api", "societe"]}
USER = {"login": "shop", "rights": ["societe.lire", "citas.leer"], "exact": True, "key": "k" * 40}
SITE: dict[str, Any] = {"name": "norte", "modules": ["api", "citas"], "constants": {"A": 1}, "users": [USER]}


def _batch(*answers: dict[str, Any]) -> dict[str, Any]:
    return {"ok": True, "answers": list(answers)}


def _same(command: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    return {"command": command, "changed": False, "diff": {"before": {}, "after": {}}} | more


def _unknown(code: str, failed: int) -> dict[str, Any]:
    return failure(code, failed=failed, failed_command="user ensure", answers=[])


SHOWN = _batch({"command": "user show", "changed": False, "login": "shop", "user": {"rights": ["societe.lire"]}})


@pytest.mark.parametrize("code", ["unknown_right", "module_off"])
def test_what_only_the_next_release_knows(norte: Host, code: str) -> None:
    told = _batch(_same("module enable", switched_on=[]), _same("constant set"), _same("user ensure", login="shop"))
    norte.answers = [_batch(LISTED), _unknown(code, 2), told, SHOWN]
    assert bridge_settings.apply(SITE, True, norte.bridge, changing=True) == {
        "changed": True,
        "changes": ["module citas on", "user shop: rights"],
        "modules": [],
        "route_cache_dropped": False,
        "route_cache": False,
        "diff": {
            "before": {"modules": {"modules": ["api", "societe"]}, "user shop": {"rights": ["societe.lire"]}},
            "after": {
                "modules": {"modules": ["api", "citas", "societe"]},
                "user shop": {"rights": ["citas.leer", "societe.lire"]},
            },
        },
    }
    asked = [[order["command"] + " " + ",".join(order["args"]) for order in given] for _, given in norte.asked]
    assert asked == [
        ["module list "],
        ["module enable names", "constant set name,value", "user ensure login,enabled,rights,exact,key"],
        ["module enable names", "constant set name,value", "user ensure login,enabled,key"],
        ["user show login"],
    ]
    assert norte.asked[1][1][0]["args"] == {"names": ["api"]}
    assert all("--check" in words for words, _ in norte.asked)


@pytest.mark.parametrize("code", ["unknown_model", "dictionary_field", "unknown_right"])
def test_settings_of_the_next_release(norte: Host, code: str) -> None:
    key = "default_rights" if code == "unknown_right" else "numbering"
    site = {"name": "norte", "modules": ["api"], "constants": {"A": 1}, key: {"invoice": {"model": "newer"}}}
    told = _batch(_same("module enable", switched_on=[]), _same("constant set"))
    norte.answers = [_batch(LISTED), _unknown(code, 1), told]
    done = bridge_settings.apply(site, True, norte.bridge, changing=True)
    assert done["changes"] == [f"{key.replace('_', ' ')} that the release which is served does not know"]
    assert [order["command"] for order in norte.asked[-1][1]] == ["module enable", "constant set"]


def test_what_the_present_release_knows_is_compared_as_ever(norte: Host) -> None:
    site = SITE | {"modules": ["api", "societe"], "constants": {}, "users": []}
    switched = {"before": {"modules": ["api"]}, "after": {"modules": ["api", "societe"]}}
    answer = {"command": "module enable", "changed": True, "switched_on": ["societe"], "switched_off": []}
    norte.answers = [_batch(LISTED), _batch(answer | {"diff": switched})]
    told = bridge_settings.apply(site, True, norte.bridge, changing=True)
    assert (told["changed"], told["changes"]) == (True, ["module societe on"])
    assert told["diff"] == {
        "before": {"modules": switched["before"]},
        "after": {"modules": switched["after"]},
    }


def test_one_that_is_known_and_one_that_is_not(norte: Host) -> None:
    site = SITE | {"modules": ["api", "citas"], "constants": {}, "users": []}
    listed = LISTED | {"enabled": ["societe"]}
    switched = {"before": {"modules": ["societe"]}, "after": {"modules": ["api", "societe"]}}
    answer = {"command": "module enable", "changed": True, "switched_on": ["api"], "switched_off": [], "diff": switched}
    norte.answers = [_batch(listed), _batch(answer)]
    told = bridge_settings.apply(site, True, norte.bridge, changing=True)
    assert told["changes"] == ["module api on", "module citas on"]
    assert told["diff"]["after"] == {"modules": {"modules": ["api", "citas", "societe"]}}


def test_no_module_that_is_known(norte: Host) -> None:
    norte.answers = [_batch(LISTED), _batch()]
    site = {"name": "norte", "modules": ["citas"]}
    assert bridge_settings.apply(site, True, norte.bridge, changing=True)["changes"] == ["module citas on"]
    assert norte.asked[1][1] == []


def test_a_user_who_is_still_to_be_made(norte: Host) -> None:
    site = {"name": "norte", "users": [USER]}
    made = {"before": {}, "after": {"email": None}}
    answer = {"command": "user ensure", "changed": True, "login": "shop", "changes": ["created"], "diff": made}
    none = {"command": "user show", "changed": False, "login": "shop", "user": None}
    norte.answers = [_batch(LISTED), _unknown("unknown_right", 0), _batch(answer), _batch(none)]
    told = bridge_settings.apply(site, True, norte.bridge, changing=True)
    assert told["changes"] == ["user shop: created", "user shop: rights"]
    assert told["diff"]["after"] == {"user shop": {"email": None, "rights": ["citas.leer", "societe.lire"]}}


@pytest.mark.parametrize("code", ["other_site", "bad_key", "application"])
def test_other_failures_are_none_of_the_releases(norte: Host, code: str) -> None:
    norte.answers = [_batch(LISTED), _unknown(code, 2)]
    with pytest.raises(BridgeError) as caught:
        bridge_settings.apply(SITE, True, norte.bridge, changing=True)
    assert caught.value.code == code


def test_a_right_is_refused_where_the_release_stays(norte: Host) -> None:
    norte.answers = [_unknown("unknown_right", 2)]
    with pytest.raises(BridgeError):
        bridge_settings.apply(SITE, True, norte.bridge)


def test_a_run_that_changes_things_foresees_nothing(norte: Host) -> None:
    norte.answers = [_unknown("unknown_right", 2)]
    with pytest.raises(BridgeError):
        bridge_settings.apply(SITE, False, norte.bridge, changing=True)
    assert len(norte.asked) == 1


def test_a_site_that_is_not_there_is_foreseen_as_a_whole(host: Host) -> None:
    told = bridge_settings.apply(SITE, True, host.bridge, changing=True)
    assert told["changes"] == ["module api on", "module citas on", "constant A", "user shop: created"]
    assert told["pending"].endswith("norte/site.json is missing.")
