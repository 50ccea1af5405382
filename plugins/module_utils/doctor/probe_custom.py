# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether the modules that are not the application's own can be loaded. Runs on the host, and changes nothing.

One part of the API that cannot takes the list of operations of all modules with it, and PHP's log is all that says so.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.application import descriptors
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge.client import Bridge, BridgeError

#: What the bridge says of a module that fails, and of one that ends PHP.
_OURS = ("module", "application")


def look(root: Path, on: Collection[str], bridge: Bridge) -> dict[str, Any]:
    """Return ``there``, the folders in ``custom/`` of the release in ``root``; and of what is ``on``:

    ``broken``, why a custom module cannot be loaded, by name; ``missing``, those of which there is no file.
    """
    broken = {}
    for name in sorted(descriptors.custom(root) & set(on)):
        try:
            bridge.call(f"module try {name}")
        except BridgeError as error:
            if error.code not in _OURS:
                continue
            broken[name] = error.seen
    folders = root / "custom"
    return {
        "there": sorted(item.name for item in folders.iterdir() if item.is_dir()) if folders.is_dir() else [],
        "broken": broken,
        "missing": sorted(set(on) - set(descriptors.find(root))) if root.is_dir() else [],
    }
