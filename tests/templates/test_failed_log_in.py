# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""php/failed_log_in.php: what it calls a guess that failed, and what not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from . import programs
from .rendering import ROOT

FILE = ROOT / "templates/php/failed_log_in.php"
PAGE = {"SCRIPT_NAME": "/index.php", "REQUEST_URI": "/index.php"}
API = {"SCRIPT_NAME": "/erp/api/index.php", "REQUEST_URI": "/erp/api/index.php/status"}
KEY = API | {"HTTP_DOLAPIKEY": "wrong"}
FORM = {"username": "admin", "password": "wrong"}
SOMEBODY = {"id": 7}
NOBODY = {"id": None}

CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "a wrong password": ("password", {"server": PAGE, "post": FORM, "session": {}}),
    "in a query": ("password", {"server": PAGE, "get": FORM, "session": {}}),
    "the right one": ("", {"server": PAGE, "post": FORM, "session": {"dol_login": "admin"}}),
    "somebody's form with a password": ("", {"server": PAGE, "post": FORM, "session": {"dol_login": "admin"}}),
    "a page": ("", {"server": PAGE, "session": {}}),
    "an empty password": ("", {"server": PAGE, "post": FORM | {"password": ""}, "session": {}}),
    "a list": ("", {"server": PAGE, "post": {"password": ["x"]}, "session": {}}),
    "a public page": ("", {"server": PAGE, "post": FORM, "session": {}, "define": ["NOLOGIN"]}),
    "refused before any password is looked at": ("", {"server": PAGE, "post": FORM}),
    "a wrong key": ("key", {"server": KEY, "status": 401, "user": NOBODY}),
    "a wrong key before there is a user": ("key", {"server": KEY, "status": 401}),
    "a bearer's": ("key", {"server": API | {"HTTP_AUTHORIZATION": "bearer wrong"}, "status": 401}),
    "in the query": ("key", {"server": API, "get": {"api_key": "wrong"}, "status": 401}),
    "in the query as well": ("key", {"server": API, "get": {"DOLAPIKEY": "wrong"}, "status": 401}),
    "no key": ("", {"server": API, "status": 401}),
    "another kind of authorization": ("", {"server": API | {"HTTP_AUTHORIZATION": "Basic eDp5"}, "status": 401}),
    # 15 and 16 say 401 of a right that is missing.
    "a good key without a right": ("", {"server": KEY, "status": 401, "user": SOMEBODY}),
    "a good key": ("", {"server": KEY, "status": 200, "user": SOMEBODY}),
    # Nobody has looked at the key.
    "a key for what is not there": ("", {"server": KEY, "status": 501, "user": NOBODY}),
    "the description with a wrong key": (
        *("key", {"server": KEY | {"REQUEST_URI": "/erp/api/index.php/explorer/swagger.json"}, "status": 200}),
    ),
    "the description without one": (
        *("", {"server": API | {"REQUEST_URI": "/erp/api/index.php/explorer/swagger.json"}, "status": 200}),
    ),
    "a wrong password at the endpoint": (
        *("login", {"server": API, "post": FORM, "status": 403, "session": {"dol_loginmesg": "Bad"}}),
    ),
    "a password that a directory takes, and the application does not": (
        *("", {"server": API, "post": FORM, "status": 200, "session": {"dol_loginmesg": "Bad"}}),
    ),
    "an endpoint that is off": ("", {"server": API, "post": FORM, "status": 403}),
}
#: In the order of a call: the file is run first, then the application, then it is asked.
PROGRAM = """
$case = json_decode($argv[1], true);
$_SERVER = $case['server'] + $_SERVER; $_POST = $case['post'] ?? []; $_GET = $case['get'] ?? [];
$failed = require $argv[2];
$_POST = $_GET = [];
foreach ($case['define'] ?? [] as $name) { define($name, '1'); }
if (isset($case['session'])) { $_SESSION = $case['session']; }
if (isset($case['user'])) { $user = (object) $case['user']; }
http_response_code($case['status'] ?? 200);
echo $failed();
"""


@pytest.mark.parametrize(("word", "case"), CASES.values(), ids=CASES)
def test_what_has_failed(word: str, case: dict[str, Any]) -> None:
    assert programs.accept(["php", "-n", "-r", PROGRAM, "--", json.dumps(case), FILE]) == word


def test_the_one_who_asks_finds_it() -> None:
    """signed_in.php is what PHP is told to run."""
    assert f"/{FILE.name}'" in (FILE.parent / "signed_in.php").read_text(encoding="utf-8")
