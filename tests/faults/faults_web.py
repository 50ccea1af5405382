# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Faults of vhosts, headers, addresses, certificates and names."""

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

NGINX = ("nginx",)
APACHE = ("apache",)
_API = ("api", "login", "status", "operations")
#: Without a table of routes the API itself and the list of operations are gone too.
_LOST = ("login", "status", "reads")
_UNDO_VHOST = 'back "$VHOST"; reload_web'
_SPLIT = r"fastcgi_split_path_info ^(.+?\.php)(/.*)$;"


def classic(location: str, otherwise: str = "=404") -> Callable[[Bench], str]:
    """A vhost as people find it in forums, around one PHP location."""

    def script(bench: Bench) -> str:
        site = bench.site
        tls = (
            f"include snippets/miclinik-tls.conf; ssl_certificate {site['certificate']};"
            f" ssl_certificate_key {site['private_key']};"
            if site["encrypted"]
            else ""
        )
        text = f"""server {{
    listen {site["listen"]}{" ssl" if site["encrypted"] else ""};
    {tls}
    server_name {site["domain"]};
    root {site["root"]};
    index index.php;
    location / {{ try_files $uri $uri/ {otherwise}; }}
    {location.replace("SOCKET", f"/run/php/miclinik-{site['name']}-api.sock")}
}}"""
        return f'keep "$VHOST"\ncat > "$VHOST" <<\'END\'\n{text}\nEND\nnginx -t -q\nreload_web'

    return script


def _php(*lines: str, match: str = r"[^/]\.php(/|$)") -> str:
    inside = "\n        ".join((*lines, "fastcgi_pass unix:SOCKET;"))
    return f"location ~ {match} {{\n        {inside}\n    }}"


_PARAMS = "include fastcgi_params; fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;"
_SENT = "fastcgi_param PATH_INFO $fastcgi_path_info;"

VHOSTS = [
    Fault(
        "no-path-info",
        "vhost without PATH_INFO",
        "the explorer opens; endpoints are 404, or with a warm table of routes 500 and empty",
        _LOST,
        "vhost-path-info",
        classic(_php(_SPLIT, _PARAMS)),
        _UNDO_VHOST,
        NGINX,
    ),
    Fault(
        "php-location",
        r"`location ~ \.php$`",
        "404 of Nginx for the explorer and every endpoint",
        _API,
        "vhost-php-location",
        classic(_php(_PARAMS, match=r"\.php$")),
        _UNDO_VHOST,
        NGINX,
    ),
    Fault(
        "try-files-uri",
        "`try_files $uri =404` in the PHP location",
        "404 of Nginx for the explorer and every endpoint",
        _API,
        "vhost-try-files",
        classic(_php("try_files $uri =404;", _SPLIT, _PARAMS, _SENT)),
        _UNDO_VHOST,
        NGINX,
    ),
    Fault(
        "try-files-script",
        "`try_files $fastcgi_script_name` that resets PATH_INFO",
        "the explorer opens; endpoints are 404, or with a warm table of routes 500 and empty",
        _LOST,
        "vhost-path-info-reset",
        classic(_php(_SPLIT, "try_files $fastcgi_script_name =404;", _PARAMS, _SENT)),
        _UNDO_VHOST,
        NGINX,
    ),
    Fault(
        "fallback",
        "everything falls back to index.php",
        "the login page, with status 200, for every endpoint and every typing error",
        ("not-found", *_API),
        "vhost-fallback",
        classic(_php(_PARAMS, match=r"\.php$"), "/index.php"),
        _UNDO_VHOST,
        NGINX,
    ),
]


def _in_api(directive: str) -> str:
    """Put a directive into the vhost's API location, where Nginx hands it to PHP."""
    return f"""keep "$VHOST"
awk '{{ print }} /include snippets\\/miclinik-php.conf;/ && !done {{ print "            {directive}"; done = 1 }}' \\
  "$kept$VHOST" > "$VHOST"
nginx -t -q
reload_web"""


def classic_apache(*lines: str) -> Callable[[Bench], str]:
    """A vhost of Apache as people find it in forums; `ROOT` and `SOCKET` stand for the site's."""

    def script(bench: Bench) -> str:
        site = bench.site
        tls = (
            f"""Include conf-available/miclinik-tls.conf
    SSLCertificateFile {site["certificate"]}
    SSLCertificateKeyFile {site["private_key"]}"""
            if site["encrypted"]
            else ""
        )
        inside = "\n    ".join(lines).replace("ROOT", site["root"])
        inside = inside.replace("SOCKET", f"/run/php/miclinik-{site['name']}-api.sock")
        text = f"""<VirtualHost *:{site["listen"]}>
    ServerName {site["domain"]}
    DocumentRoot {site["root"]}
    {tls}
    <Directory {site["root"]}>
        Options FollowSymLinks
        Require all granted
        DirectoryIndex index.php
    </Directory>
    {inside}
</VirtualHost>"""
        return f'keep "$VHOST"\ncat > "$VHOST" <<\'END\'\n{text}\nEND\napachectl -t\nreload_web'

    return script


_MATCH = 'ProxyPassMatch "^/(.*\\.php)$" "unix:SOCKET|fcgi://localhostROOT/$1"'

VHOSTS_APACHE = [
    Fault(
        "php-location",
        "`ProxyPassMatch ^/(.*\\.php)$`",
        "404 of Apache for the explorer and every endpoint",
        _API,
        "vhost-php-location",
        classic_apache(_MATCH),
        _UNDO_VHOST,
        APACHE,
    ),
    Fault(
        "fallback",
        "`FallbackResource /index.php`",
        "the login page, with status 200, for every typing error",
        ("not-found",),
        "vhost-fallback",
        classic_apache(_MATCH, "FallbackResource /index.php"),
        _UNDO_VHOST,
        APACHE,
    ),
    Fault(
        "key-stripped",
        "`DOLAPIKEY` stripped by a proxy",
        "401 with a key that is right",
        ("status", "reads", "operations"),
        "key-stripped",
        'keep "$VHOST"; sed -i "s/^ *RequestHeader unset Proxy$/&\\n    RequestHeader unset DOLAPIKEY/" "$VHOST"'
        "; reload_web",
        _UNDO_VHOST,
        APACHE,
    ),
    Fault(
        "bearer-stripped",
        "`Authorization` stripped by a proxy (no `CGIPassAuth On`)",
        "401 for clients that send `Authorization: Bearer`, and only for these",
        ("bearer",),
        "bearer-stripped",
        'keep "$VHOST"; sed -i "s/CGIPassAuth On/CGIPassAuth Off/" "$VHOST"; reload_web',
        _UNDO_VHOST,
        APACHE,
        since=22,
    ),
    Fault(
        "addresses-web-server",
        "addresses allowed by the web server exclude the caller",
        "403 of the web server",
        ("api", "login", "status", "reads"),
        "address-refused",
        'keep "$VHOST"; sed -i "s/^ *SetHandler .*-api.sock.*$/&\\n        Require ip 192.0.2.1 127.0.0.1/" "$VHOST"'
        "; reload_web",
        _UNDO_VHOST,
        APACHE,
    ),
]


ACCESS = [
    Fault(
        "key-stripped",
        "`DOLAPIKEY` stripped by a proxy",
        "401 with a key that is right",
        ("status", "reads", "operations"),
        "key-stripped",
        _in_api('fastcgi_param HTTP_DOLAPIKEY \\"\\";'),
        _UNDO_VHOST,
        NGINX,
    ),
    Fault(
        "bearer-stripped",
        "`Authorization` stripped by a proxy",
        "401 for clients that send `Authorization: Bearer`, and only for these",
        ("bearer",),
        "bearer-stripped",
        _in_api('fastcgi_param HTTP_AUTHORIZATION \\"\\";'),
        _UNDO_VHOST,
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
        _UNDO_VHOST,
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

FAULTS = [*VHOSTS, *VHOSTS_APACHE, *ACCESS, *TRUST]
