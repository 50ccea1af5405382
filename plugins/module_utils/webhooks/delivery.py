# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One try to hand an event to its receiver: signed, by a verified certificate, and no further than is declared."""

from __future__ import annotations

import contextlib
import email.utils
import http.client
import socket
import ssl
import threading
from dataclasses import dataclass
from urllib.parse import urlsplit

from ansible_collections.miclinik.hosting.plugins.module_utils.text import plain
from ansible_collections.miclinik.hosting.plugins.module_utils.webhooks import signing
from ansible_collections.miclinik.hosting.plugins.module_utils.webhooks.hooks import Hook
from ansible_collections.miclinik.hosting.plugins.module_utils.webhooks.spool import Event

#: What becomes of a try. ``DOWN``: nobody there, or too busy for any event; ``REFUSED``: not this one; ``GONE``: ended.
DELIVERED, REFUSED, DOWN, GONE = "delivered", "refused", "down", "gone"
#: Seconds to connect, between two pieces of an answer, and for the whole try.
CONNECT, SILENCE, WHOLE = 10.0, 20.0, 30.0
#: A receiver may ask for so long a pause.
MAX_PAUSE = 3600.0
_WIDTH, _READ = 200, 4096
_FINE, _NO_MORE = range(200, 300), 410
_BUSY = frozenset({408, 425, 429, 502, 503, 504})
AGENT = "miclinik-webhooks/1"


@dataclass(frozen=True)
class Outcome:
    """What came of a try, in words for people, and the seconds of pause that the receiver asks for."""

    kind: str
    said: str
    pause: float = 0.0


def send(hook: Hook, event: Event, now: float, trust: ssl.SSLContext) -> Outcome:
    """Try it once."""
    parts = urlsplit(hook.url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection = _connection(parts.scheme, parts.hostname or "", parts.port, trust)
    headers = {"Content-Type": "application/json", "User-Agent": AGENT}
    headers |= signing.headers(hook.secrets(now), event.ident, int(now), event.body)
    ended = threading.Event()
    watch = threading.Timer(WHOLE, _end, (connection, ended))
    watch.daemon = True
    watch.start()
    try:
        connection.connect()
        connection.sock.settimeout(SILENCE)
        # One that refuses a large event may answer, and hang up, before it has read all of it.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            connection.request("POST", target, event.body, headers)
        answer = connection.getresponse()
        with contextlib.suppress(OSError, http.client.HTTPException):
            answer.read(_READ)
        return _told(answer.status, answer.reason, answer.headers.get("Retry-After", ""), now)
    except ssl.SSLCertVerificationError as error:
        return Outcome(DOWN, f"its certificate is not accepted: {_words(error.verify_message)}")
    except (OSError, http.client.HTTPException, ValueError) as error:
        if ended.is_set():
            return Outcome(DOWN, f"no whole answer within {WHOLE:g} s")
        return Outcome(DOWN, _words(str(error) or type(error).__name__))
    finally:
        watch.cancel()
        connection.close()


def _connection(scheme: str, host: str, port: int | None, trust: ssl.SSLContext) -> http.client.HTTPConnection:
    if scheme == "https":
        return http.client.HTTPSConnection(host, port, timeout=CONNECT, context=trust)
    return http.client.HTTPConnection(host, port, timeout=CONNECT)


def _end(connection: http.client.HTTPConnection, ended: threading.Event) -> None:
    """End a try that takes too long, whoever trickles."""
    ended.set()
    sock = connection.sock
    if sock is not None:
        with contextlib.suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)


def _told(status: int, reason: str, asked: str, now: float) -> Outcome:
    said = _words(f"HTTP {status} {reason}")
    if status in _FINE:
        return Outcome(DELIVERED, said)
    if status == _NO_MORE:
        return Outcome(GONE, said)
    if status in _BUSY:
        return Outcome(DOWN, said, _pause(asked, now))
    return Outcome(REFUSED, said)


def _pause(asked: str, now: float) -> float:
    """Return the seconds of ``Retry-After``, which may be a date."""
    try:
        seconds = float(int(asked))
    except ValueError:
        moment = email.utils.parsedate_tz(asked)
        seconds = email.utils.mktime_tz(moment) - now if moment else 0.0
    return min(max(seconds, 0.0), MAX_PAUSE)


def _words(text: str) -> str:
    return plain.plain(" ".join(text.split()))[:_WIDTH]
