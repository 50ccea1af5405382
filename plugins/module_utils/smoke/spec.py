# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The sites as arguments: of the actions on the controller, and of the module that runs the checks on the host."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, get_origin, get_type_hints

from ansible_collections.miclinik.hosting.plugins.module_utils.smoke.visit import Promised


def _options() -> dict[str, dict[str, Any]]:
    """Return the options of a site as modules take them: what ``Promised`` holds.

    A field without a default is required; what is not to be printed is a secret.
    """
    kinds = get_type_hints(Promised)
    found = {}
    for one in dataclasses.fields(Promised):
        option: dict[str, Any] = {"type": _kind(one.name, kinds[one.name])}
        if option["type"] == "list":
            default: Any = one.default
            option |= {"elements": "str", "default": list(default)}
        elif one.default is dataclasses.MISSING:
            option["required"] = True
        elif one.default is not None:
            option["default"] = one.default
        found[one.name] = option if one.repr else option | {"no_log": True}
    return found


def documented() -> dict[str, dict[str, Any]]:
    """Return the same options as ``ansible-doc`` reads them."""
    about = {one.name: list(one.metadata["about"]) for one in dataclasses.fields(Promised)}
    return {
        name: {"description": about[name]} | {key: value for key, value in option.items() if key != "no_log"}
        for name, option in _options().items()
    }


def _kind(name: str, hint: object) -> str:
    if hint is bool:
        return "bool"
    if get_origin(hint) is tuple:
        return "list"
    return "path" if name.endswith("_path") else "str"


SITES: dict[str, Any] = {
    "type": "list",
    "elements": "dict",
    "required": True,
    "options": _options(),
    "required_together": [("login", "password")],
    "mutually_exclusive": [("ca_path", "ca_content")],
}


def sites(entries: Iterable[Mapping[str, Any]]) -> list[Promised]:
    """Return the sites that such arguments describe."""
    lists = [name for name, option in SITES["options"].items() if option["type"] == "list"]
    return [Promised(**{**entry, **{name: tuple(entry[name]) for name in lists}}) for entry in entries]


def sent(site: Promised) -> dict[str, Any]:
    """Return a site as the module on the host takes it: authorities as text, since their file is on the controller.

    :raises OSError: that file cannot be read.
    """
    entry = dataclasses.asdict(site) | {"ca_path": None, "proxied": False}
    entry |= {"proxy_ca_path": None, "proxy_ca_content": None}
    if site.ca_path:
        entry["ca_content"] = Path(site.ca_path).expanduser().read_text(encoding="ascii")
    return {name: value for name, value in entry.items() if value is not None}
