# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whose key a call is made with, and why one is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.command_line import refusals

from .answers import MODULES, USER, failed
from .fake_host import FakeHost

KEY = "s3cr3t" * 7
GONE = {**USER, "login": "ana", "enabled": False, "key": None}


def _users(host: FakeHost, *users: dict[str, Any]) -> None:
    host.answer("user list", {"ok": True, "users": [*users]})
    record = {"users": {str(user["login"]): {"key": "k" * 40} for user in users}}
    (host.folder / "etc/norte/secrets.json").write_text(json.dumps(record))


def test_the_first_who_may_log_in(host: FakeHost) -> None:
    _users(host, GONE, USER)
    assert refusals.first_of(host.host, "norte", ["ana", "shop"])[0] == "shop"
    # Nobody asks where a user is named; where the site does not answer the API says why.
    host.answer("user list", failed("database", "It is away.", "Start it."))
    assert refusals.first_of(host.host, "norte", ["ana", "shop"]) == ("ana", [])


@pytest.mark.parametrize("way", ["terminal", "piped"])
@pytest.mark.parametrize(
    ("user", "said"),
    [
        (GONE, "ana is disabled: miclinikctl norte user enable ana, then key rotate ana"),
        (GONE | {"enabled": True, "outside": "until 2026-01-01"}, "ana is let in until 2026-01-01 alone"),
        (GONE | {"enabled": True}, "ana has no key in the application: miclinikctl norte key rotate ana"),
    ],
)
def test_nobody_may_log_in(host: FakeHost, way: str, user: dict[str, Any], said: str) -> None:
    _users(host, user)
    ended = getattr(host, way)("norte", "api", "call", "GET", "/status")
    seen = " ".join((ended.out + ended.err).split())
    assert (ended.code, said in seen) == (1, True), seen
    assert "Nobody whose key is on record may use the API of norte" in seen


def test_a_user_whom_somebody_has_taken_away(host: FakeHost) -> None:
    host.answer("user list", {"ok": True, "users": []})
    assert refusals.first_of(host.host, "norte", ["ana"]) == (
        "",
        ["there is no user ana any more: miclinikctl norte user list"],
    )


def _why(host: FakeHost, path: str, status: int, key: str = KEY) -> str:
    return " ".join(refusals.why(host.host, "norte", "shop", key, path, status))


def test_a_key_that_is_refused(host: FakeHost) -> None:
    assert _why(host, "/status", 401, "other") == (
        "the application has another key of shop than the record: miclinikctl norte key adopt shop"
    )
    host.answer("user show", {"ok": True, "user": USER | {"enabled": False}})
    assert _why(host, "/status", 401).startswith("shop is disabled: miclinikctl norte user enable shop")


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        (
            "/stockmovements?limit=1",
            403,
            "/stockmovements is of the module stock, which is off: miclinikctl",
        ),
        ("stockmovements/7", 401, "which is off: miclinikctl norte module enable stock"),
        ("/stockmovements", 501, "which is off: miclinikctl norte module enable stock"),
        ("/Warehouses", 404, "/warehouses is of the module stock, which is off"),
        ("/prodcts", 501, "no module of this version is known to have /prodcts. Did you mean products?"),
        ("/orders", 501, "no module of this version is known to have /orders."),
        ("/products", 403, "the module of /products is on; what shop may do says: miclinikctl norte right list shop"),
        ("/products", 501, "const get API_ENDPOINT_RULES"),
        ("/products/999", 404, ""),
        ("/own/1", 404, ""),
        ("/explorer/x", 404, ""),
        ("/products", 500, ""),
    ],
)
def test_an_endpoint_that_is_not_there(host: FakeHost, path: str, status: int, said: str) -> None:
    told = _why(host, path, status)
    assert (said in told, bool(told)) == (True, bool(said)), told


def test_a_site_that_does_not_answer(host: FakeHost) -> None:
    for name in ("module list", "user show"):
        host.answer(name, failed("database", "It is away.", "Start it."))
    assert _why(host, "/stockmovements", 403) == _why(host, "/status", 401) == ""
    assert "product" in MODULES
