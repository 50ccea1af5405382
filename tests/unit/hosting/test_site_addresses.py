# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every sentence about where a site is found: domain, aliases, port, base path, TLS and the proxy."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils import site_rules

from .application_tree import entry


def _said(site: dict[str, Any]) -> list[str]:
    return [str(problem).removeprefix("site 'norte': ") for problem in site_rules.check([site])]


BAD_HOSTS = [
    *("http://a.example.org", "a.example.org/erp", "a..org", "-a.org", "a-.org", "a_b.org", "", "1.2.3", "1.2.3.256"),
    *("a b", "a;b", "x" * 64 + ".org", ".".join(["x" * 60] * 5), "*.example.org", "ñ.org", "a.org\n", "a.org:80"),
]


@pytest.mark.parametrize("domain", BAD_HOSTS)
def test_bad_domains(domain: str) -> None:
    assert _said(entry(domain=domain)) == [
        f"domain: is {domain!r}. Write a host name alone, without http:// and without a path."
    ]


@pytest.mark.parametrize("alias", BAD_HOSTS)
def test_bad_aliases(alias: str) -> None:
    assert _said(entry(aliases=["good.example.org", alias])) == [f"aliases[1]: is {alias!r}. Write a host name alone."]


@pytest.mark.parametrize(
    "name", ["erp", "a.example.org", "A.Example.ORG", "192.0.2.7", "xn--clnica-3va.es", "3com.com"]
)
def test_good_hosts(name: str) -> None:
    assert _said(entry(domain=name)) == []
    assert _said(entry(aliases=[name])) == []


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_bad_ports(port: int) -> None:
    assert _said(entry(port=port)) == [f"port: is {port}. Write a port between 1 and 65535."]


@pytest.mark.parametrize("port", [1, 80, 8443, 65535])
def test_good_ports(port: int) -> None:
    assert _said(entry(port=port)) == []


@pytest.mark.parametrize(
    "path", ["miclinik", "/miclinik/", "//", "/a//b", "/a b", "/../a", "/a;b", "/.well-known", "/ñ"]
)
def test_bad_base_paths(path: str) -> None:
    assert _said(entry(base_path=path)) == [
        f"base_path: is {path!r}. Write / or a path without a slash at its end, as in /miclinik."
    ]


@pytest.mark.parametrize("path", ["/", "/miclinik", "/a/b-c_d"])
def test_good_base_paths(path: str) -> None:
    assert _said(entry(base_path=path)) == []


FILE = "Name the file on the controller."
PROVIDED = "Remove it, or set tls.mode: provided."
NETWORK = "Write an address or a network, as in 192.0.2.0/24."


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        (
            {"tls": {"mode": "provided"}},
            [f"tls.certificate: is missing. {FILE}", f"tls.key: is missing. {FILE}"],
        ),
        ({"tls": {"mode": "provided", "certificate": "a", "key": "b"}}, []),
        ({"tls": {"key": "b"}}, [f"tls.key: has no meaning with mode none. {PROVIDED}"]),
        (
            {"tls": {"mode": "acme", "certificate": "a"}},
            [f"tls.certificate: has no meaning with mode acme. {PROVIDED}"],
        ),
        (
            {"tls": {"mode": "acme"}, "domain": "192.0.2.7"},
            ["tls.mode: is acme, and the domain is an address. Use a host name: authorities ask for one."],
        ),
        (
            {"tls": {"mode": "acme"}, "aliases": ["www.example.org", "192.0.2.7"]},
            ["aliases[1]: is an address, and tls.mode is acme. Remove it: authorities sign host names."],
        ),
        (
            {"tls": {"mode": "acme", "directory": "http://ca.example.org"}},
            ["tls.directory: is 'http://ca.example.org'. Write the https:// address of the authority's directory."],
        ),
        ({"tls": {"mode": "selfsigned"}, "domain": "192.0.2.7"}, []),
        ({"tls": {"hsts": -1}}, ["tls.hsts: is -1. Write a number of seconds, or 0."]),
        ({"tls": {"hsts": 0}}, []),
        ({"proxy": {"tls": True}}, ["proxy.trusted: is missing. Name the addresses of the proxy that speaks TLS."]),
        ({"proxy": {"tls": True, "trusted": ["192.0.2.1", "2001:db8::/32"]}}, []),
        (
            {"proxy": {"trusted": ["192.0.2.1/24"]}},
            [f"proxy.trusted[0]: 192.0.2.1/24 has host bits set. {NETWORK}"],
        ),
        (
            {"api": {"allowed_ips": ["192.0.2.1", "all; deny"]}},
            [f"api.allowed_ips[1]: 'all; deny' does not appear to be an IPv4 or IPv6 network. {NETWORK}"],
        ),
        (
            {"api": {"allowed_ips": ["192.0.2.1/24"]}},
            [f"api.allowed_ips[0]: 192.0.2.1/24 has host bits set. {NETWORK}"],
        ),
    ],
)
def test_rules(more: dict[str, Any], expected: list[str]) -> None:
    assert _said(entry(**more)) == expected


TLS = {"tls": {"mode": "selfsigned"}}
PROVIDED_TLS = {"tls": {"mode": "provided", "certificate": "a.pem", "key": "a.key"}}
ONE_CERTIFICATE = (
    "site 'norte' speaks TLS at an address on port {port} too: clients that call an address do not say which, and all "
    "of them get that site's certificate. Use a host name or another port, or one certificate for all the addresses in "
    "both (tls.mode: provided)."
)


@pytest.mark.parametrize(
    ("first", "second", "key", "port"),
    [
        (TLS, TLS, "domain", 443),
        ({"port": 8443} | TLS, {"port": 8443} | TLS, "domain", 8443),
        (TLS, {"port": 443} | TLS, "domain", 443),
        (PROVIDED_TLS, TLS, "domain", 443),
        (PROVIDED_TLS, {"tls": PROVIDED_TLS["tls"] | {"certificate": "b.pem"}}, "domain", 443),
        ({"domain": "norte.example.org", "aliases": ["www.norte.example.org", "192.0.2.7"]} | TLS, TLS, "domain", 443),
        (TLS, {"domain": "sur.example.org", "aliases": ["www.sur.example.org", "192.0.2.8"]} | TLS, "aliases[1]", 443),
    ],
)
def test_one_port_has_one_certificate_for_addresses(
    first: dict[str, Any], second: dict[str, Any], key: str, port: int
) -> None:
    said = site_rules.check(
        [entry(**{"domain": "192.0.2.7"} | first), entry("sur", **{"domain": "192.0.2.8"} | second)]
    )
    expected = ONE_CERTIFICATE.format(port=port)
    assert [str(problem) for problem in said] == [f"site 'sur': {key}: is '192.0.2.8', and {expected}"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({}, {}),
        (TLS, {}),
        (TLS, {"port": 8443} | TLS),
        (TLS, {"domain": "sur.example.org"} | TLS),
        ({"domain": "norte.example.org"} | TLS, TLS),
        (TLS | {"aliases": ["192.0.2.9"]}, {"domain": "sur.example.org"} | TLS),
        (PROVIDED_TLS, PROVIDED_TLS),
    ],
)
def test_addresses_that_go_together(first: dict[str, Any], second: dict[str, Any]) -> None:
    sites = [entry(**{"domain": "192.0.2.7"} | first), entry("sur", **{"domain": "192.0.2.8"} | second)]
    assert site_rules.check(sites) == []


def test_each_site_behind_the_first_is_told() -> None:
    names = ("norte", "sur", "este")
    said = site_rules.check([entry(name, domain=f"192.0.2.{i}", **TLS) for i, name in enumerate(names, 7)])
    assert [(problem.where, problem.key) for problem in said] == [("site 'sur'", "domain"), ("site 'este'", "domain")]


def test_one_address_in_two_sites_is_said_once() -> None:
    said = site_rules.check([entry(domain="192.0.2.7", **TLS), entry("sur", domain="192.0.2.7", **TLS)])
    assert [str(problem) for problem in said] == [
        "site 'sur': domain: '192.0.2.7' is that of site 'norte' already. Give each site its own."
    ]
