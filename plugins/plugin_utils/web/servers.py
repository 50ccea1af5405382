# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where a web server listens for the sites, and how one takes over from the others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.site.site import Site
from ansible_collections.miclinik.hosting.plugins.module_utils.web.servers import SERVERS
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site.sites import HTTP

#: What is seen, and the mend.
Obstacle = tuple[str, str]


def known(name: str) -> dict[str, Any]:
    """Return what roles have to know of the web server that an inventory calls ``name``. Raises ValueError."""
    if name not in SERVERS:
        raise ValueError(f"no web server is called '{name}'. Known are: {', '.join(SERVERS)}")
    server = SERVERS[name]
    return {
        **{key: getattr(server, key) for key in ("name", "title", "package", "unit", "kind", "folder", "logs")},
        **{key: list(getattr(server, key)) for key in ("test", "restart_for")},
    }


def ports(sites: Iterable[Site]) -> dict[str, list[int]]:
    """Return the ``plain`` and ``tls`` ports of the sites. One that speaks TLS has port 80 too, which leads there."""
    plain: set[int] = set()
    tls: set[int] = set()
    for site in sites:
        (tls if site["encrypted"] else plain).add(site["listen"])
        if site["encrypted"]:
            plain.add(HTTP)
    return {"plain": sorted(plain), "tls": sorted(tls)}


def handovers(sites: Sequence[Site], facts: Mapping[str, Any], server: str) -> list[dict[str, Any]]:
    """Return what has to happen to every server that is not ``server`` for it to take over.

    ``problem`` is the reason why it cannot, or empty; ``absent`` our paths that go, as
    entries for the module ``render``; ``server`` its name and ``unit`` its service;
    ``stop`` whether it stops for good; ``reload`` whether it goes on, for sites of others, and has ours loaded.
    """
    return [_handover(sites, facts["web_servers"][other], server, other) for other in _others(facts, server)]


def handover(sites: Sequence[Site], facts: Mapping[str, Any], server: str) -> dict[str, Any]:
    """Return the same of one of them, which has something to do if any has."""
    plans = handovers(sites, facts, server)
    return next(
        (plan for plan in plans if plan["problem"] or plan["absent"] or plan["stop"] or plan["reload"]), plans[0]
    )


def _others(facts: Mapping[str, Any], server: str) -> list[str]:
    return [name for name in SERVERS if name != server and name in facts["web_servers"]]


def _handover(sites: Iterable[Site], seen: Mapping[str, Any], server: str, other: str) -> dict[str, Any]:
    clash = _clash(sites, seen)
    return {
        "problem": told(_occupied(clash, seen, server, other)),
        "server": other,
        "unit": SERVERS[other].unit,
        "absent": [{"state": "absent", "dest": path} for path in seen["ours"]],
        "stop": bool(seen["alive"] and not seen["foreign"] and (seen["ours"] or clash)),
        "reload": bool(seen["alive"] and seen["foreign"] and (seen["ours"] or seen["lingering"])),
    }


def obstacles(sites: Sequence[Site], facts: Mapping[str, Any], server: str) -> list[Obstacle]:
    """Return why ``server`` cannot serve the sites without harm to sites of others: what is seen, and the mend."""
    seen = facts["web_servers"]
    found = [_occupied(_clash(sites, seen[other]), seen[other], server, other) for other in _others(facts, server)]
    found.append(SERVERS[server].needed_by_others(seen[server]) if server in seen else None)
    return [obstacle for obstacle in found if obstacle]


def _clash(sites: Iterable[Site], seen: Mapping[str, Any]) -> list[int]:
    """Return the sites' ports that the other server listens on."""
    wanted = {port for kind in ports(sites).values() for port in kind}
    return sorted(wanted & active(seen["listens"], seen.get("modules", [])))


def _occupied(clash: Sequence[int], seen: Mapping[str, Any], server: str, other: str) -> Obstacle | None:
    if not (seen["alive"] and seen["foreign"] and clash):
        return None
    theirs = SERVERS[other].title
    return (
        f"{SERVERS[server].title} should listen on port {_words(clash)}, where {theirs} listens and serves sites "
        f"that are not of this collection: {_words(seen['foreign'])}",
        f"Move them to another port, or remove them, or host miclinik with {theirs}: miclinik_web_server: {other}",
    )


def told(obstacle: Obstacle | None) -> str:
    """Return an obstacle as a sentence, empty without one."""
    return "" if obstacle is None else f"{obstacle[0]}. Nothing was changed. {obstacle[1]}"


def active(listens: Mapping[str, Sequence[int]], modules: Sequence[str]) -> set[int]:
    """Return the ports that are listened on with these modules."""
    loaded = {"", *(f"{name}_module" for name in modules), *(f"mod_{name}.c" for name in modules)}
    return {port for module, numbers in listens.items() if module in loaded for port in numbers}


def _words(items: Iterable[object]) -> str:
    return ", ".join(str(item) for item in items)
