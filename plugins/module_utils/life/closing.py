# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Closes a site until somebody opens it again, over reboots as well: one that moves to another host, for example.

Nobody gets in and nothing runs by itself: PHP is off and its units are disabled, and so are the site's timers. What is
asked for by name goes on, such as a snapshot.
"""

from __future__ import annotations

import json

from ansible_collections.miclinik.hosting.plugins.module_utils.host import atomic_file
from ansible_collections.miclinik.hosting.plugins.module_utils.life import door, operations
from ansible_collections.miclinik.hosting.plugins.module_utils.life.places import Places
from ansible_collections.miclinik.hosting.plugins.module_utils.services import systemd_unit

#: systemd's units that have the site's name behind an @, and what starts them.
_WANTED = "etc/systemd/system/*.wants"


def close(places: Places) -> None:
    """Let nobody in from now on. Can be called again after a kill. Raises JournalError, UnitError and OSError."""
    with operations.alone(places):
        operations.recover(places)
        units = sorted({*_recorded(places), *(link.name for link in places.root.glob(_units_of(places)))})
        # First: by it nobody opens the site meanwhile, and whoever opens it knows what was switched off.
        atomic_file.replace(places.shut, json.dumps({"units": units}), atomic_file.PRIVATE, durable=True)
        door.mark(places, "its closure (miclinikctl open ends it)")
        systemd_unit.order("disable", "--now", *units, quiet=True)
        door.stop(places)


def open_(places: Places) -> None:
    """Let everybody in again. Raises JournalError, UnitError and OSError."""
    with operations.alone(places):
        operations.recover(places)
        if units := _recorded(places):
            systemd_unit.order("enable", *units)
            timers = [unit for unit in units if unit.endswith(".timer")]
            if timers:
                systemd_unit.order("start", *timers)
        door.open_(places)
        places.shut.unlink(missing_ok=True)


def _units_of(places: Places) -> str:
    return f"{_WANTED}/miclinik-*@{places.site}.*"


def _recorded(places: Places) -> list[str]:
    try:
        return [str(unit) for unit in json.loads(places.shut.read_text(encoding="utf-8"))["units"]]
    except FileNotFoundError:
        return []
