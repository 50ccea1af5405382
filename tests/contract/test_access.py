# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Login, keys and how they travel, status."""

from __future__ import annotations

import re
import secrets
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke.rest import Answer

from .session import Access, Api, assert_error
from .versions import Features


def _assert_login(answer: Answer, access: Access) -> None:
    assert answer.status == 200, answer.describe()
    content: Any = answer.json()
    assert set(content) == {"success"}
    assert set(content["success"]) == {"code", "token", "entity", "message"}
    assert content["success"]["code"] == 200
    # Compared out of sight of pytest, which would print both.
    same = content["success"]["token"] == access.key
    assert same, "the login gives another key than the one the suite was given"


def test_login_by_post_with_json(api: Api, access: Access) -> None:
    body = {"login": access.login, "password": access.password}
    _assert_login(api.post("/login", body=body, key=None), access)


def test_login_by_post_with_a_form(api: Api, access: Access) -> None:
    form = {"login": access.login, "password": access.password}
    _assert_login(api.post("/login", data=form, key=None), access)


def test_login_by_get(api: Api, access: Access) -> None:
    query = {"login": access.login, "password": access.password}
    _assert_login(api.get("/login", params=query, key=None), access)


def test_login_with_a_wrong_password(api: Api, access: Access, error_members: set[str]) -> None:
    answer = api.post("/login", body={"login": access.login, "password": secrets.token_hex(8)}, key=None)
    assert_error(answer, 403, "Access denied", error_members)


@pytest.mark.parametrize(("given", "missing"), [("login", "password"), ("password", "login")])
def test_login_without_a_parameter(api: Api, error_members: set[str], given: str, missing: str) -> None:
    answer = api.post("/login", body={given: "nobody"}, key=None)
    assert_error(answer, 400, f"`{missing}` is required", error_members)


def test_status(api: Api, features: Features) -> None:
    answer = api.get("/status")
    assert answer.status == 200
    content: Any = answer.json()
    assert set(content) == {"success"}
    success = content["success"]
    always = {"code", "dolibarr_version", "access_locked"}
    talkative = always | {"environment", "timestamp_now_utc", "timestamp_php_tz", "date_tz"}
    assert set(success) == always or (features["status_environment"] and set(success) == talkative)
    assert success["code"] == 200
    assert re.fullmatch(r"\d+\.\d+\.\d+\S*", success["dolibarr_version"])


@pytest.mark.parametrize(
    "way",
    [
        {"headers": {"DOLAPIENTITY": "987654"}},
        {"params": {"loginfunction": "x", "switchentity": "987654"}},
        {"params": {"loginfunction": "x", "entity": "987654"}},
    ],
    ids=["header", "switchentity", "entity"],
)
def test_errors_tell_no_more_to_who_names_another_entity(
    api: Api, error_members: set[str], way: dict[str, dict[str, str]]
) -> None:
    answer = api.get("/status", key=None, headers=way.get("headers", {}), params=way.get("params", {}))
    assert_error(answer, 401, "Unauthorized", error_members)


def test_without_a_key(api: Api, error_members: set[str]) -> None:
    assert_error(api.get("/status", key=None), 401, "Unauthorized", error_members)


def test_with_a_wrong_key(api: Api, features: Features, error_members: set[str]) -> None:
    answer = api.get("/status", key=secrets.token_hex(16))
    assert_error(answer, 401, "Unauthorized", error_members)
    least = features["wrong_key_seconds"]
    assert isinstance(least, float)
    assert answer.ms >= least * 1000


def test_with_the_key_in_other_case(api: Api, access: Access, error_members: set[str]) -> None:
    assert_error(api.get("/status", key=access.key.swapcase()), 401, "Unauthorized", error_members)


def test_with_the_beginning_of_a_stored_key(api: Api, features: Features) -> None:
    answer = api.get("/status", key="dolcrypt:AES-256-CTR:0:0")
    assert answer.status == features["stored_key_status"], answer.describe()


@pytest.mark.parametrize("header", ["DOLAPIKEY", "dolapikey", "DolApiKey"])
def test_key_in_the_header(api: Api, access: Access, header: str) -> None:
    answer = api.get("/status", key=None, headers={header: access.key})
    assert answer.status == 200, answer.describe()


@pytest.mark.parametrize("parameter", ["DOLAPIKEY", "api_key"])
def test_key_in_the_query(api: Api, access: Access, parameter: str) -> None:
    answer = api.get("/status", key=None, params={parameter: access.key})
    assert answer.status == 200, answer.describe()


def test_key_as_bearer(api: Api, access: Access, features: Features) -> None:
    answer = api.get("/status", key=None, headers={"Authorization": f"Bearer {access.key}"})
    assert answer.status == (200 if features["bearer"] else 401), answer.describe()


def test_users_info_needs_a_right(api: Api, features: Features, error_members: set[str]) -> None:
    status = features["forbidden_status"]
    assert isinstance(status, int)
    assert_error(api.get("/users/info"), status, "", error_members)


@pytest.mark.parametrize("path", ["/setup/modules", "/setup/company"])
def test_setup_is_for_administrators(api: Api, error_members: set[str], path: str) -> None:
    assert_error(api.get(path), 403, "open to admin users only", error_members)
