# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From an entry of ``miclinik_sites`` to the commands of the bridge, the same that the role ``rest_api`` gives.

What is not named is left alone: an inventory's defaults are not written into a site that somebody applies a part to.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import settings, switches
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge.client import Order
from ansible_collections.miclinik.hosting.plugins.module_utils.command_line import entry_keys
from ansible_collections.miclinik.hosting.plugins.module_utils.command_line.calls import USAGE, CallError
from ansible_collections.miclinik.hosting.plugins.module_utils.command_line.entry_file import Variable
from ansible_collections.miclinik.hosting.plugins.module_utils.site import logo

_NOTHING = "Nothing was changed."


@dataclass
class Wanted:
    """What an entry comes to: the bridge's commands; what is left as it is, and what is not of the application."""

    orders: list[Order]
    left: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)


def of(entry: Mapping[str, Any], folder: Path, known: Mapping[str, str], enabled: list[str]) -> Wanted:
    """Return what is asked for; ``enabled`` are the modules that are on now, ``folder`` is where its files are.

    Raises CallError with all that is wrong.
    """
    if wrong := entry_keys.check(entry):
        raise CallError([*wrong, _NOTHING], USAGE)
    api = entry.get("api") or {}
    outside = [key for key in entry if key in entry_keys.OUTSIDE]
    outside += [f"api.{key}" for key in api if key in entry_keys.API_OUTSIDE]
    wanted = Wanted([], outside=outside)
    site = {key: entry[key] for key in (*settings.DECLARED.values(), "modules_exact", "groups") if entry.get(key)}
    if entry.get("modules") or entry.get("modules_exact"):
        # Whether the API is on says the inventory, whose web server has a part in it.
        site["modules"] = [*(["api"] if "api" in enabled else []), *map(str.lower, entry.get("modules") or [])]
    site["company"] = _company(entry, folder)
    site["switches"] = switches.of({key: api[key] for key in switches.KEYS if api.get(key) is not None})
    site["constants"] = dict(_constants(entry.get("constants"), "constants", known, wanted.left))
    site["entities"] = [
        one | {"constants": dict(_constants(one.get("constants"), f"entities.{one['id']}", known, wanted.left))}
        for one in entry.get("entities") or []
    ]
    site["users"] = [*_users(entry, "users", known, wanted), *_users(api, "api.users", known, wanted)]
    _require_apart(site["users"])
    administrator = (entry.get("admin") or {}).get("login") or "admin"
    for user in site["users"]:
        if user["login"].lower() == administrator.lower():
            # The installer has made it, and the entry names it: it is nobody else's.
            user["admin"] = user["existing"] = True
    wanted.orders = [_by_hand(order) for order in settings.orders(site)]
    return wanted


def _require_apart(users: list[dict[str, Any]]) -> None:
    """Raise CallError where two are the same: the application would refuse the second one when the first is there."""
    for key in ("login", "email"):
        named = [str(user[key]).lower() for user in users if user.get(key)]
        if twice := sorted({name for name in named if named.count(name) > 1}):
            raise CallError([f"users: two have the {key} {twice[0]!r}. Give each one of its own", _NOTHING], USAGE)


def _by_hand(order: Order) -> Order:
    """Return an order that is not put on record as one of the inventory.

    A constant that holds is left alone: the export of a site tells what holds, in whichever entity it stands.
    """
    args = {key: value for key, value in order["args"].items() if key != "asked"}
    if order["command"] == "constant set" and not args.get("everywhere"):
        args["holding"] = True
    return order | {"args": args}


def _company(entry: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    company = dict(entry.get("company") or {})
    for key in logo.KEYS:
        if company.get(key):
            company[key] = _logo(folder / company[key], f"company.{key}")
    return company | ({"language": entry["language"]} if entry.get("language") else {})


def _logo(file: Path, name: str) -> dict[str, str]:
    try:
        content = file.read_bytes()
    except OSError as error:
        mend = "Put the image there, or take the line out"
        raise CallError([f"{name}: {file} cannot be read: {error.strerror}. {mend}", _NOTHING], USAGE) from None
    if len(content) > logo.MOST:
        raise CallError([f"{name}: {file} has more than 1024 KiB. Give a smaller one", _NOTHING], USAGE)
    return {"name": file.name, "content": base64.b64encode(content).decode()}


def _constants(
    given: Mapping[str, Any] | None, path: str, known: Mapping[str, str], left: list[str]
) -> Iterator[tuple[str, Any]]:
    for name, value in (given or {}).items():
        if not isinstance(value, Variable):
            yield str(name), value
        elif value in known:
            yield str(name), known[value]
        else:
            left.append(f"{path}.{name}")


def _users(holder: Mapping[str, Any], path: str, known: Mapping[str, str], wanted: Wanted) -> Iterator[dict[str, Any]]:
    for place, given in enumerate(holder.get(path.rpartition(".")[2]) or []):
        user = {key: value for key, value in given.items() if key not in ("password", "key", "expires")}
        if {"rights", "groups"} & user.keys():
            user["exact"] = True
        # Its key is on record, and the web server knows it: `key rotate` and `key adopt` see to that, and to the end.
        wanted.left += [f"{path}[{place}].{key}" for key in ("key", "expires") if given.get(key)]
        password = given.get("password")
        if isinstance(password, Variable):
            password = known.get(password)
            if not password:
                wanted.left.append(f"{path}[{place}].password")
        yield user | ({"first_password": password} if password else {})
