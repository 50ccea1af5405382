# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What stands before an endpoint: settings, faults of the host, the filter of requests."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from .conftest import KEY
from .databases import Database, MariaDb
from .site import SandboxSite


@contextmanager
def constant(site: SandboxSite, name: str, value: str, entity: int = 1) -> Iterator[None]:
    site.constant(name, value, entity)
    try:
        yield
    finally:
        site.constant(name, "", entity)


def test_module_off(site: SandboxSite) -> None:
    assert site.bootstrap("echo json_encode(unActivateModule('modApi'));").output == '""'
    try:
        for path in ("/status", "/login", "/explorer/", "/explorer/swagger.json", "/nosuch"):
            answer = site.get(path, KEY)
            assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=UTF-8")
            assert "Module <b>Api</b> must be enabled" in answer.text
    finally:
        site.bootstrap("activateModule('modApi');")
    assert site.get("/status", KEY).json()["success"]["code"] == 200


def test_explorer_disabled(site: SandboxSite) -> None:
    with constant(site, "API_EXPLORER_DISABLED", "1"):
        for path in ("/explorer", "/explorer/", "/explorer/swagger.json"):
            answer = site.get(path, KEY)
            assert (answer.status_code, "The API explorer has been disabled" in answer.text) == (200, True)
        assert site.get("/status", KEY).json()["success"]["code"] == 200


def test_login_disabled(site: SandboxSite) -> None:
    good = {"login": "integration", "password": "Integration-1234"}
    assert site.call("POST", "/login", json=good).json()["success"]["token"] == KEY
    with constant(site, "API_DISABLE_LOGIN_API", "1"):
        assert site.call("POST", "/login", json=good).status_code == 403
        assert site.get("/login?login=integration&password=Integration-1234").status_code == 403
        assert "/login" not in site.get("/explorer/swagger.json", KEY).json()["paths"]


OTHER_ENTITY = [
    {"headers": {"DOLAPIENTITY": "2"}},
    {"params": {"loginfunction": "x", "entity": "2"}},
    {"params": {"loginfunction": "x", "switchentity": "2"}},
]


@pytest.mark.parametrize("way", OTHER_ENTITY, ids=["header", "entity", "switchentity"])
def test_a_switch_of_one_entity_is_none_for_another(site: SandboxSite, way: dict[str, dict[str, str]]) -> None:
    def told() -> bool:
        answer = site.get("/explorer/swagger.json", headers=way.get("headers"), params=way.get("params"))
        return "has been disabled" in answer.text

    with constant(site, "API_EXPLORER_DISABLED", "1"):
        assert not told()
    with constant(site, "API_EXPLORER_DISABLED", "1", entity=0):
        assert told()


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Client-IP", "CF-Connecting-IP"])
def test_addresses_are_believed(site: SandboxSite, header: str) -> None:
    with constant(site, "API_RESTRICT_ON_IP", "10.1.1.1 10.1.1.2"):
        refused = site.get("/status", KEY)
        assert (refused.status_code, refused.text) == (503, "APIs are not allowed from the IP 127.0.0.1")
        assert refused.headers["Content-Type"] == "text/html; charset=UTF-8"
        assert site.get("/status", KEY, headers={header: "10.1.1.2"}).status_code == 200
        assert site.get("/status", KEY, headers={"X-Real-IP": "10.1.1.2"}).status_code == 503


def test_rules_for_endpoints(site: SandboxSite) -> None:
    with constant(site, "API_ENDPOINT_RULES", "status:1,products:0"):
        assert site.get("/status", KEY).status_code == 200
        for name in ("products", "orders"):
            answer = site.get(f"/{name}", KEY)
            assert (answer.status_code, f"/{name} is forbidden" in answer.text) == (501, True)
        assert "/products" in site.get("/explorer/swagger.json", KEY).json()["paths"]


def test_maintenance_of_the_pages_leaves_the_api(site: SandboxSite) -> None:
    with constant(site, "MAIN_ONLY_LOGIN_ALLOWED", "admin"):
        assert site.get("/status", KEY).json()["success"]["access_locked"] == "admin"


def test_production_of_conf_php(site: SandboxSite) -> None:
    site.configure(prod="1")
    try:
        assert site.get("/status", KEY).json() == {
            "success": {"code": 200, "dolibarr_version": "22.0.4", "access_locked": "0"}
        }
    finally:
        site.configure()


def test_temporary_folder_that_cannot_be_written(site: SandboxSite) -> None:
    folder = site.documents / "api" / "temp"
    folder.chmod(0o555)
    try:
        answer = site.get("/explorer/swagger.json", KEY)
        assert (answer.status_code, answer.text) == (500, "Erreur temp dir api/temp not writable")
        assert site.get("/status", KEY).status_code == 200
        with constant(site, "API_PRODUCTION_MODE", "1"):
            answer = site.get("/status", KEY)
            assert (answer.status_code, answer.json()["success"]["code"]) == (500, 200)
    finally:
        folder.chmod(0o755)


def test_database_gone(new_site: Callable[[Database], SandboxSite], mariadb: MariaDb) -> None:
    site = new_site(mariadb)
    site.install()
    for changes in ({"db_pass": "wrong", "db_user": "nobody"}, {"db_name": "nowhere"}, {"db_port": "1"}):
        site.configure(**changes)
        site.serve()
        answer = site.get("/status", KEY)
        assert (answer.status_code, answer.headers["Content-Type"]) == (202, "text/html; charset=UTF-8")
        assert ("DolibarrHasDetectedError" in answer.text, "wrong" in answer.text) == (True, False)
        site.configure(prod="1", **changes)
        answer = site.get("/status", KEY)
        assert answer.status_code == 202
        assert ("temporarily not available" in answer.text, "PHP" in answer.text) == (True, False)


def test_conf_php_missing_empty_or_broken(new_site: Callable[[Database], SandboxSite], mariadb: MariaDb) -> None:
    site = new_site(mariadb)
    site.install()
    site.serve()
    path = site.root / "conf" / "conf.php"
    path.write_text("")
    answer = site.get("/status")
    assert (answer.status_code, "seems to be not correctly defined" in answer.text) == (200, True)
    path.write_text("<?php $a = ;\n")
    answer = site.get("/status")
    assert (answer.status_code, answer.text) == (500, "")
    path.unlink()
    for url in ("/api/index.php/status", "/index.php"):
        answer = site.get(url, prefix="")
        assert (answer.status_code, answer.headers["Location"]) == (302, "install/index.php")


@pytest.mark.parametrize(("name", "value"), [("MAIN_VERSION_LAST_UPGRADE", "21.0.4"), ("MAIN_NOT_INSTALLED", "1")])
def test_upgrade_or_installation_unfinished(site: SandboxSite, name: str, value: str) -> None:
    with constant(site, name, value, 0):
        answer = site.get("/status", KEY)
        assert (answer.status_code, answer.headers["Location"]) == (302, "/install/index.php")


@pytest.mark.parametrize(
    "query",
    [
        "sqlfilters=%3Cscript",
        "x=union%20select",
        "x=%3Cimg%20onload=a",
        "x=%22",
        "x=javascript:a",
        "x=delete+from+a",
        "%3Cscript=1",
    ],
)
def test_filter_of_the_query_string(site: SandboxSite, query: str) -> None:
    answer = site.get(f"/products?{query}", KEY)
    assert (answer.status_code, answer.headers["Content-Type"]) == (403, "text/html; charset=UTF-8")
    assert "Access refused to 127.0.0.1 by SQL or Script injection protection" in answer.text
    assert "analyseVarsForSqlAndScriptsInjection type=1" in answer.text


@pytest.mark.parametrize(
    ("path", "kind"), [("/products/ref/A%252FB", 2), ("/products/ref/a'b", 2), ("/products/ref/a(b)", 2)]
)
def test_filter_of_the_path(site: SandboxSite, path: str, kind: int) -> None:
    answer = site.get(path, KEY)
    assert (answer.status_code, f"type={kind}" in answer.text) == (403, True)


@pytest.mark.parametrize(
    "query", ["sqlfilters=(t.ref:=:'it''s')", "x=one+button", "x=a%26b", "x=select+one", "x=on+sale=1"]
)
def test_filter_lets_harmless_texts_through(site: SandboxSite, query: str) -> None:
    assert site.get(f"/products?{query}", KEY).status_code == 200


def test_filter_leaves_a_json_body_alone(site: SandboxSite) -> None:
    body = {"ref": "WAF-1", "label": "<script>alert(1)</script> union select", "description": "<b onclick=a>b</b>"}
    identity = site.call("POST", "/products", KEY, json=body).json()
    product = site.get(f"/products/{identity}", KEY).json()
    assert (product["label"], product["description"]) == ("alert(1) union select", "<b>b</b>")
    refused = site.call(
        "POST",
        "/products",
        KEY,
        data='{"ref": "WAF-2", "label": "x"}',
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert (refused.status_code, "type=0" in refused.text) == (403, True)
    assert site.call("DELETE", f"/products/{identity}", KEY).status_code == 200


def test_wrong_key_costs_a_second(site: SandboxSite) -> None:
    begin = time.monotonic()
    answer = site.get("/status", "wrong")
    assert (answer.status_code, time.monotonic() - begin >= 1.0) == (401, True)
    assert answer.json()["error"]["message"].startswith("Unauthorized: Error user not valid")


def test_methods(site: SandboxSite) -> None:
    assert site.call("OPTIONS", "/status").status_code == 405
    preflight = site.call("OPTIONS", "/status", headers={"Access-Control-Request-Headers": "DOLAPIKEY"})
    assert (preflight.status_code, preflight.headers["Access-Control-Allow-Origin"]) == (204, "*")
    assert (site.call("HEAD", "/status", KEY).status_code, site.call("HEAD", "/status", KEY).text) == (200, "")
    assert site.call("PATCH", "/status", KEY).status_code == 405
    assert site.call("POST", "/status", KEY, headers={"X-HTTP-Method-Override": "GET"}).status_code == 200


def test_compression(site: SandboxSite) -> None:
    assert site.get("/status", KEY, headers={"Accept-Encoding": "gzip"}).headers["Content-Encoding"] == "gzip"
    with constant(site, "API_DISABLE_COMPRESSION", "1"):
        assert "Content-Encoding" not in site.get("/status", KEY, headers={"Accept-Encoding": "gzip"}).headers


def test_calls_are_counted(site: SandboxSite) -> None:
    with constant(site, "API_ENABLE_COUNT_CALLS", "1"):
        for _ in range(3):
            site.get("/status", KEY)
        site.get("/products/999999", KEY)
    assert site.rows("SELECT value FROM llx_user_param WHERE param = 'API_COUNT_CALL'") == [["3"]]
