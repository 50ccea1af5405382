# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What browsers are told of pages of elsewhere."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke.runs import Result, check_site

from .fake_site import API, FakeSite, Reply, Request
from .test_smoke import site_of

APP = "https://app.example.org"
ORIGIN = "Access-Control-Allow-Origin"


def _result(fake: FakeSite, *origins: str) -> Result | None:
    results = check_site(site_of(fake, cors_origins=origins), settle=0.0)
    return next((result for result in results if result.check == "cors"), None)


def _answer(fake: FakeSite, asked: dict[str, str], answered: dict[str, str], status: int = 204) -> None:
    """Have the site say this to a page of ``APP``; what it asks first has ``asked``."""

    def status_of(request: Request) -> Reply:
        told = asked if request.method == "OPTIONS" else answered
        told = told if request.headers.get("origin") == APP or "*" in told.values() else {}
        if request.method == "OPTIONS":
            return Reply(status, "", headers=told)
        return replace(fake.healthy(request, f"{API}/status"), headers=told)

    fake.answers[f"{API}/status"] = status_of


GOOD = {ORIGIN: APP, "Access-Control-Allow-Headers": "DOLAPIKEY, Content-Type"}


def test_pages_that_were_named(fake: FakeSite) -> None:
    _answer(fake, GOOD, {ORIGIN: APP})
    result = _result(fake, APP)
    assert result is not None
    assert (result.ok, result.seen) == (True, f"may call: {APP}")


def test_nothing_is_asked_where_the_application_decides(fake: FakeSite) -> None:
    assert _result(fake, "*") is None


def test_no_page_at_all(fake: FakeSite) -> None:
    result = _result(fake)
    assert result is not None
    assert (result.ok, result.seen) == (True, "no page may call")
    _answer(fake, {}, {ORIGIN: "*"})
    result = _result(fake)
    assert result is not None
    assert not result.ok


@pytest.mark.parametrize(
    ("asked", "answered", "status", "seen"),
    [
        (GOOD, {ORIGIN: APP}, 405, f"{ORIGIN}: {APP}"),
        (GOOD | {"Access-Control-Allow-Headers": "Content-Type"}, {ORIGIN: APP}, 204, f"{ORIGIN}: {APP}"),
        ({}, {ORIGIN: APP}, 204, f"{ORIGIN}: none"),
        (GOOD, {}, 204, f"{ORIGIN}: none"),
        (GOOD, {ORIGIN: f"{APP}, *"}, 204, f"{ORIGIN}: {APP}, *"),
        (GOOD, {ORIGIN: "*"}, 204, f"{ORIGIN}: *"),
        (GOOD | {ORIGIN: "*"}, {ORIGIN: APP}, 204, f"{ORIGIN}: *"),
    ],
)
def test_what_is_otherwise(
    fake: FakeSite, asked: dict[str, str], answered: dict[str, str], status: int, seen: str
) -> None:
    _answer(fake, asked, answered, status)
    result = _result(fake, APP)
    assert result is not None
    assert not result.ok
    assert seen in result.seen
    assert "OPTIONS" in result.mend
