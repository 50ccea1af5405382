# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the application says of itself, asked through the bridge in check mode: nothing is changed. Runs on the host."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.bridge.client import Answer, Bridge, BridgeError, Order
from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout

#: Settings that decide who may use what of the API, and whether mails leave.
CONSTANTS = (
    "API_DISABLE_LOGIN_API",
    "API_ENABLE_LOGIN_API",
    "API_ENDPOINT_RULES",
    "API_EXPLORER_DISABLED",
    "API_IN_TOKEN_TABLE",
    "API_PRODUCTION_DO_NOT_ALWAYS_REFRESH_CACHE",
    "API_PRODUCTION_MODE",
    "API_RESTRICT_ON_IP",
    "MAIN_MAIL_SMTP_SERVER",
    "MAIN_MODULE_API_LOGIN_DISABLED",
    "MAIN_ONLY_LOGIN_ALLOWED",
)

_TRIES, _PAUSE = 4, 0.15


def look(site: Mapping[str, Any], secrets: Mapping[str, Any], bridge: Bridge) -> dict[str, Any]:
    """``status`` of the bridge, ``constants`` by name, ``users`` by login, ``problem`` when it could not be asked.

    ``needs`` are the settings of modules and programs that the site names: their values, or whether they are set.
    A user has ``there``, ``enabled``, ``rights``, ``key`` (whether there is one), ``admin``, ``third_party`` (of an
    external user), ``outside`` (the days on which it may work, where today is none), ``groups`` whose rights it has
    besides, ``entity``, and ``differs``: which of password and key are not those on record. ``foreign`` is one whom
    somebody else has made, ``holder`` who has the key of one that is not there. ``left`` has the ``users`` and
    ``modules`` that the inventory asked for once, ``folders`` are those that modules have made in the documents, and
    that are gone.
    """
    try:
        status = bridge.call("status")
    except BridgeError as error:
        return {"status": None, "constants": {}, "users": {}, "left": {}, "problem": _told(error)}
    found: dict[str, Any] = {"status": _kept(status), "constants": {}, "users": {}, "left": {}, "problem": ""}
    found["needs"] = {}
    found["folders"] = []
    if status["schema"]["state"] != "installed" and not status["database"]["reachable"]:
        return found
    answers, refused = _asked(found, _orders(site, secrets), bridge)
    for answer in answers:
        _file(found, answer)
    for name in {*site["needs"]["there"], *site["needs"]["values"]} & {*found["constants"]}:
        # Of some of them the value is nobody's concern.
        value = found["constants"].pop(name)
        found["needs"][name] = value if name in site["needs"]["values"] else value is not None
    for login, refusal in refused.items():
        found["users"][login] |= _refused(refusal)
    gone = {login: user for login, user in found["users"].items() if login not in site["declared"]["users"]}
    found["left"]["users"] = sorted(login for login, user in gone.items() if user.get("key"))
    found["users"] = {login: user for login, user in found["users"].items() if login not in gone}
    return found


def _refused(error: BridgeError) -> dict[str, Any]:
    """What a refusal says of a user."""
    if error.code == "renamed":
        return {"holder": error.answer["error"]["details"]["holder"]}
    return {"differs": ["key"]} if error.code == "key_taken" else {"foreign": True}


#: What the bridge says of a user on record that it would not touch.
_REFUSALS = frozenset({"user_exists", "administrator", "renamed", "key_taken"})


def _asked(found: dict[str, Any], orders: list[Order], bridge: Bridge) -> tuple[list[Answer], dict[str, BridgeError]]:
    """Return the answers, and by login the refusals, without which the batch is asked again."""
    refused: dict[str, BridgeError] = {}
    while True:
        try:
            return bridge.batch(orders, check=True), refused
        except BridgeError as error:
            failed = error.answer.get("failed", len(orders))
            if error.code in _REFUSALS and failed < len(orders):
                refused[orders[failed]["args"]["login"]] = error
                orders = [*orders[:failed], *orders[failed + 1 :]]
                continue
            found["problem"] = _told(error)
            return error.answer.get("answers", []), refused


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


def _orders(site: Mapping[str, Any], secrets: Mapping[str, Any]) -> list[Order]:
    """What is asked, the surest first: a batch ends at its first failure."""
    needs = site["needs"]["there"] + site["needs"]["values"]
    orders: list[Order] = [{"command": "constant get", "args": {"name": name}} for name in (*CONSTANTS, *needs)]
    # An earlier bridge does not know what left the inventory, and says nothing of it.
    orders.append({"command": "module list", "args": {"declared": site["declared"]["modules"]}})
    logins = [user["login"] for user in site["users"]]
    orders += [{"command": "user show", "args": {"login": login}} for login in logins]
    for login in logins:
        known = secrets.get("users", {}).get(login, {})
        record = {name: known[name] for name in ("password", "key") if known.get(name)}
        if record:
            orders.append({"command": "user ensure", "args": {"login": login} | record})
    # A record without a password is of a user whom the module rest_key alone knows, not of one in an inventory.
    gone = [
        login
        for login, known in secrets.get("users", {}).items()
        if known.get("password") and login not in site["declared"]["users"]
    ]
    return orders + [{"command": "user show", "args": {"login": login}} for login in gone]


def _file(found: dict[str, Any], answer: Answer) -> None:
    """Put one answer of the batch in its place, without secrets."""
    if answer["command"] == "constant get":
        found["constants"][answer["name"]] = answer["value"] if answer["set"] else None
    elif answer["command"] == "module list":
        found["left"]["modules"] = answer.get("left", [])
        found["folders"] = answer.get("folders", [])
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
            | {name: user.get(name) for name in ("admin", "third_party", "outside", "entity")}
            # An earlier bridge has no other groups than those.
            | {"groups": user.get("rights_by_groups", user.get("groups"))}
        )
    elif answer["command"] == "user ensure":
        user = found["users"][answer["login"]]
        user["differs"] = sorted({"password", "key"} & set(answer["changes"]))
        if "login" in answer["changes"]:
            user["holder"] = answer["diff"]["before"]["login"]  # one of ours, whom the next run gives its login back


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
        content: dict[str, Any] = json.loads((Path(state) / layout.SECRETS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content
