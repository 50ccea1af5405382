# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A site behind a proxy: the host is called for most checks, and the public URL for one."""

from __future__ import annotations

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke.runs import Result, check_site

from .fake_site import API, FakeSite, Reply, as_html, error
from .test_smoke import site_of


def _proxy(proxy: FakeSite, behind: FakeSite) -> Result:
    proxy.url_root = behind.url_root = proxy.url
    site = site_of(proxy, connect_to=f"127.0.0.1:{behind.port}", proxied=True)
    results = check_site(site, settle=0.0)
    assert [result.check for result in results if not result.ok and result.check != "proxy"] == []
    return next(result for result in results if result.check == "proxy")


@pytest.fixture
def behind() -> FakeSite:
    return FakeSite()


def test_the_public_url_leads_to_the_site(fake: FakeSite, behind: FakeSite) -> None:
    result = _proxy(fake, behind)
    assert (result.ok, result.seen) == (True, f"the site answers at {fake.url}")
    assert {request.path for request in fake.requests} == {"/", f"{API}/status", f"{API}/explorer"}
    assert all(request.key is None for request in fake.requests)
    behind.close()


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        (f"{API}/status", as_html(404, "<h1>Not Found</h1>")),
        (f"{API}/status", error(403, "Forbidden")),
        ("/", as_html(200, "<h1>Welcome to the proxy</h1>")),
        (f"{API}/explorer", Reply(302, "text/html", headers={"Location": "http://127.0.0.1/api/index.php/explorer/"})),
    ],
)
def test_the_public_url_leads_somewhere_else(fake: FakeSite, behind: FakeSite, path: str, answer: Reply) -> None:
    fake.answers[path] = answer
    result = _proxy(fake, behind)
    assert (result.ok, result.symptom) == (False, "proxy")
    assert result.mend.startswith("let the proxy hand this host name and path to the host as they are")
    behind.close()


def test_a_proxy_that_cannot_be_reached_proves_nothing(fake: FakeSite, behind: FakeSite) -> None:
    fake.close()
    result = _proxy(fake, behind)
    assert result.ok
    assert result.seen.startswith(f"NOT PROVEN: {fake.url} cannot be reached from here (the connection failed: ")
    behind.close()


def test_without_a_proxy_there_is_no_such_check(fake: FakeSite) -> None:
    assert "proxy" not in [result.check for result in check_site(site_of(fake))]
