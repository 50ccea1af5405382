# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the web server hands out and what it denies, asked from the controller."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
import requests
from ansible_collections.miclinik.hosting.plugins.module_utils.web import vhost
from testinfra.host import Host

from .calls import base_url, call, get, send
from .choices import web_server
from .conftest import HostedSite

DENIED = (
    "/install/index.php",
    "/install/step1.php",
    "/install/",
    "/conf/conf.php",
    "/conf/",
    "/documents/install.lock",
    "/.git/config",
    "/.htaccess",
    "/README.md",
    "/api/README.md",
    "/documents/",
    "/scripts/",
    "/htdocs/index.php",
    "/langs/",
)
SPOOFED = [name for names in vhost.REFUSED.values() for name in names if name != "Proxy"]


def test_front_page_is_a_login_form(host: Host, site: HostedSite) -> None:
    answer = get(host, site, "/")
    assert answer.status_code == 200
    assert 'name="password"' in answer.text


@pytest.mark.parametrize("path", DENIED)
def test_denied(host: Host, site: HostedSite, path: str) -> None:
    answer = get(host, site, path)
    assert answer.status_code in {403, 404}
    assert 'name="password"' not in answer.text


@pytest.mark.parametrize("path", ["/no-such-page", "/no/such.php", "/no-such.css", "/theme/no-such.png"])
def test_what_is_not_there_is_not_the_front_page(host: Host, site: HostedSite, path: str) -> None:
    assert get(host, site, path).status_code == 404


def test_another_name_is_no_site(host: Host, pytestconfig: pytest.Config) -> None:
    if web_server(host, pytestconfig).package == "nginx":
        with pytest.raises(requests.ConnectionError):
            call(host, "http://other.example.net/")
    else:
        # Apache cannot hang up.
        assert call(host, "http://other.example.net/").status_code == 421


def test_server_names_no_version(host: Host, site: HostedSite, pytestconfig: pytest.Config) -> None:
    answer = get(host, site, "/")
    assert answer.headers["Server"] == web_server(host, pytestconfig).header
    assert "X-Powered-By" not in answer.headers


def test_api_asks_for_a_key(host: Host, site: HostedSite) -> None:
    answer = get(host, site, "/api/index.php/status")
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == 401


def test_query_strings_of_the_api_are_not_logged(host: Host, site: HostedSite, pytestconfig: pytest.Config) -> None:
    marker = f"marker-{site.name}-0f3b"
    get(host, site, f"/api/index.php/status?DOLAPIKEY={marker}")
    # The call itself is on record: without this the next line would pass on a host that logs nothing.
    assert "/api/index.php/status" in host.check_output(
        "cat %s", f"{web_server(host, pytestconfig).logs}/{site.name}.api.log"
    )
    assert host.run("grep -rIl %s /var/log", marker).stdout == ""
    assert host.run("journalctl --no-pager -q --grep %s", f"DOLAPIKEY={marker}").stdout == ""


@pytest.mark.parametrize("header", SPOOFED)
def test_client_address_cannot_be_chosen(host: Host, site: HostedSite, header: str) -> None:
    address = "198.51.100.77"
    get(host, site, "/api/index.php/login?login=nobody&password=wrong", **{header: address})
    assert host.run("grep -rIl %s /var/log %s", address, f"{site.home}/documents").stdout == ""


@pytest.mark.parametrize(("mebibytes", "fits"), [(1, True), (45, False)])
def test_a_body_in_chunks_is_limited(
    host: Host, site: HostedSite, pytestconfig: pytest.Config, mebibytes: int, fits: bool
) -> None:
    """``upload_max_filesize`` is 32M: 43 as text; the form around a file may take one more."""

    def chunks() -> Iterator[bytes]:
        yield from [bytes(1 << 20)] * mebibytes

    users = json.loads(host.file(f"{site.state}/secrets.json").content_string)["users"]
    headers = {"DOLAPIKEY": next(iter(users.values()))["key"]}
    url = f"{base_url(host, site)}/api/index.php/documents/upload"
    answer = send(host, url, "POST", headers, chunks())
    nginx = web_server(host, pytestconfig).package == "nginx"
    # What the application says of zeros is its own affair; the servers say it in pages of their own.
    refused = (413, "Request Entity Too Large") if nginx else (400, "could not understand")
    assert (answer.status_code == refused[0] and refused[1] in answer.text) != fits
