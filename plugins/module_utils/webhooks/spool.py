# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What waits for one receiver: a file for each event, which is on the disk before anybody is told that it is taken."""

from __future__ import annotations

import errno
import json
import os
import secrets
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

#: What is kept for one receiver at most, in events and in bytes.
MAX_EVENTS, MAX_BYTES = 50_000, 1 << 30
#: Dead letters, and how long they are kept.
MAX_DEAD, DEAD_SECONDS = 5_000, 30 * 86400
_GONE = "gone"


class FullError(OSError):
    """No more is taken for this receiver."""


@dataclass(frozen=True)
class Event:
    """One event: ``ident`` stays the same in all tries, ``since`` is when they began, ``why`` why they have ended."""

    ident: str
    code: str
    since: float
    body: bytes
    why: str = ""
    buried: float = 0.0


class Spool:
    """The folder of one receiver. Its methods raise OSError."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.waiting, self.dead = folder / "waiting", folder / "dead"
        self._bytes = 0

    def prepare(self) -> None:
        """Have the folder be as it has to be, before anything else is done with it by its one owner."""
        for place in (self.waiting, self.dead):
            place.mkdir(mode=0o700, parents=True, exist_ok=True)
        # What a power cut has left in the middle.
        for half in self.waiting.glob(".*"):
            half.unlink(missing_ok=True)
        self._bytes = sum(self._size(name) for name in self.waits())

    def waits(self) -> list[str]:
        """Return which events wait, the oldest first."""
        return _names(self.waiting)

    def lies(self) -> list[str]:
        """Return which events are dead letters, the oldest first."""
        return _names(self.dead)

    def letters(self) -> list[Event]:
        """Return the dead letters, the oldest first."""
        return [_read(self.dead / name) for name in self.lies()]

    def put(self, body: bytes, code: str, now: float, waiting: int = 0) -> Event:
        """Keep an event, on the disk, and return it; ``waiting`` says how many wait already."""
        if waiting >= MAX_EVENTS or self._bytes + len(body) > MAX_BYTES:
            raise FullError(errno.ENOSPC, "as many events wait as are kept for one receiver")
        event = Event(f"msg_{int(now * 1e6):014x}{secrets.token_hex(6)}", code, now, body)
        self._write(self.waiting, event)
        self._bytes += len(body)
        return event

    def read(self, ident: str) -> Event:
        """Return an event that waits; raise ValueError where its file is no good."""
        return _read(self.waiting / ident)

    def spoilt(self, ident: str) -> Event:
        """Return what is there of an event whose file somebody, or a broken disk, has changed."""
        file = self.waiting / ident
        return Event(ident, "?", file.stat().st_mtime, file.read_bytes())

    def done(self, ident: str) -> None:
        """Forget an event that has arrived."""
        self._bytes -= self._size(ident)
        (self.waiting / ident).unlink(missing_ok=True)

    def bury(self, event: Event, why: str, now: float) -> None:
        """Keep an event as a dead letter."""
        self._write(self.dead, replace(event, why=why, buried=now))
        self.done(event.ident)

    def revive(self, idents: Iterable[str], now: float) -> int:
        """Have dead letters be tried anew; return how many."""
        count = 0
        for ident in idents:
            self._write(self.waiting, replace(_read(self.dead / ident), since=now, why="", buried=0.0))
            (self.dead / ident).unlink()
            count += 1
        return count

    def prune(self, now: float) -> None:
        """Drop dead letters that are too old or too many."""
        names = self.lies()
        for place, name in enumerate(names):
            file = self.dead / name
            if place < len(names) - MAX_DEAD or file.stat().st_mtime < now - DEAD_SECONDS:
                file.unlink(missing_ok=True)

    @property
    def gone(self) -> bool:
        """Whether the receiver has said that it wants nothing any more."""
        return (self._folder / _GONE).exists()

    @gone.setter
    def gone(self, value: bool) -> None:
        if value:
            (self._folder / _GONE).touch(mode=0o600)
        else:
            (self._folder / _GONE).unlink(missing_ok=True)

    def _size(self, ident: str) -> int:
        try:
            return (self.waiting / ident).stat().st_size
        except FileNotFoundError:
            return 0

    def _write(self, place: Path, event: Event) -> None:
        about = {name: value for name, value in asdict(event).items() if name not in ("ident", "body")}
        half = place / f".{event.ident}"
        try:
            handle = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "wb") as stream:
                stream.write(json.dumps(about).encode() + b"\n" + event.body)
                stream.flush()
                os.fsync(stream.fileno())
            half.replace(place / event.ident)
        except OSError:
            half.unlink(missing_ok=True)
            raise
        folder = os.open(place, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _names(place: Path) -> list[str]:
    if not place.is_dir():
        return []
    return sorted(file.name for file in place.iterdir() if not file.name.startswith("."))


def _read(file: Path) -> Event:
    about, _, body = file.read_bytes().partition(b"\n")
    try:
        return Event(ident=file.name, body=body, **json.loads(about))
    except TypeError as error:
        raise ValueError(f"{file} is no event") from error
