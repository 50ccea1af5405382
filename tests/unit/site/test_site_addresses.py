# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every sentence about where a site is found: domain, aliases, port, base path, TLS and the proxy."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.text import names as text_names
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import rules as site_rules
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import sites

from tests.application_tree import entry


def _said(site: dict[str, Any]) -> list[str]:
    return [str(problem).removeprefix("site 'norte': ") for problem in site_rules.check([site])]


ALONE = "Write a host name alone, without http:// and without a path."
ADDRESS = "Write a host name alone, or an address as in 192.0.2.7 or 2001:db8::7."
CALLED = "Write the address that clients call, or better a host name."
LABELS = "x" * 64 + ".org"
LONG = ".".join(["x" * 60] * 5)
#: What is written, what is said of it beside its repetition, and the mend.
BAD_HOSTS: list[tuple[str, str, str]] = [
    *((name, "", ALONE) for name in ("http://a.example.org", "a.example.org/erp", "a..org", "-a.org", "a-.org", "")),
    *((name, "", ALONE) for name in ("a b", "a;b", LABELS, "a.org\n", "a.org..")),
    *((name, "", ADDRESS) for name in ("1.2.3", "1.2.3.256", "2001:db8", "2001:db8::5::1", "a:b:c", "01.2.3.4", ".")),
    (LONG, ", of more than 253 characters", "Write a shorter name."),
    ("a_b.org", ", with an underscore", "Use - in its place: certificates and some browsers take no _ in a host name."),
    (
        "*.example.org",
        ", a pattern",
        "Write each name by itself: the one as domain, the others as aliases.",
    ),
    ("a.org:80", ", with a port", "Write the host name alone, and the port as `port`."),
    (
        "[2001:db8::5]",
        ", with brackets",
        "Write it without brackets, as in 2001:db8::7, and a port as `port`.",
    ),
    (
        "fe80::5%eth0",
        ", with a zone",
        "Use an address that other machines can call too; that of a link is known with its interface only.",
    ),
    ("fe80::5", ", an address of one link", CALLED),
    ("::", ", any address", CALLED),
    ("0.0.0.0", ", any address", CALLED),  # noqa: S104
    ("ff02::1", ", a multicast address", CALLED),
    ("::ffff:192.0.2.7", ", an IPv4 address inside an IPv6 one", "Write 192.0.2.7."),
    (
        "xn--99999999999.org",
        ", and xn--99999999999 is no punycode",
        "Write the name as people read it: it is turned into punycode for you.",
    ),
]


@pytest.mark.parametrize(("domain", "seen", "mend"), BAD_HOSTS)
def test_bad_domains(domain: str, seen: str, mend: str) -> None:
    assert _said(entry(domain=domain)) == [f"domain: is {domain!r}{seen}. {mend}"]


@pytest.mark.parametrize(("alias", "seen", "mend"), BAD_HOSTS)
def test_bad_aliases(alias: str, seen: str, mend: str) -> None:
    assert _said(entry(aliases=["good.example.org", alias])) == [f"aliases[1]: is {alias!r}{seen}. {mend}"]


@pytest.mark.parametrize(
    "name", ["a\u200d.org", "\u05d0a1.org", "aa--\u00f1.es", "a\u2603.org", "\u00f1_a.org", "-\u00f1.org"]
)
def test_names_that_dns_cannot_have(name: str) -> None:
    (said,) = _said(entry(domain=name))
    assert said.startswith(f"domain: is {name!r}, which no name in DNS can be (")
    assert said.endswith("). Write a name that IDNA 2008 allows, or the one that DNS has, which begins with xn--.")


def test_names_in_other_scripts_without_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_names, "idna", None)
    assert _said(entry(domain="a.example.org", aliases=["192.0.2.7", "2001:db8::5"])) == []
    assert _said(entry(domain="ñ.org")) == [
        "domain: is 'ñ.org', in another script than ASCII. Install the Python library idna on the controller (it comes "
        "with requests), or write the name as xn--…."
    ]


GOOD_HOSTS = {
    "erp": "erp",
    "A.Example.ORG": "a.example.org",
    "a.example.org.": "a.example.org",
    "192.0.2.7": "192.0.2.7",
    "3com.com": "3com.com",
    "xn--clnica-3va.es": "xn--clnica-3va.es",
    "clínica-norte.es": "xn--clnica-norte-tfb.es",
    "CLÍNICA-Norte.ES": "xn--clnica-norte-tfb.es",
    "cli\u0301nica.es": "xn--clnica-4va.es",
    "fußpflege.de": "xn--fupflege-rya.de",
    "клиника.рф": "xn--80apagcdp.xn--p1ai",
    "诊所\u3002中国": "xn--8oup83g.xn--fiqs8s",
    "\uff11\uff19\uff12.\uff10.\uff12.\uff17": "192.0.2.7",
    "2001:DB8:0:0:0:0:0:5": "2001:db8::5",
    "2001:db8::5": "2001:db8::5",
    "::1": "::1",
    "fd00:1::0005": "fd00:1::5",
}


@pytest.mark.parametrize(("written", "name"), GOOD_HOSTS.items())
def test_good_hosts(written: str, name: str) -> None:
    assert _said(entry(domain=written)) == []
    assert _said(entry(aliases=[written])) == []
    (site,) = sites.plan([entry(domain=written, aliases=["b.example.org", written])])
    shown = f"[{name}]" if ":" in name else name
    assert (site["domain"], site["host"]) == (name, shown)
    assert (site["aliases"], site["other_hosts"]) == (["b.example.org", name], ["b.example.org", shown])
    assert site["url"] == f"http://{shown}"
    assert site["sni"] is not text_names.is_address(name)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("clínica.es", "xn--clnica-4va.es"),
        ("clínica.es", "CLÍNICA.es."),
        ("a.example.org", "A.example.org."),
        ("2001:db8::5", "2001:0DB8::0005"),
    ],
)
def test_names_that_are_the_same_in_the_end(one: str, other: str) -> None:
    second = entry(name="sur", domain=other)
    (problem,) = site_rules.check([entry(domain=one), second])
    assert problem.key == "domain"
    assert problem.seen.endswith("is that of site 'norte' already")


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
NETWORK = "Write an address or a network, as in 192.0.2.0/24 or 2001:db8::/32."
PROXY = "Name the addresses of the proxy that clients reach at this port, or write `port` where there is none."
ZONE = "Write the address alone: what a link calls its interface is known on one host only."


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
        ({"proxy": {"tls": True, "trusted": ["192.0.2.1"], "port": 8443}}, []),
        ({"proxy": {"port": 8443}}, [f"proxy.trusted: is missing, and proxy.port is given. {PROXY}"]),
        (
            {"proxy": {"trusted": ["192.0.2.1"], "port": 0}},
            ["proxy.port: is 0. Write a port between 1 and 65535."],
        ),
        ({"proxy": {"trusted": ["fe80::1%eth0"]}}, [f"proxy.trusted[0]: is 'fe80::1%eth0', with a zone. {ZONE}"]),
        ({"api": {"allowed_ips": ["2001:db8::/32", "fd00::7"]}}, []),
        ({"tls": {"mode": "acme", "email": "operations@clínica.es"}}, []),
        (
            {"tls": {"mode": "acme", "email": "operations"}},
            ["tls.email: is 'operations'. Write an e-mail address, as in operations@example.org."],
        ),
        (
            {"tls": {"mode": "acme"}, "domain": "2001:db8::5"},
            ["tls.mode: is acme, and the domain is an address. Use a host name: authorities ask for one."],
        ),
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
