# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the smoke test is told to verify a certificate with, for every kind of site."""

from __future__ import annotations

from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.site.site import Site
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import sites
from ansible_collections.miclinik.hosting.plugins.plugin_utils.tls import trust as tls_trust

CA = "/ca.pem"
ELSE = "set smoke_ca_path to a file with the authority's certificate, or smoke_validate_certs: false"


def _site(**more: Any) -> Site:  # noqa: ANN401
    return sites.plan([{"name": "n", "domain": "n.example.org", "source": {"type": "sandbox"}} | more])[0]


def test_plain_http() -> None:
    assert tls_trust.trust(_site(), {}, CA, True) == {}


def test_behind_a_proxy_that_speaks_tls() -> None:
    site = _site(proxy={"trusted": ["192.0.2.1"], "tls": True})
    assert tls_trust.trust(site, {}, CA, True) == {"plain": True}


def test_self_signed_is_verified_with_itself() -> None:
    site = _site(tls={"mode": "selfsigned"})
    assert tls_trust.trust(site, {"pem": "PEM"}, CA, True) == {"ca_content": "PEM"}


def test_provided() -> None:
    site = _site(tls={"mode": "provided", "certificate": "c", "key": "k"})
    assert tls_trust.trust(site, {"pem": ""}, "", True) == {"tls_mend": ELSE}
    assert tls_trust.trust(site, {"pem": ""}, CA, True) == {"tls_mend": ELSE, "ca_path": CA}
    assert tls_trust.trust(site, {"pem": "PEM"}, CA, True) == {"ca_content": "PEM"}


def test_an_authority_known_to_all_needs_no_file() -> None:
    site = _site(tls={"mode": "acme"})
    assert tls_trust.trust(site, {"self_signed": False, "acme": {}}, CA, True) == {"tls_mend": ELSE}


def test_a_private_authority() -> None:
    site = _site(tls={"mode": "acme", "directory": "https://ca.example.org/dir"})
    seen = {"self_signed": False, "acme": {}}
    assert tls_trust.trust(site, seen, CA, True) == {"tls_mend": ELSE, "ca_path": CA}


def test_a_placeholder_is_never_trusted_and_says_why_it_is_there() -> None:
    site = _site(tls={"mode": "acme"})
    seen = {"self_signed": True, "pem": "PEM", "acme": {"failure": "n.example.org: no such host (dns). Let it be."}}
    assert tls_trust.trust(site, seen, "", True) == {
        "tls_mend": "the authority has given no certificate: n.example.org: no such host (dns). Let it be."
        " Then run the role acme again"
    }
    assert tls_trust.trust(site, seen | {"acme": {}}, "", True) == {
        "tls_mend": "the authority has given no certificate: it was not asked yet. Then run the role acme again"
    }


def test_when_told_nothing_is_verified() -> None:
    for mode in ("selfsigned", "acme"):
        site = _site(tls={"mode": mode})
        assert tls_trust.trust(site, {"pem": "PEM"}, CA, False) == {"validate_certs": False}
