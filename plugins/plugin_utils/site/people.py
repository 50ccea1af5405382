# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Users and groups of a site: what an inventory may say of them, and what roles see of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.miclinik.hosting.plugins.plugin_utils.site.addresses import Rest

RIGHT = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+){1,2}", re.IGNORECASE)
# The bridge's rule; the application itself refuses @ (User::create, 16 to 24).
LOGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{1,49}")
LOGIN_MEND = "Use 2 to 50 letters, digits, . _ and -, beginning with a letter or digit"
LANGUAGE = re.compile(r"[a-z]{2}_[A-Z]{2}")
_MAIL = re.compile(r"[^@\s<>\"']+@[^@\s<>\"']+\.[^@\s<>\"'.]+")
_GROUP = re.compile(r"[^\x00-\x1f\x7f<>]{1,180}")
# Columns of the application's table.
_LONGEST = {"lastname": 50, "firstname": 50, "email": 255}
PRESENT = "present"


def check(entry: Mapping[str, Any]) -> Iterator[Rest]:
    """Yield what is wrong with the users and groups of a site; the types of its keys were checked before."""
    groups = entry.get("groups") or []
    yield from _groups(groups)
    kept = {group["name"] for group in groups if group.get("state", PRESENT) == PRESENT}
    api = entry.get("api") or {}
    administrator = (entry.get("admin") or {}).get("login") or "admin"
    seen: dict[str, str] = {}
    for path, users in (("api.users", api.get("users") or []), ("users", entry.get("users") or [])):
        for index, user in enumerate(users):
            yield from _user(f"{path}[{index}]", user, seen, kept)
    yield from _of_the_api(api, administrator.lower())
    for index, user in enumerate(entry.get("users") or []):
        if user["login"].lower() == administrator.lower():
            yield from _the_administrator(f"users[{index}]", user)


def _groups(groups: Sequence[Mapping[str, Any]]) -> Iterator[Rest]:
    seen: set[str] = set()
    for index, group in enumerate(groups):
        path, name = f"groups[{index}]", group["name"]
        if not _GROUP.fullmatch(name) or name != name.strip():
            mend = "Write up to 180 characters without < and >, and no blank at either end"
            yield f"{path}.name", f"is {name!r}", mend
        if name.lower() in seen:
            yield f"{path}.name", f"{name!r} stands there twice", "Give each group one entry"
        seen.add(name.lower())
        if re.search(r"[<>]", group.get("note") or ""):
            yield f"{path}.note", "holds < or >", "Write plain text"
        yield from _rights(path, group)


def _rights(path: str, holder: Mapping[str, Any]) -> Iterator[Rest]:
    for right in holder.get("rights") or []:
        if not RIGHT.fullmatch(right):
            yield f"{path}.rights", f"holds {right!r}", "Write module.right or module.group.right"


def _user(path: str, user: Mapping[str, Any], seen: dict[str, str], groups: set[str]) -> Iterator[Rest]:
    login = user["login"]
    if not LOGIN.fullmatch(login):
        yield f"{path}.login", f"is {login!r}", LOGIN_MEND
    claims = {f"login {login.lower()}": "login"}
    if mail := user.get("email"):
        claims[f"email {mail.lower()}"] = "email"
        if not _MAIL.fullmatch(mail):
            yield f"{path}.email", f"is {mail!r}", "Write an address, as in ana@example.org"
    for claim, key in claims.items():
        if claim in seen:
            what = f"{user[key]!r} stands there twice" if key == "login" else f"is that of {seen[claim]} as well"
            yield f"{path}.{key}", what, f"Give each user {'one entry' if key == 'login' else 'an address of its own'}"
        seen.setdefault(claim, login)
    for key, longest in _LONGEST.items():
        if len(user.get(key) or "") > longest:
            yield f"{path}.{key}", f"is longer than {longest} characters", "Write a shorter one"
    if not LANGUAGE.fullmatch(user.get("language") or "en_US"):
        yield f"{path}.language", f"is {user['language']!r}", "Write language and country, as in es_ES"
    for group in user.get("groups") or []:
        if group not in groups:
            yield f"{path}.groups", f"holds {group!r}, which is not in groups", f"Add it there, as in - name: {group}"
    yield from _rights(path, user)


def _of_the_api(api: Mapping[str, Any], administrator: str) -> Iterator[Rest]:
    gone = ""
    for index, user in enumerate(api.get("users") or []):
        path = f"api.users[{index}]"
        if user["login"].lower() == administrator:
            told = f"is {user['login']!r}, the administrator's (admin.login), who would lose rights and password to it"
            yield f"{path}.login", told, "Give the API a user of its own"
        if user.get("state", PRESENT) != PRESENT:
            gone = user["login"]
        elif gone:
            yield path, f"stands behind {gone}, who may not work", "Write those who are disabled or absent last"
    if gone and api["users"][0].get("state", PRESENT) != PRESENT:
        yield "api.users", "has nobody who may work", "Name at least one: the smoke test logs in with the first one"


def _the_administrator(path: str, user: Mapping[str, Any]) -> Iterator[Rest]:
    """The site's own one (``admin.login``), without whom nobody could set anything."""
    if user.get("state", PRESENT) != PRESENT:
        seen = f"is {user['state']!r}, and {user['login']} is the site's administrator (admin.login)"
        yield f"{path}.state", seen, "Name another one there first"
    if user.get("admin") is False:
        yield f"{path}.admin", "is false for the site's administrator (admin.login)", "Name another one there first"
    if user.get("password") is not None:
        yield f"{path}.password", "is that of the site's administrator", "Write it as admin.password"


def complete(site: dict[str, Any]) -> None:
    """Let ``api.users`` hold those alone who may work, and ``users`` everybody else who is named."""
    administrator = (site["admin"]["login"] or "admin").lower()
    for user in site["users"]:
        if user["login"].lower() == administrator:
            # The installer makes it, and the inventory names it: it is nobody else's.
            user["admin"] = user["existing"] = True
    users = site["api"]["users"]
    for user in users:
        user["lastname"] = user["lastname"] or user["login"]
    site["users"] += [{"login": user["login"], "state": user["state"]} for user in users if user["state"] != PRESENT]
    site["api"]["users"] = [user for user in users if user["state"] == PRESENT]


def orders(site: Mapping[str, Any], secrets: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return ``users`` of the complete ``site`` for the module ``rest_api``, with what is on record of them."""
    people = secrets.get("people", {})
    return [
        {key: value for key, value in user.items() if value is not None}
        | ({} if user["state"] != PRESENT else _first_password(people.get(user["login"], {})))
        for user in site["users"]
    ]


def _first_password(known: Mapping[str, Any]) -> dict[str, str]:
    return {"first_password": known["password"]} if known.get("password") else {}
