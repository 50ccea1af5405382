# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The smoke test on a healthy site: what is checked, how it is reported."""

from __future__ import annotations

import dataclasses
import re
import threading
from dataclasses import replace

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke import runs as smoke_runs
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke.runs import (
    Result,
    check_site,
    check_sites,
    failures,
)
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke.visit import Promised

from tests.closing_server import closing

from .conftest import DOMAIN, TlsSite
from .fake_site import API, KEY, PASSWORD, FakeSite, Reply, Request, as_html, error


def site_of(fake: FakeSite, **more: object) -> Promised:
    promised: dict[str, object] = {
        "name": "norte",
        "base_url": fake.url,
        "login": "integration",
        "password": PASSWORD,
        "key": KEY,
        "modules": ("societe", "product", "commande", "facture", "stock"),
        "expected_version": "22.0.4",
        "reads": ("thirdparties", "products"),
    }
    return Promised(**{**promised, **more})  # type: ignore[arg-type]


ALL = [
    *("web", "not-found", "api", "clock", "wrong-key", "login", "status", "bearer", "unknown-endpoint"),
    *("reads", "explorer", "operations"),
]


def test_healthy_site_passes_every_check(fake: FakeSite) -> None:
    results = check_site(site_of(fake))
    assert [(result.check, result.ok) for result in results] == [(name, True) for name in ALL]
    assert failures(results) == ""
    seen = {result.check: result.seen for result in results}
    assert seen["web"] == "login form, /theme/icon.png as image/png"
    assert seen["login"] == "integration got the key on record"
    assert seen["status"] == "version 22.0.4"
    assert seen["clock"] == "within 1 s of the controller's"
    assert seen["bearer"] == "200 as JSON with Authorization: Bearer"
    assert seen["unknown-endpoint"] == "501 for what does not exist"
    assert seen["reads"] == "thirdparties some, products none"
    assert seen["operations"] == (
        "13 paths, contacts 1, invoices 1, orders 2, products 2, stockmovements 1, thirdparties 2, warehouses 1"
    )


def test_it_only_reads(fake: FakeSite) -> None:
    check_site(site_of(fake))
    sent = [(request.method, request.path) for request in fake.requests if request.method != "GET"]
    assert sent[0] == ("POST", f"{API}/login")
    # What is sent besides goes to an endpoint that nobody has.
    other = [(method, re.sub(r"[0-9a-f]{12}$", "", path)) for method, path in sent[1:]]
    assert other == [(method, f"{API}/smoke") for method in ("PUT", "DELETE", "POST")]


def test_line_and_data_name_check_time_and_sight(fake: FakeSite) -> None:
    result = check_site(site_of(fake))[6]
    assert result.line() == f"ok   norte status {result.ms} ms: version 22.0.4"
    assert 0 <= result.ms < 3000
    data = dataclasses.asdict(result)
    assert (data["check"], data["ok"], data["expected"], data["mend"]) == ("status", True, "", "")


def test_site_under_a_base_path(fake: FakeSite) -> None:
    fake.base_path = "/miclinik"
    fake.url_root = f"{fake.url}/miclinik"
    results = check_site(site_of(fake, base_url=f"{fake.url}/miclinik"))
    assert failures(results) == ""
    assert {request.path.split("/")[1].partition("?")[0] for request in fake.requests} == {"miclinik"}


def test_site_over_tls_at_another_address(tls_site: TlsSite) -> None:
    site = site_of(
        tls_site.site,
        base_url=f"https://{DOMAIN}",
        connect_to=f"127.0.0.1:{tls_site.site.port}",
        ca_path=str(tls_site.ca),
    )
    assert failures(check_site(site)) == ""
    assert set(tls_site.names) == {DOMAIN}


def test_without_login_and_key_the_rest_is_checked(fake: FakeSite) -> None:
    results = check_site(site_of(fake, login=None, password=None, key=None))
    assert [result.check for result in results] == ["web", "not-found", "api", "clock", "wrong-key", "explorer"]
    assert failures(results) == ""


def test_module_without_an_api_is_said_to_have_none(fake: FakeSite) -> None:
    seen = check_site(site_of(fake, modules=("product", "cron")))[-1].seen
    assert seen == "13 paths, products 2; no API of their own, so nothing to ask for: cron"


def test_module_names_are_taken_in_any_notation(fake: FakeSite) -> None:
    assert failures(check_site(site_of(fake, modules=("modSociete", "Product")))) == ""


@pytest.mark.parametrize(("promised", "well"), [("admin", True), ("", False), ("other", False)])
def test_locked_pages_are_well_when_promised(fake: FakeSite, promised: str, well: bool) -> None:
    fake.answers[f"{API}/status"] = _locked
    result = check_site(site_of(fake, maintenance=promised))[6]
    assert (result.check, result.ok) == ("status", well)
    assert result.seen == "version 22.0.4, pages locked for all but admin"
    assert result.symptom == ("" if well else "maintenance")


def _locked(request: Request) -> Reply:
    locked = b'{"success": {"code": 200, "dolibarr_version": "22.0.4", "access_locked": "admin"}}'
    return Reply(200, "application/json", locked) if request.key == KEY else error(401, "Unauthorized")


def test_wrong_key_does_not_hold_up_the_others(fake: FakeSite) -> None:
    last_check_came = threading.Event()

    def status(request: Request) -> Reply:
        if request.key not in (KEY, None) and not last_check_came.wait(10):
            return error(500, "the other checks waited for this one")
        return fake.healthy(request, f"{API}/status")

    def operations(request: Request) -> Reply:
        last_check_came.set()
        return fake.healthy(request, f"{API}/explorer/swagger.json")

    fake.answers |= {f"{API}/status": status, f"{API}/explorer/swagger.json": operations}
    assert failures(check_site(site_of(fake), timeout=20)) == ""


def test_reload_is_waited_for(fake: FakeSite) -> None:
    old = [as_html(404, "old configuration")] * 2

    def settling(request: Request) -> Reply:
        return old.pop() if old else fake.healthy(request, "/")

    fake.answers["/"] = settling
    assert failures(check_site(site_of(fake), settle=3.0)) == ""
    old = [as_html(404, "old configuration")] * 2
    assert [result.check for result in check_site(site_of(fake), settle=0.0) if not result.ok] == ["web"]


def test_several_sites_at_a_time_in_their_order(fake: FakeSite) -> None:
    all_are_here = threading.Barrier(4, timeout=10)

    def page(request: Request) -> Reply:
        all_are_here.wait()
        return fake.healthy(request, "/")

    fake.answers["/"] = page
    results = check_sites([site_of(fake, name=name) for name in ("a", "b", "c", "d")], timeout=20)
    assert failures(results) == ""
    assert [result.site for result in results] == [name for name in "abcd" for _ in ALL]
    assert check_sites([]) == []


@pytest.mark.parametrize("change", [{"base_url": "norte.example.org"}, {"connect_to": "http://x/"}])
def test_address_that_cannot_be_used(fake: FakeSite, change: dict[str, str]) -> None:
    results = check_site(replace(site_of(fake), **change))  # type: ignore[arg-type]
    assert [(result.check, result.ok, result.mend) for result in results] == [
        ("web", False, "correct base_url or connect_to")
    ]


def test_nobody_answers(fake: FakeSite) -> None:
    fake.close()
    results = check_site(site_of(fake), settle=0.0)
    # The others could only say the same, each after as long a wait.
    assert [(result.check, result.ok, result.symptom) for result in results] == [("web", False, "connect")]
    assert "Connection refused" in results[0].seen
    assert "is the web server running" in results[0].mend


def test_a_connection_that_is_closed_without_an_answer() -> None:
    with closing() as port:
        results = check_site(Promised("norte", "http://norte.example.org", f"127.0.0.1:{port}"), settle=0.0)
    assert [(result.check, result.ok, result.symptom) for result in results] == [("web", False, "closed")]
    assert results[0].mend.startswith("does the web server have a vhost for the site's name")


def test_message_names_expected_seen_and_mend() -> None:
    result = Result("norte", "status", "about", False, 12, "404", "200", "mend it")
    assert failures([result]) == "norte status: expected 200; seen 404; to do: mend it"
    assert result.line() == "FAIL norte status 12 ms: 404"
    assert set(smoke_runs.SETTLING) <= {"tls", *ALL}
