# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the application says of itself, asked through the bridge in check mode: nothing is changed. Runs on the host."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.bridge.client import Answer, Bridge, BridgeError

#: Settings that decide who may use what of the API.
CONSTANTS = (
    "API_DISABLE_LOGIN_API",
    "API_ENABLE_LOGIN_API",
    "API_ENDPOINT_RULES",
    "API_EXPLORER_DISABLED",
    "API_IN_TOKEN_TABLE",
    "API_PRODUCTION_DO_NOT_ALWAYS_REFRESH_CACHE",
    "API_PRODUCTION_MODE",
    "API_RESTRICT_ON_IP",
    "MAIN_MODULE_API_LOGIN_DISABLED",
    "MAIN_ONLY_LOGIN_ALLOWED",
)

_TRIES, _PAUSE = 4, 0.15


def look(site: Mapping[str, Any], secrets: Mapping[str, Any], bridge: Bridge) -> dict[str, Any]:
    """``status`` of the bridge, ``constants`` by name, ``users`` by login, ``problem`` when it could not be asked.

    A user has ``there``, ``enabled``, ``rights``, ``key`` (whether there is one), and ``differs``: which of password
    and key are not those on record.
    """
    try:
        status = bridge.call("status")
    except BridgeError as error:
        return {"status": None, "constants": {}, "users": {}, "problem": _told(error)}
    found: dict[str, Any] = {"status": _kept(status), "constants": {}, "users": {}, "problem": ""}
    if status["schema"]["state"] != "installed" and not status["database"]["reachable"]:
        return found
    try:
        answers = bridge.batch(_orders(site, secrets), check=True)
    except BridgeError as error:
        answers = error.answer.get("answers", [])
        found["problem"] = _told(error)
    for answer in answers:
        _file(found, answer)
    return found


def _told(error: BridgeError) -> str:
    return f"{error.seen} {error.mend}"


def _kept(status: Answer) -> Answer:
    names = (
        "version",
        "conf",
        "database",
        "schema",
        "install_lock",
        "instance_unique_id",
        "identity",
        "modules",
        "upgrade_pending",
    )
    return {name: status.get(name) for name in names}


def _orders(site: Mapping[str, Any], secrets: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What is asked, the surest first: a batch ends at its first failure."""
    orders: list[dict[str, Any]] = [{"command": "constant get", "args": {"name": name}} for name in CONSTANTS]
    logins = [user["login"] for user in site["users"]]
    orders += [{"command": "user show", "args": {"login": login}} for login in logins]
    for login in logins:
        known = secrets.get("users", {}).get(login, {})
        record = {name: known[name] for name in ("password", "key") if known.get(name)}
        if record:
            orders.append({"command": "user ensure", "args": {"login": login} | record})
    return orders


def _file(found: dict[str, Any], answer: Answer) -> None:
    """Put one answer of the batch in its place, without secrets."""
    if answer["command"] == "constant get":
        found["constants"][answer["name"]] = answer["value"] if answer["set"] else None
    elif answer["command"] == "user show":
        user = answer["user"]
        found["users"][answer["login"]] = (
            {"there": False}
            if user is None
            else {
                "there": True,
                "enabled": user["enabled"],
                "rights": user["rights"],
                "key": user["key"] is not None,
                "differs": [],
            }
        )
    elif answer["command"] == "user ensure":
        user = found["users"][answer["login"]]
        user["differs"] = sorted({"password", "key"} & set(answer["changes"]))


def routes(site: Mapping[str, Any]) -> dict[str, Any]:
    """The API's table of routes: ``there``, and ``missing``, the asked-for endpoints that it does not hold."""
    path = Path(site["documents"]) / "api/temp/routes.php"
    missing: list[str] = []
    for _ in range(_TRIES):
        try:
            text = path.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return {"there": False, "missing": [], "path": str(path)}
        missing = [name for name in site["endpoints"] if f"'{name}'" not in text and f"'{name}/" not in text]
        if not missing:
            break
        # Perhaps it is just being written.
        time.sleep(_PAUSE)
    return {"there": True, "missing": missing, "path": str(path)}


def recorded(state: str) -> dict[str, Any]:
    """The site's secrets, for comparison only; empty when there are none."""
    try:
        content: dict[str, Any] = json.loads((Path(state) / "secrets.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content
