# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The sites as arguments: of the actions on the controller, and of the module that runs the checks on the host."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.smoke.visit import Promised

SITE_SPEC: dict[str, dict[str, Any]] = {
    "name": {"type": "str", "required": True},
    "base_url": {"type": "str", "required": True},
    "connect_to": {"type": "str"},
    "validate_certs": {"type": "bool", "default": True},
    "ca_path": {"type": "path"},
    "ca_content": {"type": "str"},
    "plain": {"type": "bool", "default": False},
    "tls_mend": {"type": "str"},
    "login": {"type": "str"},
    "password": {"type": "str", "no_log": True},
    "key": {"type": "str", "no_log": True},
    "modules": {"type": "list", "elements": "str", "default": []},
    "expected_version": {"type": "str"},
    "explorer": {"type": "bool", "default": True},
    "login_enabled": {"type": "bool", "default": True},
    "api_enabled": {"type": "bool", "default": True},
    "reads": {"type": "list", "elements": "str", "default": []},
    "maintenance": {"type": "str", "default": ""},
    "production": {"type": "bool", "default": False},
    "record": {"type": "str", "default": ""},
    "proxied": {"type": "bool", "default": False},
    "proxy_ca_path": {"type": "path"},
}
SITES: dict[str, Any] = {
    "type": "list",
    "elements": "dict",
    "required": True,
    "options": SITE_SPEC,
    "required_together": [("login", "password")],
    "mutually_exclusive": [("ca_path", "ca_content")],
}


def sites(entries: Iterable[Mapping[str, Any]]) -> list[Promised]:
    """Return the sites that such arguments describe."""
    return [
        Promised(**{**entry, "modules": tuple(entry["modules"]), "reads": tuple(entry["reads"])}) for entry in entries
    ]


def sent(site: Promised) -> dict[str, Any]:
    """Return a site as the module on the host takes it: authorities as text, since their file is on the controller.

    :raises OSError: that file cannot be read.
    """
    entry = dataclasses.asdict(site) | {"ca_path": None, "proxied": False, "proxy_ca_path": None}
    if site.ca_path:
        entry["ca_content"] = Path(site.ca_path).expanduser().read_text(encoding="ascii")
    return {name: value for name, value in entry.items() if value is not None}
