# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The constants behind ``api.explorer`` and ``api.login``, as read in Dolibarr 16.0.3, 22.0.4 and 24.0.0-beta.

They hold for every entity: which one's constants count is the caller's choice (header ``DOLAPIENTITY``, or
``loginfunction`` with ``entity`` or ``switchentity`` in a query or a form).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.application import versions

KEYS = ("explorer", "login")


def of(api: Mapping[str, Any]) -> dict[str, Any]:
    """Return the constants of what ``api`` says; None unsets one."""
    found: dict[str, Any] = {}
    if "explorer" in api:
        # The table of routes is not written anew on every call (1.8 times the throughput, measured on 22.0.4). Only a
        # call of swagger.json makes it anew, so it needs the explorer.
        found["API_PRODUCTION_DO_NOT_ALWAYS_REFRESH_CACHE"] = int(api["explorer"])
        found["API_EXPLORER_DISABLED"] = int(not api["explorer"])
    if "login" in api:
        # Up to 23 the first, from 24 on the second: a version ignores the other's, and an upgrade changes nothing.
        found["API_DISABLE_LOGIN_API"] = int(not api["login"])
        found["API_ENABLE_LOGIN_API"] = int(api["login"])
        # Up to 19 this one shuts the endpoint as well, where somebody has set it.
        found["MAIN_MODULE_API_LOGIN_DISABLED"] = None
    return found


def told(constants: Mapping[str, Any], version: str) -> dict[str, bool]:
    """Return what constants say of the API, as ``api`` of a site has it."""
    login = not _is_on(constants, "API_DISABLE_LOGIN_API")
    if versions.has(version, "login_on_request"):
        login = _is_on(constants, "API_ENABLE_LOGIN_API")
    return {"explorer": not _is_on(constants, "API_EXPLORER_DISABLED"), "login": login}


def _is_on(constants: Mapping[str, Any], name: str) -> bool:
    return str(constants.get(name, "0")) == "1"
