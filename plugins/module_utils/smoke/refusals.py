# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How many calls of each site were answered that there is no room for them (429, 503), from the web servers' logs.

What was counted before is in a file, with how far each log was read: a run reads what has come since then.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.host import atomic_file
from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout
from ansible_collections.miclinik.hosting.plugins.module_utils.web.servers import SERVERS

#: A run has a limit of time and memory, and a flood writes much. The rest is for the run after it.
MOST_BYTES = 32 * 1024 * 1024
#: Behind the request, whose quotes both servers write as \\x22 or \\".
_LINE = re.compile(rb'^[^"]*"(?:[^"\\]|\\.)*" (429|503) ', re.MULTILINE)


def count(sites: Iterable[str], record: Path, root: Path = Path("/")) -> dict[str, dict[str, int]]:
    """Return by site and status how many there were since counting began; ``record`` is where that is kept."""
    known = _read(record)
    found: dict[str, Any] = {}
    for site in sites:
        before = known.get(site, {})
        counts, places = Counter(before.get("counts", {"429": 0, "503": 0})), before.get("logs", {})
        logs = layout.of(site)["logs"]
        for server in SERVERS.values():
            for name in (logs["access"], logs["api"]):
                path = f"{server.logs}/{name}"
                statuses, place = _since(layout.below(root, path), places.get(path))
                counts.update(statuses)
                places = places | ({path: place} if place else {})
        found[site] = {"counts": dict(counts), "logs": places}
    atomic_file.replace(record, json.dumps(found))
    return {site: entry["counts"] for site, entry in found.items()}


def _read(record: Path) -> Mapping[str, Any]:
    try:
        known = json.loads(record.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}  # counting begins anew, as after a reboot of a counter
    return known if isinstance(known, dict) else {}


def _since(log: Path, place: list[int] | None) -> tuple[list[str], list[int]]:
    """Return the statuses beyond ``place`` in ``log``, and the new place: its inode and how far it was read."""
    try:
        with log.open("rb") as file:
            inode = os.fstat(file.fileno()).st_ino
            size = file.seek(0, os.SEEK_END)
            begin = place[1] if place and place[0] == inode and place[1] <= size else 0
            file.seek(begin)
            # A line that is still being written is for the next run.
            whole, end, _ = file.read(MOST_BYTES).rpartition(b"\n")
    except OSError:
        return [], []
    statuses = [status.decode() for status in _LINE.findall(whole)]
    return statuses, [inode, begin + len(whole) + len(end)]
