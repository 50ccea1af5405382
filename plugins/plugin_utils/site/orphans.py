# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Sites that are on a host and not in its inventory: taken out of it, renamed there, or of another inventory.

Nothing takes them off the host, and nothing but they themselves looks after them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.database import connections as database_connections
from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout
from ansible_collections.miclinik.hosting.plugins.module_utils.web import rivals
from ansible_collections.miclinik.hosting.plugins.module_utils.web.servers import SERVERS

#: What every sentence about one says of it.
LEFT = "which is on the host and not in the inventory"
_LOCAL = ("", "localhost", "socket")


def find(facts: Mapping[str, Any], names: Iterable[str]) -> dict[str, Mapping[str, Any]]:
    """Return what the fact ``hosted`` says of the sites that are up and not among ``names``, by name.

    One that is not served and has no pools is data at rest, and may as well be somebody's copy.
    """
    known = set(names)
    hosted = facts.get("hosted", {})
    return {name: seen for name, seen in hosted.items() if name not in known and (seen["vhosts"] or seen["pools"])}


def told(facts: Mapping[str, Any], names: Iterable[str]) -> list[str]:
    """Return a sentence for every orphan."""
    return [
        f"The site {_shown(name, seen)} is on the host and not in the inventory: it goes on as it was left, and nobody"
        f" looks after it. Name it in the inventory again, or {off(seen)}."
        for name, seen in find(facts, names).items()
    ]


def _shown(name: str, seen: Mapping[str, Any]) -> str:
    return f"'{name}' ({seen['url']})" if seen["url"] else f"'{name}'"


def off(seen: Mapping[str, Any]) -> str:
    """Return how to take an orphan off the host, by its part of the fact ``hosted``."""
    files = [*seen["vhosts"].values(), *seen["pools"]]
    old = [path for path in seen["pools"] if not path.startswith(layout.PHP)]
    own = {path.split("/")[3] for path in seen["pools"] if path not in old}
    units = [layout.debian_php_unit(version) for version in sorted({path.split("/")[3] for path in old})]
    units += [SERVERS[server].unit for server in sorted(seen["vhosts"])]
    stop = [f"systemctl disable --now {layout.fpm_unit(name)} {layout.fpm_sockets(name)}" for name in sorted(own)]
    reload = [f"systemctl reload {' '.join(units)}"] if units else []
    steps = " && ".join([*stop, f"rm {' '.join(files)}", *reload])
    return f"take it off: {steps} (its database, documents and secrets stay)"


def names(facts: Mapping[str, Any], planned: Sequence[Mapping[str, Any]], server: str) -> list[tuple[str, ...]]:
    """Return site, key, what is seen and the mend where ``server`` serves an orphan under a name of a site."""
    servers = [one for one in (facts["survey"][server] or {"servers": []})["servers"] if one["site"]]
    orphans = find(facts, (site["name"] for site in planned))
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for site in planned:
        for rival in rivals.find(site, servers, server):
            if rival.site in orphans:
                key = rivals.key_of(site, rival.name)
                seen = f"{rival.name} is served by the site '{rival.site}', {LEFT}"
                mend = f"{_as_before(rival.site, site['name'])}; else {off(orphans[rival.site])}"
                found.setdefault((site["name"], rival.site), (site["name"], key, seen, mend))
    return list(found.values())


def databases(facts: Mapping[str, Any], planned: Sequence[Mapping[str, Any]], engine: str) -> list[tuple[str, ...]]:
    """Return site, key, what is seen and the mend where a site would take the database, or its user, of an orphan."""
    found: list[tuple[str, ...]] = []
    for name, orphan in find(facts, (site["name"] for site in planned)).items():
        theirs = orphan["database"]
        for site in planned:
            ours = site["database"]
            # The user mostly goes with the name.
            key = next((key for key in ("name", "user") if ours[key] == theirs.get(key)), None)
            if key and _same_server(ours, theirs, engine):
                what = "database" if key == "name" else "database user"
                seen = f"is {ours[key]}, the {what} of the site '{name}', {LEFT}"
                mend = f"{_as_before(name, site['name'])}; else name another one, or {off(orphan)}"
                found.append((site["name"], f"database.{key}", seen, mend))
    return found


def web_server(facts: Mapping[str, Any], planned: Sequence[Mapping[str, Any]], server: str) -> list[tuple[str, str]]:
    """Return what is seen and the mend where a change to ``server`` would end an orphan that the other one serves."""
    return [
        (
            f"is {server}, and {_words(seen['vhosts'])} serves the site '{name}', {LEFT}: it would be cut off",
            f"Name that site in the inventory again, or {off(seen)}",
        )
        for name, seen in find(facts, (site["name"] for site in planned)).items()
        if seen["vhosts"] and server not in seen["vhosts"]
    ]


def _words(items: Iterable[str]) -> str:
    return ", ".join(sorted(items))


def _as_before(name: str, new: str) -> str:
    return (
        f"If this is that site, name it '{name}' as before, or have it renamed: playbooks/rename.yml"
        f" -e rename_from={name} -e rename_to={new}"
    )


def _same_server(ours: Mapping[str, Any], theirs: Mapping[str, Any], engine: str) -> bool:
    if database_connections.ENGINES.get(theirs.get("type", "")) != engine:
        return False
    host = str(theirs.get("host", "")).rpartition("://")[2].removeprefix("p:").strip("[]")
    local = host in _LOCAL or host.startswith("/")
    return bool(ours["local"]) if local else host.lower() == str(ours["host"]).lower()
