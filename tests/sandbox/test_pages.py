# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The page with the login, the explorer, static files."""

from __future__ import annotations

import re

import pytest
import requests

from .conftest import ADMIN_KEY, KEY
from .site import SOURCE, SandboxSite


def token(text: str) -> str:
    found = re.search(r'name="token" value="([0-9a-f]+)"', text)
    assert found
    return found[1]


def test_login(site: SandboxSite) -> None:
    with requests.Session() as session:
        page = session.get(site.base_url + "/", timeout=10)
        assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html; charset=UTF-8")
        form = {"username": "admin", "password": "Administrator-1", "token": token(page.text)}
        home = session.post(site.base_url + "/index.php", data=form, timeout=10)
        assert "Logged in as <b>admin</b>" in home.text
        assert "Logged in as" in session.get(site.base_url + "/", timeout=10).text
        left = session.post(site.base_url + "/index.php", data={"logout": "1", "token": token(home.text)}, timeout=10)
        assert 'name="password"' in left.text


@pytest.mark.parametrize(
    ("change", "status", "text"),
    [({"password": "no"}, 200, "Bad value for login"), ({"token": "0"}, 403, "out of date")],
)
def test_login_refused(site: SandboxSite, change: dict[str, str], status: int, text: str) -> None:
    with requests.Session() as session:
        page = session.get(site.base_url + "/", timeout=10)
        form = {"username": "admin", "password": "Administrator-1", "token": token(page.text), **change}
        answer = session.post(site.base_url + "/index.php", data=form, timeout=10)
        assert (answer.status_code, text in answer.text, "Logged in" in answer.text) == (status, True, False)


def test_session_cookie(site: SandboxSite) -> None:
    cookie = site.get("/", prefix="").headers["Set-Cookie"]
    assert re.match(r"DOLSESSID_[0-9a-f]{32}=", cookie)
    assert ("HttpOnly" in cookie, "SameSite=Lax" in cookie) == (True, True)


def test_static_files_of_the_page(site: SandboxSite) -> None:
    page = site.get("/", prefix="").text
    links = re.findall(r'(?:href|src)="(/theme/[^"]+)"', page)
    assert len(links) == 3
    for link in links:
        answer = site.get(link, prefix="")
        assert (answer.status_code, "html" in answer.headers["Content-Type"]) == (200, False)


def test_explorer_page_brings_everything_itself(site: SandboxSite) -> None:
    page = site.get("/explorer/").text
    assert "<title>Swagger UI</title>" in page
    assert "//" not in page.replace("<!DOCTYPE", "")
    kinds = {
        "js": "application/javascript;charset=UTF-8",
        "css": "text/css;charset=UTF-8",
        "png": "image/png;charset=UTF-8",
    }
    files = re.findall(r'(?:href|src)="([^"]+)"', page)
    assert sorted(files) == [
        "explorer.css",
        "explorer.js",
        "favicon-32x32.png",
        "swagger-ui-bundle.js",
        "swagger-ui.css",
    ]
    for file in files:
        answer = site.get(f"/explorer/{file}")
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, kinds[file.rsplit(".")[-1]])
    assert (SOURCE / "includes" / "swagger-ui" / "LICENSE").read_text().lstrip().startswith("Apache License")


@pytest.mark.parametrize("path", ["/explorer/nothing.js", "/explorer/index.php"])
def test_explorer_serves_its_own_files_only(site: SandboxSite, path: str) -> None:
    answer = site.get(path)
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/json; charset=utf-8")


def test_description_without_with_and_with_a_wrong_key(site: SandboxSite) -> None:
    for key in (None, "wrong"):
        described = site.get("/explorer/swagger.json", key).json()
        assert (described["swagger"], sorted(described["paths"]), sorted(described["paths"]["/login"])) == (
            "2.0",
            ["/login"],
            ["get", "post"],
        )
    paths = site.get("/explorer/swagger.json", KEY).json()["paths"]
    first = {path.split("/")[1] for path in paths}
    assert first == {"invoices", "login", "orders", "products", "setup", "status", "thirdparties", "users"}
    assert site.get("/explorer/swagger.json", ADMIN_KEY).json()["paths"] == paths
    assert set(site.get(f"/explorer/swagger.json?DOLAPIKEY={KEY}").json()["paths"]) == set(paths)


def test_description_follows_the_modules(site: SandboxSite) -> None:
    site.bootstrap("unActivateModule('modFacture');")
    try:
        paths = site.get("/explorer/swagger.json", KEY).json()["paths"]
        assert [path for path in paths if path.startswith("/invoices")] == []
        assert site.get("/invoices", KEY).status_code == 403
    finally:
        site.bootstrap("activateModule('modFacture');")
    site.bootstrap("$u = new User($db); $u->fetch(0, 'integration'); $u->addrights(0, 'facture');")
    assert "/invoices" in site.get("/explorer/swagger.json", KEY).json()["paths"]


def test_every_described_operation_answers(site: SandboxSite) -> None:
    """No operation is described that the API does not know: none answers 404 without a message, 405 or 501."""
    described = site.get("/explorer/swagger.json", KEY).json()
    for path, methods in described["paths"].items():
        for method in methods:
            url = re.sub(r"\{\w+\}", "999999", path)
            answer = site.call(method.upper(), url, KEY, json={} if method in ("post", "put") else None)
            assert answer.status_code in {200, 400, 403, 404}, f"{method} {path}: {answer.status_code}"
            if answer.status_code == 404:
                assert answer.json()["error"]["message"] != "Not Found", f"{method} {path}"
