# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The events of one receiver, one try after the other, in a thread: one that is slow or down holds up no other."""

from __future__ import annotations

import heapq
import logging
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from ansible_collections.miclinik.hosting.plugins.module_utils.webhooks import delivery
from ansible_collections.miclinik.hosting.plugins.module_utils.webhooks.delivery import Outcome
from ansible_collections.miclinik.hosting.plugins.module_utils.webhooks.hooks import Hook
from ansible_collections.miclinik.hosting.plugins.module_utils.webhooks.spool import Event, Spool

#: Seconds until the first try: the application sends before its transaction ends, and receivers ask back.
SETTLE = 2.0
#: Seconds after a first failure; each other one doubles them, up to so many where the receiver is down, or refuses one.
FIRST, MOST_DOWN, MOST_REFUSED = 5.0, 300.0, 3600.0
_IDLE = 3600.0
_LOG = logging.getLogger("webhooks")

Send = Callable[[Hook, Event, float], Outcome]


@dataclass
class Figures:
    """What came of the tries since the relay was started."""

    delivered: int = 0
    failed: int = 0
    lost: int = 0
    last_delivered: float = 0.0
    last_failed: float = 0.0
    said: str = ""


def pause(failures: int, most: float) -> float:
    """Return the seconds until the next try, not the same for all who wait."""
    return min(FIRST * 2.0 ** min(failures - 1, 20), most) * random.uniform(0.75, 1.25)  # noqa: S311 (no secret)


class Line(threading.Thread):
    """The thread of one receiver."""

    def __init__(self, hook: Hook, spool: Spool, send: Send, clock: Callable[[], float] = time.time) -> None:
        super().__init__(name=f"{hook.site}/{hook.name}", daemon=True)
        self.hook, self.spool, self.figures = hook, spool, Figures()
        self._send, self._clock = send, clock
        self._turn = threading.Condition()
        self._due: list[tuple[float, str]] = []
        self._refused: dict[str, int] = {}
        self._known: set[str] = set()
        self._down, self._rest_until, self._ended = 0, 0.0, False
        self.spool.prepare()
        self.look()

    def look(self) -> None:
        """Take up all that lies in the folder, and try it now: after a start, and when somebody asks for it."""
        with self._turn:
            under_way = self._known - {ident for _, ident in self._due}
            for ident in self.spool.waits():
                if ident not in self._known:
                    self._add(ident, 0.0)
            self._due = sorted((0.0, ident) for ident in self._known - under_way)
            self._rest_until = 0.0
            self._turn.notify()

    def put(self, body: bytes, code: str) -> str:
        """Take an event; when this returns it is on the disk. Raises OSError."""
        with self._turn:
            event = self.spool.put(body, code, self._clock(), len(self._known))
            self._add(event.ident, time.monotonic() + SETTLE)
            self._turn.notify()
        return event.ident

    def renew(self, hook: Hook) -> None:
        """Go on with what is declared now; another address is tried at once."""
        with self._turn:
            if hook.url != self.hook.url:
                self._down, self._rest_until, self.spool.gone = 0, 0.0, False
            self.hook = hook
            self._turn.notify()

    def end(self) -> None:
        """Begin no other try."""
        with self._turn:
            self._ended = True
            self._turn.notify()

    @property
    def waiting(self) -> int:
        """How many events wait."""
        return len(self._known)

    @property
    def oldest(self) -> float:
        """Since when the first of them waits; 0 where none does."""
        with self._turn:
            first = min(self._known, default="")
        return int(first[4:18], 16) / 1e6 if first else 0.0

    def run(self) -> None:
        """Try what is due, until the end."""
        while (ident := self._next()) is not None:
            try:
                self._try(ident)
            except Exception as error:
                # The disk is full, perhaps. Were this to end, nobody would serve the receiver.
                _LOG.error("%s: %s: %s: %s", self.name, ident, type(error).__name__, error)
                self._again(ident, pause(4, MOST_DOWN), rest=0.0)

    def _add(self, ident: str, due: float) -> None:
        self._known.add(ident)
        heapq.heappush(self._due, (due, ident))

    def _next(self) -> str | None:
        with self._turn:
            while not self._ended:
                now = time.monotonic()  # whatever is done to the clock
                moment = max(self._due[0][0], self._rest_until) if self._due else now + _IDLE
                if moment <= now:
                    return heapq.heappop(self._due)[1]
                self._turn.wait(min(moment - now, _IDLE))
        return None

    def _try(self, ident: str) -> None:
        try:
            event = self.spool.read(ident)
        except FileNotFoundError:
            self._forget(ident)
            return
        except ValueError:
            self._bury(self.spool.spoilt(ident), "its file is spoilt")
            return
        now, hook = self._clock(), self.hook
        if self.spool.gone:
            self._bury(event, "the receiver has answered 410 before, and wants nothing any more")
            return
        if now - event.since > hook.retry_for:
            self._bury(event, f"tried for as long as retry_for says; last: {self.figures.said or 'no try'}")
            return
        outcome = self._send(hook, event, now)
        if outcome.kind == delivery.DELIVERED:
            self._arrived(event)
            return
        self._failed(event, outcome)

    def _arrived(self, event: Event) -> None:
        self.spool.done(event.ident)
        self._forget(event.ident)
        figures = self.figures
        figures.delivered, figures.last_delivered = figures.delivered + 1, self._clock()
        if self._down:
            _LOG.info("%s: the receiver is back", self.name)
        self._down, self._rest_until = 0, 0.0

    def _failed(self, event: Event, outcome: Outcome) -> None:
        figures, ident = self.figures, event.ident
        figures.failed, figures.last_failed, figures.said = figures.failed + 1, self._clock(), outcome.said
        if outcome.kind == delivery.GONE:
            self.spool.gone = True
            self._bury(event, outcome.said)
        elif outcome.kind == delivery.DOWN:
            self._down += 1
            rest = max(pause(self._down, MOST_DOWN), outcome.pause)
            # Behind the others: it may be this one that the receiver hangs on.
            self._again(ident, 0.0, rest)
            if self._down == 1:
                _LOG.warning("%s: %s (%s); it is tried again", self.name, outcome.said, event.code)
        else:
            self._refused[ident] = self._refused.get(ident, 0) + 1
            self._again(ident, pause(self._refused[ident], MOST_REFUSED), rest=0.0)
            _LOG.warning("%s: %s: %s (%s); it is tried again", self.name, ident, outcome.said, event.code)

    def _again(self, ident: str, later: float, rest: float) -> None:
        with self._turn:
            now = time.monotonic()
            self._rest_until = max(self._rest_until, now + rest) if rest else self._rest_until
            heapq.heappush(self._due, (now + later, ident))

    def _bury(self, event: Event, why: str) -> None:
        self.spool.bury(event, why, self._clock())
        self._forget(event.ident)
        _LOG.error("%s: %s is a dead letter: %s (%s)", self.name, event.ident, why, event.code)

    def _forget(self, ident: str) -> None:
        with self._turn:
            self._known.discard(ident)
            self._refused.pop(ident, None)
