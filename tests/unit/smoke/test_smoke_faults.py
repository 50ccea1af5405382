# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The smoke test on broken sites: each setup that was seen to answer 200, or to mislead otherwise, fails by name."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke.runs import Result, check_site

from .fake_site import (
    API,
    EXPLORER_PAGE,
    KEY,
    LOGIN_PAGE,
    PASSWORD,
    PATHS,
    Answerer,
    FakeSite,
    Reply,
    Request,
    as_html,
    as_json,
    error,
)
from .test_smoke import site_of

OTHER_KEY = "key-of-somebody-else"
SUCCESS = {"success": {"code": 200, "dolibarr_version": "22.0.4", "access_locked": "0"}}
API_CHECKS = [*("api", "wrong-key", "login", "status", "bearer", "unknown-endpoint", "reads", "explorer", "operations")]


@dataclass(frozen=True)
class Fault:
    """Answers of a broken site, the checks that have to fail, and what the first mend has to say."""

    answers: dict[str, Reply | Answerer]
    failing: list[str]
    mend: str


def _without_debug(status: int, text: str) -> Reply:
    return Reply(status, "text/html", text.encode())


def _token(token: object) -> Reply:
    return as_json(200, {"success": {"code": 200, "token": token, "entity": "1", "message": "Welcome"}})


def _everybody(request: Request) -> Reply:
    return as_json(200, SUCCESS)


def _version(version: str) -> Answerer:
    content = {"success": {**SUCCESS["success"], "dolibarr_version": version}}
    return lambda request: as_json(200, content) if request.key == KEY else error(401, "Unauthorized")


def _only(paths: list[str]) -> Answerer:
    def answer(request: Request) -> Reply:
        host = request.headers["host"]
        listed = {path: {"get": {"operationId": "x"}} for path in ["/login", *paths]}
        return as_json(200, {"swagger": "2.0", "host": host, "basePath": API, "paths": listed})

    return answer


def _no_paths(request: Request) -> Reply:
    content = {"swagger": "2.0", "host": request.headers["host"], "basePath": API, "paths": {}}
    return as_json(200, content)


def _other_host(request: Request) -> Reply:
    content = {"swagger": "2.0", "host": "old.example.org", "basePath": API, "paths": {"/orders": {"get": {}}}}
    return as_json(200, content)


FAULTS = {
    "module off": Fault(
        {API: as_html(200, "Module <b>Api</b> must be enabled.")}, API_CHECKS, "miclinikctl norte module enable api"
    ),
    "database down, 20 and 22": Fault(
        {"/": as_html(202, "DolibarrHasDetectedError"), API: as_html(202, "DolibarrHasDetectedError")},
        ["web", *API_CHECKS],
        "cannot work with its database",
    ),
    "database down, 16": Fault(
        {"/": as_html(500, "DolibarrHasDetectedError"), API: as_html(500, "DolibarrHasDetectedError")},
        ["web", *API_CHECKS],
        "cannot work with its database",
    ),
    "all falls back to index.php": Fault(
        {API: as_html(200, LOGIN_PAGE)}, API_CHECKS, "answers what it does not find with the login page"
    ),
    "no PATH_INFO": Fault(
        {
            f"{API}/status": error(404, "Not Found"),
            f"{API}/login": error(404, "Not Found"),
            f"{API}/explorer/swagger.json": _no_paths,
        },
        ["api", "wrong-key", "login", "status", "bearer", "operations"],
        "PATH_INFO does not reach the application",
    ),
    "php location without a path": Fault(
        {API: as_html(404, "<h1>404</h1>")}, API_CHECKS, "PHP location does not match"
    ),
    "static files before php": Fault(
        {f"{API}/explorer/swagger.json": as_html(404, "404"), f"{API}/explorer/lib/first.js": as_html(404, "404")},
        ["explorer", "operations"],
        "PHP location does not match",
    ),
    "explorer off": Fault(
        {
            f"{API}/{path}": as_html(200, "The API explorer has been disabled")
            for path in ("explorer", "explorer/", "explorer/swagger.json")
        },
        ["explorer", "operations"],
        "unset API_EXPLORER_DISABLED",
    ),
    "documents/api/temp, 16": Fault(
        {f"{API}/explorer/swagger.json": as_html(200, "Erreur temp dir api/temp not writable")},
        ["operations"],
        "make documents/api/temp writable",
    ),
    "documents/api/temp, production": Fault(
        {f"{API}/status": as_json(500, SUCCESS)},
        ["api", "wrong-key", "status", "bearer"],
        "documents/api/temp that is not writable",
    ),
    "address not allowed": Fault(
        {API: _without_debug(503, "APIs are not allowed from the IP 127.0.0.1")}, API_CHECKS, "API_RESTRICT_ON_IP"
    ),
    "conf.php missing": Fault(
        {
            "/": Reply(302, "text/html", headers={"Location": "install/index.php"}),
            API: Reply(302, "text/html", headers={"Location": "/install/index.php"}),
        },
        ["web", *API_CHECKS],
        "conf.php is missing",
    ),
    "conf.php empty": Fault(
        {
            "/": as_html(200, "Your config file content seems to be not correctly defined"),
            API: as_html(200, "Your config file content seems to be not correctly defined"),
        },
        ["web", *API_CHECKS],
        "conf.php is empty or incomplete",
    ),
    "conf.php does not parse": Fault(
        {"/": Reply(500, "text/html"), API: Reply(500, "text/html")}, ["web", *API_CHECKS], "pool's error log"
    ),
    "PHP-FPM down": Fault(
        {"/": as_html(502, "502"), API: as_html(502, "502")}, ["web", *API_CHECKS], "does not reach PHP-FPM"
    ),
    "request limit": Fault({API: as_html(429, "429")}, API_CHECKS, "request limit"),
    "another page": Fault({"/": as_html(200, "<h1>Welcome to nginx!</h1>")}, ["web"], "is this the vhost of the site"),
    "page without its files": Fault({"/theme/icon.png": as_html(404, "404")}, ["web"], "serve files from"),
    "files answered by a page": Fault({"/theme/icon.png": as_html(200, LOGIN_PAGE)}, ["web"], "serve files from"),
    "anybody may call": Fault({f"{API}/status": _everybody}, ["api", "wrong-key", "status"], "is the API module on"),
    "401 as HTML": Fault({API: as_html(401, "basic auth")}, API_CHECKS, "is the API module on"),
    "401 with another code": Fault(
        {f"{API}/status": as_json(401, {"error": {"code": 404}})},
        ["api", "wrong-key", "status", "bearer"],
        "is the API module on",
    ),
    "login refused": Fault({f"{API}/login": error(403, "Forbidden: Access denied")}, ["login"], "is the password"),
    "login off": Fault(
        {f"{API}/login": error(403, "the login API has been disabled")},
        ["login"],
        "set API_DISABLE_LOGIN_API=0, from version 24 on API_ENABLE_LOGIN_API=1, as the role rest_api does",
    ),
    "login not switched on (24)": Fault(
        {
            f"{API}/login": error(
                403,
                "Forbidden: Error, the login API has been disabled for security purpose "
                "(Option API_ENABLE_LOGIN_API is off). You must generate or get the DOLAPIKEY token",
            )
        },
        ["login"],
        "from version 24 on API_ENABLE_LOGIN_API=1",
    ),
    "login not switched on (24, by GET)": Fault(
        {f"{API}/login": error(403, "Forbidden: Error: The login APIs are disabled. It is recommended to call")},
        ["login"],
        "from version 24 on API_ENABLE_LOGIN_API=1",
    ),
    "route cache without the login": Fault(
        {f"{API}/login": error(404, "Not Found")}, ["login"], "call explorer/swagger.json once"
    ),
    "instance id changed": Fault(
        {
            f"{API}/login": as_json(
                500,
                {
                    "error": {"code": 500, "message": "Error, the API token of this user has a non valid value."},
                    "debug": {"stages": {"success": ["get"]}},
                },
            )
        },
        ["login"],
        "instance_unique_id",
    ),
    "keys in a table that cannot be read (23)": Fault(
        {f"{API}/status": error(503, "Service Unavailable: Error when fetching user api_key :")},
        ["api", "wrong-key", "status", "bearer"],
        "unset API_IN_TOKEN_TABLE",
    ),
    "login gives another key": Fault({f"{API}/login": _token(OTHER_KEY)}, ["login"], "the key was changed"),
    "login gives no key": Fault({f"{API}/login": _token("")}, ["login"], "is the password"),
    "login gives a number": Fault({f"{API}/login": _token(1)}, ["login"], "is the password"),
    "key refused": Fault({f"{API}/status": error(401, "Unauthorized")}, ["status", "bearer"], "is the key the user's"),
    "another version": Fault({f"{API}/status": _version("22.0.3")}, ["status"], "were the pools reloaded"),
    "no version": Fault({f"{API}/status": _version("Module")}, ["status"], "is the key the user's"),
    "explorer redirects to another host": Fault(
        {f"{API}/explorer": Reply(302, "text/html", headers={"Location": f"http://:9010{API}/explorer/"})},
        ["explorer"],
        "url_root in conf.php",
    ),
    "explorer without Swagger UI": Fault(
        {f"{API}/explorer/": as_html(200, "<title>Swagger UI</title>")}, ["explorer"], "does /api/ reach"
    ),
    "explorer without scripts": Fault(
        {f"{API}/explorer/": as_html(200, EXPLORER_PAGE.replace("lib/first.js", ""))}, ["explorer"], "folder complete"
    ),
    "operations of another host": Fault(
        {f"{API}/explorer/swagger.json": _other_host}, ["operations"], "url_root in conf.php"
    ),
    "operations without the key's": Fault(
        {f"{API}/explorer/swagger.json": _only(["/login"])}, ["operations"], "is the key"
    ),
    "a module is off": Fault(
        {f"{API}/explorer/swagger.json": _only([path for path in PATHS if "orders" not in path])},
        ["operations"],
        "is each of these modules on",
    ),
    "operations as text": Fault(
        {f"{API}/explorer/swagger.json": Reply(200, "text/html", json.dumps({"swagger": "2.0"}).encode())},
        ["operations"],
        "does /api/ reach",
    ),
}


def _texts(results: list[Result]) -> str:
    return json.dumps([asdict(result) for result in results]) + "".join(result.line() for result in results)


@pytest.mark.parametrize("name", FAULTS)
def test_fault_is_found_and_named(fake: FakeSite, name: str) -> None:
    fault = FAULTS[name]
    fake.answers.update(fault.answers)
    results = check_site(site_of(fake), settle=0.0)
    failed = [result for result in results if not result.ok]
    assert [result.check for result in failed] == fault.failing
    assert fault.mend in failed[0].mend
    assert all(result.expected and result.seen and result.mend for result in failed)
    for secret in (KEY, PASSWORD, OTHER_KEY):
        assert secret not in _texts(results)


@pytest.mark.parametrize("shape", ["", ".css", ".php"])
def test_fallback_for_what_does_not_exist(fake: FakeSite, shape: str) -> None:
    healthy = fake.healthy

    def fallback(request: Request, path: str) -> Reply:
        if path.startswith("/smoke-") and path.endswith(shape) and (shape or "." not in path):
            return as_html(200, LOGIN_PAGE)
        return healthy(request, path)

    fake.healthy = fallback  # type: ignore[method-assign]
    failed = [result for result in check_site(site_of(fake), settle=0.0) if not result.ok]
    assert [result.check for result in failed] == ["not-found"]
    assert "end its try_files in =404" in failed[0].mend


def test_missing_module_is_named(fake: FakeSite) -> None:
    fake.answers[f"{API}/explorer/swagger.json"] = _only(["/products"])
    result = check_site(site_of(fake, modules=("product", "stock", "commande")))[-1]
    assert result.expected == "operations under /stockmovements of stock, /orders of commande"
    assert result.seen == "2 paths under /login, /products"


def test_page_that_echoes_the_secrets_does_not_spread_them(fake: FakeSite) -> None:
    fake.answers[API] = lambda request: as_html(500, f"debug: {request.headers} {request.body.decode()}")
    results = check_site(site_of(fake), settle=0.0)
    assert [result.ok for result in results].count(False) == len(API_CHECKS)
    assert KEY not in _texts(results)
    assert PASSWORD not in _texts(results)
