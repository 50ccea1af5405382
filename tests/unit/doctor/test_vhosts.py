# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Configurations of Nginx and Apache as they are read, and what is found wrong with them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.web import nginx_config, vhost_apache, vhost_nginx

SITE: dict[str, Any] = {"domain": "norte.example.org", "host": "norte.example.org", "listen": 80, "prefix": ""}
SPLIT = r"fastcgi_split_path_info ^(.+?\.php)(/.*)$;"
SENT = "fastcgi_param PATH_INFO $fastcgi_path_info;"
PASS = "fastcgi_pass unix:/run/a.sock;"


def _dump(server: str) -> str:
    return f"""# configuration file /etc/nginx/nginx.conf:
events {{ worker_connections 768; }}
http {{
    include /etc/nginx/conf.d/*.conf;
    log_format x '$a "$b" {{not a block}}';
    include sites-enabled/*;
}}
# configuration file /etc/nginx/sites-enabled/norte.conf:
server {{ listen 80; server_name other.example.org; location / {{ {PASS} }} }}
server {{
    listen 80; listen [::]:80; # a comment with a }}
    server_name www.example.org norte.example.org;
    {server}
}}
# configuration file /etc/nginx/snippets/php.conf:
fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
"""


def _nginx(server: str) -> dict[str, Any]:
    return vhost_nginx.shape(nginx_config.load(_dump(server)), SITE)


NGINX = {
    "right": (f"location ~ [^/]\\.php(/|$) {{ {SPLIT} {SENT} {PASS} }}", []),
    "named captures": (
        f"location ^~ /api/index.php {{ location ~ ^(?<s>/api/index\\.php)(?<p>/.*)?$ {{"
        f" fastcgi_param PATH_INFO $p; {PASS} }} return 404; }}",
        [],
    ),
    "saved before try_files": (
        f"location ~ [^/]\\.php(/|$) {{ {SPLIT} set $p $fastcgi_path_info; try_files $fastcgi_script_name =404;"
        f" fastcgi_param PATH_INFO $p; {PASS} }}",
        [],
    ),
    "no php": ("location / { try_files $uri =404; }", ["php-location"]),
    "php at the end only": (f"location ~ \\.php$ {{ {PASS} }} location / {{ return 404; }}", ["php-location"]),
    "static files first": (
        f"location ^~ /api/ {{ expires 1d; }} location ~ [^/]\\.php(/|$) {{ {SENT} {SPLIT} {PASS} }}",
        ["php-location"],
    ),
    "fallback": (f"location ~ \\.php$ {{ {PASS} }} location / {{ try_files $uri /index.php; }}", ["fallback"]),
    "try_files $uri": (
        f"location ~ [^/]\\.php(/|$) {{ try_files $uri =404; {SPLIT} {SENT} {PASS} }}",
        ["try-files"],
    ),
    "no PATH_INFO": (f"location ~ [^/]\\.php(/|$) {{ {SPLIT} {PASS} }}", ["path-info"]),
    "no split": (f"location ~ [^/]\\.php(/|$) {{ {SENT} {PASS} }}", ["path-info"]),
    "reset": (
        f"location ~ [^/]\\.php(/|$) {{ {SPLIT} try_files $fastcgi_script_name =404; {SENT} {PASS} }}",
        ["path-info-reset"],
    ),
    "no key": (
        f'location ~ [^/]\\.php(/|$) {{ {SPLIT} {SENT} fastcgi_param HTTP_DOLAPIKEY ""; {PASS} }}',
        ["key-stripped"],
    ),
    "no bearer": (
        f"location ~ [^/]\\.php(/|$) {{ {SPLIT} {SENT} fastcgi_param HTTP_AUTHORIZATION ''; {PASS} }}",
        ["bearer-stripped"],
    ),
    "proxy that drops": (
        'location / { proxy_set_header DOLAPIKEY ""; proxy_pass http://127.0.0.1:8080; }',
        ["path-info", "key-stripped"],
    ),
}


@pytest.mark.parametrize("name", NGINX)
def test_nginx(name: str) -> None:
    server, problems = NGINX[name]
    shape = _nginx(server)
    assert (shape["found"], [entry["id"] for entry in shape["problems"]]) == (True, problems)


def test_nginx_without_the_vhost() -> None:
    shape = vhost_nginx.shape(nginx_config.load(_dump("")), SITE | {"listen": 443})
    assert (shape["found"], [entry["id"] for entry in shape["problems"]]) == (False, ["no-vhost"])


def test_nginx_addresses() -> None:
    server = f"location ~ [^/]\\.php(/|$) {{ allow 192.0.2.1; deny all; {SPLIT} {SENT} {PASS} }}"
    assert _nginx(server)["allow"] == ["192.0.2.1"]
    assert _nginx(server.replace("deny all;", ""))["allow"] == []


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("/exact", ["= /exact"]),
        ("/exact/more", ["/"]),
        ("/static/x.php", ["^~ /static"]),
        ("/a/b/x.php", ["~ \\.php$"]),
        ("/A.PNG", ["~* \\.png$"]),
        ("/a/b/c", ["/a/b"]),
        ("/a/b/in.txt", ["/a/b", "~ \\.txt$"]),
    ],
)
def test_location_is_chosen_as_nginx_does(uri: str, path: list[str]) -> None:
    text = r"""location / { } location /a { } location /a/b { location ~ \.txt$ { } } location = /exact { }
        location ^~ /static { } location ~ \.php$ { } location ~* \.png$ { }"""
    server = nginx_config.servers(nginx_config.load(_dump(text)), "norte.example.org", 80)[0]
    assert nginx_config.route(server, uri).path == path


def test_parameters_of_a_location_replace_those_above() -> None:
    text = "fastcgi_param A 1; location / { fastcgi_param B 2; } location /b { return 404; }"
    server = nginx_config.servers(nginx_config.load(_dump(text)), "norte.example.org", 80)[0]
    assert nginx_config.route(server, "/").parameters() == {"B": "2"}
    assert nginx_config.route(server, "/b").parameters() == {"A": "1"}
    assert nginx_config.route(server, "/").last("return") == []


@pytest.mark.parametrize("text", ["}", "a 'open"])
def test_what_is_no_configuration(text: str) -> None:
    with pytest.raises(ValueError, match=r"too many|no configuration"):
        nginx_config.parse(text)


HANDLER = '<FilesMatch "\\.php$">\nSetHandler "proxy:unix:/run/a.sock|fcgi://localhost"\n</FilesMatch>'
AUTH = "CGIPassAuth On"


def _apache(folder: Path, *lines: str) -> dict[str, Any]:
    (folder / "sites-enabled").mkdir()
    (folder / "apache2.conf").write_text("# nothing\nIncludeOptional sites-enabled/*.conf\n")
    inside = "\n".join(lines)
    (folder / "sites-enabled/a.conf").write_text(
        f"<VirtualHost *:80>\nServerName www.example.org\nServerAlias norte.example.org\n{inside}\n</VirtualHost>\n"
    )
    return vhost_apache.shape(vhost_apache.load(folder), SITE)


APACHE: dict[str, tuple[list[str], list[str]]] = {
    "right": ([HANDLER, AUTH], []),
    "right in a folder": ([f"<Directory /x>\n{AUTH}\n{HANDLER}\n</Directory>"], []),
    "files": (["<Files index.php>", "SetHandler proxy:unix:/a|fcgi://x", "</Files>", AUTH], []),
    "matched with its path": (['ProxyPassMatch "^/(.*\\.php(/.*)?)$" "fcgi://x/$1"', AUTH], []),
    "matched at the end": (['ProxyPassMatch "^/(.*\\.php)$" "fcgi://x/$1"', AUTH], ["php-location"]),
    "no handler": ([AUTH], ["php-location"]),
    "fallback": (["FallbackResource /index.php", AUTH], ["fallback"]),
    "no bearer": ([HANDLER], ["bearer-stripped"]),
    "looked at only": ([HANDLER, 'SetEnvIf Authorization "^Bearer x$" KNOWN=1'], ["bearer-stripped"]),
    "handed on": ([HANDLER, 'SetEnvIf Authorization "(.*)" HTTP_AUTHORIZATION=$1'], []),
    "bearer by hand": ([HANDLER, 'SetEnvIf Authorization "(.*)" HTTP_AUTHORIZATION=$1'], []),
    "no key": ([HANDLER, AUTH, "RequestHeader unset DOLAPIKEY"], ["key-stripped"]),
    "no authorization": ([HANDLER, AUTH, "RequestHeader unset Authorization"], ["bearer-stripped"]),
    "no PATH_INFO": ([HANDLER, AUTH, 'ProxyFCGISetEnvIf "true" PATH_INFO ""'], ["path-info"]),
}


@pytest.mark.parametrize("name", APACHE)
def test_apache(tmp_path: Path, name: str) -> None:
    lines, problems = APACHE[name]
    shape = _apache(tmp_path, *lines)
    assert (shape["found"], [entry["id"] for entry in shape["problems"]]) == (True, problems)


def test_apache_without_the_vhost(tmp_path: Path) -> None:
    assert vhost_apache.shape(vhost_apache.load(tmp_path), SITE)["problems"][0]["id"] == "no-vhost"


def test_apache_addresses(tmp_path: Path) -> None:
    block = "<Directory /x/api>\n<Files index.php>\nRequire ip 192.0.2.1 ::1\n</Files>\n</Directory>"
    assert _apache(tmp_path, HANDLER, AUTH, block)["allow"] == ["192.0.2.1", "::1"]
