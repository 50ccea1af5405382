# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The smoke test's look at certificates: verified, or said why not."""

from __future__ import annotations

import dataclasses
import errno
import re
import socket
import tempfile
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke import tls as smoke_tls
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke.rest import RestClient
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke.runs import Result, check_site, failures
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke.visit import Promised, Visit

from tests.closing_server import closing

from .conftest import DOMAIN, TlsSite
from .fake_site import KEY, FakeSite


def _site(tls_site: TlsSite, **more: object) -> Promised:
    site = Promised("norte", f"https://{DOMAIN}", f"127.0.0.1:{tls_site.site.port}", key=KEY)
    return dataclasses.replace(site, **more)  # type: ignore[arg-type]


def _tls(site: Promised) -> Result:
    return check_site(site, settle=0)[0]


def test_verified_with_a_file(tls_site: TlsSite) -> None:
    result = _tls(_site(tls_site, ca_path=str(tls_site.ca)))
    assert (result.check, result.ok) == ("tls", True)
    assert result.seen == f"TLSv1.3, no ALPN, ends in 0 days, verified with the authorities of {tls_site.ca}"
    assert tls_site.names[0] == DOMAIN


def test_verified_with_the_certificate_itself(tls_site: TlsSite) -> None:
    results = check_site(_site(tls_site, ca_content=tls_site.ca.read_text()))
    assert failures(results) == ""
    assert results[0].seen == "TLSv1.3, no ALPN, ends in 0 days, verified with the certificate on record"


def test_the_file_of_a_certificate_on_record_goes(
    tls_site: TlsSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    client = RestClient(f"https://{DOMAIN}", ca_content=tls_site.ca.read_text())
    assert [file.read_text() for file in folder.iterdir()] == [tls_site.ca.read_text()]
    client.close()
    assert list(folder.iterdir()) == []


def test_not_verified_and_why(tls_site: TlsSite) -> None:
    result = _tls(_site(tls_site, validate_certs=False))
    assert (result.ok, result.seen) == (True, "TLSv1.3, no ALPN, not verified: validate_certs is off")


def test_refused_ends_the_checks_and_names_the_mend(tls_site: TlsSite) -> None:
    (result,) = check_site(_site(tls_site), settle=0)
    assert (result.check, result.ok) == ("tls", False)
    assert result.expected == f"a certificate for {DOMAIN}, vouched for by the public authorities"
    assert result.seen == "self-signed certificate"
    assert result.mend == "it is self-signed: give it as ca_content, or let an authority sign the site's"
    (result,) = check_site(_site(tls_site, tls_mend="ask the authority"), settle=0)
    assert result.mend == "ask the authority"
    assert tls_site.site.requests == []


def test_another_name(tls_site: TlsSite) -> None:
    site = _site(tls_site, base_url="https://sur.example.org", ca_path=str(tls_site.ca))
    result = _tls(site)
    assert "Hostname mismatch, certificate is not valid for 'sur.example.org'" in result.seen
    assert result.mend == "have it made for the site's domain too"


def test_no_tls_at_all(fake: FakeSite) -> None:
    site = Promised("norte", f"https://{DOMAIN}", f"127.0.0.1:{fake.port}")
    (result,) = check_site(site, settle=0)
    assert re.match(r"the TLS connection failed: \[SSL: \w+\]", result.seen)
    assert (result.ok, result.expected) == (False, "an answer")


@pytest.mark.parametrize("reset", [False, True])
def test_who_closes_the_connection_in_the_handshake(reset: bool) -> None:
    with closing(reset=reset) as port:
        result = _tls(Promised("norte", f"https://{DOMAIN}", f"127.0.0.1:{port}"))
    assert (result.check, result.ok, result.symptom) == ("tls", False, "closed")
    assert result.seen.startswith("the connection was taken, and closed in the TLS handshake: ")


def test_who_is_silent_in_the_handshake() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        site = Promised("norte", f"https://{DOMAIN}", f"127.0.0.1:{silent.getsockname()[1]}")
        result = check_site(site, timeout=0.3, settle=0)[0]
    assert (result.check, result.ok, result.symptom) == ("tls", False, "timeout")


def test_behind_a_proxy_the_host_speaks_plain_http(fake: FakeSite) -> None:
    fake.url_root = f"https://{DOMAIN}"
    site = Promised("norte", f"https://{DOMAIN}", f"127.0.0.1:{fake.port}", key=KEY, plain=True)
    results = check_site(site, settle=0)
    assert failures(results) == ""
    assert results[0].seen == "not verified: the proxy in front of this host speaks TLS"
    assert {request.headers["host"] for request in fake.requests} == {DOMAIN}


def test_plain_http_has_no_such_check(fake: FakeSite) -> None:
    assert smoke_tls.checks(Promised("norte", fake.url)) == []


@pytest.mark.parametrize(
    ("other", "symptom"),
    [("127.0.0.1", ""), ("127.0.0.9", "address-silent")],
)
def test_a_name_with_an_address_at_which_nobody_is(
    tls_site: TlsSite, monkeypatch: pytest.MonkeyPatch, other: str, symptom: str
) -> None:
    known = socket.getaddrinfo

    def found(host: str, port: int, *args: int, **more: int) -> list[Any]:
        wanted = ["127.0.0.1", other]
        listed = known("127.0.0.1" if host == DOMAIN else host, port, *args, **more)
        return [(*entry[:4], (address, port)) for address in wanted for entry in listed] if host == DOMAIN else listed

    monkeypatch.setattr(socket, "getaddrinfo", found)
    port = tls_site.site.port
    tls_site.site.url_root = f"https://{DOMAIN}:{port}"
    site = _site(tls_site, base_url=f"https://{DOMAIN}:{port}", connect_to=None, ca_path=str(tls_site.ca))
    result = next(entry for entry in check_site(site, settle=0) if entry.check == "web")
    assert (result.ok, result.symptom) == (not symptom, symptom)
    assert ("at 127.0.0.9 nobody takes the connection" in result.seen) is bool(symptom)


def test_no_way_to_an_address_says_nothing_of_the_site(tls_site: TlsSite, monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere(address: tuple[str, int], timeout: float) -> socket.socket:
        raise OSError(errno.ENETUNREACH, f"no way to {address[0]} in {timeout}")

    both = [(0, 0, 0, "", ("192.0.2.7", 443)), (0, 0, 0, "", ("2001:db8::7", 443, 0, 0))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, port, type: both)
    monkeypatch.setattr(socket, "create_connection", nowhere)
    smoke_tls.everywhere(Visit(_site(tls_site, connect_to=None), RestClient(f"https://{DOMAIN}")))
