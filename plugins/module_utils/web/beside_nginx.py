# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What Nginx needs for our sites beside sites of others, and for a site's own lines. Pure functions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ansible_collections.miclinik.hosting.plugins.module_utils.web import nginx_config
from ansible_collections.miclinik.hosting.plugins.module_utils.web.server import Told, Wrong

#: Addresses that our sites have as well.
EVERYWHERE = ("*", "[::]")


def lines(text: str) -> tuple[str, str] | None:
    """Return what is wrong with the form of a site's own lines, and the mend."""
    depth, open_words = 0, False
    try:
        for token, quoted in nginx_config.tokens(text):
            punctuation = "" if quoted else token
            if punctuation == "}" and not depth:
                return "has a } too many, which would end the site's server block", "Close only what it opens"
            depth += {"{": 1, "}": -1}.get(punctuation, 0)
            open_words = punctuation not in ("{", "}", ";")
    except ValueError as error:
        return str(error), "Write whole directives, each with its ;"
    if open_words:
        return "does not end in ; or }", "End the last directive"
    return ("does not close a { that it opens", "Add the }") if depth else None


def beside(others: Sequence[Told], seen: Told, ports: Mapping[str, Sequence[int]], keep: str) -> Iterator[Wrong]:
    """Yield why our sites cannot stand beside ``others``; ``keep`` is empty where the default server stays."""
    if seen["unread"]:
        lacking = "its nginx.conf does not read " + ", ".join(seen["unread"])
        mend = "Have its http block include /etc/nginx/conf.d/*.conf and /etc/nginx/sites-enabled/*"
        yield "Nginx", lacking, mend
    wanted = {port: "ssl" if port in ports["tls"] else "" for kind in ports.values() for port in kind}
    for one in others:
        shared = [place for place in one["listens"] if place["port"] in wanted and place["address"] in EVERYWHERE]
        default = [f"{place['address']}:{place['port']}" for place in shared if place["default"]]
        if default and keep:
            taken = f"{one['file']} is the default server of {', '.join(default)}, and there can be one alone"
            yield keep, taken, f"Set {keep}: true, and that one stays it"
        for place in shared:
            where = f"{place['address']}:{place['port']}"
            yield from _socket(one["file"], where, set(place["flags"]), wanted[place["port"]], place["port"])


def _socket(file: str, where: str, flags: set[str], kind: str, port: int) -> Iterator[Wrong]:
    """Return what the socket would be for our sites too, since Nginx has one for all who listen on it."""
    key, mend = f"port {port}", "Change that file, or give the sites another port"
    if "proxy_protocol" in flags:
        yield key, f"{file} wants the PROXY protocol on {where}, which holds for all sites there", mend
    if "ipv6only=off" in flags:
        yield key, f"{file} takes IPv4 with {where} (ipv6only=off), and so nobody else can", mend
    if ("ssl" in flags) != (kind == "ssl"):
        theirs, ours = ("TLS", "plain HTTP") if "ssl" in flags else ("plain HTTP", "TLS")
        yield key, f"{file} speaks {theirs} on {where}, and our sites speak {ours} there", mend


def needed_by_others(_seen: Told) -> None:
    """Return nothing: whatever others need of Nginx, our sites can have it."""
