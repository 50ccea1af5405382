# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Turns the settings of one site into one batch of the bridge, and the batch's answers into one report."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import drift, foresight, people
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge.client import Answer, Bridge, BridgeError, Order

#: The bridge's commands for what is given to it as it is declared, by its key.
DECLARED = {
    "dictionary ensure": "dictionaries",
    "extrafield ensure": "extra_fields",
    "numbering ensure": "numbering",
    "rights ensure-default": "default_rights",
}
_ALWAYS = frozenset({"name", "country", "currency", "language"})


def orders(site: Mapping[str, Any]) -> list[Order]:
    """Return the bridge's commands for ``site``: modules, what they bring, constants, then who has rights."""
    found: list[Order] = []
    if site.get("modules_off"):
        found.append({"command": "module disable", "args": {"names": list(site["modules_off"])}})
    exact = {"exact": True} if site.get("modules_exact") else {}
    if site.get("modules") or exact:
        # What an inventory has asked for is kept on record, so that it is told when it leaves the inventory.
        args = {"names": list(site.get("modules") or []), "asked": True} | exact
        found.append({"command": "module enable", "args": args})
    if company := _company(site.get("company") or {}):
        found.append({"command": "company ensure", "args": company})
    for command, key in DECLARED.items():
        if site.get(key):
            found.append({"command": command, "args": {key: site[key]}})
    for name, value in (site.get("switches") or {}).items():
        found.append(_constant(name, value, everywhere=True))
    for name, value in (site.get("constants") or {}).items():
        found.append(_constant(name, value))
    for entity in site.get("entities") or []:
        for name, value in (entity.get("constants") or {}).items():
            found.append(_constant(name, value, entity=entity["id"]))
    found += people.orders(site)
    if (targets := site.get("webhooks")) is not None:
        found.append({"command": "webhook ensure", "args": {"targets": list(targets)}})
    return found


def _company(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is said of the company: an empty text empties one, but for what a company cannot be without."""
    said = {key: value for key, value in given.items() if value is not None and (value != "" or key not in _ALWAYS)}
    ids = {key: value for key, value in (said.pop("professional_ids", None) or {}).items() if value is not None}
    return said | ({"professional_ids": ids} if ids else {})


def _constant(name: str, value: object, **how: bool | int) -> Order:
    """Return the bridge's command for one constant; an empty value unsets it."""
    if value is None or value == "":
        return {"command": "constant unset", "args": {"name": name} | how}
    return {"command": "constant set", "args": {"name": name, "value": value} | how}


#: What the bridge says where it cannot reach the database.
_DATABASE = "database"


def apply(
    site: Mapping[str, Any], check: bool, bridge: Callable[[str], Bridge] = Bridge, *, changing: bool = False
) -> Answer:
    """Bring ``site`` to its settings; return ``changed``, ``changes``, ``diff`` and the state of its routes.

    ``changing`` says that the site is to get another release, which in check mode is not there yet. Where the site says
    ``enforce: report``, what was applied before is looked at and no more: ``would`` says what somebody has changed.
    Raises BridgeError; in check mode a site that is not there yet is no error: everything would be changed.
    """
    wanted = orders(site)
    caller = bridge(site["name"])
    record = drift.Record(site["name"], wanted)
    held = record.held(caller) if site.get("enforce") == "report" else []
    wanted = [order for order in wanted if order not in held]
    later: list[str] = []
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    try:
        if check and changing:
            answers, later, before, after = foresight.ask(caller, wanted)
        else:
            answers = caller.batch(wanted, check) if wanted or not held else []
        would = drift.told(caller, held)
    except BridgeError as error:
        if check and not error.site_is_there:
            return foreseen(wanted, error.seen)
        if check and error.code == "usage" and (known := _known_earlier(site)) != site:
            # A bridge of an earlier version knows nothing of the rest yet.
            told = apply(known, check, bridge, changing=changing)
            rest = [order for order in wanted if order not in orders(known)]
            later = [words for words in foreseen(rest, "")["changes"] if words not in told["changes"]]
            return told | {"changes": told["changes"] + later, "changed": told["changed"] or bool(later)}
        if check and error.code == _DATABASE:
            # Of a site that is there: its server may be to come back first, and nothing is known to differ.
            return report([]) | {"pending": error.seen, "route_cache": False}
        raise
    if not check:
        record.keep()
    told = report(answers) | ({"would": would} if held else {})
    told["changes"] += later
    told["changed"] |= bool(later)
    for place in after:
        told["diff"]["before"][place] = told["diff"]["before"].get(place, {}) | before[place]
        told["diff"]["after"][place] = told["diff"]["after"].get(place, {}) | after[place]
    return told | {"route_cache": caller.has_route_cache()}


def _known_earlier(site: Mapping[str, Any]) -> dict[str, Any]:
    """Return as much of ``site`` as the first bridges know."""
    later = ("webhooks", "modules_exact", "entities", "groups", *DECLARED.values())
    company = {key: value for key, value in (site.get("company") or {}).items() if key in _ALWAYS}
    named: dict[str, Any] = {"company": company} if "company" in site else {}
    named |= {"users": people.known_earlier(site["users"])} if site.get("users") else {}
    return {key: value for key, value in site.items() if key not in later} | named


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


#: Kinds of commands, by where the diff shows what they have changed.
_PLACES = {
    "module": "modules",
    "constant": "constants",
    "dictionary": "dictionaries",
    "extrafield": "extra_fields",
    "rights": "default_rights",
}


def _place(answer: Mapping[str, Any]) -> str:
    kind = str(answer["command"]).split()[0]
    if kind in people.NAMED:
        return f"{kind} {answer[people.NAMED[kind]]}"
    return _PLACES.get(kind, kind)


def _words(answer: Mapping[str, Any]) -> list[str]:
    kind = str(answer["command"]).split()[0]
    if kind == "module":
        words = [f"module {name} on" for name in answer["switched_on"]]
        words += [f"module {name} off" for name in answer["switched_off"]]
        words += [f"folder {name} in the documents" for name in answer.get("folders", [])]
        words += [f"table {name}" for name in answer.get("tables", [])]
        return words + (["record of modules"] if answer.get("recorded") else [])
    if kind in people.NAMED:
        kept = f" (stays, since of {', '.join(answer['kept'])})" if answer.get("kept") else ""
        return [f"{_place(answer)}: {', '.join(answer['changes'])}{kept}"]
    if kind in drift.CALLED and "changes" in answer:
        return [f"{drift.CALLED[kind]} {change}" for change in answer["changes"]]
    if kind == "constant":
        entity = answer.get("entity") or 0
        return [f"constant {answer['name']}" + (f" (entity {entity})" if entity > 1 else "")]
    return [f"constant {name}" for name in answer["diff"]["after"]]


def _named(value: object) -> object:
    """Return a logo by its name alone."""
    return value["name"] if isinstance(value, Mapping) and "content" in value else value


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
            after["company"] = {key: _named(value) for key, value in args.items()}
            changes.append("company")
        elif (key := DECLARED.get(order["command"])) is not None:
            after[key] = args[key]
            changes.extend(f"{drift.CALLED[kind]} {name}" for name in args[key])
        elif kind == "constant" and verb == "set":
            after.setdefault("constants", {})[args["name"]] = "(not shown before it can be compared)"
            changes.append(f"constant {args['name']}")
        elif kind == "webhook":
            changes.extend(f"webhook {target['name']}: made" for target in args["targets"])
            after["webhook"] = {
                target["name"]: {"trigger_codes": ",".join(target["events"])} for target in args["targets"]
            }
        elif kind == "group" and verb == "ensure":
            after[f"group {args['name']}"] = {key: args[key] for key in ("note", "rights") if key in args}
            changes.append(f"group {args['name']}: created")
        elif kind == "user" and verb == "ensure":
            shown = ("email", "rights", "groups")
            after[f"user {args['login']}"] = {key: args[key] for key in shown if key in args}
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
