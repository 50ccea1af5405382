# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Lines of a web server's logs, by when they were written and by the status of the answer; of older files as well."""

from __future__ import annotations

import datetime
import gzip
import re
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

#: Of calls and pages: the time, and the status behind what was asked for.
_CALL = re.compile(r'\[([^]]+)\] "(?:[^"\\]|\\.)*" (\d{3}) ')
#: Of errors, as Nginx writes them, and Apache.
_NGINX = re.compile(r"(\d{4}/\d\d/\d\d \d\d:\d\d:\d\d) ")
_APACHE = re.compile(r"\[\w{3} (\w{3} +\d+ \d\d:\d\d:\d\d)[.\d]* (\d{4})\]")
_STATUS = re.compile(r"[1-5](\d\d|xx)")
FAILED = ("4xx", "5xx")


@dataclass(frozen=True)
class Wanted:
    """Which lines are shown: all where nothing is said."""

    since: float = 0.0
    status: Sequence[str] = field(default=())

    def __bool__(self) -> bool:
        return bool(self.since or self.status)


def statuses(text: str) -> list[str]:
    """Return what is asked for by words like `404,5xx`. Raises ValueError."""
    found = [word.strip().lower() for word in text.split(",")]
    for word in found:
        if not _STATUS.fullmatch(word):
            raise ValueError(word)
    return found


def last(file: Path, wanted: Wanted, count: int | None) -> tuple[list[str], int]:
    """Return the last lines that are wanted, of this log and of those before it, and up to where it was read.

    Without ``count`` they are all.
    """
    lines: deque[str] = deque()
    end = 0
    for place, one in enumerate(_files(file, wanted.since)):
        with gzip.open(one, "rb") if one.suffix == ".gz" else one.open("rb") as stream:
            content = stream.read()
        if place == 0:
            end = content.rfind(b"\n") + 1
            content = content[:end]
        found = list(chosen(content.decode("utf-8", "replace").splitlines(), wanted))
        room = len(found) if count is None else count - len(lines)
        lines.extendleft(reversed(found[max(0, len(found) - room) :]))
        if len(lines) == count:
            break
    return list(lines), end


def _files(file: Path, since: float) -> Iterator[Path]:
    """Yield the log, and older ones that may hold something, the newest first; without a time the last one alone."""
    yield file
    older = sorted(file.parent.glob(f"{file.name}.[0-9]*"), key=_number)
    for one in older if since else older[:1]:
        if one.stat().st_mtime >= since:
            yield one


def _number(file: Path) -> int:
    digits = file.name.removesuffix(".gz").rpartition(".")[2]
    return int(digits) if digits.isdecimal() else 0


def chosen(lines: Sequence[str] | Iterator[str], wanted: Wanted) -> Iterator[str]:
    """Yield those that are wanted; one that has no time belongs to the one before it."""
    inside = not wanted.since
    for line in lines:
        call = _CALL.search(line)
        if wanted.since and (moment := _moment(line, call)) is not None:
            inside = moment >= wanted.since
        if inside and (not wanted.status or (call and _is_among(call[2], wanted.status))):
            yield line


def _is_among(status: str, wanted: Sequence[str]) -> bool:
    return status in wanted or f"{status[0]}xx" in wanted


def _moment(line: str, call: re.Match[str] | None) -> float | None:
    try:
        if call:
            return datetime.datetime.strptime(call[1], "%d/%b/%Y:%H:%M:%S %z").timestamp()
        if found := _NGINX.match(line):
            return _local(found[1], "%Y/%m/%d %H:%M:%S")
        if found := _APACHE.match(line):
            return _local(f"{found[2]} {found[1]}", "%Y %b %d %H:%M:%S")
    except ValueError:
        pass
    return None


def _local(text: str, form: str) -> float:
    """Return a time that is written by the clock of the host."""
    return datetime.datetime.strptime(text, form).astimezone().timestamp()
