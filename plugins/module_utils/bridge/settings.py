# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Turns the settings of one site into one batch of the bridge, and the batch's answers into one report."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import foresight
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge.client import Answer, Bridge, BridgeError, Order

USER_PARTS = ("lastname", "firstname", "email", "admin", "rights", "exact", "key", "password")


def orders(site: Mapping[str, Any]) -> list[Order]:
    """Return the bridge's commands for ``site``: modules, company, constants, then users, whose rights need modules."""
    found: list[Order] = []
    for command, names in (("module disable", site.get("modules_off")), ("module enable", site.get("modules"))):
        if names:
            # What an inventory has asked for is kept on record, so that it is told when it leaves the inventory.
            asked = {"asked": True} if command == "module enable" else {}
            found.append({"command": command, "args": {"names": list(names)} | asked})
    company = {key: value for key, value in (site.get("company") or {}).items() if value}
    if company:
        found.append({"command": "company ensure", "args": company})
    for name, value in (site.get("switches") or {}).items():
        found.append(_constant(name, value, everywhere=True))
    for name, value in (site.get("constants") or {}).items():
        found.append(_constant(name, value))
    found.extend(user_order(user) for user in site.get("users") or [])
    if (targets := site.get("webhooks")) is not None:
        found.append({"command": "webhook ensure", "args": {"targets": list(targets)}})
    return found


def _constant(name: str, value: object, **how: bool) -> Order:
    """Return the bridge's command for one constant; an empty value unsets it."""
    if value is None or value == "":
        return {"command": "constant unset", "args": {"name": name} | how}
    return {"command": "constant set", "args": {"name": name, "value": value} | how}


def user_order(user: Mapping[str, Any]) -> Order:
    """Return the bridge's command for one user; what is None or empty is left as it is in the application."""
    login = user["login"]
    if user.get("state", "present") == "disabled":
        return {"command": "user disable", "args": {"login": login}}
    parts = {name: user[name] for name in USER_PARTS if user.get(name) is not None and user.get(name) != ""}
    # A bridge of an earlier version does not know the word, and a check run may meet one.
    named = {"existing": True} if user.get("existing") else {}
    return {"command": "user ensure", "args": {"login": login, "enabled": True} | parts | named}


#: What the bridge says where it cannot reach the database.
_DATABASE = "database"


def apply(
    site: Mapping[str, Any], check: bool, bridge: Callable[[str], Bridge] = Bridge, *, changing: bool = False
) -> Answer:
    """Bring ``site`` to its settings; return ``changed``, ``changes``, ``diff`` and the state of its routes.

    ``changing`` says that the site is to get another release, which in check mode is not there yet.
    Raises BridgeError; in check mode a site that is not there yet is no error: everything would be changed.
    """
    wanted = orders(site)
    caller = bridge(site["name"])
    later: list[str] = []
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    try:
        if check and changing:
            answers, later, before, after = foresight.ask(caller, wanted)
        else:
            answers = caller.batch(wanted, check)
    except BridgeError as error:
        if check and not error.site_is_there:
            return foreseen(wanted, error.seen)
        if check and error.code == "usage" and site.get("webhooks"):
            # A bridge of an earlier version knows nothing of them yet.
            told = apply({**site, "webhooks": None}, check, bridge, changing=changing)
            later = [f"webhook {target['name']}: made" for target in site["webhooks"]]
            return told | {"changes": told["changes"] + later, "changed": True}
        if check and error.code == _DATABASE:
            # Of a site that is there: its server may be to come back first, and nothing is known to differ.
            return report([]) | {"pending": error.seen, "route_cache": False}
        raise
    told = report(answers)
    told["changes"] += later
    told["changed"] |= bool(later)
    for place in after:
        told["diff"]["before"][place] = told["diff"]["before"].get(place, {}) | before[place]
        told["diff"]["after"][place] = told["diff"]["after"].get(place, {}) | after[place]
    return told | {"route_cache": caller.has_route_cache()}


def report(answers: Sequence[Answer]) -> Answer:
    """Return what ``answers`` come to: only what changed is named."""
    changes: list[str] = []
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for answer in answers:
        if not answer["changed"]:
            continue
        changes.extend(_words(answer))
        place = _place(answer)
        before.setdefault(place, {}).update(answer["diff"]["before"])
        after.setdefault(place, {}).update(answer["diff"]["after"])
    return {
        "changed": bool(changes),
        "changes": changes,
        "route_cache_dropped": any(answer.get("route_cache_dropped") for answer in answers),
        "modules": _modules(answers),
        "diff": {"before": before, "after": after},
    }


def _modules(answers: Sequence[Answer]) -> list[str]:
    """Return the modules that are on after the last command on modules."""
    named = [answer for answer in answers if str(answer["command"]).startswith("module ")]
    return list(named[-1].get("enabled", [])) if named else []


def _place(answer: Mapping[str, Any]) -> str:
    kind = str(answer["command"]).split()[0]
    return (
        f"user {answer['login']}" if kind == "user" else {"module": "modules", "constant": "constants"}.get(kind, kind)
    )


def _words(answer: Mapping[str, Any]) -> list[str]:
    kind = str(answer["command"]).split()[0]
    if kind == "module":
        words = [f"module {name} on" for name in answer["switched_on"]]
        words += [f"module {name} off" for name in answer["switched_off"]]
        words += [f"folder {name} in the documents" for name in answer.get("folders", [])]
        return words + (["record of modules"] if answer.get("recorded") else [])
    if kind == "user":
        return [f"user {answer['login']}: {', '.join(answer['changes'])}"]
    if kind == "webhook":
        return [f"webhook {change}" for change in answer["changes"]]
    names = [answer["name"]] if kind == "constant" else list(answer["diff"]["after"])
    return [f"constant {name}" for name in names]


def foreseen(wanted: Sequence[Order], pending: str) -> Answer:
    """Return what check mode says of a site that cannot be asked yet, and why it cannot. Holds no secret."""
    after: dict[str, Any] = {}
    changes: list[str] = []
    for order in wanted:
        kind, verb = order["command"].split()
        args = order["args"]
        if kind == "module" and verb == "enable":
            after["modules"] = args["names"]
            changes.extend(f"module {name} on" for name in args["names"])
        elif kind == "company":
            after["company"] = args
            changes.append("company")
        elif kind == "constant" and verb == "set":
            after.setdefault("constants", {})[args["name"]] = "(not shown before it can be compared)"
            changes.append(f"constant {args['name']}")
        elif kind == "webhook":
            changes.extend(f"webhook {target['name']}: made" for target in args["targets"])
            after["webhook"] = {
                target["name"]: {"trigger_codes": ",".join(target["events"])} for target in args["targets"]
            }
        elif kind == "user" and verb == "ensure":
            after[f"user {args['login']}"] = {key: args[key] for key in ("email", "rights") if key in args}
            changes.append(f"user {args['login']}: created")
    return {
        "changed": bool(changes),
        "changes": changes,
        "pending": pending,
        "route_cache": False,
        "route_cache_dropped": False,
        "modules": [],
        "diff": {"before": {}, "after": after},
    }
