# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Since when something is as it is, from what was seen of it: a file's change, a service's, a log's first line.

Where nothing shows it, the last run that was green bounds it: of the host's timer, else of ``playbooks/site.yml``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.diagnosis import Case, Finding, moment

#: Whose state a cause is, by the beginning of its name.
_UNITS = {"web-server": "web", "php-down": "php", "database-down": "database", "pooler-down": "pooler"}


def dated(case: Case, findings: Sequence[Finding]) -> list[Finding]:
    """Return the findings with the times that the evidence shows."""
    return [replace(entry, since=_since(case, entry)) for entry in findings]


def _since(case: Case, entry: Finding) -> float:
    found = _unit(case, entry) or _change(case, entry) or _line(case, entry)
    # Older than the last green run, it has not broken the site by itself.
    return found if found > proven(case)[0] else 0.0


def _unit(case: Case, entry: Finding) -> float:
    role = next((role for start, role in _UNITS.items() if entry.id.startswith(start)), "")
    unit = case.unit(role) if role else {}
    return float(unit["loaded"]) if unit and not unit["active"] else 0.0


def _change(case: Case, entry: Finding) -> float:
    """When what the finding names was changed: the longest name that it has."""
    words = " ".join((entry.cause, *entry.evidence))
    name = case.site["name"]
    named = [
        change
        for change in case.host.get("changes", [])
        if change["since"] and change["site"] in ("", name) and change["subject"] in words
    ]
    return float(max(named, key=lambda change: len(change["subject"]))["since"]) if named else 0.0


def _line(case: Case, entry: Finding) -> float:
    """When a log said so first."""
    words = " ".join(entry.evidence)
    return min((float(line.get("first", 0)) for line in case.host.get("lines", []) if line["text"] in words), default=0)


def proven(case: Case) -> tuple[float, float]:
    """When the site was green last and, by the timer, when it was red first after that; 0 where it is not known."""
    known: Mapping[str, float] = case.host.get("proven", {}).get(case.site["name"], {})
    return known.get("green", 0.0), known.get("red", 0.0)


def told(case: Case, entry: Finding | None) -> str:
    """Since when it is so, in half a sentence; empty where nothing is known."""
    green, red = proven(case)
    if entry and entry.since:
        return f"since {moment(entry.since)}"
    if red:
        return f"green at {moment(green)} last, red since {moment(red)} at the latest"
    return f"green at {moment(green)} last" if green else ""
