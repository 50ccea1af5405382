# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Production mode: routes.php, what it forgets, and what makes it whole again. As measured on Dolibarr 22.0.4."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from .conftest import ADMIN_KEY, KEY
from .site import SandboxSite


@pytest.fixture
def routes(site: SandboxSite) -> Iterator[Path]:
    """routes.php, not there yet, with production mode on and no refresh on each call."""
    file = site.documents / "api" / "temp" / "routes.php"
    names = ("API_PRODUCTION_MODE", "API_PRODUCTION_DO_NOT_ALWAYS_REFRESH_CACHE")
    for name in names:
        site.constant(name, "1")
    file.unlink(missing_ok=True)
    yield file
    for name in names:
        site.constant(name, "")
    file.unlink(missing_ok=True)


def seen(site: SandboxSite, *paths: str) -> list[int]:
    return [site.get(path, KEY).status_code for path in paths]


def test_cold_the_first_endpoint_wins(site: SandboxSite, routes: Path) -> None:
    assert seen(site, "/status", "/products", "/orders", "/status") == [200, 404, 404, 200]
    assert site.get("/products", KEY).headers["Content-Type"] == "application/json; charset=utf-8"


@pytest.mark.parametrize("key", [None, "wrong", KEY])
def test_the_description_makes_it_whole(site: SandboxSite, routes: Path, key: str | None) -> None:
    assert seen(site, "/status", "/products") == [200, 404]
    assert site.get("/explorer/swagger.json", key).status_code == 200
    assert seen(site, "/status", "/products", "/orders", "/invoices", "/thirdparties?limit=1") == [
        200,
        200,
        200,
        200,
        404,
    ]
    assert "No third parties found" in site.get("/thirdparties", KEY).text


def test_module_switched_on_later(site: SandboxSite, routes: Path) -> None:
    site.get("/explorer/swagger.json")
    site.bootstrap("activateModule('modStock');")
    try:
        assert seen(site, "/warehouses") == [404]
        site.get("/explorer/swagger.json")
        assert site.get("/warehouses", ADMIN_KEY).status_code == 200
    finally:
        site.bootstrap("unActivateModule('modStock');")
    assert site.get("/warehouses", ADMIN_KEY).status_code == 403


def test_cut_file(site: SandboxSite, routes: Path) -> None:
    site.get("/explorer/swagger.json")
    routes.write_text(routes.read_text()[:-20])
    answer = site.get("/status", KEY)
    assert (answer.status_code, answer.text) == (500, "")
    assert site.get("/explorer/swagger.json").status_code == 200
    assert seen(site, "/status", "/products") == [200, 200]


def test_file_of_something_else(site: SandboxSite, routes: Path) -> None:
    routes.write_text("garbage")
    site.own(routes)
    answer = site.get("/status", KEY, headers={"Accept-Encoding": "identity"})
    assert (answer.status_code, answer.text.startswith("garbage{")) == (200, True)
    assert seen(site, "/products") == [404]


def test_without_the_second_constant_every_call_writes_it(site: SandboxSite, routes: Path) -> None:
    site.constant("API_PRODUCTION_DO_NOT_ALWAYS_REFRESH_CACHE", "")
    assert seen(site, "/status", "/products", "/orders") == [200, 200, 200]
    assert "orders" in routes.read_text()
    assert "products" not in routes.read_text()


def test_answers_are_compact_and_tell_nothing_about_the_code(site: SandboxSite, routes: Path) -> None:
    site.get("/explorer/swagger.json")
    answer = site.get("/products/999999", KEY)
    assert answer.text == '{"error":{"code":404,"message":"Not Found: Product not found"}}'
