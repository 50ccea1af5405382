# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""When sites were last proven to work: by the host's own timer, else by the picture. Runs on the host, only reads."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.doctor import picture
from ansible_collections.miclinik.hosting.plugins.module_utils.doctor.probe_host import run

_UNIT = "miclinik-smoke.service"
#: Lines looked at: some twenty runs of which every check is red.
_LINES = 400
_ERROR = "3"


def look(sites: Sequence[str]) -> dict[str, dict[str, float]]:
    """Return by site ``green``, the last run of which no check was red, and ``red``, the first after it; 0: unknown."""
    shown = run("journalctl", "-q", "-u", _UNIT, "-n", str(_LINES), "-o", "json", "--no-pager")
    known = parse(shown.splitlines(), sites)
    taken = float(picture.read().get("time", 0.0))
    return {site: entry if entry["green"] else entry | {"green": taken} for site, entry in known.items()}


def parse(lines: Iterable[str], sites: Sequence[str]) -> dict[str, dict[str, float]]:
    """Return the same from the timer's journal: a line a red check, and one for each run that came to its end."""
    found = {site: {"green": 0.0, "red": 0.0} for site in sites}
    red: dict[str, set[str]] = {}
    for line in lines:
        entry = _entry(line)
        run_id, text = str(entry.get("_SYSTEMD_INVOCATION_ID", "")), str(entry.get("MESSAGE", ""))
        if entry.get("PRIORITY") == _ERROR:
            red.setdefault(run_id, set()).add(text.partition(" ")[0])
        elif " checks passed in " in text:
            when = int(entry.get("__REALTIME_TIMESTAMP", 0)) / 1e6
            for site, known in found.items():
                if site not in red.get(run_id, set()):
                    known |= {"green": when, "red": 0.0}
                elif not known["red"]:
                    known["red"] = when
    return found


def _entry(line: str) -> dict[str, Any]:
    try:
        entry = json.loads(line)
    except ValueError:
        return {}
    return entry if isinstance(entry, dict) else {}
