# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Steady traffic on sites, a few calls a second of each kind; what each took and answered is kept."""

from __future__ import annotations

import http.client
import itertools
import json
import select
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

#: Seconds after which a caller gives up.
PATIENCE = 20.0
OK = 200


@dataclass(frozen=True)
class Kind:
    """One kind of call: by a connection of its own, or by one that stays open as long as the server lets it."""

    name: str
    path: str
    kept: bool = False
    #: What is sent, made anew for each call; nothing for a GET.
    body: Callable[[], Mapping[str, Any]] | None = None
    api: bool = True


KINDS = (
    Kind("GET by a connection that is kept", "/api/index.php/products/1", kept=True),
    Kind("GET by a connection of its own", "/api/index.php/status"),
    Kind("POST", "/api/index.php/products", body=lambda: {"ref": f"T{time.time_ns()}", "label": "traffic"}),
    Kind("page", "/index.php", api=False),
)


@dataclass(frozen=True)
class Call:
    """One call: when it began (monotonic clock), the seconds it took, and what was wrong with it, if anything."""

    kind: str
    began: float
    took: float
    wrong: str


@dataclass(frozen=True)
class Place:
    """Where a site is called."""

    ip: str
    domain: str
    key: str = field(repr=False)
    tls: bool = True


@dataclass
class Traffic:
    """Calls of each kind, ``rate`` a second, of one place after the other, for as long as it is entered."""

    places: Sequence[Place]
    rate: float = 8
    kinds: Sequence[Kind] = KINDS
    calls: list[Call] = field(default_factory=list)

    def __enter__(self) -> Traffic:
        """Begin."""
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(kind,)) for kind in self.kinds]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End, when all calls are answered."""
        self._over.set()
        for thread in self._threads:
            thread.join()

    def between(self, since: float, until: float) -> list[Call]:
        """Return the calls that were under way at some time between two moments."""
        return [call for call in list(self.calls) if call.began < until and call.began + call.took > since]

    def _run(self, kind: Kind) -> None:
        connection = None
        places = itertools.cycle(self.places)
        due = time.monotonic()
        while not self._over.wait(max(0.0, due - time.monotonic())):
            # No burst after a call that took long: who waits does not call meanwhile.
            due = max(due + 1 / self.rate, time.monotonic())
            place = next(places)
            began = time.monotonic()
            if connection is None or not kind.kept or _closed(connection):
                connection = _connection(place)
            wrong = _call(connection, place, kind)
            self.calls.append(Call(kind.name, began, time.monotonic() - began, wrong))
            if wrong or not kind.kept:
                connection.close()
                connection = None


def _call(connection: http.client.HTTPConnection, place: Place, kind: Kind) -> str:
    headers = {"Host": place.domain, "Accept": "application/json"}
    if kind.api:
        headers["DOLAPIKEY"] = place.key
    body = None
    if kind.body:
        body, headers["Content-Type"] = json.dumps(kind.body()), "application/json"
    try:
        connection.request("POST" if kind.body else "GET", kind.path, body, headers)
        answer = connection.getresponse()
        content = answer.read()
    except (OSError, http.client.HTTPException) as error:
        return type(error).__name__
    if answer.status != OK:
        return str(answer.status)
    return "" if not kind.api or content[:1] in (b"{", b"[") or content.strip().isdigit() else "no JSON"


def _closed(connection: http.client.HTTPConnection) -> bool:
    """Return whether the server has ended a connection that nothing is under way in, as it does in a reload."""
    return connection.sock is None or bool(select.select([connection.sock], [], [], 0)[0])


# Once: reading all known authorities is dearer than a call. None of them has signed what a test host shows.
_UNCHECKED = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
_UNCHECKED.check_hostname, _UNCHECKED.verify_mode = False, ssl.CERT_NONE


class _Connection(http.client.HTTPSConnection):
    """To an address, by the name of a domain that no resolver knows."""

    address = ""

    def connect(self) -> None:
        plain = socket.create_connection((self.address, 443), PATIENCE)
        self.sock = _UNCHECKED.wrap_socket(plain, server_hostname=self.host)


def _connection(place: Place) -> http.client.HTTPConnection:
    if not place.tls:
        return http.client.HTTPConnection(place.ip, timeout=PATIENCE)
    connection = _Connection(place.domain, timeout=PATIENCE)
    connection.address = place.ip
    return connection
