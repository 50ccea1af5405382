# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a site is, as an entry of ``miclinik_sites``: from what the bridge lists, always in one order, without a secret.

Secrets are named, as variables of a vault; what an inventory has no word for is told beside the entry.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import switches
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge.client import Answer, Order
from ansible_collections.miclinik.hosting.plugins.module_utils.site import logo

#: What the bridge is asked, in one start of the application.
ORDERS: list[Order] = [
    {"command": command, "args": {}}
    for command in (
        *("module list", "company show", "constant list", "extrafield list", "numbering show", "rights default"),
        *("user list", "group list", "dictionary changed"),
    )
]
#: Set by other keys, as the role ``rest_api`` has it for every site, or by the installer for good.
_SWITCHES = frozenset(
    {
        *("API_PRODUCTION_MODE", "API_PRODUCTION_DO_NOT_ALWAYS_REFRESH_CACHE", "API_EXPLORER_DISABLED"),
        *("API_DISABLE_LOGIN_API", "API_ENABLE_LOGIN_API"),
        *("MAIN_DISALLOW_UNSECURED_SELECT_INTO_EXTRAFIELDS_FILTER", "MAIN_SECURITY_HASH_ALGO"),
    }
)
#: What every site has on, or has a key of its own.
_MODULES = frozenset({"api", "user"})
_TEMPLATE = re.compile(r"\{[{%#]")
#: Of a user, in this order; what is empty says nothing.
_PERSON = ("firstname", "email", "language")
_UNCLEAR = "another row has its code, it has no country, or a text that the application's pages would not keep"
_ALWAYS = (
    "what is not in the application: tls, proxy, php, aliases, backups and the like, with conf.php",
    "rows of dictionaries that were deleted: another site has them (active: false switches one off)",
    "passwords: they are stored in a way that nobody reads",
)


def logos(answers: Sequence[Answer]) -> dict[str, str]:
    """Return the names of the company's logos by their keys: files in the documents."""
    (company,) = (answer["company"] for answer in answers if answer["command"] == "company show")
    return {key: str(company[key]) for key in logo.KEYS if company.get(key)}


def entry(  # noqa: PLR0917 (as they come)
    name: str, url: str, version: str, admin: str, answers: Sequence[Answer], files: Mapping[str, str] | None = None
) -> tuple[dict[str, Any], list[str]]:
    """Return the entry of ``miclinik_sites``, and what it does not carry.

    ``files`` are where the logos are that somebody has put beside it, by their keys.
    """
    told = {answer["command"]: answer for answer in answers}
    company, lost = _company(told["company show"]["company"], files or {})
    address = urlsplit(url)
    users, people, outsiders = _users(name, admin, told["user list"]["users"])
    found: dict[str, Any] = {
        "name": name,
        "domain": address.hostname or "localhost",
        "port": address.port or "",
        "base_path": address.path.rstrip("/"),
        "source": {"type": "directory", "path": f"/path/to/dolibarr-{version}"},
        "admin": {"login": admin, "password": _vault(name, "admin", "password")},
        "company": company,
        "language": told["company show"]["company"].get("language", ""),
        "modules": sorted(set(told["module list"]["enabled"]) - _MODULES),
        "modules_exact": True,
        "constants": _shown((name,), told["constant list"]["constants"] or {}, told["constant list"]["secret"]),
        "entities": _entities(name, told),
        "dictionaries": _sorted(told["dictionary changed"]["dictionaries"]),
        "extra_fields": _sorted(told["extrafield list"]["extra_fields"]),
        "numbering": _numbering(told["numbering show"]),
        "default_rights": dict.fromkeys(sorted(told["rights default"]["default_rights"]), True),
        "groups": [_group(one) for one in sorted(told["group list"]["groups"], key=lambda one: str(one["name"]))],
        "users": people,
        "api": switches.told(told["constant list"]["constants"] or {}, version) | {"users": users},
    }
    lost += _lost(told, found)
    return {key: value for key, value in found.items() if value not in ("", [], {})}, [*_ALWAYS, *lost, *outsiders]


def _lost(told: Mapping[str, Answer], found: Mapping[str, Any]) -> list[str]:
    """Return of what is listed what an inventory has no place for."""
    entities = told["constant list"].get("entities") or {}
    lost = [] if found["entities"] else [f"constants of entity {number}" for number in sorted(entities, key=str)]
    rows = told["dictionary changed"]
    if not rows["known"]:
        lost.append("rows of dictionaries: its code has no folder install/mysql/data to compare them with")
    return lost + [f"dictionary {row}: {_UNCLEAR}" for row in rows["unclear"]]


def _company(given: Mapping[str, Any], files: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    kept = {key: value for key, value in given.items() if key not in ("language", *logo.KEYS)}
    lost = [
        f"company.{key} ({given[key]}): a file, which export --files FOLDER brings"
        for key in logo.KEYS
        if given.get(key) and key not in files
    ]
    return _sorted({**kept, **files}), lost


def _entities(name: str, told: Mapping[str, Answer]) -> list[dict[str, Any]]:
    """Return the constants of other entities than the first, where the module is on by which people choose one."""
    answer = told["constant list"]
    given = answer.get("entities") or {}
    if "multicompany" not in told["module list"]["enabled"]:
        return []
    return [
        {"id": int(number), "constants": shown}
        for number in sorted(given, key=int)
        if (shown := _shown((name, "entity", str(number)), given[number], answer["secret"]))
    ]


def _shown(words: Sequence[str], given: Mapping[str, Any], secret: Sequence[str]) -> dict[str, Any]:
    return {
        key: _vault(*words, "constant", key) if key in secret else value
        for key, value in sorted(given.items())
        if key not in _SWITCHES and value not in (None, "")
    }


def _users(
    name: str, admin: str, given: Sequence[Mapping[str, Any]]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[str]]:
    """Return who calls the API, who works with the pages, and who is not carried."""
    callers, people, lost = [], [], []
    for user in given:
        if user["login"] == admin:
            continue
        if user.get("third_party") or user["entity"] > 1:
            lost.append(f"user {user['login']}, who is of a third party or of another entity")
        elif user["state"] != "present":
            lost.append(f"user {user['login']}, who is disabled, and is not made anew for that")
        elif user.get("key"):
            callers.append(_person(user) | {"key": _vault(name, user["login"], "key")})
        else:
            people.append(_person(user))
    if not callers:
        callers = [{"login": "api", "existing": True, "rights": [], "key": _vault(name, "api", "key")}]
    return callers, people, lost


def _person(user: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"login": user["login"], "existing": True}
    if user["lastname"] and user["lastname"] != user["login"]:
        found["lastname"] = user["lastname"]
    found |= {key: user[key] for key in _PERSON if user.get(key)}
    if user["admin"]:
        found["admin"] = True
    if user["groups"]:
        found["groups"] = sorted(user["groups"])
    return found | {"rights": sorted(user["rights"])}


def _group(given: Mapping[str, Any]) -> dict[str, Any]:
    note = {"note": given["note"]} if given.get("note") else {}
    return {"name": given["name"], **note, "rights": sorted(given["rights"])}


def _numbering(answer: Mapping[str, Any]) -> dict[str, Any]:
    """Return the kinds whose model is there: a module that is gone may have left one."""
    models = answer["models"] or {}
    given = answer["numbering"] or {}
    return {kind: given[kind] for kind in sorted(given) if given[kind]["model"] in (models.get(kind) or [])}


def _sorted(given: Mapping[str, Any]) -> dict[str, Any]:
    return {key: given[key] for key in sorted(given)}


def _vault(*words: str) -> str:
    name = re.sub(r"[^a-z0-9]+", "_", "_".join(words).lower()).strip("_")
    return f"{{{{ vault_{name} }}}}"


def text(site: Mapping[str, Any], lost: Sequence[str], version: str) -> str:
    """Return a file of an inventory with this site."""
    names = sorted(set(re.findall(r"\{\{ (vault_\w+) \}\}", json.dumps(site))))
    head = [
        f"# Site '{site['name']}' of version {version}, as it was when `miclinikctl {site['name']} export` read it.",
        "# Name its source. Secrets are not in here: have these variables in a vault, or take the lines out, and new",
        f"# ones are made: {', '.join(names)}",
    ]
    lines = ["miclinik_sites:", *_lines([dict(site)], 1)]
    return "\n".join([*head, *lines, "", "# not carried:", *(f"# - {words}" for words in lost)]) + "\n"


def _lines(value: object, depth: int) -> Iterator[str]:
    """Yield a mapping or a list as YAML, in blocks; texts are written as in JSON, which is YAML as well."""
    space = "  " * depth
    if isinstance(value, Mapping):
        for key, item in value.items():
            if _is_block(item):
                yield f"{space}{_key(key)}:"
                yield from _lines(item, depth + 1)
            else:
                yield f"{space}{_key(key)}: {_scalar(item)}"
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for item in value:
            if _is_block(item):
                first, *rest = _lines(item, depth + 1)
                yield f"{space}- {first.lstrip()}"
                yield from rest
            else:
                yield f"{space}- {_scalar(item)}"


def _is_block(value: object) -> bool:
    return isinstance(value, (Mapping, list)) and bool(value)


def _key(key: object) -> str:
    word = str(key)
    return word if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.-]*", word) else json.dumps(word, ensure_ascii=False)


def _scalar(value: object) -> str:
    said = json.dumps(value, ensure_ascii=False)
    # What looks like an expression of Ansible's, and is none.
    plain = isinstance(value, str) and _TEMPLATE.search(value) and not re.fullmatch(r"\{\{ vault_\w+ \}\}", value)
    return f"!unsafe {said}" if plain else said
