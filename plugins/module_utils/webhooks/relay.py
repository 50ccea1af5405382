# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The relay: takes what the application sends on this host, and hands it to the receivers later, for as long as needed.

The application sends within the transaction of the call that caused it, and waits 30 s for the answer. Here it gets one
as soon as the event is on the disk. systemd holds the socket, so that nobody is refused while this is started anew.
"""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import signal
import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout
from ansible_collections.miclinik.hosting.plugins.module_utils.webhooks import delivery, figures, hooks, intake
from ansible_collections.miclinik.hosting.plugins.module_utils.webhooks.line import Line, Send
from ansible_collections.miclinik.hosting.plugins.module_utils.webhooks.spool import Spool

#: Seconds between two looks at what is declared, two notes of how it is, and two clearances.
LOOK, NOTE, CLEAR = 1.0, 10.0, 600.0
#: How long is kept what waits for a receiver that nobody declares any more.
_ORPHANED = 86400.0
#: Seconds that tries under way are waited for at the end: calls wait in the socket meanwhile.
_GRACE = 2.0
_FIRST_SOCKET = 3
_LOG = logging.getLogger("webhooks")


@dataclass
class Relay:
    """All receivers of a host."""

    states: Path = Path(layout.STATES)
    spool: Path = hooks.SPOOL
    run: Path = hooks.RUN
    send: Send | None = None
    lines: dict[str, Line] = field(default_factory=dict)
    _read: object = None
    _wanted: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        trust = ssl.create_default_context()
        self._send: Send = self.send or (lambda hook, event, now: delivery.send(hook, event, now, trust))

    def line(self, token: str) -> Line | None:
        """Return whose ``token`` this is."""
        return self.lines.get(hooks.ident(token))

    def look_anew(self) -> None:
        """Have folders be looked through, which somebody has put events into."""
        self._wanted.set()

    def declare(self) -> None:
        """Bring the threads to what is declared, where that has changed."""
        files = hooks.files(self.states)
        stamp = [(file, file.stat().st_mtime_ns, file.stat().st_ino) for file in files]
        if stamp != self._read:
            self._read = stamp
            self._declare(files)
        if self._wanted.is_set():
            self._wanted.clear()
            for line in self.lines.values():
                line.look()

    def _declare(self, files: list[Path]) -> None:
        wanted: dict[str, hooks.Hook] = {}
        broken = set()
        for file in files:
            try:
                wanted |= {hook.ident: hook for hook in hooks.read(file)}
            except (OSError, ValueError) as error:
                _LOG.error("%s: %s", file, error)
                broken.add(file.parent.name)
        for ident, line in list(self.lines.items()):
            if ident in wanted:
                line.renew(wanted[ident])
            elif line.hook.site not in broken:
                line.end()
                del self.lines[ident]
        for ident, hook in wanted.items():
            if ident not in self.lines:
                self.lines[ident] = Line(hook, Spool(self.spool / ident), self._send)
                self.lines[ident].start()

    def clear(self, now: float) -> None:
        """Drop what is too old."""
        for line in list(self.lines.values()):
            line.spool.prune(now)
        for folder in self.spool.glob("*/waiting"):
            place = folder.parent
            if place.name not in self.lines and place.stat().st_mtime < now - _ORPHANED:
                _LOG.warning("%s: nobody has declared this receiver for a day; its events are dropped", place.name)
                shutil.rmtree(place, ignore_errors=True)

    def keep(self, ended: threading.Event, clock: Callable[[], float] = time.time) -> None:
        """See to all this again and again until the end."""
        noted = cleared = 0.0
        while not ended.is_set():
            alive()
            now = clock()
            try:
                self.declare()
                if now - noted >= NOTE:
                    noted = now
                    figures.write(self.run, list(self.lines.values()), now)
                if now - cleared >= CLEAR:
                    cleared = now
                    self.clear(now)
            except OSError as error:
                _LOG.error("%s", error)
            ended.wait(LOOK)

    def end(self) -> None:
        """Begin no other try, and give those under way a moment."""
        for line in self.lines.values():
            line.end()
        until = time.monotonic() + _GRACE
        for line in self.lines.values():
            line.join(max(0.0, until - time.monotonic()))


def alive() -> None:
    """Tell systemd that this goes on; where it does not hear that it starts the relay anew."""
    place = os.environ.get("NOTIFY_SOCKET", "")
    if not place:
        return
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.connect(f"\0{place[1:]}" if place.startswith("@") else place)
        sock.send(b"WATCHDOG=1")


def sockets() -> list[socket.socket]:
    """Return what systemd listens on for this process; without it, what has to be listened on."""
    if os.environ.get("LISTEN_PID") == str(os.getpid()):
        count = int(os.environ.get("LISTEN_FDS", "0"))
        return [socket.socket(fileno=_FIRST_SOCKET + number) for number in range(count)]
    return [socket.create_server((hooks.ADDRESS, hooks.PORT), backlog=128)]


def main() -> int:
    """Run until SIGTERM; SIGHUP has the folders be looked through."""
    logging.basicConfig(level=logging.INFO, format="%(message)s", handlers=[_Journal()])
    relay, ended = Relay(), threading.Event()
    # Before anybody is answered.
    relay.declare()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    signal.signal(signal.SIGHUP, lambda *_: relay.look_anew())
    servers = [intake.Server(sock, relay.line) for sock in sockets()]
    for server in servers:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    relay.keep(ended)
    for server in servers:
        server.shutdown()
    relay.end()
    return 0


class _Journal(logging.StreamHandler):  # type: ignore[type-arg]
    """Writes lines as systemd's journal has them, with how bad each is."""

    _LEVELS = ((logging.ERROR, 3), (logging.WARNING, 4), (logging.INFO, 6))

    def format(self, record: logging.LogRecord) -> str:
        level = next((number for least, number in self._LEVELS if record.levelno >= least), 7)
        return f"<{level}>{super().format(record)}"
