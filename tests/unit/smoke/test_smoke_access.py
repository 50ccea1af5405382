# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Lists, the other header for the key, endpoints that do not exist, and the clock."""

from __future__ import annotations

import email.utils
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke import access as smoke_access
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke.rest import Answer, RestClient, RestError
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke.runs import Result, check_site

from .fake_site import API, KEY, LOGIN_PAGE, SESSION, STATUS, FakeSite, Reply, Request, as_html, as_json, error
from .test_smoke import site_of


def _result(fake: FakeSite, check: str, **promises: object) -> Result:
    results = check_site(site_of(fake, **promises), settle=0.0)
    return next(result for result in results if result.check == check)


@pytest.mark.parametrize(
    ("answer", "symptom", "mend"),
    [
        (error(403, "Forbidden"), "denied", "right to read"),
        (error(401, "Unauthorized"), "denied", "right to read"),
        (as_html(501, "hidden"), "endpoint-hidden", "API_ENDPOINT_RULES"),
        (error(404, "Not Found"), "route-cache", "call explorer/swagger.json once"),
        (as_json(200, {"id": 1}), "", "logs"),
        (Reply(500, "text/html"), "php", "error log"),
    ],
)
def test_refused_list(fake: FakeSite, answer: Reply, symptom: str, mend: str) -> None:
    fake.answers[f"{API}/products"] = answer
    result = _result(fake, "reads")
    assert (result.ok, result.expected, result.symptom) == (False, "the list /products", symptom)
    assert mend in result.mend


def test_empty_list_of_old_releases(fake: FakeSite) -> None:
    fake.answers[f"{API}/products"] = error(404, "Not Found: No product found")
    assert _result(fake, "reads").seen == "thirdparties some, products none"


def test_lists_are_read_before_the_table_of_routes_is_made_anew(fake: FakeSite) -> None:
    check_site(site_of(fake))
    paths = [request.path.partition("?")[0] for request in fake.requests]
    assert paths.index(f"{API}/products") < paths.index(f"{API}/explorer/swagger.json")


def test_bearer_that_does_not_arrive(fake: FakeSite) -> None:
    def status(request: Request) -> Reply:
        told = request.headers.get("dolapikey") == KEY
        return fake.healthy(request, f"{API}/status") if told else error(401, "Unauthorized")

    fake.answers[f"{API}/status"] = status
    result = _result(fake, "bearer")
    assert (result.ok, result.symptom) == (False, "bearer-unseen")
    assert "CGIPassAuth On" in result.mend


@pytest.mark.parametrize("version", ["20.0.2", "16.0.3"])
def test_bearer_is_not_asked_of_releases_without_it(fake: FakeSite, version: str) -> None:
    content = {"success": {"code": 200, "dolibarr_version": version, "access_locked": "0"}}
    fake.answers[f"{API}/status"] = lambda request: (
        as_json(200, content) if request.key == KEY else error(401, "Unauthorized")
    )
    result = _result(fake, "bearer", expected_version=version)
    assert (result.ok, result.seen) == (True, f"not asked for: version {version} does not take it")


@pytest.mark.parametrize("version", ["hotfix", "", "-", "24", None])
def test_a_release_may_have_any_name(fake: FakeSite, version: str | None) -> None:
    """No check ends in a traceback, though the key is refused and nothing else tells the version."""
    fake.answers[f"{API}/status"] = error(401, "Unauthorized")
    results = {result.check: result for result in check_site(site_of(fake, expected_version=version), settle=0.0)}
    failed = {"status", "bearer"} if version == "24" else {"status"}
    assert {name for name, result in results.items() if not result.ok} == failed
    if not version or version == "hotfix":
        assert results["bearer"].seen == f"not asked for: version {version or 'unknown'} does not take it"


def test_a_version_of_one_number(fake: FakeSite) -> None:
    """As some public trees state it."""
    content = {"success": {"code": 200, "dolibarr_version": "22", "access_locked": "0"}}
    fake.answers[f"{API}/status"] = lambda request: (
        as_json(200, content) if request.key == KEY else error(401, "Unauthorized")
    )
    result = _result(fake, "status", expected_version="22")
    assert (result.ok, result.seen) == (True, "version 22")


@pytest.mark.parametrize(("status", "well"), [(501, True), (200, False), (503, False)])
def test_endpoint_that_does_not_exist(fake: FakeSite, status: int, well: bool) -> None:
    healthy = fake.healthy

    def reply(request: Request, path: str) -> Reply:
        return as_html(status, "API not found") if "/smoke" in path else healthy(request, path)

    fake.healthy = reply  # type: ignore[method-assign]
    result = _result(fake, "unknown-endpoint")
    assert (result.ok, result.symptom) == (well, "" if well else "status-lost")


@pytest.mark.parametrize(("upload_max", "sent"), [("32M", 1_200_002), ("500K", 512_002), ("", 10_002)])
def test_a_large_body_and_a_long_header_have_to_arrive(fake: FakeSite, upload_max: str, sent: int) -> None:
    healthy = fake.healthy

    def reply(request: Request, path: str) -> Reply:
        return as_html(413, "Request Entity Too Large") if len(request.body) > 20_000 else healthy(request, path)

    assert _result(fake, "unknown-endpoint", upload_max=upload_max).ok
    (large,) = [request for request in fake.requests if request.method == "POST" and "/smoke" in request.path]
    assert (len(large.body), len(large.headers["cookie"])) == (sent, 6_006)
    fake.healthy = reply  # type: ignore[method-assign]
    result = _result(fake, "unknown-endpoint", upload_max=upload_max)
    assert (result.ok, result.symptom) == ((False, "size-refused") if upload_max else (True, ""))


@pytest.mark.parametrize(
    ("refused", "symptom"),
    [
        (lambda request: "sqlfilters" in request.path, "query-refused"),
        (lambda request: request.method == "PUT", "method-refused"),
        (lambda request: request.method == "DELETE", "method-refused"),
    ],
)
def test_a_firewall_for_applications_refuses_what_clients_send(
    fake: FakeSite, refused: Callable[[Request], bool], symptom: str
) -> None:
    healthy = fake.healthy
    fake.healthy = lambda request, path: (  # type: ignore[method-assign]
        as_html(403, "Forbidden") if refused(request) else healthy(request, path)
    )
    result = _result(fake, "unknown-endpoint")
    assert (result.ok, result.symptom) == (False, symptom)
    assert "ModSecurity" in result.mend


def test_answers_that_are_kept_for_everybody(fake: FakeSite) -> None:
    kept: list[Reply] = []

    def reply(request: Request) -> Reply:
        answer = STATUS if request.key == KEY else kept[0] if kept else error(401, "Unauthorized")
        kept.extend([answer] * (answer is STATUS))
        return answer

    fake.answers[f"{API}/status"] = reply
    result = _result(fake, "status")
    assert (result.ok, result.symptom) == (False, "cached")


def test_a_body_that_comes_in_parts() -> None:
    body = smoke_access._InParts(b"x" * 100_000)
    started = time.monotonic()
    parts = list(iter(lambda: body.read(16_384), b""))
    assert b"".join(parts) == b"x" * 100_000
    assert time.monotonic() - started >= smoke_access.PAUSE


def test_a_body_to_which_nobody_listens_to_the_end(fake: FakeSite, monkeypatch: pytest.MonkeyPatch) -> None:
    request = RestClient.request

    def closed(self: RestClient, method: str, url: str, **sent: Any) -> Answer:  # noqa: ANN401
        if isinstance(sent.get("data"), smoke_access._InParts):
            raise RestError("closed", "the connection was taken, and closed without an answer: Broken pipe")
        return request(self, method, url, **sent)

    monkeypatch.setattr(RestClient, "request", closed)
    result = _result(fake, "unknown-endpoint", upload_max="32M")
    assert (result.ok, result.symptom) == (False, "size-refused")
    assert "client_body_timeout" in result.mend


@pytest.mark.parametrize(
    ("cookies", "seen"),
    [
        ((SESSION, SESSION), ""),
        ((SESSION, "x=1"), ""),
        (("x=1", ""), "and no cookie of a session"),
        ((SESSION, "DOLSESSID_0a1b=second"), "another session for the same browser, 200"),
    ],
)
def test_a_session_has_to_last(fake: FakeSite, cookies: tuple[str, str], seen: str) -> None:
    given = iter(cookies)
    fake.answers["/"] = lambda request: replace(as_html(200, LOGIN_PAGE), headers={"Set-Cookie": next(given)})
    result = _result(fake, "web")
    assert (result.ok, result.symptom) == ((False, "session-lost") if seen else (True, ""))
    assert not seen or result.seen.endswith(seen)


@pytest.mark.parametrize(("offset", "way"), [(3600, "ahead"), (-3600, "behind")])
def test_clock_that_is_wrong(fake: FakeSite, monkeypatch: pytest.MonkeyPatch, offset: int, way: str) -> None:
    monkeypatch.setattr(
        "http.server.BaseHTTPRequestHandler.date_time_string",
        lambda self, timestamp=None: email.utils.formatdate(time.time() + offset, usegmt=True),
    )
    result = _result(fake, "clock")
    assert (result.ok, result.symptom) == (False, "clock")
    assert result.seen in {f"{seconds} s {way}" for seconds in range(3590, 3611)}


def test_no_date(fake: FakeSite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("http.server.BaseHTTPRequestHandler.date_time_string", lambda self, timestamp=None: "soon")
    result = _result(fake, "clock")
    assert (result.ok, result.seen) == (False, "Date: soon")
