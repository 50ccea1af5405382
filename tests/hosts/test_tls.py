# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Certificates and encryption of the sites that have any, and redirects to them; asked from the controller."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from testinfra.host import Host

from .calls import any_certificate, base_url, call, get, handshake
from .conftest import HostedSite

# Mozilla's intermediate profile, guideline 5.7, for TLS 1.2 (https://ssl-config.mozilla.org), by kind of key.
CIPHERS = {
    "ECDSA": {
        "ECDHE-ECDSA-AES128-GCM-SHA256",
        "ECDHE-ECDSA-AES256-GCM-SHA384",
        "ECDHE-ECDSA-CHACHA20-POLY1305",
    },
    "RSA": {
        "ECDHE-RSA-AES128-GCM-SHA256",
        "ECDHE-RSA-AES256-GCM-SHA384",
        "ECDHE-RSA-CHACHA20-POLY1305",
    },
}
# RFC 9113, 3.4 and 4.1: what a client begins with, and the type of the frame that each side sends first.
H2_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(3) + b"\x04" + bytes(5)
H2_SETTINGS = 4


def names(site: HostedSite) -> list[str]:
    return [site.settings["domain"], *site.settings.get("aliases", [])]


def port(site: HostedSite) -> int:
    return int(site.settings.get("port", 443))


def certificate(host: Host, site: HostedSite, name: str) -> x509.Certificate:
    with handshake(host, port(site), name, any_certificate()) as tls:
        shown = tls.getpeercert(binary_form=True)
    assert shown is not None
    return x509.load_der_x509_certificate(shown)


def only(version: ssl.TLSVersion, ciphers: str = "ALL:@SECLEVEL=0") -> ssl.SSLContext:
    context = any_certificate()
    context.set_ciphers(ciphers)
    context.minimum_version = context.maximum_version = version
    return context


def test_certificate_is_for_the_domain_and_every_alias(host: Host, site: HostedSite) -> None:
    for name in names(site):
        shown = certificate(host, site, name)
        covered = shown.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        addresses = map(str, covered.get_values_for_type(x509.IPAddress))
        assert sorted([*covered.get_values_for_type(x509.DNSName), *addresses]) == sorted(names(site))
        assert shown.not_valid_before_utc <= datetime.now(UTC) < shown.not_valid_after_utc


def test_certificate_is_of_the_kind_asked_for(host: Host, site: HostedSite) -> None:
    shown = certificate(host, site, site.settings["domain"])
    if site.settings["tls"]["mode"] == "selfsigned":
        assert shown.issuer == shown.subject
        assert 30 <= (shown.not_valid_after_utc - datetime.now(UTC)).days <= 397
    else:
        assert shown.issuer != shown.subject


def test_key_is_for_root_alone(host: Host, site: HostedSite) -> None:
    key = host.file(f"{site.state}/tls/key.pem")
    assert (key.user, key.group, key.mode) == ("root", "root", 0o600)
    shown = host.file(f"{site.state}/tls/certificate.pem")
    assert (shown.user, shown.group, shown.mode) == ("root", "root", 0o644)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_version_is_spoken(host: Host, site: HostedSite, version: ssl.TLSVersion) -> None:
    with handshake(host, port(site), site.settings["domain"], only(version)) as tls:
        assert tls.version() == version.name.replace("_", ".")


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
def test_version_is_refused(host: Host, site: HostedSite, version: ssl.TLSVersion) -> None:
    with (
        pytest.warns(DeprecationWarning),
        pytest.raises(ssl.SSLError) as refused,
        handshake(host, port(site), site.settings["domain"], only(version)),
    ):
        pass
    # The server's word, and not that the client here could not ask.
    assert refused.value.reason == "TLSV1_ALERT_PROTOCOL_VERSION"


def test_ciphers_are_those_of_the_intermediate_profile(host: Host, site: HostedSite) -> None:
    taken = set()
    # Python's clients have no shared secrets to offer, so these two kinds cannot be asked for.
    for cipher in only(ssl.TLSVersion.TLSv1_2, "ALL:!PSK:!SRP:@SECLEVEL=0").get_ciphers():
        if cipher["protocol"] == "TLSv1.3":
            continue
        context = only(ssl.TLSVersion.TLSv1_2, f"{cipher['name']}:@SECLEVEL=0")
        try:
            with handshake(host, port(site), site.settings["domain"], context):
                taken.add(cipher["name"])
        except ssl.SSLError as error:
            assert error.reason == "SSLV3_ALERT_HANDSHAKE_FAILURE"
    key = certificate(host, site, site.settings["domain"]).public_key()
    assert taken == CIPHERS["RSA" if isinstance(key, rsa.RSAPublicKey) else "ECDSA"]


def test_http_2(host: Host, site: HostedSite) -> None:
    context = any_certificate()
    context.set_alpn_protocols(["h2", "http/1.1"])
    with handshake(host, port(site), site.settings["domain"], context) as tls:
        assert tls.selected_alpn_protocol() == "h2"
        tls.sendall(H2_PREFACE)
        assert tls.recv(4096)[3] == H2_SETTINGS


def test_plain_http_leads_to_https(host: Host, site: HostedSite) -> None:
    origin = base_url(host, site).removesuffix(site.settings.get("base_path", "/").rstrip("/"))
    for name in names(site):
        page = call(host, f"http://{name}/index.php?a=b")
        assert (page.status_code, page.headers["Location"]) == (301, f"{origin}/index.php?a=b")


def test_plain_http_keeps_the_method_of_a_call_of_the_api(host: Host, site: HostedSite) -> None:
    url = base_url(host, site)
    path = site.settings.get("base_path", "/").rstrip("/") + "/api/index.php/login"
    answer = call(host, f"http://{site.settings['domain']}{path}", "POST")
    assert (answer.status_code, answer.headers["Location"]) == (308, f"{url}/api/index.php/login")


def test_aliases_lead_to_the_domain(host: Host, site: HostedSite) -> None:
    url = base_url(host, site)
    for alias in site.settings.get("aliases", []):
        other = url.replace(site.settings["domain"], alias, 1)
        assert other != url
        page = call(host, f"{other}/index.php")
        assert (page.status_code, page.headers["Location"]) == (301, f"{url}/index.php")
        answer = call(host, f"{other}/api/index.php/login", "POST")
        assert (answer.status_code, answer.headers["Location"]) == (308, f"{url}/api/index.php/login")


def test_browsers_are_told_to_insist_where_they_can_be(host: Host, site: HostedSite) -> None:
    tls = site.settings["tls"]
    told = get(host, site, "/").headers.get("Strict-Transport-Security")
    seconds = tls.get("hsts", 15768000)
    assert told == (None if tls["mode"] == "selfsigned" or not seconds else f"max-age={seconds}")
    assert "Strict-Transport-Security" not in call(host, f"http://{site.settings['domain']}/").headers


@pytest.mark.parametrize("named", ["another", "none", "its own"])
def test_another_name_is_no_site(host: Host, site: HostedSite, named: str) -> None:
    """Whatever the handshake names, a request for a host that is no site's gets none."""
    name = {"another": "other.example.net", "none": None, "its own": site.settings["domain"]}[named]
    answer = b""
    try:
        with handshake(host, port(site), name, any_certificate()) as tls:
            tls.sendall(b"GET / HTTP/1.1\r\nHost: other.example.net\r\nConnection: close\r\n\r\n")
            answer = tls.recv(4096)
    except ssl.SSLError as error:
        assert error.reason == "TLSV1_UNRECOGNIZED_NAME"
    except ConnectionResetError:
        pass
    assert answer == b"" or answer.split()[1] in {b"421", b"403"}
