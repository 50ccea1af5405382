# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where a user's rights come from, and what keeps one that somebody wants away, by the bridge's ``rights list``."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

Held = Mapping[str, Mapping[str, Any]]


def words(source: Mapping[str, Any]) -> str:
    """Return where a right comes from, for people."""
    with_ = f", with {', '.join(source['with'])}" if source["with"] else ""
    found = [f"own{with_}"] if source["own"] else []
    found += [f"group {name}" for name in source["groups"]]
    return "; ".join([*found, *(["administrator"] if source["administrator"] else [])])


def staying(site: str, login: str, held: Held, revoked: Sequence[str]) -> list[str]:
    """Return why rights would stay if rows of them were taken away from ``login``: a sentence each, with what to do."""
    call, lines = f"miclinikctl {site}", []
    for right in revoked:
        source = held.get(right)
        if source is None:
            continue
        if bringing := [name for name in source["with"] if name not in revoked]:
            lines.append(
                f"{login} keeps {right}, which goes with {', '.join(bringing)}."
                f" Take those away as well: {call} right revoke {login} {' '.join([*revoked, *bringing])}"
            )
        for group in source["groups"]:
            lines.append(
                f"{login} keeps {right}, which the group {group!r} gives."
                f" Take the user out of it: {call} group leave {shlex.quote(group)} {login};"
                " or the right away from all who are in it"
            )
        if source["administrator"]:
            lines.append(
                f"{login} keeps {right}, which every administrator has."
                " Take the administrator's flag away first, on the user's card or in the inventory (admin: false)"
            )
    return lines
