# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The smoke test's look at a site's certificate: it is checked, or the report says why it was not."""

from __future__ import annotations

import errno
import socket
import ssl
import time
from urllib.parse import urlsplit

from ansible_collections.miclinik.hosting.plugins.module_utils.smoke import rest
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke.visit import Check, Mismatch, Promised, Visit

HTTP, HTTPS = 80, 443
_DAY = 86400
#: What mends a certificate that is refused, by OpenSSL's number (openssl-verification-options(1)).
_MENDS = {
    9: "it begins later: is a clock wrong?",
    10: "renew it, and look why it was not renewed in time",
    18: "it is self-signed: give it as ca_content, or let an authority sign the site's",
    19: "the chain ends in an authority that is not trusted: give that one's certificate as ca_path",
    20: "give the authority's certificate as ca_path; is the chain complete on the server?",
    21: "give the authority's certificate as ca_path; is the chain complete on the server?",
    62: "have it made for the site's domain too",
    64: "have it made for the site's address too",
}


_WORDS = {
    "connect": "the connection failed",
    "timeout": "the connection was taken, and the TLS handshake failed",
    "closed": "the connection was taken, and closed in the TLS handshake",
    "tls": "the TLS connection failed",
}


def certificate(visit: Visit) -> str:
    """The handshake succeeds under the site's name, with a certificate that a browser would take as well."""
    site = visit.site
    if site.plain:
        return "not verified: the proxy in front of this host speaks TLS"
    host = urlsplit(site.base_url).hostname or ""
    address, port = _target(site, host)
    context = _context(site)
    start = time.monotonic()
    taken = False
    try:
        with socket.create_connection((address, port), visit.client.timeout) as plain:
            taken = True
            with context.wrap_socket(plain, server_hostname=host) as tls:
                spoken = f"{tls.version()}, {tls.selected_alpn_protocol() or 'no ALPN'}"
                shown = tls.getpeercert()
    except ssl.SSLCertVerificationError as error:
        mend = site.tls_mend or _MENDS.get(error.verify_code, "look at the certificate's names and dates")
        raise Mismatch(f"a certificate for {host}, vouched for by {_by(site)}", error.verify_message, mend) from None
    except OSError as error:
        kind = _kind(error, taken)
        raise rest.RestError(kind, f"{_WORDS[kind]}: {error}", (time.monotonic() - start) * 1000) from None
    if not shown:
        return f"{spoken}, not verified: validate_certs is off"
    days = int((ssl.cert_time_to_seconds(str(shown["notAfter"])) - time.time()) // _DAY)
    visit.facts["certificate_days_left"] = days
    return f"{spoken}, ends in {days} days, verified with {_by(site)}"


#: Seconds for each address of a name beside the one that has answered.
_ELSEWHERE = 3.0
#: What says that there is no way from here, and nothing of the site: of IPv6 where the caller has none.
_NO_WAY = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT})


def everywhere(visit: Visit) -> None:
    """A client takes any address that the name has: somebody has to be at each of them."""
    url = urlsplit(visit.site.base_url)
    if visit.site.connect_to or not url.hostname:
        return
    host, timeout = url.hostname, min(_ELSEWHERE, visit.client.timeout)
    port = url.port or (HTTPS if url.scheme == "https" else HTTP)
    found = dict.fromkeys(str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
    for address in found if len(found) > 1 else ():
        try:
            socket.create_connection((address, port), timeout).close()
        except OSError as error:
            if error.errno not in _NO_WAY:
                seen = f"{host} has {len(found)} addresses, and at {address} nobody takes the connection: {error}"
                mend = (
                    "take the address out of the DNS (A, AAAA), or have the host listen there and its firewall let it"
                )
                raise Mismatch(f"an answer at every address of {host}", seen, mend, "address-silent") from None


def _kind(error: OSError, taken: bool) -> str:
    """Return what kind of error it is, in the words of `rest.RestError`; `taken`: somebody took the connection."""
    if not taken:
        return "connect"
    if isinstance(error, TimeoutError):
        return "timeout"
    return "tls" if isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLEOFError) else "closed"


def _target(site: Promised, host: str) -> tuple[str, int]:
    usual = urlsplit(site.base_url).port or HTTPS
    if not site.connect_to:
        return host, usual
    address, port = rest.split_address(site.connect_to)
    return address, port or usual


def _context(site: Promised) -> ssl.SSLContext:
    context = ssl.create_default_context(
        cafile=None if site.ca_content else site.ca_path or rest.public_authorities(), cadata=site.ca_content
    )
    if not site.validate_certs:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(["h2", "http/1.1"])
    return context


def _by(site: Promised) -> str:
    if site.ca_content:
        return "the certificate on record"
    return f"the authorities of {site.ca_path}" if site.ca_path else "the public authorities"


def checks(site: Promised) -> list[Check]:
    """The check that a site's base URL calls for: none when it is no https:// one."""
    if urlsplit(site.base_url).scheme != "https":
        return []
    return [Check("tls", "the certificate is the site's, and a client can verify it", certificate)]
