# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Causes that lie with the room on a disk before it is full: a site that grew, a file system that fills."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.disk import usage
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.diagnosis import Case, Finding, Rule
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.services import LOW_MB

MIB = 1024 * 1024


def grown(case: Case) -> Iterator[Finding]:
    """The site takes more room than the inventory gives it."""
    used, most = case.here.get("usage") or {}, case.site["disk_max_mb"]
    taken = sum(_parts(used).values())
    if most and taken > most:
        least = "" if used["whole"] else "at least "
        yield Finding(
            "disk-grown",
            "The site has grown beyond the room that it has",
            (f"{least}{taken} MiB of {most} (disk.max): {_words(used)}",),
            f"see what has grown: du -xm --max-depth=2 {case.site['documents']} | sort -n | tail. Move out what need"
            " not be there, or raise disk.max",
        )


def low(case: Case) -> Iterator[Finding]:
    """A file system that the site writes to is nearly full."""
    used = case.here.get("usage") or {}
    told: list[Mapping[str, Any]] = []
    for name, disk, what in (
        ("disk-low", case.here.get("disk"), "documents"),
        ("database-low", case.host.get("database_disk"), "the database"),
        ("logs-low", case.host.get("log_disk"), "the web server's logs"),
    ):
        # Of several on one file system it is said once.
        if not disk or any(_alike(disk, other) for other in told):
            continue
        told.append(disk)
        wanted = usage.wanted_mb(case.site["disk_free_mb"], disk["size_mb"])
        # Below that it is full, which is another cause.
        if LOW_MB <= disk["free_mb"] < wanted:
            room = (
                f"{disk['path']}: {disk['free_mb']} of {disk['size_mb']} MiB are free, less than {wanted} (disk.free)"
            )
            shown = (room, f"the site takes {_words(used)}") if used else (room,)
            mend = f"make room on the file system of {disk['path']}, enlarge it, or set disk.free to what is enough"
            yield Finding(name, f"The disk under {what} is nearly full", shown, mend)


def _alike(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return all(one[name] == other[name] for name in ("free_mb", "size_mb", "inodes"))


def _parts(used: Mapping[str, Any]) -> dict[str, int]:
    return {part: size // MIB for part, size in used.items() if part != "whole"}


def _words(used: Mapping[str, Any]) -> str:
    return ", ".join(f"{part} {size} MiB" for part, size in _parts(used).items())


RULES: tuple[Rule, ...] = (grown, low)
