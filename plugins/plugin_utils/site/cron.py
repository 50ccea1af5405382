# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether and how often a site's scheduled jobs run: the key ``cron``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.miclinik.hosting.plugins.plugin_utils.site.addresses import Rest

MODULE = "cron"
#: What systemd.time(7) writes for each choice of ``every``.
CALENDAR = {
    "1min": "*:0/1",
    "2min": "*:0/2",
    "5min": "*:0/5",
    "10min": "*:0/10",
    "15min": "*:0/15",
    "30min": "*:0/30",
    "1h": "hourly",
}
_SECONDS = {"min": 60, "h": 3600}


def completed(site: Mapping[str, Any]) -> dict[str, Any]:
    """Return the key with everything that follows from it: whether the host runs them, and systemd's word for when."""
    wanted = site["cron"]["enabled"]
    on = MODULE in _modules(site) and not site["clone_of"]
    every = site["cron"]["every"]
    return {
        **site["cron"],
        "enabled": on if wanted is None else wanted,
        "calendar": CALENDAR[every],
        "seconds": seconds(every),
    }


def seconds(every: str) -> int:
    """Return a choice of ``every`` in seconds."""
    number = every.rstrip("minh")
    return int(number) * _SECONDS[every.removeprefix(number)]


def check(entry: Mapping[str, Any]) -> Iterator[Rest]:
    """Yield what is wrong with the key of an entry of ``miclinik_sites``."""
    if not (entry.get("cron") or {}).get("enabled"):
        return
    if entry.get("clone_of"):
        yield (
            "cron.enabled",
            "is true in a clone, whose jobs would write, send and call as the site's own do",
            "Leave it out",
        )
    elif MODULE not in _modules(entry):
        yield "cron.enabled", "is true, and `modules` has no cron", "Add cron to modules, or leave cron.enabled out"


def _modules(site: Mapping[str, Any]) -> set[str]:
    return {str(name).lower() for name in site.get("modules") or []}
