# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which modules a site on this host has on, and which its release brings. Runs on the host and changes nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.application import descriptors
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge.client import STATE, Bridge, BridgeError, Order

_ORDERS: list[Order] = [{"command": command, "args": {}} for command in ("module list", "rights list")]


def look(site: str, bridge: Callable[[str], Bridge] = Bridge, state: Path = STATE) -> dict[str, Any]:
    """Return what is ``on``, what the release ``brings``, and the ``rights`` that are defined.

    ``installed`` is False of a site that has no database to ask yet. ``problem`` says why a site that has one could not
    be asked: then nothing of it is known.
    """
    nothing = {"installed": False, "on": [], "rights": [], "brings": [], "problem": ""}
    caller = bridge(site)
    try:
        status = caller.call("status")
    except BridgeError as error:
        return nothing | ({"installed": True, "problem": error.seen} if error.site_is_there else {})
    if status["schema"]["state"] != "installed":
        # A database that does not answer is none that is empty.
        problem = "" if status["database"]["reachable"] else "; ".join(status["schema"]["reasons"])
        return nothing | {"installed": bool(problem), "problem": problem}
    found = nothing | {"installed": True, "on": status["modules"], "brings": _brought(site, state)}
    try:
        listed, rights = caller.batch(_ORDERS, check=True)
    except BridgeError as error:
        # Such as a module whose files are broken: what is on is known all the same.
        return found | {"problem": error.seen}
    return found | {"on": listed["enabled"], "rights": rights["rights"]}


def _brought(site: str, state: Path) -> list[str]:
    root = Path(json.loads((state / site / "site.json").read_text(encoding="utf-8"))["root"])
    return sorted(descriptors.find(root))
