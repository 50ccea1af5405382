# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which modules a site on this host has on, and which its release brings. Runs on the host and changes nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.application import descriptors, release_files
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge.client import STATE, Bridge, BridgeError, Order

_ORDERS: list[Order] = [{"command": command, "args": {}} for command in ("module list", "rights list")]


def look(site: str, bridge: Callable[[str], Bridge] = Bridge, state: Path = STATE) -> dict[str, Any]:
    """Return what is ``on``, what the release ``brings``, and the ``rights`` that are defined.

    ``installed`` is False of a site that has no database to ask yet. ``problem`` says why a site that has one could not
    be asked: then nothing of it is known. ``added`` and ``changed`` are what people did to the release that is served:
    names, the latter with the digests of their contents.
    """
    nothing = {"installed": False, "on": [], "rights": [], "brings": [], "problem": "", "added": [], "changed": {}}
    caller = bridge(site)
    try:
        status = caller.call("status")
    except BridgeError as error:
        return nothing | ({"installed": True, "problem": error.seen} if error.site_is_there else {})
    if status["schema"]["state"] != "installed":
        # A database that does not answer is none that is empty.
        problem = "" if status["database"]["reachable"] else "; ".join(status["schema"]["reasons"])
        return nothing | {"installed": bool(problem), "problem": problem}
    root = Path(json.loads((state / site / "site.json").read_text(encoding="utf-8"))["root"])
    found = nothing | _by_hand(root.parent.resolve())
    found |= {"installed": True, "on": status["modules"], "brings": sorted(descriptors.find(root))}
    try:
        listed, rights = caller.batch(_ORDERS, check=True)
    except BridgeError as error:
        # Such as a module whose files are broken: what is on is known all the same.
        return found | {"problem": error.seen}
    return found | {"on": listed["enabled"], "rights": rights["rights"]}


def _by_hand(release: Path) -> dict[str, Any]:
    """Return what was added to a release, and changed in it, since it was unpacked."""
    seen = release_files.look(release, release_files.list_of(release))
    return {kind: seen[kind] for kind in ("added", "changed")}
