# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What an inventory says at the wrong place: sites that a host does not get, and sites that several hosts get."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.text import names as text_names
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site.schema import Problem

SITES = "miclinik_sites"


def undefined(host: str, groups: Sequence[str]) -> Problem:
    """Return what to say of a host that gets no `miclinik_sites`; `groups` are those that it is in."""
    named = ", ".join(groups) or "none"
    places = [f"group_vars/{group}/" for group in groups[:1]] + [f"host_vars/{host}.yml"]
    seen = f"is not defined for {host}, whose groups are: {named}"
    return Problem("inventory", SITES, seen, f"Write it into {' or '.join(places)} beside the inventory's file")


def shared(sites: Mapping[str, object]) -> list[str]:
    """Return a caution for every address that sites of several hosts have; `sites` is host -> its `miclinik_sites`.

    A caution and no problem: while a site moves, the old host and the new one have it.
    """
    owners: dict[tuple[str, str], list[str]] = {}
    for host, entries in sites.items():
        for address in _addresses(entries):
            owners.setdefault(address, []).append(host)
    return [
        f"{domain}{path} is a site of the hosts {', '.join(hosts)}: each gets a database of its own, and one name leads"
        f" to one host. Unless the site moves from one to the other, write each host's sites into host_vars/HOST.yml."
        for (domain, path), hosts in owners.items()
        if len(hosts) > 1
    ]


def _addresses(entries: object) -> list[tuple[str, str]]:
    """Return the domain and the path of the sites, as far as they can be read: their checks come later."""
    given: Sequence[Any] = entries if isinstance(entries, (list, tuple)) else ()
    found = [
        (_spelled(str(entry["domain"])), str(entry.get("base_path", "/")).rstrip("/"))
        for entry in given
        if isinstance(entry, Mapping) and entry.get("domain")
    ]
    return list(dict.fromkeys(found))


def _spelled(domain: str) -> str:
    try:
        return text_names.canonical(domain)
    except text_names.HostNameError:
        return domain
