# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How much may be asked of a site (``api.limits``): what may be written, and which web server can keep it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.miclinik.hosting.plugins.plugin_utils.site.addresses import Rest
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site.schema import Problem

_GROUPS = ("per_key", "stranger")
#: The limits that Apache keeps, or PHP for it.
_OF_APACHE = frozenset({"stranger.together", "stranger.pace"})
#: Nginx keeps counts of so many calls at most; beyond it would be none.
_MOST = 65535


def check(api: Mapping[str, Any]) -> Iterator[Rest]:
    """Yield what is wrong with the limits of a site's ``api``; the types of its keys were checked before."""
    for name, value in _given(api):
        if not 1 <= value <= _MOST:
            mend = f"Write a number between 1 and {_MOST}, or leave it out"
            yield f"api.limits.{name}", f"is {value}", mend
    given = dict(_given(api))
    if "per_key.burst" in given and "per_key.rate" not in given:
        yield "api.limits.per_key.burst", "is given, and no rate", "Write api.limits.per_key.rate, or leave it out"


def check_server(entries: Sequence[Mapping[str, Any]], server: str) -> list[Problem]:
    """Return the limits that ``server`` cannot keep: nobody is to rely on one that is not there."""
    if server != "apache":
        return []
    mend = "Leave it out, or serve the sites by Nginx (miclinik_web_server: nginx)"
    return [
        Problem(f"site '{entry['name']}'", f"api.limits.{name}", "is given, and Apache has no such limit", mend)
        for entry in entries
        for name, _ in _given(entry.get("api") or {})
        if name not in _OF_APACHE
    ]


def _given(api: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    limits = api.get("limits") or {}
    for group in _GROUPS:
        for name, value in (limits.get(group) or {}).items():
            if value is not None:
                yield f"{group}.{name}", value
