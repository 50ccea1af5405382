# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The vhosts that work and those that only look as if they did.

Each row is as measured on Dolibarr 22.0.4 behind nginx 1.22.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from .conftest import KEY
from .site import GOOD, SandboxSite

SNIPPET = (
    "fastcgi_split_path_info ^(.+?\\.php)(/.*)$; try_files $fastcgi_script_name =404; "
    "set $path_info $fastcgi_path_info; fastcgi_param PATH_INFO $path_info; "
    "fastcgi_index index.php; include /etc/nginx/fastcgi.conf; fastcgi_pass unix:@socket@;"
)
PASS = "include /etc/nginx/fastcgi.conf; fastcgi_pass unix:@socket@;"
SPLIT = "fastcgi_split_path_info ^(.+?\\.php)(/.*)$;"
NOT_FOUND = "location / { try_files $uri $uri/ =404; }"

HTML_404 = (404, "text/html")
JSON_404 = (404, "application/json")
LOGIN = (200, "text/html")
JSON = (200, "application/json")
PAGE = (200, "text/html")


@dataclass(frozen=True)
class Row:
    """What status, explorer/ and swagger.json answer; ``paths``: 0 = none, -1 = all, None = not JSON."""

    vhost: str
    status: tuple[int, str]
    explorer: tuple[int, str]
    swagger: tuple[int, str]
    paths: int | None = None


MATRIX = {
    "php at the end only, / is 404": Row(
        f"location ~ \\.php$ {{ {SNIPPET} }} {NOT_FOUND}", HTML_404, HTML_404, HTML_404
    ),
    "php at the end only, / falls back to index.php": Row(
        f"location ~ \\.php$ {{ {SNIPPET} }} location / {{ try_files $uri $uri/ /index.php; }}", LOGIN, LOGIN, LOGIN
    ),
    "Debian's snippet": Row(f"location ~ \\.php(/|$) {{ {SNIPPET} }} {NOT_FOUND}", JSON, PAGE, JSON, -1),
    "try_files of the URI without a split first": Row(
        f"location ~ \\.php(/|$) {{ try_files $uri =404; {PASS} }} {NOT_FOUND}", HTML_404, HTML_404, HTML_404
    ),
    "split without PATH_INFO": Row(f"location ~ \\.php(/|$) {{ {SPLIT} {PASS} }} {NOT_FOUND}", JSON_404, PAGE, JSON, 0),
    "neither split nor PATH_INFO": Row(
        f"location ~ \\.php(/|$) {{ {PASS} }} {NOT_FOUND}", JSON_404, JSON_404, JSON_404
    ),
    "split and PATH_INFO, no PATH_TRANSLATED": Row(
        f"location ~ \\.php(/|$) {{ {SPLIT} fastcgi_param PATH_INFO $fastcgi_path_info; {PASS} }} {NOT_FOUND}",
        JSON,
        PAGE,
        JSON,
        -1,
    ),
    "static files by their ending before PHP": Row(
        "location ~ \\.(js|css|png|json|html)$ { try_files $uri =404; } "
        f"location ~ \\.php(/|$) {{ {SNIPPET} }} {NOT_FOUND}",
        JSON,
        PAGE,
        HTML_404,
    ),
    "the toolkit's shape": Row(GOOD, JSON, PAGE, JSON, -1),
}


def kind(site: SandboxSite, path: str) -> tuple[int, str]:
    answer = site.get(path, KEY)
    return answer.status_code, answer.headers["Content-Type"].split(";")[0]


@pytest.mark.parametrize("name", MATRIX)
def test_vhost(site: SandboxSite, name: str) -> None:
    row = MATRIX[name]
    site.serve(row.vhost)
    seen = {path: kind(site, path) for path in ("/status", "/explorer/", "/explorer/swagger.json")}
    assert seen == {"/status": row.status, "/explorer/": row.explorer, "/explorer/swagger.json": row.swagger}
    if row.status == LOGIN:
        assert 'name="password"' in site.get("/status", KEY).text
    if row.paths is not None:
        paths = site.get("/explorer/swagger.json", KEY).json()["paths"]
        if row.paths == 0:
            assert paths == {}
        else:
            assert {"/status", "/products", "/thirdparties/{id}", "/orders/{id}/validate", "/invoices"} <= set(paths)


def test_without_fix_pathinfo_every_endpoint_breaks(site: SandboxSite) -> None:
    site.serve(GOOD, {"cgi.fix_pathinfo": "0"})
    assert kind(site, "/status") == JSON_404
    assert kind(site, "/products") == JSON_404


def test_without_output_buffering_501_and_503_become_200(site: SandboxSite) -> None:
    site.constant("API_RESTRICT_ON_IP", "10.1.1.1")
    try:
        for buffering, unknown, restricted in (("4096", 501, 503), ("0", 200, 200)):
            site.serve(GOOD, {"output_buffering": buffering})
            assert site.get("/status", KEY).status_code == restricted
            assert site.get("/nosuch", KEY, headers={"X-Forwarded-For": "10.1.1.1"}).status_code == unknown
    finally:
        site.constant("API_RESTRICT_ON_IP", "")


def below_miclinik(site: SandboxSite) -> Path:
    """A document root in which the application is a folder named miclinik."""
    root = site.folder / "www"
    root.mkdir(exist_ok=True)
    if not (root / "miclinik").is_symlink():
        (root / "miclinik").symlink_to(site.root)
    return root


def test_sub_path_by_named_captures(site: SandboxSite) -> None:
    site.configure(url_root=site.base_url + "/miclinik")
    try:
        site.serve(
            "location ~ ^/miclinik(?<script>/.+?\\.php)(?<rest>/.*)?$ { include /etc/nginx/fastcgi_params; "
            f"fastcgi_param SCRIPT_FILENAME {site.root}$script; fastcgi_param SCRIPT_NAME /miclinik$script; "
            f"fastcgi_param PATH_INFO $rest; fastcgi_param DOCUMENT_ROOT {site.root}; fastcgi_pass unix:@socket@; }}"
        )
        described = site.get("/explorer/swagger.json", KEY, prefix="/miclinik/api/index.php").json()
        assert (described["basePath"], "/products" in described["paths"]) == ("/miclinik/api/index.php", True)
        moved = site.get("/explorer", KEY, prefix="/miclinik/api/index.php")
        assert moved.headers["Location"] == site.base_url + "/miclinik/api/index.php/explorer/"
    finally:
        site.configure()


def test_sub_path_by_a_link(site: SandboxSite) -> None:
    site.configure(url_root=site.base_url + "/miclinik")
    try:
        site.serve(GOOD, root=below_miclinik(site))
        assert (
            site.get("/status", KEY, prefix="/miclinik/api/index.php").json()["success"]["dolibarr_version"] == "22.0.4"
        )
        assert (
            site.get("/explorer/swagger.json", KEY, prefix="/miclinik/api/index.php").json()["basePath"]
            == "/miclinik/api/index.php"
        )
    finally:
        site.configure()


def test_sub_path_by_an_alias_that_drops_the_prefix(site: SandboxSite) -> None:
    site.configure(url_root=site.base_url + "/miclinik")
    try:
        site.serve(
            "location /miclinik/ { alias @root@/; location ~ ^/miclinik(/.+\\.php)(/|$) { "
            "fastcgi_split_path_info ^/miclinik(/.+?\\.php)(/.*)$; include /etc/nginx/fastcgi_params; "
            "fastcgi_param SCRIPT_FILENAME @root@$fastcgi_script_name; fastcgi_param PATH_INFO $fastcgi_path_info; "
            "fastcgi_pass unix:@socket@; } }"
        )
        for path in ("/status", "/explorer/", "/explorer/swagger.json"):
            answer = site.get(path, KEY, prefix="/miclinik/api/index.php")
            assert (answer.status_code, answer.headers["Content-Type"].split(";")[0]) == JSON_404
    finally:
        site.configure()


def test_host_header_changes_nothing(site: SandboxSite) -> None:
    site.serve()
    described = site.get("/explorer/swagger.json", KEY, headers={"Host": "evil.example"}).json()
    assert described["host"] == site.base_url.removeprefix("http://")
    moved = site.get("/explorer", headers={"Host": "evil.example"})
    assert (moved.status_code, moved.headers["Location"]) == (302, site.base_url + "/api/index.php/explorer/")
