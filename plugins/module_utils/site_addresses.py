# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The rules for where a site is found: domain, aliases, port, base path, TLS and the proxy in front."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.site_schema import Problem

LABEL = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)")
BASE_PATH = re.compile(r"/|(/[A-Za-z0-9_-]+)+")
# Base paths that would hide what the web server answers itself.
RESERVED_PATHS = frozenset({"/.well-known"})

#: Key, what was seen, and the mend.
Rest = tuple[str, str, str]


def is_address(text: str) -> bool:
    """Return whether ``text`` is an IPv4 address."""
    try:
        ipaddress.IPv4Address(text)
    except ValueError:
        return False
    return True


def is_host(text: str) -> bool:
    """Return whether ``text`` is a host name (RFC 1123) or an IPv4 address."""
    if re.fullmatch(r"[0-9.]+", text):
        return is_address(text)
    return len(text) <= 253 and all(LABEL.fullmatch(label) for label in text.split("."))  # noqa: PLR2004 (RFC 1035)


def networks(key: str, addresses: Sequence[str]) -> Iterator[Rest]:
    """Yield what is wrong with a list of addresses and networks."""
    for index, address in enumerate(addresses):
        try:
            ipaddress.ip_network(address)
        except ValueError as error:
            yield f"{key}[{index}]", str(error), "Write an address or a network, as in 192.0.2.0/24"


def check(entry: Mapping[str, Any]) -> Iterator[Rest]:
    """Yield what is wrong with a site's addresses; the types of its keys were checked before."""
    if not is_host(entry["domain"]):
        yield "domain", f"is {entry['domain']!r}", "Write a host name alone, without http:// and without a path"
    for index, alias in enumerate(entry.get("aliases") or []):
        if not is_host(alias):
            yield f"aliases[{index}]", f"is {alias!r}", "Write a host name alone"
    if entry.get("port") is not None and not 1 <= entry["port"] <= 65535:  # noqa: PLR2004
        yield "port", f"is {entry['port']}", "Write a port between 1 and 65535"
    base_path = entry.get("base_path") or "/"
    if not BASE_PATH.fullmatch(base_path) or base_path in RESERVED_PATHS:
        yield "base_path", f"is {base_path!r}", "Write / or a path without a slash at its end, as in /miclinik"
    yield from _tls(entry.get("tls") or {}, entry["domain"], entry.get("aliases") or [])
    proxy = entry.get("proxy") or {}
    yield from networks("proxy.trusted", proxy.get("trusted") or [])
    if proxy.get("tls") and not proxy.get("trusted"):
        yield "proxy.trusted", "is missing", "Name the addresses of the proxy that speaks TLS"


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
        if not site["encrypted"] or address is None:
            continue
        key, text = address
        one = first.setdefault(site["listen"], site)
        if one is site or _address(one) == (key, text) or _shared(one, site):
            continue
        seen = (
            f"is {text!r}, and site '{one['name']}' speaks TLS at an address on port {site['listen']} too: clients "
            "that call an address do not say which, and all of them get that site's certificate"
        )
        mend = "Use a host name or another port, or one certificate for all the addresses in both (tls.mode: provided)"
        problems.append(Problem(f"site '{site['name']}'", key, seen, mend))
    return problems


def _address(site: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return the first of a site's names that is an address, with its key."""
    names = [("domain", site["domain"]), *((f"aliases[{i}]", alias) for i, alias in enumerate(site["aliases"]))]
    return next((pair for pair in names if is_address(pair[1])), None)


def _shared(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Return whether both provide the same certificate; that it covers their names is checked with the file."""
    return bool(one["tls"]["mode"] == other["tls"]["mode"] == "provided") and bool(
        one["tls"]["certificate"] == other["tls"]["certificate"]
    )
