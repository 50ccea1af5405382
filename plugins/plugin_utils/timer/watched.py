# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a host's timer has to know of its sites, without their secrets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.plugin_utils.promises import promises

#: Its secrets, what is on the controller, and the way through a proxy: from the host itself it proves nothing.
_LEFT_OUT = ("password", "key", "ca_path", "proxied", "proxy_ca_path")
#: The host calls itself.
ADDRESS = "127.0.0.1"


def watched(
    sites: Sequence[Mapping[str, Any]], facts: Mapping[str, Any], *, ca_path: str = "", validate_certs: bool = True
) -> list[dict[str, Any]]:
    """Return the sites as ``smoke_watch`` reads them; the file ``ca_path`` of the controller is read.

    :raises OSError: it cannot be.
    """
    return [
        _without_secrets(entry)
        for entry in promises.checks(sites, _Nobody(), facts, ADDRESS, ca_path=ca_path, validate_certs=validate_certs)
    ]


def _without_secrets(entry: dict[str, Any]) -> dict[str, Any]:
    """Return the entry without what is secret, and with authorities as text: their file is on the controller."""
    kept = {name: value for name, value in entry.items() if name not in _LEFT_OUT}
    if entry.get("ca_path"):
        kept["ca_content"] = Path(entry["ca_path"]).expanduser().read_text(encoding="ascii")
    return kept


class _Nobody(dict[str, Any]):
    """Stands in for the secrets of every site and of every user: the host has them itself."""

    def __missing__(self, name: str) -> dict[str, Any]:
        return {"users": _Users()}


class _Users(dict[str, Any]):
    def get(self, _name: str, _default: object = None) -> dict[str, str]:
        # Something stands there, since a user without key or password is not looked for; both are left out.
        return {"key": "on the host", "password": "on the host"}
