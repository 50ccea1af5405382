# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Has the web server serve a site under its new name and no more under its old one, and the other way round."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.miclinik.hosting.plugins.module_utils.host import atomic_file
from ansible_collections.miclinik.hosting.plugins.module_utils.life import door, vhosts
from ansible_collections.miclinik.hosting.plugins.module_utils.life.journal import Journal
from ansible_collections.miclinik.hosting.plugins.module_utils.life.places import Places
from ansible_collections.miclinik.hosting.plugins.module_utils.life.stage import StageError
from ansible_collections.miclinik.hosting.plugins.module_utils.services import systemd_unit
from ansible_collections.miclinik.hosting.plugins.module_utils.web.server import Server
from ansible_collections.miclinik.hosting.plugins.module_utils.web.servers import SERVERS

OPERATION = "rename"
#: The step in which clients come to the new name: what they write from then on is not taken back.
SERVE = "serve"
#: In the folder of operations of the site that it was, and of the one that it is: the other's name.
_GONE_TO, _CAME_FROM = "renamed-to", "renamed-from"


def is_done(places: Places, name: str) -> bool:
    """Return whether the site was called ``name`` and has taken its place."""
    source = Places(name, places.root)
    if _read(places.work / _CAME_FROM) != name:
        return False
    # One that was made anew under the old name is another site.
    return not source.facts.exists() or _read(source.work / _GONE_TO) == places.site


def servers(places: Places, source: Places) -> list[Server]:
    """Return the web servers that serve the site under its old name. Raises StageError where one is not ready."""
    found = [server for server in SERVERS.values() if vhosts.link(server, source).is_symlink()]
    for server in found:
        if not vhosts.laid(server, places).is_file():
            raise StageError(f"{vhosts.laid(server, places)} is not there: run playbooks/rename.yml")
    return found


def hand_over(source: Places, places: Places, names: list[str]) -> None:
    """Have the web servers ``names`` serve the site as ``places`` from now on. Raises StageError and UnitError."""
    atomic_file.replace(source.work / _GONE_TO, places.site, atomic_file.PRIVATE, durable=True)
    atomic_file.replace(places.work / _CAME_FROM, source.site, atomic_file.PRIVATE, durable=True)
    for name in names:
        _exchange(SERVERS[name], source, places)


def complete(places: Places, journal: Journal) -> None:
    """Have the site be served under its new name, after a kill in the middle of that. Raises StageError, UnitError."""
    hand_over(Places(journal.facts["from"], places.root), places, journal.facts["web"])


def settle(places: Places, journal: Journal) -> None:
    """Have the site be served under its old name again. Can be called again after a kill."""
    name = journal.facts.get("from")
    if not name:
        return
    source = Places(name, places.root)
    for kept in (source.work / _GONE_TO, places.work / _CAME_FROM):
        kept.unlink(missing_ok=True)
    if journal.has_begun(SERVE):
        for server in journal.facts["web"]:
            _exchange(SERVERS[server], places, source)
    if journal.has_begun("close"):
        door.open_(source)


def _exchange(server: Server, old: Places, new: Places) -> None:
    """Have ``server`` serve ``new`` and not ``old``. Raises StageError and UnitError."""
    vhosts.enable(server, new)
    vhosts.link(server, old).unlink(missing_ok=True)
    vhosts.require_sound(server, str(vhosts.laid(server, new)))
    if systemd_unit.state(server.unit).active:
        systemd_unit.order("reload", server.unit)


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError:
        return ""
