# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What became of a site's scheduled jobs, and whether their timer runs. Runs on the host and changes nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.bridge.client import Bridge, BridgeError
from ansible_collections.miclinik.hosting.plugins.module_utils.services import systemd_unit
from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout

MODULE = "cron"


def look(site: Mapping[str, Any], modules: Collection[str], bridge: Bridge) -> dict[str, Any]:
    """Return nothing where the module is off, else ``timer`` (``there``, ``active``, ``enabled``) and ``jobs``.

    ``jobs`` are those that are on, as ``cron list`` tells of them; None where they could not be asked for.
    """
    if MODULE not in modules:
        return {}
    timer = systemd_unit.state(layout.cron_timer(site["name"]))
    try:
        jobs = [job for job in bridge.call("cron list")["jobs"] if job["enabled"]]
    except BridgeError:  # an earlier bridge, or a database that others tell of
        jobs = None
    return {"timer": {"there": timer.there, "active": timer.active, "enabled": timer.enabled}, "jobs": jobs}
