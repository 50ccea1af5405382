# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How the relay of webhooks does, and whether the application sends to it. Runs on the host and changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.bridge.client import Bridge, BridgeError
from ansible_collections.miclinik.hosting.plugins.module_utils.services import systemd_unit
from ansible_collections.miclinik.hosting.plugins.module_utils.webhooks import figures, hooks


def relay(site: Mapping[str, Any], run: Path = hooks.RUN) -> dict[str, Any]:
    """Return the states of its two units, and when and what it has told last of the site; nothing without webhooks."""
    if not site["webhooks"]:
        return {}
    told = figures.read(run)
    units = {"relay": systemd_unit.state(hooks.UNIT), "socket": systemd_unit.state(hooks.SOCKET)}
    return {
        **{name: {"there": seen.there, "active": seen.active, "enabled": seen.enabled} for name, seen in units.items()},
        "told": float(told.get("time") or 0.0),
        "webhooks": [one for one in told.get("webhooks") or [] if one.get("site") == site["name"]],
    }


def targets(site: Mapping[str, Any], secrets: Mapping[str, Any], bridge: Bridge) -> list[str]:
    """Return which targets in the application are otherwise than declared; none where it cannot be asked.

    By itself, since it starts the application once more: on a busy host the rest is not to wait for it.
    """
    wanted = hooks.targets(site["webhooks"], secrets.get("webhooks") or {})
    if not wanted:
        return []
    try:
        return list(bridge.call("webhook ensure", {"targets": wanted}, check=True).get("changes") or [])
    except BridgeError:  # a module that is off, or a database that others tell of
        return []
