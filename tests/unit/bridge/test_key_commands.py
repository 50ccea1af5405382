# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What people do with keys on the host is what the playbook does, and it is kept on record."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import (
    key_adoption,
    key_commands,
    key_proof,
    key_rotation,
    secret_store,
)
from ansible_collections.miclinik.hosting.plugins.module_utils.services.service import Service

from .conftest import Host

THERE = {"ok": True, "changed": False, "user": {"login": "shop"}}
SET = {"ok": True, "changed": True, "stored": "encrypted"}
MADE = "made-by-hand-0123456789"


def shown(key: str) -> dict[str, Any]:
    return {"ok": True, "changed": False, "key": key}


class Api(key_proof.Api):
    """Takes note of what is proven."""


@pytest.fixture
def proven(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return what was proven."""
    seen: list[str] = []
    monkeypatch.setattr(Api, "require", lambda _, which, key, *, good: seen.append(f"{which} {key[:4]} {good}"))
    monkeypatch.setattr(key_rotation.WebServer, "reload", lambda _: [])
    monkeypatch.setattr(key_rotation.WebServer, "leave", lambda *_: None)
    return seen


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return what the journal has."""
    seen: list[str] = []
    monkeypatch.setattr("syslog.syslog", lambda _, text: seen.append(text))
    monkeypatch.setenv("SUDO_USER", "ana")
    return seen


@pytest.fixture
def run(norte: Host, proven: list[str], told: list[str]) -> Callable[..., int]:
    """Return what runs the program on a host with Nginx, the users shop and lab, and the key of lab declared."""
    assert not proven
    assert not told
    folder = norte.state / "norte"
    secret_store.write(folder / "secrets.json", {"users": {"shop": {"key": "OLD"}, "lab": {"key": "DECLARED"}}})
    for name in ("keys.nginx", "former.nginx"):
        (folder / name).write_text("# one\n# two\n")
    (folder / "web.json").write_text("{}")
    web = key_rotation.WebServer("nginx", Service("nginx"), Api("norte.example.org", 80))

    def look(site: str, states: Path) -> key_commands.Known:
        assert (site, states) == ("norte", norte.state)
        return key_commands.Known(norte.bridge("norte"), web, ["shop", "lab"], ["lab"])

    return lambda *words: key_commands.main(list(words), norte.state, look)


def record(norte: Host) -> dict[str, Any]:
    users: dict[str, Any] = secret_store.load(norte.state / "norte" / "secrets.json")["users"]
    return users


def test_a_rotation_is_that_of_the_playbook(
    norte: Host, run: Callable[..., int], proven: list[str], told: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    norte.answers = [THERE, SET]
    assert run("norte", "rotate", "--user", "shop", "--grace", "0") == 0
    key = record(norte)["shop"]["key"]
    assert norte.asked[-1][1] == {"key": key}
    assert f'"{key}" unix:' in (norte.state / "norte/keys.nginx").read_text()
    assert proven == [f"new {key[:4]} True", "old OLD False"]
    said = "shop: a new key is in secrets.json, the old one is dead"
    assert capsys.readouterr().out == f"{said}\n"
    assert told == [f"norte: key rotate shop: {said} (by ana)"]


def test_without_a_name_all_whose_keys_are_the_hosts(norte: Host, run: Callable[..., int]) -> None:
    norte.answers = [THERE, SET]
    assert run("norte", "rotate", "--grace", "0") == 0
    assert record(norte)["lab"] == {"key": "DECLARED"}


@pytest.mark.parametrize("words", [("rotate", "lab"), ("adopt", "lab"), ("revoke", "lab")])
def test_a_key_of_the_inventory_is_changed_there(
    norte: Host, run: Callable[..., int], words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("norte", *words) == 1
    assert "the key of 'lab' is in the inventory (api.users, key)" in capsys.readouterr().err
    assert norte.asked == []


def test_a_key_that_people_made_is_adopted(
    norte: Host, run: Callable[..., int], proven: list[str], told: list[str]
) -> None:
    norte.answers = [THERE, shown(MADE)]
    assert run("norte", "adopt", "clerk") == 0
    assert record(norte)["clerk"] == {"key": MADE}
    assert f'"{MADE}" unix:' in (norte.state / "norte/keys.nginx").read_text()
    assert proven == ["application's made True", "adopted made True"]
    norte.answers = [THERE, shown(MADE)]
    assert run("norte", "adopt", "clerk") == 0
    assert [line.partition(" (by")[0] for line in told] == [
        "norte: key adopt clerk: clerk: the key is on record",
        "norte: key adopt clerk: clerk: the key was on record already",
    ]
    assert MADE not in "".join(told)


@pytest.mark.parametrize(("key", "said"), [("", "has no key in the application"), ("a b$", "letters that the web")])
def test_what_cannot_be_adopted(
    norte: Host, run: Callable[..., int], key: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    norte.answers = [THERE, shown(key)]
    assert run("norte", "adopt", "clerk") == 1
    assert said in capsys.readouterr().err
    assert "clerk" not in record(norte)


def test_a_key_that_was_adopted_is_revoked(norte: Host, run: Callable[..., int], proven: list[str]) -> None:
    file = norte.state / "norte" / "secrets.json"
    secret_store.write(file, {"users": {"clerk": {"key": MADE, "former": [{"key": "OLD", "until": 9e9}]}}})
    norte.answers = [THERE, shown(MADE), {"ok": True, "changed": True}]
    assert run("norte", "revoke", "clerk") == 0
    assert norte.asked[-1][0][-3:-1] == ["key", "remove"]
    assert record(norte) == {"clerk": {}}
    assert MADE not in (norte.state / "norte/keys.nginx").read_text()
    assert proven == ["revoked made False"]


def test_a_user_of_the_inventory_gets_another_key_in_place_of_the_one_revoked(
    norte: Host, run: Callable[..., int], proven: list[str]
) -> None:
    norte.answers = [THERE, THERE, SET]
    assert run("norte", "revoke", "shop") == 0
    assert proven[-1] == "old OLD False"
    assert record(norte)["shop"]["key"] not in ("", "OLD")


def test_old_keys_end_by_themselves(
    norte: Host, run: Callable[..., int], proven: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    user = {"key": "NEW1", "former": [{"key": "OLD1", "until": 1}]}
    secret_store.write(norte.state / "norte" / "secrets.json", {"users": {"shop": user}})
    assert run("all", "expire") == 0
    assert record(norte) == {"shop": {"key": "NEW1"}}
    assert proven == ["old OLD1 False"]
    assert capsys.readouterr().out == "<6>norte: old keys have ended: shop\n"
    assert run("all", "expire") == 0
    assert capsys.readouterr().out == ""


def test_a_host_without_the_roles_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert key_commands.main(["norte", "adopt", "shop"], tmp_path) == 1
    assert "web.json is not there: run playbooks/site.yml" in capsys.readouterr().err


def test_faults_are_of_one_kind() -> None:
    assert issubclass(key_adoption.AdoptionError, key_commands._FAULTS)


def _foreseen(run: Callable[..., int], *words: str) -> int:
    return run("norte", *words, "--check")


@pytest.mark.parametrize(
    ("words", "answers", "said"),
    [
        (("rotate", "shop"), [THERE], "shop: would get a new key, and the old one would be good for 3600 s more"),
        (("rotate", "--grace", "0"), [THERE], "shop: would get a new key, and the old one would be dead at once"),
        (("adopt", "clerk"), [THERE, shown(MADE)], "clerk: the key would be on record"),
        (("revoke", "shop"), [THERE, THERE], "shop: would get a new key, and the old one would be dead at once"),
        (("revoke", "clerk"), [THERE, shown(MADE)], "clerk: would have no key any more"),
    ],
)
def test_what_would_be_done_is_told(
    norte: Host,
    run: Callable[..., int],
    told: list[str],
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
    answers: list[Any],
    said: str,
) -> None:
    before = record(norte)
    norte.answers = [*answers]
    assert _foreseen(run, *words) == 3
    assert capsys.readouterr().out == f"{said}\n"
    assert (record(norte), told, norte.answers) == (before, [], [])
    assert not [asked for asked, _ in norte.asked if {"set", "remove"} & {*asked}]


def test_nothing_would_change(norte: Host, run: Callable[..., int]) -> None:
    norte.answers = [THERE, shown("OLD")]
    assert _foreseen(run, "adopt", "shop") == 0
    norte.answers = [THERE, shown("")]
    assert _foreseen(run, "revoke", "clerk") == 0


@pytest.mark.parametrize("check", [(), ("--check",)])
@pytest.mark.parametrize("verb", ["rotate", "adopt", "revoke"])
def test_nobody_of_that_name(
    norte: Host,
    run: Callable[..., int],
    verb: str,
    check: tuple[str, ...],
    capsys: pytest.CaptureFixture[str],
    told: list[str],
) -> None:
    before = record(norte)
    norte.answers = [{"ok": True, "changed": False, "user": None}]
    assert run("norte", verb, "nobody", *check) == 1
    assert "There is no user 'nobody'. Make it first." in capsys.readouterr().err
    assert record(norte) == before
    assert bool(told) == (not check)


@pytest.mark.parametrize("check", [(), ("--check",)])
@pytest.mark.parametrize("verb", ["rotate", "adopt"])
@pytest.mark.parametrize(
    ("user", "said"),
    [
        (
            {"enabled": False},
            "is disabled, and may not use the API. Let it in first: miclinikctl norte user enable",
        ),
        ({"enabled": True, "outside": "until 2026-01-01"}, "is let in until 2026-01-01 alone, and may not use the API"),
    ],
)
def test_a_user_who_may_not_log_in_gets_no_key(
    norte: Host,
    run: Callable[..., int],
    verb: str,
    check: tuple[str, ...],
    user: dict[str, Any],
    said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = record(norte)
    norte.answers = [{"ok": True, "changed": False, "user": user}]
    assert run("norte", verb, "shop", *check) == 1
    assert said in capsys.readouterr().err
    assert (record(norte), len(norte.asked)) == (before, 1)


def test_all_others_get_new_keys(norte: Host, run: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    norte.answers = [{"ok": True, "changed": False, "user": {"enabled": False}}]
    assert run("norte", "rotate") == 0
    assert capsys.readouterr().out == "shop: is disabled, and needs no new key\n"
    assert record(norte)["shop"] == {"key": "OLD"}


def test_a_disabled_users_key_is_revoked_for_good(norte: Host, run: Callable[..., int], proven: list[str]) -> None:
    """Versions 15 and 16 go on taking it, so that another one would be no better."""
    gone = {"ok": True, "changed": False, "user": {"enabled": False}}
    norte.answers = [gone, gone, shown("OLD"), SET]
    assert run("norte", "revoke", "shop") == 0
    assert "key" not in record(norte)["shop"]
    assert proven == ["revoked OLD False"]
