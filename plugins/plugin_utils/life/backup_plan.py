# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What ``miclinik_backup`` means for a host: its settings, and when its timers go off."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import schema as site_schema

_ROOT = Path(__file__).resolve().parents[3]
HOUR = 3600
_DAY = 24
#: When a test of the restore begins, as systemd.time(7) writes it, and over how many seconds hosts are spread.
_TESTS = {
    "never": ("", 0),
    "daily": ("*-*-* 03:00:00", 3 * HOUR),
    "weekly": ("Sun *-*-* 03:00:00", 12 * HOUR),
    "monthly": ("*-*-01 03:00:00", 24 * HOUR),
}


def of(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``enabled``, ``repository``, ``settings`` (the host's program reads them), and the timers."""
    if not given:
        return {"enabled": False, "repository": "", "settings": {}, "backup": {}, "test": {}}
    spec = site_schema.options()["miclinik_backup"]["options"]
    full = site_schema.with_defaults(given, spec)
    keep = {name: int(count) for name, count in (given.get("keep") or spec["keep"]["default"]).items() if count}
    hours = hours_of(full["every"])
    calendar, spread = _TESTS[full["restore_test"]]
    return {
        "enabled": True,
        "repository": full["repository"],
        "settings": {
            "keep": keep,
            "append_only": full["append_only"],
            "every_seconds": hours * HOUR,
            "collection": _collection(),
        },
        # At night where there is one a day.
        "backup": {
            "calendar": "*-*-* 01:00:00" if hours == _DAY else f"*-*-* 00/{hours}:00:00",
            "spread": min(hours * HOUR // 2, 4 * HOUR),
        },
        "test": {"calendar": calendar, "spread": spread},
    }


def _collection() -> str:
    """Return this collection's own version, from a clone or as it was installed."""
    if (_ROOT / "MANIFEST.json").is_file():
        return str(json.loads((_ROOT / "MANIFEST.json").read_text(encoding="utf-8"))["collection_info"]["version"])
    return str(yaml.safe_load((_ROOT / "galaxy.yml").read_text(encoding="utf-8"))["version"])


def hours_of(every: str) -> int:
    """Return the hours from one backup to the next.

    >>> hours_of("6h"), hours_of("1d")
    (6, 24)
    """
    return _DAY if every == "1d" else int(every.removesuffix("h"))
