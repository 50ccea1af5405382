# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Faults on the way to the site: what the web server refuses, names, the firewall, and the clock."""

from __future__ import annotations

import random

from .draws import AGAIN, Draw, kind, lines, named, php_unit, web_unit
from .lab import Lab

_NGINX = (
    "if ($request_method = POST) { return 405; }",
    "if ($request_method !~ ^(GET|HEAD)$) { return 403; }",
    "location ^~ /api { deny all; }",
    "location ~ \\.css$ { return 403; }",
    "location = / { return 301 https://elsewhere.example/; }",
    "client_max_body_size 100;",
    "client_max_body_size 64k;",
    "client_max_body_size 900k;",
    "large_client_header_buffers 2 1k;",
    "large_client_header_buffers 4 4k;",
    "if ($http_dolapikey) { return 400; }",
    "if ($http_cookie) { return 403; }",
    "deny all;",
    "allow 192.0.2.0/24; deny all;",
    "rewrite ^/api/(.*)$ /$1 last;",
    "rewrite ^ /index.php last;",
    "limit_rate 20;",
    "keepalive_timeout 0; client_body_timeout 1ms;",
    "send_timeout 1ms;",
    "auth_basic closed; auth_basic_user_file /etc/nginx/none;",
    "fastcgi_read_timeout 1ms;",
    "fastcgi_buffer_size 64; fastcgi_buffers 2 64;",
    "error_page 401 =200 /index.php;",
    "add_header Content-Encoding gzip always;",
    "types { text/plain css js html; }",
    "index nothing.html;",
    "return 503;",
    "ssl_ciphers NULL;",
    "ssl_protocols TLSv1;",
    "limit_except GET { deny all; }",
)
_APACHE = (
    "<LimitExcept GET HEAD>\nRequire all denied\n</LimitExcept>",
    "<Location /api>\nRequire all denied\n</Location>",
    "<LocationMatch \\.css$>\nRequire all denied\n</LocationMatch>",
    "LimitRequestBody 100",
    "LimitRequestBody 65536",
    "LimitRequestFieldSize 1000",
    "LimitRequestFields 3",
    "LimitRequestLine 20",
    "<Location />\nRequire ip 192.0.2.1\n</Location>",
    "RequestHeader unset DOLAPIKEY",
    "RequestHeader unset Cookie",
    "RequestHeader unset Content-Type",
    "Redirect 301 / https://elsewhere.example/",
    "RewriteEngine On\nRewriteRule ^ - [R=503]",
    "RewriteEngine On\nRewriteCond %{REQUEST_METHOD} POST\nRewriteRule ^ - [F]",
    "RewriteEngine On\nRewriteCond %{HTTP_USER_AGENT} clinic|miclinik\nRewriteRule ^ - [F]",
    "Header always set Content-Encoding gzip",
    "Header always unset Set-Cookie",
    "ProxyTimeout 1\nTimeout 1",
    "ErrorDocument 401 /index.php",
    "DirectoryIndex nothing.html",
    "SSLProtocol -all +TLSv1",
    "Alias /api /tmp",
    "AcceptPathInfo Off",
)


@kind("web directive")
def directive(lab: Lab, chance: random.Random) -> Draw | None:
    """A directive of the web server that refuses something, in the site's vhost or for all of them."""
    words = chance.choice(_NGINX if lab.web_server == "nginx" else _APACHE)
    if lab.web_server == "nginx":
        vhost = "/etc/nginx/sites-available/norte.conf"
        wide = words.startswith(
            ("client_", "large_", "deny", "allow", "limit_rate", "send_", "fastcgi_", "ssl_", "add_")
        )
        if wide and chance.random() < 0.3:
            path = "/etc/nginx/conf.d/zz-drawn.conf"
            put = f"printf '%s\\n' '{words}' > {path}"
        else:
            path = vhost
            if words.startswith("limit_except"):
                put = f"perl -0pi -e 's/(location [^{{]*api[^{{]*\\{{)/$1\\n{words}/' {path}"
            else:
                put = f"""W='{words}' perl -0pi -e 's/(server_name [^;]*;)/$1\\n    $ENV{{W}}/g' {path}; nginx -t 2>/tmp/t || {{ W='{words}' perl -0pi -e 's/\\n    \\Q$ENV{{W}}\\E//' {path}; }}"""
    else:
        path = chance.choice(["/etc/apache2/sites-available/norte.conf", "/etc/apache2/conf-enabled/zz-drawn.conf"])
        put = (
            f"printf '%s\\n' '{words}' > {path}"
            if "zz-" in path
            else f"""W='{words}' perl -0pi -e 's/(<\\/VirtualHost>)/$ENV{{W}}\\n$1/g' {path}"""
        )
    more = "a2enmod -q headers rewrite >/dev/null 2>&1;" if lab.web_server == "apache" else ""
    return Draw(
        "web directive",
        f"{path}: {words}",
        f"{more}{put}; {AGAIN}again {web_unit(lab)}",
        (*named(path), *named(words.split("\n")[0])),
    )


@kind("network")
def network(lab: Lab, chance: random.Random) -> Draw | None:
    """Names that lead elsewhere or nowhere, and packets that are dropped or refused."""
    data = "3306" if lab.engine == "mariadb" else "5432"
    rule = "nft add table inet drawn; nft 'add chain inet drawn {hook} {{ type filter hook {hook} priority -5; }}'; nft add rule inet drawn {hook} {what}"
    ways: dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
        f"tcp dport {port} {verdict} ({hook})": (
            rule.format(hook=hook, what=f"tcp dport {port} {verdict}"),
            (rf"\b{port}\b", "drawn"),
            ("firewall",),
        )
        for port in ("80", "443", data)
        for verdict in ("drop", "reject")
        for hook in ("input", "output")
    }
    ways |= {
        "all tcp to the host dropped, but SSH": (
            rule.format(hook="input", what="tcp dport != 22 drop"),
            ("drawn",),
            ("firewall",),
        ),
        "loopback dropped": (rule.format(hook="input", what="iif lo drop"), ("drawn", r"\blo\b"), ("firewall",)),
        "a line of hosts for the site": (
            "echo '192.0.2.7 norte.example.org' >> /etc/hosts",
            ("/etc/hosts",),
            ("hosts-file",),
        ),
        "localhost elsewhere": ("printf '192.0.2.7 localhost\\n' > /etc/hosts", ("/etc/hosts",), ("hosts-file",)),
        "hosts empty": (": > /etc/hosts", ("/etc/hosts",), ("hosts-file",)),
        "no name server": ("echo 'nameserver 192.0.2.9' > /etc/resolv.conf", ("/etc/resolv.conf",), ()),
        "names without files": ("sed -i 's/^hosts:.*/hosts: dns/' /etc/nsswitch.conf", ("/etc/nsswitch.conf",), ()),
        "loopback down": ("ip link set lo down", (r"\blo\b", "127.0.0.1"), ()),
    }
    way = chance.choice(sorted(ways))
    script, names, ids = ways[way]
    again = f"{AGAIN}anew '{php_unit(lab)}'" if chance.random() < 0.5 else "true"
    return Draw("network", way, f"{script}; {again}", names, ids)


@kind("clock")
def clock(lab: Lab, chance: random.Random) -> Draw | None:
    """A program whose clock is hours or years off, as a container's may be; hosts share the kernel's."""
    name = chance.choice([f"{web_unit(lab)}.service", php_unit(lab)])
    off = chance.choice(["-2h", "+3h", "-400d", "+800d"])
    library = lines(lab, "ls /usr/lib/*/faketime/libfaketimeMT.so.1")[0]
    script = f"""mkdir -p /etc/systemd/system/{name}.d; printf '[Service]\\nEnvironment=LD_PRELOAD={library} FAKETIME={off}\\n' > /etc/systemd/system/{name}.d/drawn.conf
    {AGAIN}anew {name}"""
    return Draw("clock", f"{name} {off}", script, ("drawn.conf", "[Cc]lock"), ("clock",))
