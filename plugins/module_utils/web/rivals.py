# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which other servers of a web server have a name of a site, and which of them its clients reach instead.

Of several servers with one name on one port Nginx and Apache take the first that they read. Pure functions, for hosts
and the controller; ``servers`` are those of ``survey_nginx`` and ``survey_apache``.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.web.servers import SERVERS

_HTTP = 80


@dataclass(frozen=True)
class Rival:
    """A server that has ``name`` as well: the file, the site of ours that it is for, whether it ``wins`` the calls."""

    name: str
    file: str
    site: str
    wins: bool


def find(site: Mapping[str, Any], servers: Sequence[Mapping[str, Any]], server: str) -> list[Rival]:
    """Return the rivals of a site, of which names, ``listen`` and ``encrypted`` are read.

    What somebody has written in place of the site's own vhost is among them, and does not win.
    A pattern of Apache's ServerAlias is one only where it wins. Nginx prefers whole names wherever they stand.
    """
    own = _own(own_file(site, server), servers)
    found = []
    for name in map(str.lower, (site["domain"], *site["aliases"], *site.get("former_names", ()))):
        for place, one in enumerate(servers):
            if one["site"] == site["name"] or not _ports(site) & {listen["port"] for listen in one["listens"]}:
                continue
            theirs = [given.lower().strip("[]") for given in one["names"]]
            wins = place < own
            by_pattern = SERVERS[server].patterns and wins and any(_covers(pattern, name) for pattern in theirs)
            if name in theirs or by_pattern:
                found.append(Rival(name, one["file"], one["site"], wins))
    return list(dict.fromkeys(found))


def key_of(site: Mapping[str, Any], name: str) -> str:
    """Return the key in which a site has ``name``."""
    if name == site["domain"].lower():
        return "domain"
    return "former" if name in site.get("former_names", ()) else "aliases"


def _ports(site: Mapping[str, Any]) -> set[int]:
    """Return the ports at which the site is called; 0 stands for every one."""
    return {site["listen"], *([_HTTP] if site["encrypted"] else []), 0}


def own_file(site: Mapping[str, Any], server: str) -> str:
    """Return where the site's own vhost is enabled."""
    return f"{SERVERS[server].enabled}/{site['name']}.conf"


def _own(file: str, servers: Sequence[Mapping[str, Any]]) -> int:
    """Return the place of the site's own server, or the one that it will have."""
    folder = file.rpartition("/")[0]
    places = [place for place, one in enumerate(servers) if one["file"] == file]
    after = [place for place, one in enumerate(servers) if one["file"].startswith(folder) and one["file"] > file]
    return min(places or after or [len(servers)])


def _covers(pattern: str, name: str) -> bool:
    return ("*" in pattern or "?" in pattern) and fnmatch.fnmatchcase(name, pattern)
