# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Faults of headers, addresses, certificates and names."""

from __future__ import annotations

import datetime
import ipaddress
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from .bench import Bench
from .fault import Fault
from .faults_vhosts import APACHE, NGINX, UNDO


def _in_api(directive: str) -> str:
    """Put a directive into the vhost's API location, where Nginx hands it to PHP."""
    return f"""keep "$VHOST"
awk '{{ print }} /include snippets\\/miclinik-php.conf;/ && !done {{ print "            {directive}"; done = 1 }}' \\
  "$kept$VHOST" > "$VHOST"
nginx -t -q
reload_web"""


ACCESS = [
    Fault(
        "key-stripped",
        "`DOLAPIKEY` stripped by a proxy",
        "401 with a key that is right",
        ("status", "reads", "operations"),
        "key-stripped",
        'keep "$VHOST"; sed -i "s/^ *RequestHeader unset Proxy$/&\\n    RequestHeader unset DOLAPIKEY/" "$VHOST"'
        "; reload_web",
        UNDO,
        APACHE,
    ),
    Fault(
        "bearer-stripped",
        "`Authorization` stripped by a proxy (no `CGIPassAuth On`)",
        "401 for clients that send `Authorization: Bearer`, and only for these",
        ("bearer",),
        "bearer-stripped",
        'keep "$VHOST"; sed -i "s/CGIPassAuth On/CGIPassAuth Off/" "$VHOST"; reload_web',
        UNDO,
        APACHE,
        since=22,
    ),
    Fault(
        "addresses-web-server",
        "addresses allowed by the web server exclude the caller",
        "403 of the web server",
        ("api", "login", "status", "reads"),
        "address-refused",
        'keep "$VHOST"; sed -i "s/^ *<Files index.php>$/&\\n        Require ip 192.0.2.1 127.0.0.1/" "$VHOST"'
        "; reload_web",
        UNDO,
        APACHE,
    ),
    Fault(
        "key-stripped",
        "`DOLAPIKEY` stripped by a proxy",
        "401 with a key that is right",
        ("status", "reads", "operations"),
        "key-stripped",
        'keep "$VHOST"; sed -i "s/fastcgi_param HTTP_DOLAPIKEY .*/fastcgi_param HTTP_DOLAPIKEY \\"\\";/" "$VHOST"'
        "; reload_web",
        UNDO,
        NGINX,
    ),
    Fault(
        "bearer-stripped",
        "`Authorization` stripped by a proxy",
        "401 for clients that send `Authorization: Bearer`, and only for these",
        ("bearer",),
        "bearer-stripped",
        _in_api('fastcgi_param HTTP_AUTHORIZATION \\"\\";'),
        UNDO,
        NGINX,
        since=22,
    ),
    Fault(
        "addresses-web-server",
        "addresses allowed by the web server exclude the caller",
        "403 of the web server",
        ("api", "login", "status", "reads"),
        "address-refused",
        _in_api("allow 192.0.2.1; allow 127.0.0.1; deny all;"),
        UNDO,
        NGINX,
    ),
    Fault(
        "web-server-down",
        "web server down",
        "no connection",
        ("tls|web",),
        "web-server-down",
        'systemctl stop "$WEB_UNIT"',
        'start "$WEB_UNIT"',
    ),
]


def _pair(domain: str, days: int) -> tuple[str, str]:
    """A self-signed certificate that ends in some days, and its key, as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, domain)])
    now = datetime.datetime.now(datetime.UTC)
    try:
        names: list[x509.GeneralName] = [x509.IPAddress(ipaddress.ip_address(domain))]
    except ValueError:
        names = [x509.DNSName(domain)]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=400))
        .not_valid_after(now + datetime.timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return certificate.public_bytes(serialization.Encoding.PEM).decode(), private.decode()


def _other_certificate(days: int, domain: str | None = None) -> Callable[[Bench], str]:
    def script(bench: Bench) -> str:
        certificate, key = _pair(domain or bench.site["domain"], days)
        return f"""tls=$(readlink -f "$STATE/tls"); keep "$tls/certificate.pem" "$tls/key.pem"
cat > "$tls/certificate.pem" <<'END'
{certificate}END
cat > "$tls/key.pem" <<'END'
{key}END
reload_web"""

    return script


_UNDO_CERTIFICATE = 'tls=$(readlink -f "$STATE/tls"); back "$tls/certificate.pem" "$tls/key.pem"; reload_web'


def _signed_promise(settings: dict[str, Any]) -> None:
    settings["tls"] = {"mode": "acme", "email": "admin@example.org"}


@contextmanager
def _name_leads_astray(bench: Bench) -> Iterator[None]:
    """On the controller the site's domain is an address at which it is not."""
    honest, domain = socket.getaddrinfo, bench.site["domain"]

    def wrong(host: str, *arguments: Any, **named: Any) -> Any:  # noqa: ANN401 (whatever getaddrinfo takes)
        return honest("127.0.0.9" if host == domain else host, *arguments, **named)

    with mock.patch("socket.getaddrinfo", wrong):
        yield


TRUST = [
    Fault(
        "certificate-expired",
        "certificate expired",
        "a warning of the browser; clients refuse the connection",
        ("tls",),
        "certificate-expired",
        _other_certificate(-3),
        _UNDO_CERTIFICATE,
        tls=True,
    ),
    Fault(
        "certificate-name",
        "certificate for a wrong name",
        "a warning of the browser; clients refuse the connection",
        ("tls",),
        "certificate-name",
        _other_certificate(30, "other.example.org"),
        _UNDO_CERTIFICATE,
        tls=True,
    ),
    Fault(
        "certificate-self-signed",
        "certificate self-signed where an authority's was promised",
        "a warning of the browser; clients refuse the connection",
        ("tls",),
        "certificate-untrusted",
        tls=True,
        promise=_signed_promise,
    ),
    Fault(
        "dns",
        "wrong DNS answer, or a wrong line in the controller's /etc/hosts",
        "another server, or none",
        ("tls|web",),
        "name-wrong",
        by_name=True,
        around=_name_leads_astray,
    ),
    Fault(
        "hosts-file",
        "wrong line in the host's /etc/hosts",
        "nothing from outside; the site cannot call itself",
        ("inside",),
        "hosts-file",
        'keep /etc/hosts; echo "192.0.2.7 $DOMAIN" >> /etc/hosts',
        # A mount in containers: it cannot be replaced.
        'cat "$kept/etc/hosts" > /etc/hosts; rm "$kept/etc/hosts"',
    ),
]

FAULTS = [*ACCESS, *TRUST]
