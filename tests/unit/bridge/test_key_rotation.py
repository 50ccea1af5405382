# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A new key is in the secrets before it is in the application."""

from __future__ import annotations

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import key_rotation, secret_store
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge.client import BridgeError

from .conftest import Host, failure

THERE = {"ok": True, "changed": False, "user": {"login": "shop"}}


def test_the_key_of_the_file_is_the_key_of_the_application(norte: Host) -> None:
    file = norte.state / "norte" / "secrets.json"
    secret_store.write(file, {"users": {"shop": {"key": "old", "password": "kept"}}, "note": 1})
    norte.answers = [THERE, {"ok": True, "changed": True, "stored": "encrypted"}]
    answer = key_rotation.rotate(norte.bridge("norte"), "shop", False)
    assert answer == {"ok": True, "changed": True, "stored": "encrypted"}
    values = secret_store.load(file)
    assert norte.asked[1][1] == {"key": values["users"]["shop"]["key"]}
    assert len(values["users"]["shop"]["key"]) == 40
    assert values["users"]["shop"]["password"] == "kept"
    assert values["note"] == 1


def test_the_file_has_the_new_key_even_when_the_application_refuses(norte: Host) -> None:
    file = norte.state / "norte" / "secrets.json"
    secret_store.write(file, {"users": {"shop": {"key": "old"}}})
    norte.answers = [THERE, failure("key")]
    with pytest.raises(BridgeError, match="It was seen"):
        key_rotation.rotate(norte.bridge("norte"), "shop", False)
    assert secret_store.load(file)["users"]["shop"]["key"] == norte.asked[1][1]["key"]


def test_check_mode_asks_only(norte: Host) -> None:
    norte.answers = [THERE]
    assert key_rotation.rotate(norte.bridge("norte"), "shop", True) == {"changed": True, "login": "shop"}
    assert not (norte.state / "norte" / "secrets.json").exists()


@pytest.mark.parametrize("check", [False, True])
def test_a_user_who_is_not_there_is_a_failure(norte: Host, check: bool) -> None:
    norte.answers = [{"ok": True, "changed": False, "user": None}]
    with pytest.raises(BridgeError, match=r"There is no user 'shop'\. Make it first\."):
        key_rotation.rotate(norte.bridge("norte"), "shop", check)
    assert not (norte.state / "norte" / "secrets.json").exists()
