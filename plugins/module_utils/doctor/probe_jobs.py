# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What became of a site's scheduled jobs, and whether their timer runs. Runs on the host and changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.bridge.client import Bridge, BridgeError
from ansible_collections.miclinik.hosting.plugins.module_utils.services import systemd_unit
from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout


def timer(site: Mapping[str, Any]) -> dict[str, bool]:
    """Return ``there``, ``active`` and ``enabled``; nothing where no jobs are wanted, or where systemd does not say."""
    if not site["cron"]["enabled"]:
        return {}
    try:
        seen = systemd_unit.state(layout.cron_timer(site["name"]))
    except systemd_unit.UnitError:  # of which the sites' own units tell as well
        return {}
    return {"there": seen.there, "active": seen.active, "enabled": seen.enabled}


def jobs(site: Mapping[str, Any], bridge: Bridge) -> list[dict[str, Any]]:
    """Return the jobs that are on, as ``cron list`` tells of them; none where they are not wanted, or cannot be asked.

    By itself, since it starts the application once more: on a busy host the rest is not to wait for it.
    """
    if not site["cron"]["enabled"]:
        return []
    try:
        return [job for job in bridge.call("cron list")["jobs"] if job["enabled"]]
    except BridgeError:  # a module that is off, or a database that others tell of
        return []
