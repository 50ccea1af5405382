# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What has changed by an answer of the bridge, in words for the journal and for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_LENGTH = 600


def changes(diff: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Return what a diff of the bridge says that has changed: name, before, after."""
    before, after = (dict(diff.get(side) or {}) for side in ("before", "after"))
    found = []
    for name in [*before, *(name for name in after if name not in before)]:
        one, other = before.get(name), after.get(name)
        if one == other:
            continue
        if isinstance(one, list) and isinstance(other, list):
            # Of a long list what is not the same.
            one, other = [item for item in one if item not in other], [item for item in other if item not in one]
        if (shown := (_shown(one), _shown(other)))[0] != shown[1]:
            found.append((str(name), *shown))
    return found


def sentence(answer: Mapping[str, Any]) -> str:
    """Return what became of a call of the bridge, in one line."""
    if not answer.get("ok"):
        return f"failed: {(answer.get('error') or {}).get('code', 'no answer')}"
    if not answer.get("changed"):
        return "nothing to change"
    told = [f"{name}: {before} -> {after}" for name, before, after in changes(answer.get("diff") or {})]
    parts = [str(part) for part in answer.get("changes") or ()]
    return ("changed: " + ("; ".join(told) or ", ".join(parts))).removesuffix(": ")[:_LENGTH]


def _shown(value: Any) -> str:  # noqa: ANN401 (any JSON)
    if value is None or value in ("", [], {}):
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {_shown(part)}" for name, part in value.items())
    return str(value)
