# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is set otherwise: of a site now, and of another site, or of the same at another time."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.command_line.calls import CallError

#: Of the moment, or of one database alone.
_OWN = ("MICLINIK_SITE_SIGN", "MAIN_LAST_", "CRON_", "MAIN_AGENDA_XCAL_EXPORTKEY")
Name = tuple[str, int]


def by_name(constants: Sequence[Mapping[str, Any]]) -> dict[Name, str]:
    """Return the values of constants by name and entity, without those that are another's by nature."""
    return {
        (str(one["name"]), int(one["entity"])): str(one["value"])
        for one in constants
        if not str(one["name"]).startswith(_OWN)
    }


def saved(file: Path) -> list[dict[str, Any]]:
    """Return the constants that ``const list --json`` has written into a file. Raises CallError."""
    try:
        found: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))["constants"]
        by_name(found)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CallError(f"{file} holds nothing that `const list --json` has written: {error}") from None
    return found


def compare(one: Mapping[Name, str], other: Mapping[Name, str]) -> list[dict[str, Any]]:
    """Return what is not the same, by name; a hidden value that is hidden on both sides counts as the same."""
    return [
        {"name": name, "entity": entity, "here": one.get((name, entity)), "there": other.get((name, entity))}
        for name, entity in sorted({*one, *other})
        if one.get((name, entity)) != other.get((name, entity))
    ]
