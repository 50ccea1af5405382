# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Apache takes its templates for every kind of site, and what matters stands in them.

These are apache/site.conf.j2, apache/vhost.conf.j2, apache/miclinik.conf.j2, apache/default.conf.j2,
apache/ports.conf.j2 and apache/tls.conf.j2.
"""

from __future__ import annotations

import os
import re
import subprocess
from typing import Any

import pytest

from . import serving
from .inventory import SITES
from .rendering import HOST_TOKEN, Rendered, entry, render

APACHE = "/etc/apache2"
# What Debian's package has enabled before the role runs.
FRESH = {
    "alive": True,
    "ours": [],
    "foreign": [],
    "listens": {"": [80], "ssl_module": [443], "mod_gnutls.c": [443]},
    "modules": ["alias", "authz_core", "authz_host", "deflate", "dir", "env", "filter", "mime", "mpm_event"],
}


def _host(**apache: object) -> dict[str, Any]:
    return {"web_servers": {"apache": FRESH | apache}}


def _vhost(*sites: dict[str, Any], name: str = "norte") -> str:
    return render("apache", *sites)[f"{APACHE}/sites-available/{name}.conf"].content


def _lines(text: str, word: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip().startswith(f"{word} ")]


def _accept(rendered: dict[str, Rendered]) -> str:
    """Have Apache accept all vhosts, and return what it says of their names and ports."""
    ports = {
        int(port): int(port) % 40000 + 20000
        for item in rendered.values()
        for port in re.findall(r"(?m)^(?:Listen |<VirtualHost \*:)(\d+)", item.content)
    }
    with serving.short_folder() as root:
        serving.make_certificates(rendered, root)
        layout = serving.lay_out("apache", rendered, root, ports)
        for folder in re.findall(r'DocumentRoot "(\S+)"', "".join(item.content for item in rendered.values())):
            (root / folder.lstrip("/")).mkdir(parents=True)
        done = subprocess.run(
            [layout.command[0], "-f", str(layout.main), "-t", "-D", "DUMP_VHOSTS"],
            check=False,
            capture_output=True,
            text=True,
            env={**os.environ, **layout.environment},
        )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    # A warning is a name that two vhosts share, or a directive that this version does not like.
    assert [line for line in said.splitlines() if re.match(r"AH\d+|\[", line)] == []
    return said


@pytest.mark.parametrize("sites", SITES.values(), ids=SITES)
def test_apache_accepts(sites: list[dict[str, Any]]) -> None:
    _accept(render("apache", *sites))


def test_apache_accepts_all_kinds_on_one_host() -> None:
    sites = [
        site | {"name": f"s{index}-{number}", "domain": f"s{index}-{number}.example.org", "aliases": []}
        for index, kind in enumerate(SITES.values())
        for number, site in enumerate(kind)
        # One port speaks either TLS or not.
        if site.get("port") != 8443
    ]
    _accept(render("apache", *sites))


def test_unknown_names_get_the_first_vhost_of_every_port() -> None:
    sites = [entry("a"), entry("b", port=8080), entry("c", tls={"mode": "acme"}), entry("d", tls={"mode": "acme"})]
    said = _accept(render("apache", *sites))
    defaults = re.findall(r"default server (\S+) \(\S+/sites-enabled/(\S+):\d+\)", said)
    assert defaults == [("miclinik.invalid", "000-miclinik.conf")] * 3
    content = render("apache", *sites)[f"{APACHE}/sites-available/000-miclinik.conf"].content
    assert re.findall(r"<VirtualHost \*:(\d+)>", content) == ["80", "8080", "443"]
    assert content.count('RewriteRule "^" "-" [R=421]') == 3
    assert content.count("CustomLog /dev/null miclinik") == 3


def test_an_address_is_called_without_a_name_in_the_handshake() -> None:
    tls = {"tls": {"mode": "selfsigned"}}
    for sites, certificate, strict in (
        ([entry("a", **tls), entry("b", domain="192.0.2.7", **tls)], "/etc/miclinik/b/tls/certificate.pem", "Off"),
        ([entry("a", **tls)], "/etc/miclinik/a/tls/certificate.pem", "On"),
    ):
        content = render("apache", *sites)[f"{APACHE}/sites-available/000-miclinik.conf"].content
        assert _lines(content, "SSLCertificateFile") == [f'SSLCertificateFile "{certificate}"']
        assert _lines(content, "SSLStrictSNIVHostCheck") == [f"SSLStrictSNIVHostCheck {strict}"]


def test_beside_the_default_site() -> None:
    rendered = render("apache", apache_keep_default_site=True)
    first = {dest: entry.kind for dest, entry in rendered.items() if "/000-" in dest}
    assert first == {f"{APACHE}/sites-enabled/000-miclinik.conf": "absent"}
    _accept(rendered)
    # Then a vhost of ours may be the first, and unknown names must not get its site.
    rules = _lines(_vhost(entry(aliases=["www.norte.example.org"])), "RewriteCond")
    assert rules[0] == r'RewriteCond "%{HTTP_HOST}" "!^(?:www\x2enorte\x2eexample\x2eorg)\.?(?::\d+)?$" [NC]'
    assert r'RewriteCond "%{HTTP_HOST}" "!^(?:norte\x2eexample\x2eorg)\.?(?::\d+)?$" [NC]' in rules


@pytest.mark.parametrize(
    ("sites", "ports"),
    [([entry()], []), ([entry(port=8080)], ["8080"]), ([entry(tls={"mode": "acme"})], [])],
)
def test_only_missing_ports_are_named(sites: list[dict[str, Any]], ports: list[str]) -> None:
    content = render("apache", *sites, host=_host())[f"{APACHE}/conf-available/zz-miclinik.conf"].content
    assert _lines(content, "Listen") == [f"Listen {port}" for port in ports]


@pytest.mark.parametrize(("balancers", "freed"), [([], False), (["x", "y"], False), (["x", "host"], True)])
def test_a_balancer_on_the_host_has_the_ports_of_debians_own(balancers: list[str], freed: bool) -> None:
    groups = {"miclinik_balancer": balancers, "miclinik_app": ["host", "y"]} if balancers else {}
    addresses: dict[str, dict[str, str]] = {name: {} for name in ("host", "x", "y")}
    rendered = render("apache", entry(port=8080), groups=groups, hostvars=addresses)
    lines = rendered["/etc/apache2/ports.conf"].content.splitlines() if freed else []
    assert ("/etc/apache2/ports.conf" in rendered, [line for line in lines if line[0] != "#"]) == (freed, [])
    assert "Listen 8080" in rendered["/etc/apache2/conf-available/zz-miclinik.conf"].content


def test_half_open_requests_find_threads_where_all_sites_are_ours() -> None:
    path = f"{APACHE}/conf-available/zz-miclinik.conf"
    content = render("apache", host=_host() | {"memory_mb": 1024})[path].content
    assert dict(
        line.split() for line in re.findall(r"(?m)^ {4}[A-Z]\w+[a-z] \d+$", content.split("<IfModule http2")[0])
    ) == {
        "ServerLimit": "12",
        "ThreadLimit": "409",
        "StartServers": "4",
        "ThreadsPerChild": "409",
        "MaxRequestWorkers": "1636",
        "MinSpareThreads": "409",
        "MaxSpareThreads": "1636",
    }
    assert _lines(content, "RequestReadTimeout") == [
        "RequestReadTimeout handshake=5 header=10-20,MinRate=500 body=20,MinRate=500"
    ]
    beside = render("apache", host=_host(foreign=["/etc/apache2/sites-enabled/theirs.conf"]))[path].content
    assert [word for word in ("ServerLimit", "Threads", "RequestReadTimeout") if word in beside] == []


def test_modules_are_linked_and_none_is_unlinked() -> None:
    rendered = render("apache", entry(tls={"mode": "acme"}), host=_host())
    modules = {dest: item for dest, item in rendered.items() if "/mods-enabled/" in dest}
    assert {item.kind for item in modules.values()} == {"link"}
    assert modules[f"{APACHE}/mods-enabled/proxy_fcgi.load"].target == "../mods-available/proxy_fcgi.load"
    assert f"{APACHE}/mods-enabled/http2.load" in modules
    assert f"{APACHE}/mods-enabled/alias.load" not in modules


@pytest.mark.parametrize(
    ("tls", "expected"),
    [
        ({"mode": "acme"}, ['Header always set Strict-Transport-Security "max-age=15768000"']),
        ({"mode": "acme", "hsts": 0}, []),
        ({"mode": "selfsigned"}, []),
        ({"mode": "none"}, []),
    ],
)
def test_hsts(tls: dict[str, Any], expected: list[str]) -> None:
    assert re.findall(r"Header always set Strict-Transport-Security.*", _vhost(entry(tls=tls))) == expected


def test_tls_profile() -> None:
    content = render("apache")[f"{APACHE}/conf-available/miclinik-tls.conf"].content
    assert _lines(content, "SSLProtocol") == ["SSLProtocol -all +TLSv1.2 +TLSv1.3"]
    assert _lines(content, "Protocols") == ["Protocols h2 http/1.1"]
    nginx = render("nginx")["/etc/nginx/snippets/miclinik-tls.conf"].content
    (ciphers,) = _lines(content, "SSLCipherSuite")
    assert f"ssl_ciphers {ciphers.removeprefix('SSLCipherSuite ')};" in nginx


def test_sizes_are_in_step_with_php() -> None:
    vhost = _vhost(*SITES["own limits"])
    # A file of 100 MiB as text, and some more.
    assert f'RewriteCond "%{{HTTP:Content-Length}}" "-gt {137558 * 1024}"' in vhost
    assert _lines(vhost, "ProxyTimeout") == ["ProxyTimeout 610"]


def test_allowed_addresses() -> None:
    expected = ["Require ip 192.0.2.1 198.51.100.0/24 2001:db8::/32 127.0.0.1"]
    assert _lines(_vhost(*SITES["allowed addresses"]), "Require ip") == expected
    assert _lines(_vhost(), "Require ip") == []


def test_trusted_proxies() -> None:
    vhost = _vhost(*SITES["behind a proxy"])
    trusted = ["RemoteIPInternalProxy 192.0.2.0/24", "RemoteIPInternalProxy 2001:db8::1"]
    assert _lines(vhost, "RemoteIPInternalProxy") == trusted
    assert _lines(vhost, "SetEnv HTTPS") == ["SetEnv HTTPS on"]
    assert "RemoteIP" not in _vhost()
    assert "SetEnv HTTPS" not in _vhost()


@pytest.mark.parametrize("sites", SITES.values(), ids=SITES)
def test_pools_and_vhosts_name_the_same_sockets(sites: list[dict[str, Any]]) -> None:
    php = render("php", *sites)
    sockets = {
        path for item in php.values() for path in re.findall(r"(?m)^(?:listen = |ListenStream=)(.*)$", item.content)
    }
    vhosts = "".join(item.content for item in render("apache", *sites).values())
    # Where calls wait while a key changes nobody listens at other times.
    held = {path.replace("quarantine", "held") for path in sockets if path.endswith("/quarantine.sock")}
    called = {path for path in sockets if "-status." not in path}
    assert set(re.findall(r"proxy:unix:([^|]+)\|", vhosts)) == called | held


def test_no_log_holds_a_query_string() -> None:
    (line,) = _lines(render("apache")[f"{APACHE}/conf-available/zz-miclinik.conf"].content, "LogFormat")
    for item in (r"%r", r"%q", "Referer"):
        assert item not in line


def test_what_is_asked_of_all_sites_is_told_to_no_program() -> None:
    """As server-status lists it, on a port without a vhost; the figures alone are what monitoring asks for."""
    text = render("apache")[f"{APACHE}/conf-available/zz-miclinik.conf"].content
    block = text.partition('<Location "/server-status">\n')[2].partition("</Location>")[0]
    assert [line.strip() for line in block.splitlines()] == [
        "Require all denied",
        "<If \"%{QUERY_STRING} == 'auto'\">",
        "Require local",
        "</If>",
    ]


def test_server_tokens() -> None:
    name = f"{APACHE}/conf-available/zz-miclinik.conf"
    assert _lines(render("apache")[name].content, "ServerTokens") == ["ServerTokens Prod"]
    assert _lines(render("apache", apache_server_tokens="")[name].content, "ServerTokens") == []


def test_keys_on_record() -> None:
    """templates/apache/keys.j2."""
    keys = {"secrets": {"norte": {"users": {"a": {"key": "A1"}, "b": {"key": "B.2"}}}}}
    file = render("apache", common_secrets=keys)["/etc/miclinik/norte/keys.apache"]
    assert (file.owner, file.mode, file.sensitive) == ("root", "0600", True)
    assert file.content.splitlines()[2:] == [
        'SetEnvIf DOLAPIKEY "^(?:A1|B\\x2e2)$" MICLINIK_KEY=1',
        'SetEnvIf Authorization "^[Bb][Ee][Aa][Rr][Ee][Rr] +(?:A1|B\\x2e2)$" MICLINIK_KEY=1',
        'SetEnvIfExpr "%{QUERY_STRING} =~ m#(?:^|&)(?:DOLAPIKEY|api_key)=(?:A1|B\\x2e2)(?:&|$)#" MICLINIK_KEY=1',
    ]
    # Without one nobody is known.
    without = render("apache")["/etc/miclinik/norte/keys.apache"].content.splitlines()
    assert [line for line in without if not line.startswith("#")] == [
        f'SetEnvIf X-Miclinik-Token "^{HOST_TOKEN}$" MICLINIK_HOST=1'
    ]


def test_files_are_roots_and_say_where_they_come_from() -> None:
    for dest, item in render("apache").items():
        assert item.kind == "log" or (item.owner, item.group) == ("root", "root"), dest
        if item.kind == "file":
            assert item.mode == ("0600" if "keys" in dest else "0644"), dest
            first = item.content.splitlines()[0]
            assert re.fullmatch(
                r"(?:#|--) Written by miclinik\.hosting from templates/(?:apache|web)/\w+(?:\.conf|\.lua)?\.j2: "
                r"what is changed here is lost on the next run\.",
                first,
            ), dest
