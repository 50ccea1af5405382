# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Installs the application of one site through the bridge; the administrator's password is in the site's secrets."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.application import identity
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import secret_store
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge.client import Answer, Bridge, BridgeError
from ansible_collections.miclinik.hosting.plugins.module_utils.host import atomic_file

#: What the bridge says, beside bridge.NOT_THERE, of a site whose database has yet to be made.
_NOT_YET = "database"


def install(site: Mapping[str, Any], check: bool, bridge: Callable[[str], Bridge] = Bridge) -> Answer:
    """Install ``site`` unless it is; return ``changed``, ``before``, ``state``, ``steps`` (seconds each) and ``diff``.

    ``site`` has ``name``, and optionally ``admin.login`` (``admin``), ``language`` (``en_US``) and ``state``, the
    folder with its ``secrets.json``. Raises BridgeError; in check mode a site that is not there yet is no error.
    """
    name = site["name"]
    file = secret_store.path(site)
    try:
        secrets = secret_store.load(file)
    except secret_store.SecretError as error:
        raise BridgeError(name, "secrets", str(error), "", command="install") from error
    known = identity.look(identity.Places.of({**site, "state": str(file.parent)}))
    # Of an installed site it may be lost, and is not needed.
    password = secrets.get("admin_password", "")
    if not password and not known.installed:
        if check:
            return foreseen("there are no secrets of the site yet")
        seen = f"{file} has no admin_password."
        raise BridgeError(name, "secrets", seen, "Run the module site_secrets first.", command="install")
    given = {
        "login": (site.get("admin") or {}).get("login") or "admin",
        "password": password,
        "language": site.get("language") or "en_US",
        "installed": known.recorded,
    }
    try:
        answer = bridge(name).call("install", given, check)
    except BridgeError as error:
        if check and (not error.site_is_there or error.code == _NOT_YET):
            return foreseen(error.seen)
        raise
    if _keep_record(file.parent, site, secrets.get("instance_unique_id", ""), check):
        answer["changed"] = answer["diff"]["after"]["recorded"] = True
    return answer


def _keep_record(state: Path, site: Mapping[str, Any], instance_id: str, check: bool) -> bool:
    """Keep on record that the site is installed, with which id and where its data is; return whether that is new."""
    wanted = identity.record_of(instance_id, site.get("database") or {})
    if not instance_id or identity.record(state) == wanted:
        return False
    if not check:
        text = json.dumps(wanted, indent=2, sort_keys=True) + "\n"
        atomic_file.replace(state / identity.RECORD, text)
    return True


def foreseen(pending: str) -> Answer:
    """Return what check mode says of a site that cannot be asked yet, and why it cannot."""
    before, after = {"state": "none"}, {"state": "installed"}
    return {"changed": True, "pending": pending, "before": "none", "state": "installed", "steps": {}} | {
        "diff": {"before": before, "after": after}
    }
