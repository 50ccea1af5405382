# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A new key is in the secrets before it is in the application."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import key_proof, key_rotation, secret_store
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge.client import BridgeError
from ansible_collections.miclinik.hosting.plugins.module_utils.services.service import Service

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


SET = {"ok": True, "changed": True, "stored": "encrypted"}


class Api(key_proof.Api):
    """Answers 200 to the keys that are good."""

    good: frozenset[str] = frozenset()

    def answers(self, key: str) -> int:
        """Return the status."""
        return 200 if key in self.good else 401


@pytest.fixture
def steps(norte: Host, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return what happens, in its order, on a host whose Nginx has the files of keys."""
    seen: list[str] = []
    folder = norte.state / "norte"
    secret_store.write(folder / "secrets.json", {"users": {"shop": {"key": "OLD"}}})
    for name in ("keys.nginx", "former.nginx"):
        (folder / name).write_text("# one\n# two\n")

    class Held:
        def __init__(self, path: Path, target: Path) -> None:
            seen.append(f"held {path.name} for {target.name}")

        def __enter__(self) -> Held:
            return self

        def __exit__(self, *_: object) -> None:
            seen.append("gone")

        def open(self) -> None:
            seen.append("open")

        def drain(self, patience: float) -> None:
            seen.append(f"drain {patience:g}")

    def reload(_: Any) -> list[str]:  # noqa: ANN401
        lines = (folder / "keys.nginx").read_text().splitlines()[2:]
        former = (folder / "former.nginx").read_text().splitlines()[2:]
        asked = norte.asked[-1][0][-3:-1] if norte.asked else []
        seen.append(f"reload {[line.rpartition('/')[2] for line in lines]} {len(former)} after {' '.join(asked)}")
        return []

    monkeypatch.setattr(key_rotation, "HeldCalls", Held)
    monkeypatch.setattr(key_rotation.WebServer, "reload", reload)
    monkeypatch.setattr(key_rotation.WebServer, "leave", lambda *_: seen.append("left"))
    monkeypatch.setattr(Api, "require", lambda _, which, key, *, good: seen.append(f"{which} {good}"))
    return seen


WEB = key_rotation.WebServer("nginx", Service("nginx"), Api("norte.example.org", 80))


def test_calls_with_the_old_key_wait_while_the_application_gets_the_new_one(norte: Host, steps: list[str]) -> None:
    norte.answers = [THERE, SET]
    assert key_rotation.rotate(norte.bridge("norte"), "shop", False, grace=60, web=WEB, now=lambda: 5e9) == SET
    assert steps == [
        "held held.sock for api.sock",
        "reload ['api.sock;', 'held.sock;'] 1 after user show",
        "left",
        "open",
        "reload ['api.sock;', 'api.sock;'] 1 after key set",
        "left",
        "drain 30",
        "gone",
        "new True",
        "old True",
    ]
    user = secret_store.load(norte.state / "norte" / "secrets.json")["users"]["shop"]
    assert user["former"] == [{"key": "OLD", "until": 5_000_000_060}]
    assert (norte.state / "norte" / "former.nginx").read_text() == f'# one\n# two\n"norte OLD" "{user["key"]}";\n'
    assert (norte.state / "norte" / "former.nginx").stat().st_mode & 0o777 == 0o600


def test_without_grace_all_old_keys_are_dead_at_once(norte: Host, steps: list[str]) -> None:
    file = norte.state / "norte" / "secrets.json"
    secret_store.write(file, {"users": {"shop": {"key": "OLD", "former": [{"key": "OLDER", "until": 9e9}]}}})
    norte.answers = [THERE, SET]
    key_rotation.rotate(norte.bridge("norte"), "shop", False, web=WEB)
    assert steps == ["reload ['api.sock;'] 0 after key set", "left", "new True", "old False"]
    assert "former" not in secret_store.load(file)["users"]["shop"]


def test_an_application_that_refuses_keeps_the_old_key(norte: Host, steps: list[str]) -> None:
    norte.answers = [THERE, failure("key")]
    with pytest.raises(BridgeError, match="It was seen"):
        key_rotation.rotate(norte.bridge("norte"), "shop", False, grace=60, web=WEB)
    assert steps[-2:] == ["reload ['api.sock;'] 0 after key set", "gone"]
    user = secret_store.load(norte.state / "norte" / "secrets.json")["users"]["shop"]
    assert (user["key"], user["former"]) == ("OLD", [])


def test_the_end_is_kept_on_record_and_proven(norte: Host, steps: list[str]) -> None:
    file = norte.state / "norte" / "secrets.json"
    secret_store.write(file, {"users": {"shop": {"key": "NEW", "former": [{"key": "OLD", "until": 1}]}}})
    assert key_rotation.end(norte.bridge("norte"), True, WEB) == {"changed": True, "ended": ["shop"]}
    assert steps == []
    assert key_rotation.end(norte.bridge("norte"), False, WEB) == {"changed": True, "ended": ["shop"]}
    assert steps == ["reload ['api.sock;'] 0 after ", "left", "old False"]
    assert secret_store.load(file) == {"users": {"shop": {"key": "NEW"}}}
    assert key_rotation.end(norte.bridge("norte"), False, WEB) == {"changed": False, "ended": []}


def test_a_key_dies_with_its_day(norte: Host, steps: list[str]) -> None:
    file = norte.state / "norte" / "secrets.json"
    dead = {"expires": "2001-01-31", "key": "DEAD", "former": [{"key": "OLD", "until": 9e9}]}
    secret_store.write(file, {"users": {"shop": dead, "lab": {"key": "LAB", "expires": "9999-01-01"}}})
    assert key_rotation.end(norte.bridge("norte"), True, WEB) == {"changed": True, "ended": ["shop"]}
    assert norte.asked == []
    norte.answers = [SET]
    assert key_rotation.end(norte.bridge("norte"), False, WEB) == {"changed": True, "ended": ["shop"]}
    assert norte.asked[0][0][-3:] == ["key", "remove", "shop"]
    assert steps == ["reload ['api.sock;'] 0 after key remove", "left", "old False"]
    users = secret_store.load(file)["users"]
    assert users == {"shop": {"expires": "2001-01-31"}, "lab": {"key": "LAB", "expires": "9999-01-01"}}
    # The login endpoint makes a key for whoever has none, so it is taken away again and again.
    norte.answers = [failure("no_such_user")]
    assert key_rotation.end(norte.bridge("norte"), False, WEB) == {"changed": False, "ended": []}
    assert len(norte.asked) == 2


def test_a_dead_key_is_not_rotated(norte: Host, steps: list[str]) -> None:
    file = norte.state / "norte" / "secrets.json"
    secret_store.write(file, {"users": {"shop": {"expires": "2001-01-31"}}})
    norte.answers = [THERE]
    with pytest.raises(BridgeError, match=r"has died with 2001-01-31.*Give it a later day and run site\.yml"):
        key_rotation.rotate(norte.bridge("norte"), "shop", False, web=WEB)
    assert steps == []


@pytest.mark.parametrize(
    ("key", "good", "complaint"), [("A", True, ""), ("B", False, ""), ("B", True, "taken"), ("A", False, "refused")]
)
def test_a_key_is_proven(key: str, good: bool, complaint: str) -> None:
    api = Api("norte.example.org", 80)
    object.__setattr__(api, "good", frozenset("A"))
    if not complaint:
        api.require("new", key, good=good)
        return
    with pytest.raises(
        key_proof.ProofError, match=f"the new key should be {complaint}, and a call of /status with it got:"
    ):
        api.require("new", key, good=good)
