# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which keys of an entry of ``miclinik_sites`` are of the application, which are not, and what may stand in them.

The argument specification of the role ``preflight`` says the same, and a test compares the two: a host has no roles.
What a text may be says the bridge, which is asked before anything changes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.command_line import words
from ansible_collections.miclinik.hosting.plugins.module_utils.command_line.entry_file import Expression, Variable

#: A kind is ``text``, ``number``, ``flag``, ``plain`` (any of these), or ``any``; a mapping of keys, or with ``*`` of
#: names; a list of one kind. After a colon stand the words that there are.
Kind = str | dict[str, Any] | list[Any]

_USER: dict[str, Kind] = {
    **dict.fromkeys(("login", "lastname", "firstname", "email", "language", "password"), "text"),
    **{"admin": "flag", "existing": "flag", "rights": ["text"], "groups": ["text"]},
    "state": "text:present disabled absent",
}
_ROWS: Kind = {"*": [{"*": "any"}]}
INSIDE: dict[str, Kind] = {
    "company": {
        **dict.fromkeys(("name", "address", "zip", "town", "country", "state", "currency", "phone", "mobile"), "text"),
        **dict.fromkeys(("fax", "email", "web", "managers", "capital", "legal_form", "vat_number", "object"), "text"),
        **{"professional_ids": {f"id{number}": "text" for number in range(1, 11)}, "fiscal_month": "number"},
        **{"vat_used": "flag", "logo": "text", "logo_square": "text"},
    },
    "language": "text",
    "modules": ["text"],
    "modules_exact": "flag",
    "constants": {"*": "plain"},
    "entities": [{"id": "number", "constants": {"*": "plain"}}],
    "dictionaries": _ROWS,
    "extra_fields": _ROWS,
    "numbering": {"*": {"model": "text", "mask": "text", "masks": {"*": "text"}}},
    "default_rights": {"*": "flag"},
    "groups": [{"name": "text", "note": "text", "rights": ["text"], "state": "text:present absent"}],
    "users": [_USER],
    "api": {"explorer": "flag", "login": "flag", "users": [_USER | {"key": "text", "expires": "any"}]},
}
#: What `site.yml` brings, and nothing within the application; `name` says whose entry it is.
OUTSIDE = (
    *("domain", "port", "base_path", "aliases", "former", "clone_of", "clone_from", "source", "custom_modules"),
    *("admin", "cron", "webhooks", "mail", "login", "tls", "proxy", "database", "disk", "php", "files", "enforce"),
    *("instance_unique_id", "content_security_policy", "web_server_extra", "conf_extra"),
)
#: The same, of ``api``.
API_OUTSIDE = ("enabled", "allowed_ips", "cors", "limits")
#: Where a variable may stand: what is secret there.
_SECRET = re.compile(r"(^|\.)constants\.|\.(password|key)$")
#: What the bridge shows in its place.
_MASK = "********"
_WORDS = {"text": "a text", "number": "a whole number", "flag": "true or false", "plain": "a text or a number"}


def check(entry: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with an entry, a sentence each; it holds no secret."""
    told = {key: value for key, value in entry.items() if key != "name" and key not in OUTSIDE}
    if isinstance(api := told.get("api"), Mapping):
        told["api"] = {key: value for key, value in api.items() if key not in API_OUTSIDE}
    return list(_mapping(told, INSIDE, ""))


def _mapping(value: Mapping[str, Any], kinds: Mapping[str, Kind], path: str) -> Iterator[str]:
    for key, item in value.items():
        name = f"{path}{key}"
        kind = kinds.get(str(key), kinds.get("*"))
        if kind is None:
            yield f"{name}: is not a known key.{words.meant(str(key), _known(path, kinds))}"
        elif item is not None:
            yield from _one(item, kind, name)


def _known(path: str, kinds: Mapping[str, Kind]) -> list[str]:
    return [*kinds, *({"": ("name", *OUTSIDE), "api.": API_OUTSIDE}.get(path, ()))]


def _one(value: object, kind: Kind, name: str) -> Iterator[str]:
    if isinstance(kind, dict):
        if not isinstance(value, Mapping):
            yield f"{name}: is {_seen(value)}. Write a mapping"
        else:
            yield from _mapping(value, kind, f"{name}.")
            for key in ("login", "name", "id"):
                if key in kind and name.endswith("]") and value.get(key) in (None, ""):
                    yield f"{name}.{key}: is missing. Add it"
    elif isinstance(kind, list):
        if not isinstance(value, list):
            yield f"{name}: is {_seen(value)}. Write a list"
        else:
            for place, item in enumerate(value):
                yield from _one(item, kind[0], f"{name}[{place}]")
    else:
        yield from _plain(value, kind, name)


def _plain(value: object, kind: str, name: str) -> Iterator[str]:
    if isinstance(value, Variable) and _SECRET.search(name):
        return
    if isinstance(value, (Variable, Expression)):
        yield f"{name}: is an expression, which only Ansible works out. Write the value, or !unsafe before such a text"
        return
    if value == _MASK:
        yield f"{name}: is what stands for a value that is not shown. Write the value, or take the line out"
        return
    kind, _, choices = kind.partition(":")
    fits = {
        "text": isinstance(value, str),
        "number": isinstance(value, int) and not isinstance(value, bool),
        "flag": isinstance(value, bool),
        "plain": isinstance(value, (str, int, float)),
        "any": True,
    }
    if not fits[kind]:
        quoted = ", in quotes" if kind == "text" and not isinstance(value, (list, Mapping)) else ""
        yield f"{name}: is {_seen(value)}. Write {_WORDS[kind]}{quoted}"
    elif choices and value not in choices.split():
        yield f"{name}: is {value!r}. Choose one of: {', '.join(choices.split())}"


def _seen(value: object) -> str:
    """Return what a value is, without any of it: it may be a secret."""
    words = {bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "a mapping"}
    return words.get(type(value), "a text" if isinstance(value, str) else "of another kind")
