# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What somebody has changed in the application of what was brought to it before: told, where it is not to be repaired.

What was applied is kept as one digest for each command. A command that is not on record is new in the inventory, or
other than before, and no drift.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import client as bridge_client
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge.client import Answer, Bridge, BridgeError, Order
from ansible_collections.miclinik.hosting.plugins.module_utils.host import atomic_file

FILE = "applied.json"
#: The bridge sets it with the first modules that an inventory asks for.
_ASKED = "MICLINIK_MODULES"
#: Kinds of commands, by what their changes are called.
CALLED = {
    "company": "company",
    "dictionary": "dictionary",
    "extrafield": "extra field",
    "numbering": "numbering",
    "rights": "default right",
    "webhook": "webhook",
}
#: What the pages call what the bridge calls otherwise.
_WORDS = {
    "login": "login",
    "lastname": "last name",
    "firstname": "first name",
    "email": "e-mail",
    "language": "language",
    "admin": "administrator",
    "entity": "entity",
    "note": "description",
    "name": "name",
}
_LISTS = {"rights": ("permission {} would be given", "permission {} would be taken away")}
_LISTS["groups"] = ("would be put into the group {}", "would be taken out of the group {}")
_DONE = {
    "created": "would be made",
    "removed": "would be removed",
    "key": "the API key would be that on record",
    "password": "the password would be that on record",
    "mark": "would be put on record as ours",
}


class Record:
    """Which of ``orders`` were applied to a site before."""

    def __init__(self, site: str, orders: Sequence[Order]) -> None:
        self._file = bridge_client.STATE / site / FILE
        self._orders = {subject(order): order for order in orders}

    def held(self, caller: Bridge) -> list[Order]:
        """Return those that were applied as they are; of a site from before this record all, once it has settings."""
        known = self._read()
        if known is None:
            return list(self._orders.values()) if _has_settings(caller) else []
        return [order for subject, order in self._orders.items() if known.get(subject) == _digest(order)]

    def keep(self) -> None:
        """Put on record that all are applied."""
        now = {subject: _digest(order) for subject, order in self._orders.items()}
        if self._file.parent.is_dir() and now != self._read():
            text = json.dumps(now, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
            atomic_file.replace(self._file, text, atomic_file.PRIVATE)

    def _read(self) -> dict[str, str] | None:
        try:
            found = json.loads(self._file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return found if isinstance(found, dict) else None


def _has_settings(caller: Bridge) -> bool:
    try:
        return bool(caller.batch([{"command": "constant get", "args": {"name": _ASKED}}], check=True)[0]["set"])
    except BridgeError:
        return False  # whoever applies them finds out why


def subject(order: Order) -> str:
    """Return of what a command is, in two words."""
    args = order["args"]
    kind, verb = order["command"].split()
    entity = f" (entity {args['entity']})" if args.get("entity") else ""
    return f"{kind} {args.get('login') or args.get('name') or verb}{entity}"


def _digest(order: Order) -> str:
    return hashlib.sha256(json.dumps(order, sort_keys=True).encode()).hexdigest()


def told(caller: Bridge, held: Sequence[Order]) -> list[str]:
    """Return what would be done of ``held``, in words of the application's pages; nothing is changed."""
    lines: list[str] = []
    rest = list(held)
    while rest:
        try:
            answers = caller.batch(rest, check=True)
        except BridgeError as error:
            failed = error.answer.get("failed")
            if failed is None:
                raise
            for answer in error.answer.get("answers", []):
                lines += words(answer)
            lines.append(f"{subject(rest[failed])}: {error.seen} {error.mend}")
            rest = rest[failed + 1 :]
            continue
        return lines + [line for answer in answers for line in words(answer)]
    return lines


def words(answer: Answer) -> list[str]:
    """Return what an answer of a check run says, a line each: "user ana: e-mail is 'x', and would be 'y'"."""
    if not answer["changed"]:
        return []
    kind = str(answer["command"]).split()[0]
    if kind == "module":
        lines = [f"module {name} would be switched on" for name in answer["switched_on"]]
        lines += [f"module {name} would be switched off" for name in answer["switched_off"]]
        lines += [f"the folder {name} of the documents would be made" for name in answer.get("folders", [])]
        return lines + [f"the table {name} would be made" for name in answer.get("tables", [])]
    before, after = answer["diff"]["before"], answer["diff"]["after"]
    if kind in ("user", "group"):
        name = answer["login"] if kind == "user" else answer["name"]
        # A group's mark is of ours alone, and of an earlier version's groups there is none.
        changes = [change for change in answer["changes"] if (kind, change) != ("group", "mark")]
        return [f"{kind} {name}: {line}" for change in changes for line in _part(change, before, after)]
    if kind in CALLED and "changes" in answer:
        return [f"{CALLED[kind]} {change}" for change in answer["changes"]]
    differing = {name: value for name, value in after.items() if before.get(name) != value}
    return [f"{kind} {name} {_turned(before.get(name), value)}" for name, value in differing.items()]


def _part(change: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    if change in _LISTS:
        more, less = _LISTS[change]
        was, then = before.get(change) or [], after.get(change) or []
        given = [more.format(one) for one in then if one not in was]
        return given + [less.format(one) for one in was if one not in then]
    if change == "enabled":
        return ["would be enabled" if after.get("enabled") else "would be disabled"]
    if change in _WORDS:
        return [f"{_WORDS[change]} {_turned(before.get(change), after.get(change))}"]
    return [_DONE.get(change, change)]


def _turned(was: object, then: object) -> str:
    return f"is {_shown(was)}, and would be {_shown(then)}"


def _shown(value: object) -> str:
    if value is None or value == "":
        return "not set"
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else repr(value)
