# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The door of a site: closed, the web server answers 503 for it and its PHP has ended, so that nobody writes."""

from __future__ import annotations

from ansible_collections.miclinik.hosting.plugins.module_utils.life.places import Places
from ansible_collections.miclinik.hosting.plugins.module_utils.services import systemd_unit
from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout

#: The step in which clients are let in to what an operation has made: what they write from then on is not taken back.
OPEN = "open"
_WHY = (
    "Written by miclinik.hosting while {what} is under way; the web server answers 503 as long as this file is here.\n"
)


def close(places: Places, what: str) -> None:
    """Let nobody in, and wait until who was in has gone. Raises OSError and UnitError."""
    mark(places, what)
    stop(places)


def mark(places: Places, what: str) -> None:
    """Have the web server let nobody in any more. Raises OSError."""
    places.closed.write_text(_WHY.format(what=what), encoding="utf-8")
    places.closed.chmod(0o644)


def stop(places: Places) -> None:
    """End the site's PHP; calls and a scheduled job that are under way are brought to their end. Raises UnitError.

    No job begins again while the mark is there.
    """
    systemd_unit.order("stop", layout.cron_unit(places.site), quiet=True)  # not every site has one
    systemd_unit.order("stop", places.usual["fpm_sockets"], places.usual["fpm_unit"])


def start(places: Places) -> None:
    """Start the site's PHP. Raises UnitError."""
    units = places.usual["fpm_sockets"], places.usual["fpm_unit"]
    systemd_unit.order("reset-failed", *units, quiet=True)
    systemd_unit.order("start", *units)


def open_(places: Places) -> None:
    """Let everybody in. Raises OSError and UnitError."""
    start(places)
    places.closed.unlink(missing_ok=True)
