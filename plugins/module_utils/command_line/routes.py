# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Has a site's API know its endpoints once modules were switched: its table of routes is made anew, and read."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Sequence

from ansible_collections.miclinik.hosting.plugins.module_utils.application import route_cache
from ansible_collections.miclinik.hosting.plugins.module_utils.command_line import places
from ansible_collections.miclinik.hosting.plugins.module_utils.command_line.host import Host
from ansible_collections.miclinik.hosting.plugins.module_utils.host import programs
from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout

#: Seconds until the workers of before are gone, at most.
_PATIENCE = 10.0


def _reload(site: str) -> None:
    words = ["systemctl", "reload", layout.fpm_unit(site)]
    subprocess.run(words, check=True, capture_output=True, env=programs.environment())


def renew(host: Host, site: str, modules: Sequence[str]) -> str:
    """Have it, as the role ``rest_api`` does; return what is wrong, nothing where all is right.

    ``modules`` are those that are on. Raises CallError where the host does not know the site.
    """
    told = places.facts(host, site)
    try:
        api = json.loads((host.states / site / "web.json").read_text(encoding="utf-8"))["web"]["api"]
    except (OSError, ValueError, KeyError):
        return ""  # its API is off
    routed = route_cache.Routed(
        site,
        api["host"],
        api["port"],
        api.get("tls", False),
        api.get("prefix", ""),
        told["documents"],
        layout.of(site)["current"],
        [*modules],
    )
    try:
        route_cache.ensure(routed, check=False)
        if not route_cache.unknown(routed):
            return ""
        _reload(site)
        until = time.monotonic() + _PATIENCE
        while unknown := route_cache.unknown(routed):
            if time.monotonic() > until:
                return f"it answers 404 to {', '.join(unknown)}"
            time.sleep(0.5)
    except (route_cache.RouteCacheError, OSError, subprocess.CalledProcessError) as error:
        return str(error)
    return ""
