# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the logs of a host say of the doctor's own failing requests, and of nothing older. Runs on the host, only reads.

The window begins when the doctor does. A line counts by the time that its program has written before it; one without
belongs to the line above. Requests of others are told from ours by the addresses that our own came from, which the
access logs show beside our name.
"""

from __future__ import annotations

import calendar
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.doctor.probe_host import run

#: The name that requests of this collection give themselves.
OURS = '"miclinik.hosting'
#: Bytes looked at of one log, and lines told of it.
_TAIL, _LINES = 64 * 1024, 12
_WIDTH = 400
#: Seconds before the look in which the checks, which begin at the same time, may have called already.
BEFORE = 4.0
_HEADS = (
    # Nginx, MariaDB, PostgreSQL, the application's own log.
    (re.compile(r"^(\d{4})[-/](\d\d)[-/](\d\d)[ T]+(\d\d?):(\d\d):(\d\d)(?:[.,]\d+)?(?: (UTC|GMT)\b)?"), None),
    # Apache.
    (re.compile(r"^\[\w{3} (\w{3}) +(\d+) (\d\d):(\d\d):(\d\d)(?:\.\d+)? (\d{4})\]"), "apache"),
)
_MONTHS = {name: number for number, name in enumerate(calendar.month_abbr) if name}
_CLIENT = re.compile(r"\bclient:? \[?([0-9a-fA-F.:]+?)\]?(?::\d+)?[,\]\s]")
#: What differs from one line to the next of the same kind: numbers of processes, connections and requests, and times.
_VARIES = re.compile(
    r"\*?\b\d+#\d+:? ?|\*\d+ |\[pid \d+(?::tid \d+)?\]|:\d{4,5}(?=[\],\s])|\[\d+\]|\b\d{2,}(?:\.\d+)?\b"
)
#: What says more than that something was noted.
_GRAVE = re.compile(
    r"\[(?:error|crit|alert|emerg|warn)\]|:(?:error|crit|alert|emerg)\]|\b(?:ERROR|FATAL|PANIC|CRIT|ALERT|EMERG)\b|\[ERROR\]"
)


def look(sites: Sequence[Mapping[str, Any]], logs: str, since: float) -> list[dict[str, Any]]:
    """Return the lines of the host's logs and its journal since ``since``: ``source``, ``text``, ``count``, ``site``
    where they are one's, ``ours``: False of those that are of a request of somebody else's, and ``first``: when the log
    said the like first, seconds since 1970, 0 where that is unknown.
    """
    callers = _callers([Path(logs) / f"{site['name']}.{kind}.log" for site in sites for kind in ("access", "api")])
    found: list[dict[str, Any]] = []
    for site in sites:
        found += _file(Path(logs) / f"{site['name']}.error.log", since, callers, site["name"])
        found += _file(Path(site["documents"]) / "dolibarr.log", since, callers, site["name"])
    for path in [*Path(logs).glob("error.log"), *Path("/var/log/mysql").glob("*err*"), *_newest_cluster()]:
        found += _file(path, since, callers)
    units = {str(site["fpm_unit"]): site["name"] for site in sites}
    shown = run(
        "journalctl", "-q", "-p", "warning", "--since", f"@{since:.3f}", "-n", "300", "-o", "json", "--no-pager"
    )
    return _once([*found, *_journal(shown.splitlines(), units, {site["user"]: site["name"] for site in sites})])


#: Why Apache and PostgreSQL do not start, which their units' journals do not say.
_EMERGENCY = re.compile(r":emerg\]|\[ssl:error\]")
_REASON = re.compile(r"\b(?:FATAL|PANIC):|LOG: +(?:could not|unrecognized|invalid|syntax error)|WARNING: +could not")


def of_cluster(since: float) -> list[str]:
    """Return what PostgreSQL's own log says since then of why it does not start."""
    return _reasons(_newest_cluster(), since, _REASON)


def of_apache(logs: Path, since: float) -> list[str]:
    """Return what Apache's logs of errors say since then of why it does not start: of a vhost's files, that vhost's."""
    # Apache's own log only says whose to see.
    paths = sorted(logs.glob("*error.log"), key=lambda path: (path.name == "error.log", path.name))
    return _reasons(paths, since, _EMERGENCY)


def _reasons(paths: Iterable[Path], since: float, kind: re.Pattern[str]) -> list[str]:
    lines = [line for path in paths for line in _tail(path)]
    return [line for line in lines if stamp(line) >= since and kind.search(line)]


def _newest_cluster() -> list[Path]:
    found = [(path.stat().st_mtime, path) for path in Path("/var/log/postgresql").glob("*.log")]
    return [max(found)[1]] if found else []


def _file(path: Path, since: float, callers: set[str], site: str = "") -> Iterator[dict[str, Any]]:
    fresh, first = False, dict[str, float]()
    for line in _tail(path):
        when = stamp(line)
        fresh = when >= int(since) if when else fresh
        began = first.setdefault(_VARIES.sub("", line.strip()[:_WIDTH]), when)
        if fresh and (_GRAVE.search(line) if when else line.startswith(("\t", " "))):
            caller = _CLIENT.search(line)
            ours = caller is None or caller[1] in callers
            yield {"source": str(path), "text": line.strip()[:_WIDTH], "site": site, "ours": ours, "first": began}


def _tail(path: Path) -> list[str]:
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - _TAIL))
            return file.read().decode("utf-8", errors="replace").splitlines()
    except OSError:
        return []


def stamp(line: str) -> float:
    """Return the time at the beginning of a line, in seconds since 1970; 0.0 where it has none."""
    for expression, kind in _HEADS:
        found = expression.match(line)
        if not found:
            continue
        if kind:
            month, day, hour, minute, second, year = found.groups()
            parts, zone = (int(year), _MONTHS.get(month, 1), int(day), int(hour), int(minute), int(second)), None
        else:
            parts, zone = tuple(int(value) for value in found.groups()[:6]), UTC if found[7] else None  # type: ignore[assignment]
        try:
            return datetime(*parts, tzinfo=zone).timestamp()
        except ValueError:
            return 0.0
    return 0.0


def _callers(paths: Iterable[Path]) -> set[str]:
    """Return the addresses from which our own requests came."""
    return {"127.0.0.1", "::1"} | {line.split(" ", 1)[0] for path in paths for line in _tail(path) if OURS in line}


def _journal(lines: Iterable[str], units: Mapping[str, str], users: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    for line in lines:
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        text = entry.get("MESSAGE")
        program = str(entry.get("SYSLOG_IDENTIFIER", ""))
        # Ansible and sudo write down that they were called, which is us; a login that failed is of no request.
        if not isinstance(text, str) or program.startswith(("python3", "ansible", "sudo", "sshd", "dbus")):
            continue
        unit = str(entry.get("UNIT") or entry.get("_SYSTEMD_UNIT") or program)
        site = units.get(unit, "") or _owner(text, users)
        source = "kernel" if entry.get("_TRANSPORT") == "kernel" else unit
        yield {"source": source, "text": " ".join(text.split())[:_WIDTH], "site": site, "ours": True, "first": 0.0}


def _owner(text: str, users: Mapping[str, str]) -> str:
    return next((site for user, site in users.items() if f"/{user}/" in text or f"@{user}." in text), "")


def _once(entries: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return each kind of line once, the last of it, with how often it came; the latest of each source."""
    found: dict[tuple[str, str, bool], dict[str, Any]] = {}
    for entry in entries:
        kind = (entry["source"], _VARIES.sub("", entry["text"]), entry["ours"])
        before = found.pop(kind, {"count": 0})
        found[kind] = {**entry, "count": before["count"] + 1}
    kept: dict[str, list[dict[str, Any]]] = {}
    for line in found.values():
        kept.setdefault(line["source"], []).append(line)
    return [line for lines in kept.values() for line in lines[-_LINES:]]
