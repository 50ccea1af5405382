# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Passwords, keys and secret constants: asked for, never in arguments, never shown without being asked to."""

from __future__ import annotations

import json

from .fake_host import FakeHost, shown

SECRET = "p4ss w0rd'\"\\$"


def test_a_secret_constant_is_asked_for(host: FakeHost) -> None:
    ended = host.terminal("norte", "const", "set", "MY_SECRET", typed=SECRET)
    assert ended.code == 0
    assert "Value of MY_SECRET:" in ended.out
    assert SECRET not in ended.out
    assert host.given() == [{"value": SECRET}]
    assert host.asked() == ["--site norte --stdin constant set MY_SECRET"]


def test_or_read_from_standard_input(host: FakeHost) -> None:
    assert host.piped("norte", "const", "set", "MY_SECRET", typed=f"{SECRET}\n").code == 0
    assert host.given() == [{"value": SECRET}]
    assert SECRET not in host.noted()


def test_a_value_is_in_no_arguments(host: FakeHost) -> None:
    host.piped("norte", "const", "set", "MY_LIMIT", "50")
    assert host.given() == [{"value": "50"}]


def test_a_password_is_asked_for_twice(host: FakeHost) -> None:
    ended = host.terminal("norte", "user", "password", "shop", typed=f"{SECRET}\n{SECRET}\n")
    assert ended.code == 0, ended.out
    assert SECRET not in ended.out
    assert host.given()[-1] == {"password": SECRET, "existing": True}
    kept = json.loads((host.folder / "etc/norte/secrets.json").read_text())
    assert kept["users"]["shop"] == {"key": "k" * 40, "password": SECRET}
    assert (host.folder / "etc/norte/secrets.json").stat().st_mode & 0o777 == 0o600


def test_the_administrators_password(host: FakeHost) -> None:
    answer = json.loads((host.folder / "answers/user_show").read_text())
    answer["user"] |= {"id": 1, "login": "admin", "admin": True}
    host.answer("user show", answer)
    ended = host.piped("norte", "user", "password", "admin", "--generate", "--reveal")
    kept = json.loads((host.folder / "etc/norte/secrets.json").read_text())
    assert ended.data["password"] == kept["admin_password"]
    assert len(kept["admin_password"]) == 23
    assert host.given()[-1] == {"password": kept["admin_password"], "existing": True, "admin": True}
    assert kept["admin_password"] not in host.noted()


def test_a_password_that_nobody_would_know(host: FakeHost) -> None:
    answer = json.loads((host.folder / "answers/user_show").read_text())
    answer["user"] |= {"id": 9, "login": "ana"}
    host.answer("user show", answer)
    ended = host.piped("norte", "user", "password", "ana", "--generate")
    assert ended.code == 2
    assert "--reveal" in ended.err
    assert host.asked() == ["--site norte user show ana"]
    shown_to = host.terminal("norte", "user", "password", "ana", "--generate", "--reveal")
    assert "password: " in shown_to.out


def test_a_password_is_not_set_in_check_mode(host: FakeHost) -> None:
    ended = host.piped("norte", "user", "password", "shop", "--generate", "--check")
    assert ended.code == 3
    assert host.asked()[-1] == "--site norte --check --stdin user ensure shop"
    assert json.loads((host.folder / "etc/norte/secrets.json").read_text())["users"]["shop"]["password"] == "of-shop"


def test_whose_a_key_is(host: FakeHost) -> None:
    key = "f" * 40
    ended = host.terminal("norte", "key", "who", typed=key)
    assert "it is shop's" in ended.out
    assert key not in ended.out
    assert host.given() == [{"key": key}]
    assert host.piped("norte", "key", "who", typed=f"{key}\n").data["login"] == "shop"


def test_a_key_is_shown_when_asked_for(host: FakeHost) -> None:
    assert "s3cr3t" not in host.terminal("norte", "key", "show", "shop").out
    assert "s3cr3t" in host.terminal("norte", "key", "show", "shop", "--reveal").out
    assert host.asked()[-1] == "--site norte key show shop --reveal"


def test_a_webhooks_secret_on_a_terminal(host: FakeHost) -> None:
    ended = host.terminal("norte", "webhook", "secret", "erp")
    assert ended.code == 2
    assert "say --reveal" in ended.out
    # Scripts have it as they had.
    assert host.piped("norte", "webhook", "secret", "erp").out == "webhooks:<norte><secret><erp>\n"


def test_places_of_secrets_and_no_secrets(host: FakeHost) -> None:
    for words in (["urls"], ["open"]):
        ended = host.terminal("norte", *words)
        seen = shown(ended.out)
        assert ended.code == 0
        assert "https://norte.example.org/api/index.php/explorer/" in seen
        assert "secrets.json (admin_password)" in seen
        assert not [secret for secret in ("of-admin", "of-shop", "k" * 40) if secret in seen]
    assert host.piped("norte", "urls").data["pages"] == "https://norte.example.org/"
    assert host.piped("norte", "open").out == "life:<norte><open>\n"
