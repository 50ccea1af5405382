# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Nginx takes its templates for every kind of site, and what matters stands in them.

These are nginx/site.conf.j2, nginx/php.conf.j2, nginx/miclinik.conf.j2, nginx/default.conf.j2 and nginx/tls.conf.j2.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from . import programs, serving
from .inventory import SITES
from .rendering import HOST_TOKEN, Rendered, entry, render

NGINX = "/etc/nginx"
HAS_IPV6 = Path("/proc/net/if_inet6").is_file()


def _vhost(*sites: dict[str, Any], name: str = "norte", **more: Any) -> str:  # noqa: ANN401 (whatever a play may set)
    return render("nginx", *sites, **more)[f"{NGINX}/sites-available/{name}.conf"].content


def _lines(text: str, word: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip().startswith(f"{word} ")]


def _accept(rendered: dict[str, Rendered]) -> None:
    ports = {
        int(port): int(port) % 40000 + 20000
        for item in rendered.values()
        for port in re.findall(r"listen (?:\[::\]:)?(\d+)", item.content)
    }
    with serving.short_folder() as root:
        serving.make_certificates(rendered, root)
        layout = serving.lay_out("nginx", rendered, root, ports)
        said = programs.accept(["nginx", "-t", "-p", root, "-c", layout.main, "-e", root / "error.log"])
    assert "test is successful" in said
    # A warning is a name that two vhosts share, or a directive that this version does not like.
    assert [line for line in said.splitlines() if "[warn]" in line and '"user" directive' not in line] == []


@pytest.mark.parametrize("sites", SITES.values(), ids=SITES)
def test_nginx_accepts(sites: list[dict[str, Any]]) -> None:
    # The wires of this machine decide whether Nginx may listen on IPv6 here; the lines for it are compared below.
    _accept(render("nginx", *sites, host={"ipv6": HAS_IPV6}))


def test_nginx_accepts_all_kinds_on_one_host() -> None:
    sites = [
        site | {"name": f"s{index}-{number}", "domain": f"s{index}-{number}.example.org", "aliases": []}
        for index, kind in enumerate(SITES.values())
        for number, site in enumerate(kind)
        # One port speaks either TLS or not.
        if site.get("port") != 8443
    ]
    _accept(render("nginx", *sites, host={"ipv6": HAS_IPV6}))


def test_nginx_accepts_beside_the_default_site() -> None:
    rendered = render("nginx", host={"ipv6": HAS_IPV6}, nginx_keep_default_site=True)
    default = {dest: entry.kind for dest, entry in rendered.items() if "default" in dest}
    assert default == {"/etc/nginx/sites-enabled/miclinik-default.conf": "absent"}
    _accept(rendered)


@pytest.mark.parametrize("ipv6", [False, True])
def test_where_a_plain_site_listens(ipv6: bool) -> None:
    vhost = _vhost(host={"ipv6": ipv6})
    assert _lines(vhost, "listen") == ["listen 80;", *(["listen [::]:80;"] if ipv6 else [])]
    assert _lines(vhost, "server_name") == ["server_name norte.example.org;"]
    assert _lines(vhost, "root")[0] == "root /srv/miclinik/norte/current/htdocs;"


@pytest.mark.parametrize(("codename", "directive"), [("bookworm", False), ("trixie", True)])
def test_http2_is_asked_for_as_the_version_wants_it(codename: str, directive: bool) -> None:
    vhost = _vhost(entry(tls={"mode": "acme"}), host={"codename": codename, "ipv6": False})
    assert _lines(vhost, "listen") == ["listen 80;", "listen 443 ssl;" if directive else "listen 443 ssl http2;"]
    assert _lines(vhost, "http2") == (["http2 on;"] if directive else [])


@pytest.mark.parametrize(
    ("tls", "expected"),
    [
        ({"mode": "acme"}, ['add_header Strict-Transport-Security "max-age=15768000" always;']),
        ({"mode": "acme", "hsts": 0}, []),
        ({"mode": "selfsigned"}, []),
        ({"mode": "none"}, []),
    ],
)
def test_hsts(tls: dict[str, Any], expected: list[str]) -> None:
    # Once for all that is served, and for each answer that Nginx gives by itself and adds a header to.
    assert re.findall(r"add_header Strict-Transport-Security.*", _vhost(entry(tls=tls))) == expected * 5


def test_certificate_of_the_site() -> None:
    vhost = _vhost(entry(tls={"mode": "acme"}))
    assert _lines(vhost, "ssl_certificate") == ["ssl_certificate     /etc/miclinik/norte/tls/certificate.pem;"]
    assert _lines(vhost, "ssl_certificate_key") == ["ssl_certificate_key /etc/miclinik/norte/tls/key.pem;"]


def test_tls_profile() -> None:
    content = render("nginx")[f"{NGINX}/snippets/miclinik-tls.conf"].content
    assert _lines(content, "ssl_protocols") == ["ssl_protocols TLSv1.2 TLSv1.3;"]


def test_sizes_are_in_step_with_php() -> None:
    vhost = _vhost(*SITES["own limits"])
    assert _lines(vhost, "client_max_body_size") == ["client_max_body_size 137558K;"]
    assert _lines(vhost, "fastcgi_read_timeout") == ["fastcgi_read_timeout 610s;"]
    pool = render("php", *SITES["own limits"])["/etc/miclinik-php/norte/api.conf"].content
    assert "php_admin_value[post_max_size] = 103424K\n" in pool
    assert "request_terminate_timeout = 610s\n" in pool


def test_allowed_addresses() -> None:
    vhost = _vhost(*SITES["allowed addresses"])
    assert [*_lines(vhost, "allow"), *_lines(vhost, "deny")] == [
        "allow 192.0.2.1;",
        "allow 198.51.100.0/24;",
        "allow 2001:db8::/32;",
        "allow 127.0.0.1;",
        "deny all;",
    ]
    assert [*_lines(_vhost(), "allow"), *_lines(_vhost(), "deny")] == []


def test_trusted_proxies() -> None:
    vhost = _vhost(*SITES["behind a proxy"])
    assert _lines(vhost, "set_real_ip_from") == ["set_real_ip_from 192.0.2.0/24;", "set_real_ip_from 2001:db8::1;"]
    assert _lines(vhost, "real_ip_header") == ["real_ip_header X-Forwarded-For;"]
    assert len(_lines(vhost, "fastcgi_param HTTPS")) == 2
    assert "real_ip" not in _vhost()
    assert "fastcgi_param HTTPS" not in _vhost()


def test_a_site_without_api_has_no_way_to_its_pool() -> None:
    assert "miclinik_api_norte" not in _vhost(*SITES["api off"])
    assert "fastcgi_pass $miclinik_api_norte;" in _vhost()


KEYS = {"secrets": {"norte": {"users": {"a": {"key": "A1"}, "b": {"key": "B2"}}}}}


def test_keys_on_record() -> None:
    """templates/nginx/keys.j2."""
    file = render("nginx", common_secrets=KEYS)["/etc/miclinik/norte/keys.nginx"]
    assert (file.owner, file.mode, file.sensitive) == ("root", "0600", True)
    assert file.content.splitlines()[2:] == [f'"{key}" unix:/run/miclinik-php/norte/api.sock;' for key in ("A1", "B2")]
    assert "/etc/miclinik/norte/keys.nginx" not in render("nginx", *SITES["api off"])


def test_former_keys() -> None:
    """templates/nginx/former.j2."""
    user = {"key": "A1", "former": [{"key": "A0", "until": 9e9}, {"key": "Z", "until": 1}]}
    file = render("nginx", common_secrets={"secrets": {"norte": {"users": {"a": user}}}})[
        "/etc/miclinik/norte/former.nginx"
    ]
    assert (file.owner, file.mode, file.sensitive) == ("root", "0600", True)
    assert file.content.splitlines()[2:] == ['"norte A0" "A1";']
    assert "fastcgi_param HTTP_DOLAPIKEY $miclinik_passed if_not_empty;" in _vhost()
    assert "set $miclinik_site norte;" in _vhost()


def test_the_token_of_the_host() -> None:
    """templates/nginx/token.j2."""
    file = render("nginx")["/etc/miclinik/norte/token.nginx"]
    assert (file.owner, file.mode, file.sensitive) == ("root", "0600", True)
    assert file.content.splitlines()[2:] == [f'"~^127\\x2e0\\x2e0\\x2e1\\x20{HOST_TOKEN}$" "";']
    assert "miclinik_unproven" not in _vhost()
    closed = render("nginx", *SITES["allowed addresses"])["/etc/nginx/sites-available/norte.conf"].content
    assert "include /etc/miclinik/norte/token.nginx;" in closed


@pytest.mark.parametrize("sites", SITES.values(), ids=SITES)
def test_pools_and_vhosts_name_the_same_sockets(sites: list[dict[str, Any]]) -> None:
    php = render("php", *sites)
    sockets = {
        path for item in php.values() for path in re.findall(r"(?m)^(?:listen = |ListenStream=)(.*)$", item.content)
    }
    for item in render("nginx", *sites).values():
        assert set(re.findall(r"fastcgi_pass unix:(\S+);", item.content)) <= sockets


def test_links() -> None:
    rendered = render("nginx", entry("a"), entry("b"))
    links = {dest.removeprefix(f"{NGINX}/"): item.target for dest, item in rendered.items() if item.kind == "link"}
    assert links == {
        "sites-enabled/a.conf": "../sites-available/a.conf",
        "sites-enabled/b.conf": "../sites-available/b.conf",
        "sites-enabled/miclinik-default.conf": "../sites-available/miclinik-default.conf",
    }
    assert rendered[f"{NGINX}/sites-enabled/default"].kind == "absent"


def test_unknown_names_on_every_port() -> None:
    sites = [
        entry("a"),
        entry("b", port=8080),
        entry("c", tls={"mode": "acme"}),
        entry("d", tls={"mode": "acme"}, port=8443),
    ]
    content = render("nginx", *sites, host={"ipv6": False})[f"{NGINX}/sites-available/miclinik-default.conf"].content
    assert content.count("client_header_timeout 15s;") == content.count("server {")
    assert _lines(content, "listen") == [
        "listen 80 default_server;",
        "listen 8080 default_server;",
        "listen 443 ssl default_server;",
        "listen 8443 ssl default_server;",
    ]
    assert content.count("return 444;") == 4
    assert content.count("ssl_reject_handshake on;") == 2


def test_no_log_holds_a_query_string() -> None:
    formats = render("nginx")[f"{NGINX}/conf.d/miclinik.conf"].content
    assert len(re.findall(r"^log_format ", formats, flags=re.MULTILINE)) == 2
    for variable in ("$request ", "$request_uri", "$args", "$query_string", "$http_referer", "$request'", '$request"'):
        assert variable not in formats


def test_files_are_roots_and_say_where_they_come_from() -> None:
    for dest, item in render("nginx").items():
        assert item.kind == "log" or (item.owner, item.group) == ("root", "root"), dest
        if item.kind == "file":
            assert item.mode == ("0600" if dest.startswith("/etc/miclinik/") else "0644"), dest
            first = item.content.splitlines()[0]
            assert re.fullmatch(
                r"# Written by miclinik\.hosting from templates/(?:nginx|web)/\w+(?:\.conf)?\.j2: "
                r"what is changed here is lost on the next run\.",
                first,
            ), dest
