# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Times as people write them: 5m, -5m, 5 min ago, yesterday, 10:00, 2026-11-27T01:30, by the clock of the host."""

from __future__ import annotations

import datetime
import re

_SECONDS = {
    "s": 1,
    "m": 60,
    "h": 3600,
    "d": 86400,
    "w": 7 * 86400,
    "month": 30 * 86400,
    "y": 365 * 86400,
}
#: By how each is written, what it is.
_UNITS = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), "s"),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), "m"),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), "h"),
    **dict.fromkeys(("d", "day", "days"), "d"),
    **dict.fromkeys(("w", "week", "weeks"), "w"),
    **dict.fromkeys(("month", "months"), "month"),
    **dict.fromkeys(("y", "year", "years"), "y"),
}
_PART = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z]+)")
_SPAN = re.compile(rf"-?\s*((?:{_PART.pattern}[\s,]*(?:and\s+)?)+)(?:ago)?")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?")
_DAYS = {"today": 0, "midnight": 0, "yesterday": 1}
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
EXAMPLES = "5m, '2 hours ago', yesterday, 10:00, '2026-11-27 01:30'"


def since(text: str, now: float) -> float:
    """Return the time that is meant, in seconds since 1970. Raises ValueError where it is none."""
    words = " ".join(text.lower().split())
    if not words:
        raise ValueError(text)
    if words == "now":
        return now
    if words.startswith("@"):
        return float(words[1:])
    if found := _SPAN.fullmatch(words):
        return now - sum(_span(number, unit) for number, unit in _PART.findall(found[1]))
    if words.startswith("last ") and words[5:] in _UNITS:
        return now - _span("1", words[5:])
    return _day(words, datetime.datetime.fromtimestamp(now).astimezone())


def _span(number: str, unit: str) -> float:
    if unit not in _UNITS:
        raise ValueError(unit)
    return float(number) * _SECONDS[_UNITS[unit]]


def _day(words: str, now: datetime.datetime) -> float:
    """Return the time of a day that is named, with a time of it or without one, or of a time of today."""
    name, _, clock = words.partition(" ")
    if _CLOCK.fullmatch(name) and not clock:
        name, clock = "today", name
    back = _DAYS.get(name)
    if name in _WEEKDAYS:
        back = (now.weekday() - _WEEKDAYS.index(name)) % 7
    if back is None:
        # What has a zone of its own keeps it.
        return datetime.datetime.fromisoformat(words.upper()).timestamp()
    found = _CLOCK.fullmatch(clock or "0:00")
    if not found:
        raise ValueError(words)
    day = now.date() - datetime.timedelta(days=back)
    hour, minute, second = (int(part or 0) for part in found.groups())
    return datetime.datetime.combine(day, datetime.time(hour, minute, second)).timestamp()
