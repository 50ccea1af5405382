# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Has the web server serve an adopted site in the place of what it was before, and the other way round."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.host import atomic_file
from ansible_collections.miclinik.hosting.plugins.module_utils.life import vhosts
from ansible_collections.miclinik.hosting.plugins.module_utils.life.journal import Journal
from ansible_collections.miclinik.hosting.plugins.module_utils.life.places import Places
from ansible_collections.miclinik.hosting.plugins.module_utils.services import systemd_unit
from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout
from ansible_collections.miclinik.hosting.plugins.module_utils.web import foreign_vhosts, ours
from ansible_collections.miclinik.hosting.plugins.module_utils.web.server import Server
from ansible_collections.miclinik.hosting.plugins.module_utils.web.servers import SERVERS

OPERATION = "adopt"
#: The step from which on clients no longer come to the old site.
CLOSE = "close"
_RECORD, _ORDER = "adopted.json", "adopt.json"
_MODULES = "mods-enabled"


def order(places: Places) -> dict[str, Any]:
    """Return what was asked for, nothing where it was not."""
    return _read(places.work / _ORDER)


def keep_order(places: Places, given: Mapping[str, Any]) -> None:
    """Keep on record what is asked for."""
    places.work.mkdir(mode=0o700, parents=True, exist_ok=True)
    atomic_file.replace(places.work / _ORDER, json.dumps(given, indent=1), atomic_file.PRIVATE, durable=True)


def record(places: Places) -> dict[str, Any]:
    """Return how the site was adopted, nothing where it was not."""
    return _read(places.work / _RECORD)


def keep(places: Places, facts: Mapping[str, Any]) -> None:
    """Keep on record how it was adopted: by that it can be gone back."""
    atomic_file.replace(places.work / _RECORD, json.dumps(facts, indent=1), atomic_file.PRIVATE, durable=True)


def forget(places: Places) -> None:
    """Have it be one that was not adopted, since it was gone back."""
    (places.work / _RECORD).unlink(missing_ok=True)


def plan(places: Places, files: list[str]) -> dict[str, Any]:
    """Return what the web servers are to change, and what they were: for ``serve`` and ``settle``."""
    laid = [name for name, server in SERVERS.items() if vhosts.laid(server, places).is_file()]
    return {
        "vhosts": foreign_vhosts.plan(files, places.work / "adopted" / "vhosts", places.root),
        "laid": laid,
        "modules": {server.name: _modules(server, places) for server in SERVERS.values() if server.modules},
        "units": [server.unit for server in SERVERS.values() if systemd_unit.state(server.unit).active],
        # Where nobody uses it any more, the role php lets it rest.
        "php": [unit for unit in _pools(places) if systemd_unit.state(unit).active],
    }


def serve(places: Places, facts: Mapping[str, Any]) -> None:
    """Have the web servers serve the site, and no more what it was. Raises StageError and UnitError."""
    foreign_vhosts.put_aside(facts["vhosts"], places.root)
    for name in facts["laid"]:
        vhosts.enable(SERVERS[name], places)
    _load()


def settle(places: Places, journal: Journal) -> None:
    """Have the web servers serve what it was before. Can be called again after a kill."""
    if journal.has_begun(CLOSE):
        back(places, journal.facts["web"])


def back(places: Places, facts: Mapping[str, Any]) -> None:
    """Have the web servers be what ``plan`` has seen. Can be called again after a kill."""
    for server in SERVERS.values():
        vhosts.link(server, places).unlink(missing_ok=True)
    for server in SERVERS.values():
        # Of answers for names that are no site's a server has one.
        if any(one["file"] == server.default_site for one in facts["vhosts"]):
            _default(server, places).unlink(missing_ok=True)
    foreign_vhosts.put_back(facts["vhosts"], places.root)
    for unit in facts["php"]:
        systemd_unit.order("enable", "--now", unit)
    wanted = {SERVERS[name].unit for name in SERVERS if _has(SERVERS[name], facts["vhosts"])}
    changed = [
        name
        for name, known in facts["modules"].items()
        if SERVERS[name].unit in wanted and _modules_back(SERVERS[name], places, known)
    ]
    for server in SERVERS.values():
        active = systemd_unit.state(server.unit).active
        if active and server.unit not in wanted | set(facts["units"]):
            systemd_unit.order("disable", "--now", server.unit)  # it came for the new site, and has the ports
    for server in SERVERS.values():
        if server.unit in wanted:
            vhosts.require_sound(server, "what is there")
            systemd_unit.order("enable", server.unit, quiet=True)
            again = server.name in changed or not systemd_unit.state(server.unit).active
            systemd_unit.order("restart" if again else "reload", server.unit)
        elif systemd_unit.state(server.unit).active:
            systemd_unit.order("reload", server.unit)


def _pools(places: Places) -> list[str]:
    """Return the units of Debian's own PHP-FPM."""
    folders = sorted(layout.below(places.root, "etc/php").glob("*/fpm"))
    return [layout.debian_php_unit(folder.parent.name) for folder in folders]


def _has(server: Server, plans: list[dict[str, str]]) -> bool:
    return any(one["file"].startswith(f"{server.folder}/") for one in plans)


def _modules(server: Server, places: Places) -> dict[str, str]:
    """Return the links by which a server's modules are enabled, with what they lead to."""
    folder = layout.below(places.root, server.folder) / _MODULES
    return {link.name: str(link.readlink()) for link in sorted(folder.glob("*")) if link.is_symlink()}


def _modules_back(server: Server, places: Places, known: Mapping[str, str]) -> bool:
    """Have a server's modules be those that it had; return whether any was another."""
    folder = layout.below(places.root, server.folder) / _MODULES
    gone = {name: target for name, target in known.items() if not (folder / name).is_symlink()}
    for name, target in gone.items():
        (folder / name).symlink_to(target)
    # Of the kinds of processes it can have one.
    kinds = {name for name in known if name.startswith("mpm_")}
    more = [link for link in folder.glob("mpm_*") if kinds and link.name not in kinds]
    for link in more:
        link.unlink()
    return bool(gone or more)


def _load() -> None:
    for server in SERVERS.values():
        if systemd_unit.state(server.unit).active:
            vhosts.require_sound(server, "what is there")
            systemd_unit.order("reload", server.unit)


def _default(server: Server, places: Places) -> Path:
    """Return where our answer for names that are no site's is enabled."""
    folder = layout.below(places.root, server.enabled)
    return next(
        (folder / f"{name}.conf" for name in ours.FOR_ALL if (folder / f"{name}.conf").is_symlink()), folder / "-"
    )


def _read(file: Path) -> dict[str, Any]:
    try:
        kept: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return kept
