# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a browser is told by Nginx and by Apache of the API and pages of elsewhere (``api.cors``)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from .rendering import entry
from .serving import Answer
from .test_web_served import LARGEST, SERVERS, Web, serve

ORIGINS = ["https://app.example.org", "http://[::1]:5173", "https://straße.example.org", "capacitor://localhost"]
CORS = {"origins": ORIGINS, "headers": ["X-Request-Id"], "max_age": 60}
SITES = [
    entry("pages", base_path="/erp", api={"cors": CORS}),
    entry("few", api={"cors": CORS, "limits": {"per_key": {"rate": 1, "burst": 1}}}),
    entry("near", api={"cors": CORS, "allowed_ips": ["127.0.0.2"]}),
    entry("none", api={"cors": {"origins": []}}),
    entry("off", api={"enabled": False, "cors": CORS}),
    entry("plain"),
]
#: The application's own words are for every page; its library has more of them.
API = """<?php
header('Content-Type: application/json');
foreach (['Origin: *', 'Methods: GET', 'Headers: api_key', 'Credentials: true'] as $line) {
    header("Access-Control-Allow-$line");
}
header('Access-Control-Max-Age: 1');
header('Vary: Accept');
http_response_code((int) ($_GET['status'] ?? 200));
if (isset($_GET['wait'])) { usleep(200000); }
echo json_encode([$_SERVER['REQUEST_METHOD'], $_SERVER['HTTP_ORIGIN'] ?? null]);
"""
PAGE = "<?php header('Access-Control-Allow-Origin: https://own.example.org');"
FILES = {"api/index.php": API, "index.php": PAGE, "style.css": "css"}
BEGIN = "access-control-"
ASKED = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "dolapikey,content-type"}
APP = "https://app.example.org"
#: As browsers write them.
GOOD = [APP, "http://[::1]:5173", "https://xn--strae-oqa.example.org", "capacitor://localhost"]
BAD = [
    *("https://app.example.org.evil.example", "https://evil.example", "http://app.example.org", "null", "*"),
    *("https://app.example.org:8443", "https://xapp.example.org", "https://app-example.org", "https://APP.example.org"),
    *(f"{APP}/", f"{APP}' == ''", f"{APP} https://evil.example", "[::1]:5173", f"Origin {APP}"),
]
PREFLIGHT = {
    "allow-origin": APP,
    "expose-headers": "Retry-After",
    "allow-methods": "GET, HEAD, POST, PUT, PATCH, DELETE",
    "allow-headers": "DOLAPIKEY, DOLAPIENTITY, Authorization, Content-Type, X-Request-Id",
    "max-age": "60",
}


@pytest.fixture(scope="module", params=SERVERS, ids=[server.name for server in SERVERS])
def web(request: pytest.FixtureRequest) -> Iterator[Web]:
    with serve(request.param, SITES, FILES) as running:
        yield running


def _told(answer: Answer) -> dict[str, str]:
    """Return what a browser is told; no header of the kind is there twice."""
    assert [name for name, values in answer.values.items() if len(values) > 1 and name != "vary"] == []
    return {name.removeprefix(BEGIN): answer.headers[name] for name in answer.names if name.startswith(BEGIN)}


def _varies(answer: Answer) -> list[str]:
    words = {word.strip() for value in answer.values.get("vary", []) for word in value.split(",")}
    return sorted(words - {"Accept-Encoding"})


@pytest.mark.parametrize("origin", GOOD)
@pytest.mark.parametrize("status", [200, 401, 403, 404, 500, 503])
def test_a_page_that_may_reads_every_answer(web: Web, origin: str, status: int) -> None:
    answer = web.ask("pages", f"/erp/api/index.php/products?status={status}", {"Origin": origin}, method="POST")
    assert (answer.status, json.loads(answer.body)) == (status, ["POST", origin])
    assert _told(answer) == {"allow-origin": origin, "expose-headers": "Retry-After"}
    assert _varies(answer) == ["Accept", "Origin"]


@pytest.mark.parametrize("origin", BAD)
@pytest.mark.parametrize("site", ["pages", "none"])
def test_another_page_is_told_nothing(web: Web, site: str, origin: str) -> None:
    path = "/erp/api/index.php/status" if site == "pages" else "/api/index.php/status"
    for headers in ({"Origin": origin}, {"Origin": origin, "DOLAPIKEY": f"KeyOf{site}1"}):
        answer = web.ask(site, path, headers)
        assert (answer.status, _told(answer), _varies(answer)) == (200, {}, ["Accept", "Origin"])
    answer = web.ask(site, path, ASKED | {"Origin": origin}, method="OPTIONS")
    assert (answer.status, answer.body, _told(answer), _varies(answer)) == (204, "", {}, ["Origin"])


def test_who_is_no_browser_is_told_nothing(web: Web) -> None:
    answer = web.ask("pages", "/erp/api/index.php/status")
    assert (answer.status, _told(answer), _varies(answer)) == (200, {}, ["Accept", "Origin"])


@pytest.mark.parametrize("path", ["", "/", "/products", "/products/ref/A%2FB", "/products?sqlfilters=a"])
def test_what_a_browser_asks_first(web: Web, path: str) -> None:
    answer = web.ask("pages", f"/erp/api/index.php{path}", ASKED | {"Origin": APP}, method="OPTIONS")
    assert (answer.status, answer.body) == (204, "")
    assert _told(answer) == PREFLIGHT
    assert _varies(answer) == ["Origin"]
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("headers", [{}, {"Origin": APP}, {**ASKED}])
def test_options_that_no_browser_asks_are_the_applications(web: Web, headers: dict[str, str]) -> None:
    answer = web.ask("pages", "/erp/api/index.php/products", headers, method="OPTIONS")
    assert json.loads(answer.body)[0] == "OPTIONS"


@pytest.mark.parametrize("path", ["/erp/", "/erp/style.css", "/erp/api/index.phpx", "/erp/none"])
def test_the_rest_of_the_site_is_as_it_was(web: Web, path: str) -> None:
    answer = web.ask("pages", path, {"Origin": APP})
    assert _told(answer) == ({"allow-origin": "https://own.example.org"} if path == "/erp/" else {})
    assert "Origin" not in _varies(answer)


def test_without_a_word_the_application_has_its_own(web: Web) -> None:
    answer = web.ask("plain", "/api/index.php/status", {"Origin": "https://any.example"})
    assert (_told(answer)["allow-origin"], _varies(answer)) == ("*", ["Accept"])
    answer = web.ask("plain", "/api/index.php/status", ASKED | {"Origin": "https://any.example"}, method="OPTIONS")
    assert (answer.status, json.loads(answer.body)[0]) == (200, "OPTIONS")


def test_what_a_browser_asks_first_counts_for_nobody(web: Web) -> None:
    """It carries no key, and would find no room beside as many strangers; nor does it take any of theirs."""

    def ask(number: int) -> tuple[str, Answer]:
        if number % 2:
            return "stranger", web.ask("pages", "/erp/api/index.php/status?wait", {"Origin": APP})
        asked = ASKED | {"Origin": APP}
        return "browser", web.ask("pages", "/erp/api/index.php/status", asked, method="OPTIONS")

    with ThreadPoolExecutor(60) as flood:
        answers = list(flood.map(ask, range(240)))
    assert {answer.status for who, answer in answers if who == "browser"} == {204}
    busy = [answer for _, answer in answers if answer.status == web.server.busy]
    assert busy
    # A page can read that, and when to come again.
    assert {_told(answer).get("allow-origin") for answer in busy} == {APP}
    assert {answer.headers["retry-after"] for answer in busy} == {"5"}
    for number in range(200):
        assert web.ask("few", "/api/index.php/a", ASKED | {"Origin": APP}, method="OPTIONS").status == 204, number


def test_a_key_that_asks_too_much_is_told_so(web: Web) -> None:
    if web.server.name == "nginx":
        headers = {"Origin": APP, "DOLAPIKEY": "KeyOffew1"}
        answers = [web.ask("few", "/api/index.php/status", headers) for _ in range(5)]
        assert answers[-1].status == 429
        assert _told(answers[-1]) == {"allow-origin": APP, "expose-headers": "Retry-After"}


def test_a_body_that_is_too_long_is_told_so(web: Web) -> None:
    headers = {"Origin": APP, "Content-Length": str(LARGEST + 1)}
    answer = web.ask("pages", "/erp/api/index.php/documents/upload", headers, method="POST")
    assert (answer.status, _told(answer)["allow-origin"]) == (413, APP)


def test_an_address_that_may_not_call_is_told_so(web: Web) -> None:
    answer = web.ask("near", "/api/index.php/status", {"Origin": APP}, source="127.0.0.9")
    assert (answer.status, _told(answer)["allow-origin"]) == (403, APP)


def test_a_closed_site_says_so_to_pages(web: Web) -> None:
    file = web.root / "srv/miclinik/pages/closed"
    file.touch()
    try:
        asked = web.ask("pages", "/erp/api/index.php/status", ASKED | {"Origin": APP}, method="OPTIONS")
        answer = web.ask("pages", "/erp/api/index.php/status", {"Origin": APP})
    finally:
        file.unlink()
    assert (asked.status, _told(asked)) == (204, PREFLIGHT)
    assert (answer.status, _told(answer)["allow-origin"], answer.headers["retry-after"]) == (503, APP, "30")


def test_an_api_that_is_off_asks_nobody(web: Web) -> None:
    assert web.ask("off", "/api/index.php/status", ASKED | {"Origin": APP}, method="OPTIONS").status == 404


@pytest.mark.parametrize("server", SERVERS, ids=[server.name for server in SERVERS])
def test_php_that_is_down_is_told_to_pages(server: object) -> None:
    with serve(server, SITES, FILES, php=False) as web:  # type: ignore[arg-type]
        answer = web.ask("pages", "/erp/api/index.php/status", {"Origin": APP})
        assert answer.status in {502, 503}
        assert _told(answer)["allow-origin"] == APP
