# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Installs the application of one site through the bridge; the administrator's password is in the site's secrets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils import secret_store
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import Answer, Bridge, BridgeError

#: What the bridge says, beside bridge.NOT_THERE, of a site whose database has yet to be made.
_NOT_YET = "database"


def install(site: Mapping[str, Any], check: bool, bridge: Callable[[str], Bridge] = Bridge) -> Answer:
    """Install ``site`` unless it is; return ``changed``, ``before``, ``state``, ``steps`` (seconds each) and ``diff``.

    ``site`` has ``name``, and optionally ``admin.login`` (``admin``), ``language`` (``en_US``) and ``state``, the
    folder with its ``secrets.json``. Raises BridgeError; in check mode a site that is not there yet is no error.
    """
    name = site["name"]
    try:
        password = secret_store.load(secret_store.path(site)).get("admin_password")
    except secret_store.SecretError as error:
        raise BridgeError(name, "secrets", str(error), "", command="install") from error
    if not password:
        if check:
            return foreseen("there are no secrets of the site yet")
        seen = f"{secret_store.path(site)} has no admin_password."
        raise BridgeError(name, "secrets", seen, "Run the module site_secrets first.", command="install")
    given = {
        "login": (site.get("admin") or {}).get("login") or "admin",
        "password": password,
        "language": site.get("language") or "en_US",
    }
    try:
        return bridge(name).call("install", given, check)
    except BridgeError as error:
        if check and (not error.site_is_there or error.code == _NOT_YET):
            return foreseen(error.seen)
        raise


def foreseen(pending: str) -> Answer:
    """Return what check mode says of a site that cannot be asked yet, and why it cannot."""
    before, after = {"state": "none"}, {"state": "installed"}
    return {"changed": True, "pending": pending, "before": "none", "state": "installed", "steps": {}} | {
        "diff": {"before": before, "after": after}
    }
