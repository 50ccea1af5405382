# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether the custom modules of a release that is unpacked can be loaded, before it is served. Runs on the host.

Preflight reads them as text. What only running PHP shows (a syntax error, a class that is missing, a constructor that
dies) is seen here, while the site still has the release that works.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.application import descriptors
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge.client import Bridge, BridgeError


def fault(site: Mapping[str, Any], bridge: Callable[..., Bridge] = Bridge) -> str:
    """Return which module of the site's new release cannot be loaded, and what to do; empty when all can.

    Only those count that the site asks for or has on. A site that has not been made yet has nothing to lose, and no
    application to try them in.
    """
    root = Path(site["releases"]) / str(site["release"]) / "htdocs"
    custom = descriptors.custom(root)
    declared = {str(name).lower() for name in site["modules"]}
    if not custom:
        return ""
    try:
        on = set(bridge(site["name"]).call("status").get("modules") or [])
    except BridgeError:
        return ""  # the roles that come next say what is wrong with the site itself
    trial = bridge(site["name"], unserved={"root": str(root), "user": site["user"]})
    for name in sorted(custom & (declared | on)):
        try:
            trial.call(f"module try {name}")
        except BridgeError as error:
            if not error.site_is_there:
                return ""
            mend = "Mend it in the source, or take the module out of modules"
            if name in on:
                mend += f" and switch it off: miclinikctl --site {site['name']} module disable {name}"
            return (
                f"site '{site['name']}': the custom module '{name}' of the new release cannot be loaded. {error.seen}"
                f" The site goes on with the release that it has. {mend}."
            )
    return ""
