# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every site that this collection has put on a host, whether an inventory still names it or not. Runs on the host."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.application import identity
from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout
from ansible_collections.miclinik.hosting.plugins.module_utils.web import ours
from ansible_collections.miclinik.hosting.plugins.module_utils.web.servers import SERVERS

_DATABASE = ("type", "host", "port", "name", "user")


def read(root: Path = Path("/")) -> dict[str, dict[str, Any]]:
    """Return by name ``url``, ``vhosts`` (enabled ones, by server), ``pools`` and ``database``; no secret is in it.

    ``database`` has ``type``, ``host``, ``port``, ``name`` and ``user`` as conf.php states them, those that it states.
    """
    found: dict[str, dict[str, Any]] = {}
    for conf in sorted(layout.below(root, layout.HOMES).glob("*/conf.php")):
        values = identity.conf_values(conf)
        known = _of(found, conf.parent.name)
        known["url"] = values.get("url_root", "")
        known["database"] = {key: values[f"db_{key}"] for key in _DATABASE if values.get(f"db_{key}")}
    for server in SERVERS.values():
        for path in sorted(layout.below(root, server.enabled).glob("*.conf")):
            if name := ours.site_of(path, server.enabled.lstrip("/")):
                _of(found, name)["vhosts"][server.name] = f"/{path.relative_to(root)}"
    for path in sorted(found for pattern in layout.POOL_FILES for found in root.glob(pattern)):
        name = layout.site_of_pool_file(path)
        if name and ours.is_ours(path):
            _of(found, name)["pools"].append(f"/{path.relative_to(root)}")
    return found


def _of(found: dict[str, dict[str, Any]], name: str) -> dict[str, Any]:
    return found.setdefault(name, {"url": "", "vhosts": {}, "pools": [], "database": {}})
