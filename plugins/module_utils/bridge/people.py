# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The bridge's commands for users and groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.bridge.client import Order

#: Who has rights, and under what commands and answers have the name.
NAMED = {"user": "login", "group": "name"}
USER_PARTS = (
    "lastname",
    "firstname",
    "email",
    "language",
    "admin",
    "rights",
    "groups",
    "exact",
    "key",
    "password",
    "first_password",
)
_PRESENT = "present"
#: In which order users are done: whoever is to be the only administrator is one before another ceases to be.
_TURNS = {_PRESENT: 1, "disabled": 2, "absent": 3}


def orders(site: Mapping[str, Any]) -> list[Order]:
    """Return those of ``site``: groups are there before whoever is to be in them, and go after."""
    groups, users = site.get("groups") or [], site.get("users") or []
    found = [group_order(group) for group in groups if group.get("state", _PRESENT) == _PRESENT]
    found += [user_order(user) for user in sorted(users, key=_turn)]
    return found + [group_order(group) for group in groups if group.get("state", _PRESENT) != _PRESENT]


def known_earlier(users: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return as much of ``users`` as the first bridges know."""
    return [
        {key: value for key, value in user.items() if key not in ("language", "groups", "first_password")}
        for user in users
        if user.get("state") != "absent"
    ]


def _turn(user: Mapping[str, Any]) -> int:
    state = user.get("state", _PRESENT)
    return 0 if state == _PRESENT and user.get("admin") else _TURNS[state]


def group_order(group: Mapping[str, Any]) -> Order:
    """Return the bridge's command for one group."""
    name = group["name"]
    if group.get("state", _PRESENT) != _PRESENT:
        return {"command": "group remove", "args": {"name": name}}
    return {
        "command": "group ensure",
        "args": {"name": name} | {part: group[part] for part in ("note", "rights") if group.get(part) is not None},
    }


def user_order(user: Mapping[str, Any]) -> Order:
    """Return the bridge's command for one user; what is None or empty is left as it is in the application."""
    login = user["login"]
    if command := {"disabled": "user disable", "absent": "user remove"}.get(user.get("state", _PRESENT)):
        return {"command": command, "args": {"login": login}}
    parts = {name: user[name] for name in USER_PARTS if user.get(name) is not None and user.get(name) != ""}
    # A bridge of an earlier version does not know the word, and a check run may meet one.
    named = {"existing": True} if user.get("existing") else {}
    return {"command": "user ensure", "args": {"login": login, "enabled": True} | parts | named}
