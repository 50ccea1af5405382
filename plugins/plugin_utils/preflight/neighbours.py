# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether the web server of a host can take the sites beside what others have told it to serve."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.site.site import Site
from ansible_collections.miclinik.hosting.plugins.module_utils.web import rivals
from ansible_collections.miclinik.hosting.plugins.module_utils.web.servers import SERVERS
from ansible_collections.miclinik.hosting.plugins.module_utils.webhooks import hooks
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site.schema import Problem
from ansible_collections.miclinik.hosting.plugins.plugin_utils.web import servers as web_servers

#: Processes of the servers that a run may stop or reload, or that are the one that is asked for.
_SERVERS = frozenset({"?", *(one.process for one in SERVERS.values())})
#: Who is seen to have the relay's socket: systemd, which opens it, and the relay.
_RELAY = frozenset({"?", "systemd", "miclinik-relay"})
_USER = "www-data"
_EVERYWHERE = ("*", "[::]")


def check(sites: Sequence[Site], facts: Mapping[str, Any], server: str, keep: bool) -> list[Problem]:
    """Return why ``server`` cannot serve the sites; ``keep`` is the value of its variable ``…_keep_default_site``."""
    known = SERVERS[server]
    seen = facts["survey"][server]
    ports = web_servers.ports(sites)
    found = [*_ports(facts["survey"]["listeners"], ports), *_relay(sites, facts)]
    if not seen:
        return found
    if seen["broken"] and not _is_of_ours(seen["broken"], facts["web_servers"][server]["ours"]):
        # Whatever else is wrong may come of it.
        mend = "Mend that first: nothing can be added to it"
        return [
            *found,
            Problem("host", known.title, f"`{' '.join(known.test)}` refuses what is there: {seen['broken']}", mend),
        ]
    foreign = facts["web_servers"][server]["foreign"]
    if known.default_site in foreign and not keep:
        seen_there = f"{known.default_site} is no longer as the package brought it, and would be taken out"
        mend = f"Move that site to a file with a name of its own, or set {known.keep}: true"
        found.append(Problem("host", known.keep, seen_there, mend))
    stays = [one for one in seen["servers"] if keep or one["file"] != known.default_site]
    # Sites of ours that left the inventory are among them.
    others = [one for one in stays if one["site"] not in {site["name"] for site in sites}]
    if seen["user"] != _USER:
        wrong = f"runs as {seen['user']}, who may enter neither the sites' folders nor PHP-FPM's sockets"
        found.append(Problem("host", known.title, wrong, f"Have it run as {_USER}: {known.user_place}"))
    found += _names(sites, stays, server)
    found += _addresses(others, {*ports["plain"], *ports["tls"]})
    return [
        *found,
        *(Problem("host", *wrong) for wrong in known.beside(others, seen, ports, "" if keep else known.keep)),
    ]


def cautions(sites: Sequence[Site], facts: Mapping[str, Any], server: str) -> list[str]:
    """Return what may be meant so: servers of others that have an address of the host for themselves."""
    wanted = {port for kind in web_servers.ports(sites).values() for port in kind}
    taken = {
        (place["address"], place["port"], one["file"])
        for one in (facts["survey"][server] or {"servers": []})["servers"]
        for place in one["listens"]
        if not one["site"]
        and place["port"] in wanted
        and place["address"] not in _EVERYWHERE
        and not _is_loopback(place["address"])
    }
    title = SERVERS[server].title
    return [
        f"{title} serves {address}:{port} by {file} alone: calls to that address reach no site of miclinik."
        for address, port, file in sorted(taken)
    ]


def _is_of_ours(words: str, ours: Sequence[str]) -> bool:
    """Return whether a complaint is about files of ours, which the run puts right (another may have been killed)."""
    return "/miclinik" in words or '"miclinik_' in words or any(path in words for path in ours)


def _ports(listeners: Mapping[str, str], ports: Mapping[str, Sequence[int]]) -> Iterator[Problem]:
    for port in sorted({*ports["plain"], *ports["tls"]}):
        process = listeners.get(str(port), "?")
        if process not in _SERVERS:
            mend = f"Stop {process} or give it another port, or give the sites another one (port)"
            yield Problem("host", f"port {port}", f"is taken: {process} listens there", mend)


def _relay(sites: Sequence[Site], facts: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield who has the port of the relay of webhooks, where that is not the relay itself."""
    process = facts["survey"]["loopback"].get(str(hooks.PORT), "?")
    ours = _RELAY if facts["webhook_relay"] else frozenset({"?"})
    if any(site["webhooks"] for site in sites) and process not in ours:
        seen = f"is taken: {process} listens there, where the relay of the sites' `webhooks` has to"
        yield Problem("host", f"port {hooks.PORT}", seen, f"Give {process} another port, or leave `webhooks` out")


def _names(sites: Sequence[Site], servers: Sequence[Mapping[str, Any]], server: str) -> Iterator[Problem]:
    for site in sites:
        for rival in rivals.find(site, servers, server):
            if not rival.site:
                key = rivals.key_of(site, rival.name)
                seen = f"{rival.name} is served by {rival.file} already"
                yield Problem(f"site '{site['name']}'", key, seen, "Take the name out of that file, or the file away")


def _addresses(others: Sequence[Mapping[str, Any]], wanted: set[int]) -> Iterator[Problem]:
    for one in others:
        for place in one["listens"]:
            if place["port"] in wanted and _is_loopback(place["address"]):
                seen = f"{one['file']} has {place['address']}:{place['port']} for itself, where we call our sites"
                yield Problem("host", f"port {place['port']}", seen, "Have it listen on another port")


def _is_loopback(address: str) -> bool:
    return address.startswith(("127.", "[::1]")) or address == "localhost"


def _words(items: Iterable[object]) -> str:
    return ", ".join(str(item) for item in items)
