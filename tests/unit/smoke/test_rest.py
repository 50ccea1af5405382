# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The REST client."""

from __future__ import annotations

import gzip
import json
import socket
import time

import pytest
import requests
import urllib3
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke import rest
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke.rest import RestClient, RestError, split_address
from requests.adapters import HTTPAdapter

from tests.closing_server import closing

from .conftest import DOMAIN, TlsSite
from .fake_site import API, KEY, FakeSite, Reply, as_html, as_json


def test_answer_holds_what_came(fake: FakeSite) -> None:
    answer = RestClient(fake.url).api("GET", "/status", key=KEY)
    assert (answer.method, answer.url, answer.status) == ("GET", f"{fake.url}{API}/status", 200)
    assert answer.mime == "application/json"
    assert answer.json() == {"success": {"code": 200, "dolibarr_version": "22.0.4", "access_locked": "0"}}
    assert 0 < answer.ms < 5000
    assert fake.requests[0].key == KEY


def test_no_key_is_sent_unless_given(fake: FakeSite) -> None:
    client = RestClient(fake.url, secrets=[KEY])
    assert client.api("GET", "/status").status == 401
    assert fake.requests[0].key is None


def test_json_is_only_what_the_server_calls_so(fake: FakeSite) -> None:
    fake.answers["/"] = as_html(200, '{"success": 1}')
    answer = RestClient(fake.url).page("/")
    with pytest.raises(ValueError, match="the content type is text/html, not application/json"):
        answer.json()


def test_redirects_are_not_followed_and_cookies_not_kept(fake: FakeSite) -> None:
    fake.answers["/a"] = Reply(302, "", headers={"Location": f"{fake.url}/b", "Set-Cookie": "session=1; Path=/"})
    client = RestClient(fake.url)
    answer = client.page("/a")
    client.page("/b")
    assert (answer.status, answer.headers["location"]) == (302, f"{fake.url}/b")
    assert [request.path for request in fake.requests] == ["/a", "/b"]
    assert "cookie" not in fake.requests[1].headers


def test_environment_is_not_asked(fake: FakeSite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    assert RestClient(fake.url).page("/").status == 200


def test_base_path_and_slash_at_the_end(fake: FakeSite) -> None:
    client = RestClient(f"{fake.url}/miclinik/")
    client.api("GET", "/status")
    assert fake.requests[0].path == f"/miclinik{API}/status"
    assert (client.base_url, client.base_path) == (f"{fake.url}/miclinik", "/miclinik")


def test_body_is_json_and_data_a_form(fake: FakeSite) -> None:
    client = RestClient(fake.url)
    client.api("POST", "/products", body={"ref": "A"})
    client.api("POST", "/products", data={"ref": "A"})
    sent = [(request.headers["content-type"], request.body) for request in fake.requests]
    assert sent == [("application/json", b'{"ref": "A"}'), ("application/x-www-form-urlencoded", b"ref=A")]


def test_connect_to_reaches_another_address(fake: FakeSite) -> None:
    client = RestClient(f"http://{DOMAIN}", connect_to=f"127.0.0.1:{fake.port}")
    answer = client.page("/")
    assert (answer.status, answer.url) == (200, f"http://{DOMAIN}/")
    assert fake.requests[0].headers["host"] == DOMAIN


def test_connect_to_keeps_a_port_of_the_url(fake: FakeSite) -> None:
    client = RestClient(f"http://{DOMAIN}:{fake.port}", connect_to="127.0.0.1")
    assert client.page("/").status == 200
    assert fake.requests[0].headers["host"] == f"{DOMAIN}:{fake.port}"


def test_connect_to_with_tls_checks_the_domain(tls_site: TlsSite) -> None:
    client = RestClient(f"https://{DOMAIN}", connect_to=f"127.0.0.1:{tls_site.site.port}", ca_path=str(tls_site.ca))
    assert client.page("/").status == 200
    assert tls_site.names == [DOMAIN]
    assert tls_site.site.requests[0].headers["host"] == DOMAIN


def test_another_domain_is_refused(tls_site: TlsSite) -> None:
    client = RestClient(
        "https://sur.example.org", connect_to=f"127.0.0.1:{tls_site.site.port}", ca_path=str(tls_site.ca)
    )
    with pytest.raises(RestError, match=r"sur\.example\.org") as raised:
        client.page("/")
    assert raised.value.kind == "tls"
    assert tls_site.site.requests == []


def test_unknown_authority_is_refused_and_may_be_ignored(tls_site: TlsSite) -> None:
    address = f"127.0.0.1:{tls_site.site.port}"
    with pytest.raises(RestError) as raised:
        RestClient(f"https://{DOMAIN}", connect_to=address).page("/")
    assert raised.value.kind == "tls"
    assert RestClient("https://sur.example.org", connect_to=address, verify=False).page("/").status == 200


def test_ca_file_that_is_missing_is_named(tls_site: TlsSite) -> None:
    client = RestClient(f"https://{DOMAIN}", connect_to=f"127.0.0.1:{tls_site.site.port}", ca_path="/no/such.pem")
    with pytest.raises(RestError, match=r"/no/such\.pem"):
        client.page("/")


def test_nobody_listens() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(RestError, match="Connection refused") as raised:
        RestClient(f"http://127.0.0.1:{port}").page("/")
    assert raised.value.kind == "connect"
    assert "0x" not in str(raised.value)


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("reset", [False, True])
def test_who_takes_a_connection_and_closes_it_is_no_firewall(scheme: str, reset: bool) -> None:
    with closing(reset=reset) as port, pytest.raises(RestError, match="taken, and closed without an") as raised:
        RestClient(f"{scheme}://127.0.0.1:{port}", verify=False).page("/")
    assert raised.value.kind == "closed"


def test_silence_ends_at_the_timeout() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        start = time.monotonic()
        with pytest.raises(RestError, match=r"no answer within 0\.3 s") as raised:
            RestClient(f"http://127.0.0.1:{silent.getsockname()[1]}", timeout=0.3).page("/")
        assert raised.value.kind == "timeout"
        assert time.monotonic() - start < 2


def test_trickle_ends_at_the_timeout(fake: FakeSite) -> None:
    fake.answers["/"] = Reply(200, "text/plain", b"x" * 100, slow=0.1)
    start = time.monotonic()
    with pytest.raises(RestError, match="not complete") as raised:
        RestClient(fake.url, timeout=0.4).page("/")
    assert raised.value.kind == "timeout"
    assert time.monotonic() - start < 3


def test_size_is_limited(fake: FakeSite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rest, "BODY_LIMIT", 10)
    fake.answers["/"] = Reply(200, "text/plain", b"x" * 11)
    with pytest.raises(RestError, match="longer than 10 bytes") as raised:
        RestClient(fake.url).page("/")
    assert raised.value.kind == "size"


def test_compressed_answer_is_unpacked(fake: FakeSite) -> None:
    content = {"paths": [f"/path/{number}" for number in range(50_000)]}
    packed = gzip.compress(json.dumps(content).encode())
    fake.answers["/"] = Reply(200, "application/json", packed, headers={"Content-Encoding": "gzip"})
    assert RestClient(fake.url).page("/").json() == content


def test_answer_that_breaks_off(fake: FakeSite) -> None:
    fake.answers["/"] = Reply(200, "text/plain", b"half", breaks_off=True)
    with pytest.raises(RestError, match="IncompleteRead"):
        RestClient(fake.url).page("/")


@pytest.mark.parametrize(
    "url",
    ["norte.example.org", "ftp://norte.example.org", "http://u:p@norte.example.org", "http://h/?a=1", "http://h/#a"],
)
def test_base_url_has_to_be_one(url: str) -> None:
    with pytest.raises(RestError, match="the base URL has to be") as raised:
        RestClient(url)
    assert raised.value.kind == "url"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("10.0.0.1", ("10.0.0.1", None)),
        ("10.0.0.1:8080", ("10.0.0.1", 8080)),
        ("host", ("host", None)),
        ("::1", ("::1", None)),
        ("[::1]:443", ("::1", 443)),
        ("[::1]", ("::1", None)),
    ],
)
def test_addresses(value: str, expected: tuple[str, int | None]) -> None:
    assert split_address(value) == expected


@pytest.mark.parametrize("value", ["", "a b", "host:", "host:x", "http://host", "[::1"])
def test_what_is_no_address(value: str) -> None:
    with pytest.raises(RestError, match="not an address"):
        split_address(value)


def test_description_is_one_line_without_markup_or_secret(fake: FakeSite) -> None:
    fake.answers["/"] = as_html(
        503, "<style>p{}</style><p>Sorry,\n the key\t<b>s3cret/key</b> is not good</p><script>x()</script>"
    )
    answer = RestClient(fake.url, secrets=["s3cret/key"]).page("/")
    assert answer.describe() == '503, text/html, "Sorry, the key *** is not good"'
    fake.answers["/"] = Reply(302, "", headers={"Location": "/x?key=s3cret%2Fkey"})
    assert RestClient(fake.url, secrets=["s3cret/key"]).page("/").describe() == (
        "302, no content type, Location: /x?key=***, an empty body"
    )


def test_description_is_cut_after_the_secrets_are_gone(fake: FakeSite) -> None:
    # Cut first, the half of a key at the end would be shown.
    fake.answers["/"] = as_json(200, "x" * 150 + "topsecret-topsecret")
    shown = RestClient(fake.url, secrets=["topsecret-topsecret"]).page("/").describe()
    assert "topsecret" not in shown


def test_key_that_was_sent_is_concealed(fake: FakeSite) -> None:
    fake.answers["/"] = lambda request: as_html(200, f"you sent {request.key}")
    assert RestClient(fake.url).page("/", key="another-key").describe() == '200, text/html, "you sent ***"'


def test_without_requests_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rest, "REQUESTS_MISSING", "Traceback ...")
    with pytest.raises(RestError, match="the Python library requests is missing"):
        RestClient("http://127.0.0.1")


@pytest.mark.parametrize("plain", [False, True])
def test_requests_and_urllib3_of_debian_12(
    monkeypatch: pytest.MonkeyPatch, fake: FakeSite, tls_site: TlsSite, plain: bool
) -> None:
    """requests 2.28 has one method in place of another, urllib3 1.26 has no read1."""

    def old(self: HTTPAdapter, request: requests.PreparedRequest, *_: object, **__: object) -> object:
        return self.get_connection(request.url or "")

    monkeypatch.setattr(HTTPAdapter, "get_connection_with_tls_context", old)
    monkeypatch.delattr(urllib3.HTTPResponse, "read1")
    monkeypatch.delattr(urllib3.BaseHTTPResponse, "read1")
    port = fake.port if plain else tls_site.site.port
    client = RestClient(
        f"https://{DOMAIN}", connect_to=f"127.0.0.1:{port}", ca_path=str(tls_site.ca), plain=plain, secrets=(KEY,)
    )
    answer = client.api("GET", "/status", key=KEY)
    assert answer.status == 200
    assert answer.json() == {"success": {"code": 200, "dolibarr_version": "22.0.4", "access_locked": "0"}}
    assert tls_site.names == ([] if plain else [DOMAIN])
    client.close()
    stranger = RestClient(
        "https://sur.example.org", connect_to=f"127.0.0.1:{tls_site.site.port}", ca_path=str(tls_site.ca)
    )
    with pytest.raises(RestError, match="the TLS connection failed") as failed:
        stranger.page("/")
    assert failed.value.kind == "tls"
