# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether the web server of a host can take the sites beside what others have told it to serve."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.site.site import Site
from ansible_collections.miclinik.hosting.plugins.module_utils.web import rivals
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site.schema import Problem
from ansible_collections.miclinik.hosting.plugins.plugin_utils.web import servers as web_servers
from ansible_collections.miclinik.hosting.plugins.plugin_utils.web.servers import TITLES

#: Keeps what is there for host names that are no site's, by server.
KEEP = {"nginx": "nginx_keep_default_site", "apache": "apache_keep_default_site"}
_DEFAULT_SITE = {"nginx": "/etc/nginx/sites-enabled/default", "apache": "/etc/apache2/sites-enabled/000-default.conf"}
#: Processes of the servers that a run may stop or reload, or that are the one that is asked for.
_SERVERS = frozenset({"nginx", "apache2", "?"})
_USER = "www-data"
_TEST = {"nginx": "nginx -t", "apache": "apache2ctl configtest"}
_USER_PLACE = {
    "nginx": "`user www-data;` in /etc/nginx/nginx.conf",
    "apache": "APACHE_RUN_USER in /etc/apache2/envvars",
}
_EVERYWHERE = ("*", "[::]")


def check(sites: Sequence[Site], facts: Mapping[str, Any], server: str, keep: bool) -> list[Problem]:
    """Return why ``server`` cannot serve the sites; ``keep`` is the value of its variable in KEEP."""
    seen = facts["survey"][server]
    ports = web_servers.ports(sites)
    found = [*_ports(facts["survey"]["listeners"], ports)]
    if not seen:
        return found
    if seen["broken"] and not _is_of_ours(seen["broken"], facts["web_servers"][server]["ours"]):
        # Whatever else is wrong may come of it.
        mend = "Mend that first: nothing can be added to it"
        return [
            *found,
            Problem("host", TITLES[server], f"`{_TEST[server]}` refuses what is there: {seen['broken']}", mend),
        ]
    foreign = facts["web_servers"][server]["foreign"]
    if _DEFAULT_SITE[server] in foreign and not keep:
        seen_there = f"{_DEFAULT_SITE[server]} is no longer as the package brought it, and would be taken out"
        mend = f"Move that site to a file with a name of its own, or set {KEEP[server]}: true"
        found.append(Problem("host", KEEP[server], seen_there, mend))
    stays = [one for one in seen["servers"] if keep or one["file"] != _DEFAULT_SITE[server]]
    # Sites of ours that left the inventory are among them.
    others = [one for one in stays if one["site"] not in {site["name"] for site in sites}]
    if seen["user"] != _USER:
        wrong = f"runs as {seen['user']}, who may enter neither the sites' folders nor PHP-FPM's sockets"
        found.append(Problem("host", TITLES[server], wrong, f"Have it run as {_USER}: {_USER_PLACE[server]}"))
    found += _names(sites, stays, server)
    found += _addresses(others, {*ports["plain"], *ports["tls"]})
    own = _nginx(others, seen, ports, keep) if server == "nginx" else _apache(seen, ports)
    return [*found, *own]


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
    return [
        f"{TITLES[server]} serves {address}:{port} by {file} alone: calls to that address reach no site of miclinik."
        for address, port, file in sorted(taken)
    ]


def _is_of_ours(words: str, ours: Sequence[str]) -> bool:
    """Return whether a complaint is about files of ours, which the run puts right (another may have been killed)."""
    return "/miclinik" in words or any(path in words for path in ours)


def _ports(listeners: Mapping[str, str], ports: Mapping[str, Sequence[int]]) -> Iterator[Problem]:
    for port in sorted({*ports["plain"], *ports["tls"]}):
        process = listeners.get(str(port), "?")
        if process not in _SERVERS:
            mend = f"Stop {process} or give it another port, or give the sites another one (port)"
            yield Problem("host", f"port {port}", f"is taken: {process} listens there", mend)


def _names(sites: Sequence[Site], servers: Sequence[Mapping[str, Any]], server: str) -> Iterator[Problem]:
    for site in sites:
        for rival in rivals.find(site, servers, server):
            if not rival.site:
                key = "domain" if rival.name == site["domain"].lower() else "aliases"
                seen = f"{rival.name} is served by {rival.file} already"
                yield Problem(f"site '{site['name']}'", key, seen, "Take the name out of that file, or the file away")


def _addresses(others: Sequence[Mapping[str, Any]], wanted: set[int]) -> Iterator[Problem]:
    for one in others:
        for place in one["listens"]:
            if place["port"] in wanted and _is_loopback(place["address"]):
                seen = f"{one['file']} has {place['address']}:{place['port']} for itself, where we call our sites"
                yield Problem("host", f"port {place['port']}", seen, "Have it listen on another port")


def _nginx(
    others: Sequence[Mapping[str, Any]], seen: Mapping[str, Any], ports: Mapping[str, Sequence[int]], keep: bool
) -> Iterator[Problem]:
    if seen["unread"]:
        lacking = "its nginx.conf does not read " + _words(seen["unread"])
        mend = "Have its http block include /etc/nginx/conf.d/*.conf and /etc/nginx/sites-enabled/*"
        yield Problem("host", "Nginx", lacking, mend)
    wanted = {port: "ssl" if port in ports["tls"] else "" for kind in ports.values() for port in kind}
    for one in others:
        shared = [place for place in one["listens"] if place["port"] in wanted and place["address"] in _EVERYWHERE]
        default = [f"{place['address']}:{place['port']}" for place in shared if place["default"]]
        if default and not keep:
            taken = f"{one['file']} is the default server of {_words(default)}, and there can be one alone"
            yield Problem("host", KEEP["nginx"], taken, f"Set {KEEP['nginx']}: true, and that one stays it")
        for place in shared:
            where = f"{place['address']}:{place['port']}"
            yield from _socket(one["file"], where, set(place["flags"]), wanted[place["port"]], place["port"])


def _socket(file: str, where: str, flags: set[str], kind: str, port: int) -> Iterator[Problem]:
    """Return what the socket would be for our sites too, since Nginx has one for all who listen on it."""
    key, mend = f"port {port}", "Change that file, or give the sites another port"
    if "proxy_protocol" in flags:
        yield Problem("host", key, f"{file} wants the PROXY protocol on {where}, which holds for all sites there", mend)
    if "ipv6only=off" in flags:
        yield Problem("host", key, f"{file} takes IPv4 with {where} (ipv6only=off), and so nobody else can", mend)
    if ("ssl" in flags) != (kind == "ssl"):
        theirs, ours = ("TLS", "plain HTTP") if "ssl" in flags else ("plain HTTP", "TLS")
        yield Problem("host", key, f"{file} speaks {theirs} on {where}, and our sites speak {ours} there", mend)


def _apache(seen: Mapping[str, Any], ports: Mapping[str, Sequence[int]]) -> Iterator[Problem]:
    for port in sorted({*ports["plain"], *ports["tls"]}):
        addresses = sorted({place["address"] for place in seen["listens"] if place["port"] == port})
        if addresses and "*" not in addresses:
            lacking = f"Apache listens on {_words(addresses)} alone"
            yield Problem("host", f"port {port}", lacking, f"Write Listen {port} into /etc/apache2/ports.conf instead")


def _is_loopback(address: str) -> bool:
    return address.startswith(("127.", "[::1]")) or address == "localhost"


def _words(items: Iterable[object]) -> str:
    return ", ".join(str(item) for item in items)
