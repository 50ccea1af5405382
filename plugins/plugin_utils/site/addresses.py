# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The rules for where a site is found: domain, aliases, port, base path, TLS and the proxy in front."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.text import names as text_names
from ansible_collections.miclinik.hosting.plugins.module_utils.text.names import is_address
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site.schema import Problem

#: Where the balancers of a cluster speak TLS.
BALANCERS = 443

BASE_PATH = re.compile(r"/|(/[A-Za-z0-9_-]+)+")
# Base paths that would hide what the web server answers itself.
RESERVED_PATHS = frozenset({"/.well-known"})

#: Key, what was seen, and the mend.
Rest = tuple[str, str, str]


def networks(key: str, addresses: Sequence[str]) -> Iterator[Rest]:
    """Yield what is wrong with a list of addresses and networks."""
    for index, address in enumerate(addresses):
        if "%" in address:
            mend = "Write the address alone: what a link calls its interface is known on one host only"
            yield f"{key}[{index}]", f"is {address!r}, with a zone", mend
            continue
        try:
            ipaddress.ip_network(address)
        except ValueError as error:
            mend = "Write an address or a network, as in 192.0.2.0/24 or 2001:db8::/32"
            yield f"{key}[{index}]", str(error), mend


def check(entry: Mapping[str, Any]) -> Iterator[Rest]:
    """Yield what is wrong with a site's addresses; the types of its keys were checked before."""
    aliases = entry.get("aliases") or []
    yield from host("domain", entry["domain"])
    for index, alias in enumerate(aliases):
        yield from host(f"aliases[{index}]", alias)
    yield from port("port", entry.get("port"))
    for index, one in enumerate(entry.get("former") or []):
        yield from _former(f"former[{index}]", one, (entry.get("tls") or {}).get("mode") == "acme")
    base_path = entry.get("base_path") or "/"
    if not BASE_PATH.fullmatch(base_path) or base_path in RESERVED_PATHS:
        yield "base_path", f"is {base_path!r}", "Write / or a path without a slash at its end, as in /miclinik"
    yield from _tls(entry.get("tls") or {}, entry["domain"], aliases)
    yield from _proxy(entry.get("proxy") or {})


def _former(key: str, one: Mapping[str, Any], acme: bool) -> Iterator[Rest]:
    path = one.get("base_path") or "/"
    yield from host(f"{key}.domain", one["domain"])
    if not BASE_PATH.fullmatch(path) or path in RESERVED_PATHS:
        yield f"{key}.base_path", f"is {path!r}", "Write / or a path without a slash at its end, as in /miclinik"
    if acme and is_address(one["domain"]):
        yield f"{key}.domain", "is an address, and tls.mode is acme", "Remove it: authorities sign host names"


def host(key: str, text: str) -> Iterator[Rest]:
    """Yield why ``text`` is no host that can be called."""
    try:
        text_names.canonical(text)
    except text_names.HostNameError as error:
        yield key, error.seen, error.mend


def port(key: str, port: int | None) -> Iterator[Rest]:
    if port is not None and not 1 <= port <= 65535:  # noqa: PLR2004
        yield key, f"is {port}", "Write a port between 1 and 65535"


def _proxy(proxy: Mapping[str, Any]) -> Iterator[Rest]:
    yield from networks("proxy.trusted", proxy.get("trusted") or [])
    yield from port("proxy.port", proxy.get("port"))
    if proxy.get("trusted"):
        return
    if proxy.get("tls"):
        yield "proxy.trusted", "is missing", "Name the addresses of the proxy that speaks TLS"
    if proxy.get("port") is not None:
        mend = "Name the addresses of the proxy that clients reach at this port, or write `port` where there is none"
        yield "proxy.trusted", "is missing, and proxy.port is given", mend


def _tls(tls: Mapping[str, Any], domain: str, aliases: Sequence[str]) -> Iterator[Rest]:
    mode = tls.get("mode") or "none"
    for key in ("certificate", "key"):
        if mode == "provided" and not tls.get(key):
            yield f"tls.{key}", "is missing", "Name the file on the controller"
        if mode != "provided" and tls.get(key):
            yield f"tls.{key}", f"has no meaning with mode {mode}", "Remove it, or set tls.mode: provided"
    if mode == "acme" and is_address(domain):
        yield "tls.mode", "is acme, and the domain is an address", "Use a host name: authorities ask for one"
    for index, alias in enumerate(aliases):
        if mode == "acme" and is_address(alias):
            yield f"aliases[{index}]", "is an address, and tls.mode is acme", "Remove it: authorities sign host names"
    if tls.get("email"):
        try:
            text_names.mailbox(tls["email"])
        except text_names.HostNameError as error:
            yield "tls.email", error.seen, error.mend
    directory = tls.get("directory")
    if mode == "acme" and directory and not directory.startswith("https://"):
        yield "tls.directory", f"is {directory!r}", "Write the https:// address of the authority's directory"
    if (tls.get("hsts") or 0) < 0:
        yield "tls.hsts", f"is {tls['hsts']}", "Write a number of seconds, or 0"


def unheard(planned: Sequence[Mapping[str, Any]]) -> list[Problem]:
    """Return the sites whose certificate no client would get, among complete sites.

    Who calls an address names no host in the TLS handshake (RFC 6066, 3), so that a port has one certificate for them
    all: the first site's. Sites that share a provided one go together.
    """
    problems = []
    first: dict[int, Mapping[str, Any]] = {}
    for site in planned:
        address = _address(site)
        if not (site["encrypted"] or site["tls_ahead"]) or address is None:
            continue
        key, text = address
        port = BALANCERS if site["tls_ahead"] else site["listen"]
        one = first.setdefault(port, site)
        if one is site or _address(one) == (key, text) or _shared(one, site):
            continue
        seen = (
            f"is {text!r}, and site '{one['name']}' speaks TLS at an address on port {port} too: clients "
            "that call an address do not say which, and all of them get that site's certificate"
        )
        mend = "Use a host name or another port, or one certificate for all the addresses in both (tls.mode: provided)"
        problems.append(Problem(f"site '{site['name']}'", key, seen, mend))
    return problems


def _address(site: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return the first of a site's names that is an address, with its key."""
    names = [("domain", site["domain"]), *((f"aliases[{i}]", alias) for i, alias in enumerate(site["aliases"]))]
    names += [("former", name) for name in site["former_names"]]
    return next((pair for pair in names if is_address(pair[1])), None)


def _shared(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Return whether both provide the same certificate; that it covers their names is checked with the file."""
    return bool(one["tls"]["mode"] == other["tls"]["mode"] == "provided") and bool(
        one["tls"]["certificate"] == other["tls"]["certificate"]
    )
