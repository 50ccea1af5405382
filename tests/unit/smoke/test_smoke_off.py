# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a site has switched off is asserted to be off."""

from __future__ import annotations

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke.runs import Result, check_site

from .fake_site import API, KEY, FakeSite, Reply, Request, as_html, as_json, error
from .test_smoke import site_of


def _result(fake: FakeSite, check: str, **promises: bool | str | None) -> Result:
    results = check_site(site_of(fake, **promises), settle=0.0)
    return next(result for result in results if result.check == check)


OFF = as_html(200, "Module <b>Api</b> must be enabled.")
HIDDEN = as_html(403, "<h1>403 Forbidden</h1>")


@pytest.mark.parametrize("answer", [OFF, HIDDEN, as_html(404, "404")])
def test_api_is_off(fake: FakeSite, answer: Reply) -> None:
    fake.answers[API] = answer
    results = check_site(site_of(fake, api_enabled=False))
    assert [(result.check, result.ok) for result in results] == [("web", True), ("not-found", True), ("api-off", True)]
    assert results[-1].seen == f"off, {answer.status}"


@pytest.mark.parametrize("answer", [None, error(401, "Unauthorized"), error(404, "Not Found"), as_html(200, "hello")])
def test_api_is_not_off(fake: FakeSite, answer: Reply | None) -> None:
    if answer:
        fake.answers[API] = answer
    result = _result(fake, "api-off", api_enabled=False)
    assert not result.ok
    assert "switch the API module off" in result.mend


@pytest.mark.parametrize(
    "answer",
    [
        error(403, "Error, the login API has been disabled"),
        error(403, "Error, the login API has been disabled for security purpose (Option API_ENABLE_LOGIN_API is off)."),
        HIDDEN,
    ],
)
def test_login_is_off(fake: FakeSite, answer: Reply) -> None:
    fake.answers[f"{API}/login"] = answer
    assert _result(fake, "login-off", login_enabled=False).seen == "off, 403"


@pytest.mark.parametrize("answer", [None, error(403, "Forbidden: Access denied"), as_html(200, "login")])
@pytest.mark.parametrize(
    ("version", "setting"),
    [
        ("22.0.4", "API_DISABLE_LOGIN_API=1"),
        ("24.0.0-beta", "API_ENABLE_LOGIN_API=0"),
        (None, "API_DISABLE_LOGIN_API=1, from version 24 on API_ENABLE_LOGIN_API=0"),
        ("hotfix", "API_DISABLE_LOGIN_API=1, from version 24 on API_ENABLE_LOGIN_API=0"),
    ],
)
def test_login_is_not_off(fake: FakeSite, answer: Reply | None, version: str | None, setting: str) -> None:
    if answer:
        fake.answers[f"{API}/login"] = answer
    result = _result(fake, "login-off", login_enabled=False, expected_version=version)
    assert not result.ok
    assert result.mend == f"set {setting}, or say that the endpoint is wanted (api.login: true)"


def test_explorer_is_off(fake: FakeSite) -> None:
    for path in ("explorer/", "explorer/swagger.json"):
        fake.answers[f"{API}/{path}"] = as_html(200, "The API explorer has been disabled")
    results = check_site(site_of(fake, explorer=False))
    assert [result.check for result in results][-2:] == ["explorer-off", "entities"]
    assert all(result.ok for result in results)


@pytest.mark.parametrize("left_on", ["explorer/", "explorer/swagger.json"])
def test_explorer_is_not_off(fake: FakeSite, left_on: str) -> None:
    for path in {"explorer/", "explorer/swagger.json"} - {left_on}:
        fake.answers[f"{API}/{path}"] = HIDDEN
    result = _result(fake, "explorer-off", explorer=False)
    assert not result.ok
    assert "API_EXPLORER_DISABLED" in result.mend


WAYS = {
    "with the header DOLAPIENTITY": lambda request: "dolapientity" in request.headers,
    "with switchentity in the query": lambda request: "loginfunction=smoke&switchentity=" in request.path,
    "with entity in the query": lambda request: "loginfunction=smoke&entity=" in request.path,
}
SHUT = {"login_enabled": False, "explorer": False, "production": True}


def _shut(fake: FakeSite, leak: str = "", way: str = "") -> None:
    """Have everything be off, but for what leaks in one way."""
    closed = {
        "status": as_json(401, {"error": {"code": 401, "message": "Unauthorized"}}),
        "login": error(403, "Error, the login API has been disabled"),
        "explorer/": HIDDEN,
        "explorer/swagger.json": HIDDEN,
    }
    for name, answer in closed.items():

        def reply(request: Request, answer: Reply = answer, leaks: bool = name == leak) -> Reply:
            open_ = request.key == KEY or (leaks and way and WAYS[way](request))
            return fake.healthy(request, request.path.partition("?")[0]) if open_ else answer

        fake.answers[f"{API}/{name}"] = reply


def test_switches_hold_for_every_entity(fake: FakeSite) -> None:
    _shut(fake)
    result = _result(fake, "entities", **SHUT)
    assert result.ok
    assert result.seen == "production mode, explorer off, login off, whichever entity is asked for"


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("leak", ["status", "login", "explorer/swagger.json"])
def test_a_switch_that_an_entity_gets_round(fake: FakeSite, leak: str, way: str) -> None:
    _shut(fake, leak, way)
    result = _result(fake, "entities", **SHUT)
    assert (result.ok, result.symptom) == (False, "entity-switch")
    assert result.expected.endswith(way)
    assert "run the role rest_api" in result.mend
    assert KEY not in result.failure()


def test_nothing_off_is_nothing_to_get_round(fake: FakeSite) -> None:
    assert "entities" not in [result.check for result in check_site(site_of(fake))]
