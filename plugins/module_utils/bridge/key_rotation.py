# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Gives an API user a new key, in the site's secrets and in the application."""

from __future__ import annotations

from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import secret_store
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge.client import Answer, Bridge, BridgeError


def rotate(bridge: Bridge, login: str, check: bool) -> Answer:
    """Make a new key for ``login``; return ``changed``, ``login`` and ``stored`` (``encrypted`` or ``clear``).

    Raises BridgeError when there is no such user, and when the key could not be stored.
    """
    seen = bridge.call(f"user show {login}")["user"]
    if seen is None:
        raise BridgeError(
            bridge.site, "no_such_user", f"There is no user '{login}'.", "Make it first.", command="user show"
        )
    if check:
        return {"changed": True, "login": login}
    file = secret_store.path({"name": bridge.site})
    try:
        values = secret_store.load(file)
    except secret_store.SecretError as error:
        raise BridgeError(bridge.site, "secrets", str(error), "", command="key set") from error
    key = secret_store.api_key()
    values.setdefault("users", {}).setdefault(login, {})["key"] = key
    secret_store.write(file, values)
    return bridge.call(f"key set {login}", {"key": key})
