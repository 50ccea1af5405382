# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Faults of vhosts: shapes that people find in forums, and that break the API."""

from __future__ import annotations

from collections.abc import Callable

from .bench import Bench
from .fault import Fault

NGINX = ("nginx",)
APACHE = ("apache",)
_API = ("api", "login", "status", "operations")
#: Without a table of routes the API itself and the list of operations are gone too.
_LOST = ("login", "status", "reads")
UNDO = 'back "$VHOST"; reload_web'
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
    {location.replace("SOCKET", site["sockets"]["api"])}
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
        UNDO,
        NGINX,
    ),
    Fault(
        "php-location",
        r"`location ~ \.php$`",
        "404 of Nginx for the explorer and every endpoint",
        _API,
        "vhost-php-location",
        classic(_php(_PARAMS, match=r"\.php$")),
        UNDO,
        NGINX,
    ),
    Fault(
        "try-files-uri",
        "`try_files $uri =404` in the PHP location",
        "404 of Nginx for the explorer and every endpoint",
        _API,
        "vhost-try-files",
        classic(_php("try_files $uri =404;", _SPLIT, _PARAMS, _SENT)),
        UNDO,
        NGINX,
    ),
    Fault(
        "try-files-script",
        "`try_files $fastcgi_script_name` that resets PATH_INFO",
        "the explorer opens; endpoints are 404, or with a warm table of routes 500 and empty",
        _LOST,
        "vhost-path-info-reset",
        classic(_php(_SPLIT, "try_files $fastcgi_script_name =404;", _PARAMS, _SENT)),
        UNDO,
        NGINX,
    ),
    Fault(
        "fallback",
        "everything falls back to index.php",
        "the login page, with status 200, for every endpoint and every typing error",
        ("not-found", *_API),
        "vhost-fallback",
        classic(_php(_PARAMS, match=r"\.php$"), "/index.php"),
        UNDO,
        NGINX,
    ),
]


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
        inside = inside.replace("SOCKET", site["sockets"]["api"])
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
        UNDO,
        APACHE,
    ),
    Fault(
        "fallback",
        "`FallbackResource /index.php`",
        "the login page, with status 200, for every typing error",
        ("not-found",),
        "vhost-fallback",
        classic_apache(_MATCH, "FallbackResource /index.php"),
        UNDO,
        APACHE,
    ),
]


def _other_nginx(bench: Bench) -> str:
    site = bench.site
    tls = f" ssl; ssl_certificate {site['certificate']}; ssl_certificate_key {site['private_key']}"
    return f"""cat > /etc/nginx/sites-enabled/000-shop <<'END'
server {{
    listen {site["listen"]}{tls if site["encrypted"] else ""};
    server_name {site["domain"]};
    return 200 "shop";
}}
END
nginx -t -q; reload_web"""


def _other_apache(bench: Bench) -> str:
    site = bench.site
    tls = f"""Include conf-available/miclinik-tls.conf
    SSLCertificateFile {site["certificate"]}
    SSLCertificateKeyFile {site["private_key"]}"""
    return f"""cat > /etc/apache2/sites-enabled/000-shop.conf <<'END'
<VirtualHost *:{site["listen"]}>
    ServerName shop.example.org
    ServerAlias *.{site["domain"].partition(".")[2]}
    DocumentRoot /var/www/html
    {tls if site["encrypted"] else ""}
</VirtualHost>
END
apachectl -t; reload_web"""


OTHERS = [
    Fault(
        "name-taken",
        "another vhost with the site's name, read first",
        "another site",
        ("web", *_API),
        "name-taken",
        _other_nginx,
        "rm -f /etc/nginx/sites-enabled/000-shop; reload_web",
        NGINX,
    ),
    Fault(
        "name-taken",
        "another vhost with a `ServerAlias` that covers the site's name, read first",
        "another site",
        ("web", *_API),
        "name-taken",
        _other_apache,
        "rm -f /etc/apache2/sites-enabled/000-shop.conf; reload_web",
        APACHE,
    ),
]

FAULTS = [*VHOSTS, *VHOSTS_APACHE, *OTHERS]
