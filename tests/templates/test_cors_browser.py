# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Chromium, and not only what it is told: pages of elsewhere call the API behind Nginx and behind Apache."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.browser.chromium import Chromium

from .rendering import entry
from .test_cors_served import API
from .test_web_served import LARGEST, SERVERS, Web, serve

CALL = """
const [url, options, done] = arguments;
fetch(url, options).then(
    async answer => done([answer.status, await answer.text(), answer.headers.get('Retry-After')]),
    error => done([0, String(error), null]));
"""


class _Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = b"<!doctype html><title>page</title>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: ANN401
        pass


@pytest.fixture(scope="module")
def pages() -> Iterator[int]:
    """A server of pages, at whatever name."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module", params=SERVERS, ids=[server.name for server in SERVERS])
def web(request: pytest.FixtureRequest, pages: int) -> Iterator[Web]:
    named = {"cors": {"origins": [f"http://app.example.org:{pages}"]}}
    with serve(request.param, [entry("named", api=named), entry("plain")], {"api/index.php": API}) as running:
        yield running


@pytest.fixture(scope="module")
def chromium(web: Web, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    names = ("named", "plain", "app", "other")
    resolve = {f"{name}.example.org": "127.0.0.1" for name in names}
    browser = Chromium(tmp_path_factory.mktemp("profile"), resolve=resolve, trusted=b"")
    yield browser
    browser.close()


def _call(browser: Chromium, page: str, url: str, **options: Any) -> list[Any]:  # noqa: ANN401 (as fetch takes them)
    browser.open(page)
    answer: list[Any] = browser.driver.execute_async_script(CALL, url, options)
    return answer


@pytest.mark.parametrize("status", [200, 401, 503])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_a_page_that_was_named_may_call(web: Web, pages: int, chromium: Chromium, method: str, status: int) -> None:
    url = f"http://named.example.org:{web.port}/api/index.php/products/1?status={status}"
    headers = {"DOLAPIKEY": "KeyOfnamed1", "Content-Type": "application/json", "DOLAPIENTITY": "1"}
    body = {"body": "{}"} if method in ("POST", "PUT") else {}
    answer = _call(chromium, f"http://app.example.org:{pages}/", url, method=method, headers=headers, **body)
    assert answer[:2] == [status, f'["{method}","http:\\/\\/app.example.org:{pages}"]']


def test_a_page_that_was_named_reads_what_the_web_server_says(web: Web, pages: int, chromium: Chromium) -> None:
    page, url = f"http://app.example.org:{pages}/", f"http://named.example.org:{web.port}/api/index.php/products"
    file = web.root / "srv/miclinik/named/closed"
    file.touch()
    try:
        status, text, wait = _call(chromium, page, url, headers={"DOLAPIKEY": "x"})
    finally:
        file.unlink()
    assert (status, wait) == (503, "30")
    assert "The site is being worked on" in text
    assert _call(chromium, page, url, method="POST", body="x" * (LARGEST + 1))[0] == 413


@pytest.mark.parametrize("headers", [{}, {"DOLAPIKEY": "KeyOfnamed1"}])
def test_another_page_may_not(web: Web, pages: int, chromium: Chromium, headers: dict[str, str]) -> None:
    url = f"http://named.example.org:{web.port}/api/index.php/products"
    answer = _call(chromium, f"http://other.example.org:{pages}/", url, headers=headers)
    assert answer == [0, "TypeError: Failed to fetch", None]


def test_the_sites_own_page_may(web: Web, chromium: Chromium) -> None:
    site = f"http://named.example.org:{web.port}/api/index.php/"
    assert _call(chromium, site, f"{site}products", method="POST", headers={"DOLAPIKEY": "x"})[0] == 200


def test_any_page_may_where_nothing_is_said(web: Web, pages: int, chromium: Chromium) -> None:
    url = f"http://plain.example.org:{web.port}/api/index.php/products"
    assert _call(chromium, f"http://other.example.org:{pages}/", url)[0] == 200
