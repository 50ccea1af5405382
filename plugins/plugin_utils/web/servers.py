# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How one web server takes over from another, and which of Apache's modules and ports are still missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.site.site import Site
from ansible_collections.miclinik.hosting.plugins.module_utils.web import server_facts
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site.sites import HTTP

OTHER = {"nginx": "apache", "apache": "nginx"}
TITLES = {"nginx": "Nginx", "apache": "Apache"}
MODULES_FOLDER = "/etc/apache2/mods-enabled"
# Modules of Debian's that come with a .conf. http2.conf is left out: it would switch HTTP/2 on for everybody's sites.
_WITH_CONF = frozenset({"alias", "deflate", "dir", "mime", "mpm_event", "proxy", "reqtimeout", "setenvif", "ssl"})
_ALWAYS = (
    *("alias", "authz_core", "authz_host", "deflate", "dir", "env", "expires", "filter", "headers", "mime"),
    *("proxy", "proxy_fcgi", "reqtimeout", "rewrite", "setenvif"),
)
_WITH_TLS = ("http2", "socache_shmcb", "ssl")
_WITH_PROXY = ("remoteip",)
# An MPM with threads does; prefork, which mod_php needs, does not speak HTTP/2 and holds a process for each client.
_MPM = "mpm_event"
_THREADED = frozenset({_MPM, "mpm_worker"})

#: What is seen, and the mend.
Obstacle = tuple[str, str]


def ports(sites: Iterable[Site]) -> dict[str, list[int]]:
    """Return the ``plain`` and ``tls`` ports of the sites. One that speaks TLS has port 80 too, which leads there."""
    plain: set[int] = set()
    tls: set[int] = set()
    for site in sites:
        (tls if site["encrypted"] else plain).add(site["listen"])
        if site["encrypted"]:
            plain.add(HTTP)
    return {"plain": sorted(plain), "tls": sorted(tls)}


def handover(sites: Iterable[Site], facts: Mapping[str, Any], server: str) -> dict[str, Any]:
    """Return what has to happen to the server that is not ``server`` (``nginx`` or ``apache``) for it to take over.

    ``problem`` is the reason why it cannot, or empty; ``absent`` our paths that go, as
    entries for the module ``render``; ``server`` its name and ``unit`` its service;
    ``stop`` whether it stops for good; ``reload`` whether it goes on, for sites of others, and has ours loaded.
    """
    other = OTHER[server]
    seen = facts["web_servers"][other]
    clash = _clash(sites, seen)
    return {
        "problem": _told(_occupied(clash, seen, server)),
        "server": other,
        "unit": server_facts.UNITS[other],
        "absent": [{"state": "absent", "dest": path} for path in seen["ours"]],
        "stop": bool(seen["alive"] and not seen["foreign"] and (seen["ours"] or clash)),
        "reload": bool(seen["alive"] and seen["foreign"] and (seen["ours"] or seen["lingering"])),
    }


def apache(sites: Sequence[Site], facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return what Apache still needs for the sites.

    ``problem`` is the reason why it cannot serve them, or empty; ``listen`` the ports that no file of others names;
    ``modules`` the files of ``mods-enabled`` as entries for the module ``render``.
    """
    seen = facts["web_servers"]["apache"]
    enabled = set(seen["modules"])
    unwanted = _unwanted(seen)
    encrypted = any(site["encrypted"] for site in sites)
    wanted = [*_ALWAYS]
    wanted += _WITH_TLS if encrypted else ()
    wanted += _WITH_PROXY if any(site["proxy"]["trusted"] for site in sites) else ()
    wanted += () if enabled & _THREADED else (_MPM,)
    named = _active(seen["listens"], [*enabled, *wanted])
    listen = {port for kind in ports(sites).values() for port in kind} - named
    return {
        "problem": _told(_needed_by_others(seen)),
        "listen": sorted(listen),
        "modules": [
            *(_entry(file, "absent") for name in unwanted for file in (f"{name}.load", f"{name}.conf")),
            *(_entry(file, "link") for name in sorted(set(wanted) - enabled) for file in _files(name)),
        ],
    }


def obstacles(sites: Iterable[Site], facts: Mapping[str, Any], server: str) -> list[Obstacle]:
    """Return why ``server`` cannot serve the sites without harm to sites of others: what is seen, and the mend."""
    other = facts["web_servers"][OTHER[server]]
    found = [_occupied(_clash(sites, other), other, server)]
    if server == "apache":
        found.append(_needed_by_others(facts["web_servers"]["apache"]))
    return [obstacle for obstacle in found if obstacle]


def _clash(sites: Iterable[Site], seen: Mapping[str, Any]) -> list[int]:
    """Return the sites' ports that the other server listens on."""
    wanted = {port for kind in ports(sites).values() for port in kind}
    return sorted(wanted & _active(seen["listens"], seen.get("modules", [])))


def _occupied(clash: Sequence[int], seen: Mapping[str, Any], server: str) -> Obstacle | None:
    if not (seen["alive"] and seen["foreign"] and clash):
        return None
    other = OTHER[server]
    return (
        f"{TITLES[server]} should listen on port {_words(clash)}, where {TITLES[other]} listens and serves sites "
        f"that are not of this collection: {_words(seen['foreign'])}",
        f"Move them to another port, or remove them, or host miclinik with {TITLES[other]}: "
        f"miclinik_web_server: {other}",
    )


def _unwanted(seen: Mapping[str, Any]) -> list[str]:
    return sorted(name for name in seen["modules"] if name == "mpm_prefork" or name.startswith("php"))


def _needed_by_others(seen: Mapping[str, Any]) -> Obstacle | None:
    unwanted = _unwanted(seen)
    if not (unwanted and seen["foreign"]):
        return None
    return (
        f"Apache should run PHP by PHP-FPM and serve by threads; it has {_words(unwanted)} enabled, and sites that "
        f"are not of this collection may need them: {_words(seen['foreign'])}",
        f"Move those sites to PHP-FPM (a2enmod proxy_fcgi setenvif, a2enconf php*-fpm, a2dismod {' '.join(unwanted)}, "
        "a2enmod mpm_event, then restart apache2), or host miclinik elsewhere",
    )


def _told(obstacle: Obstacle | None) -> str:
    return "" if obstacle is None else f"{obstacle[0]}. Nothing was changed. {obstacle[1]}"


def _files(module: str) -> list[str]:
    return [f"{module}.load", *([f"{module}.conf"] if module in _WITH_CONF else [])]


def _entry(file: str, state: str) -> dict[str, str]:
    entry = {"state": state, "dest": f"{MODULES_FOLDER}/{file}"}
    return entry | {"target": f"../mods-available/{file}"} if state == "link" else entry


def _active(listens: Mapping[str, Sequence[int]], modules: Sequence[str]) -> set[int]:
    """Return the ports that are listened on with these modules."""
    loaded = {"", *(f"{name}_module" for name in modules), *(f"mod_{name}.c" for name in modules)}
    return {port for module, numbers in listens.items() if module in loaded for port in numbers}


def _words(items: Iterable[object]) -> str:
    return ", ".join(str(item) for item in items)
