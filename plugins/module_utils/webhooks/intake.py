# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where the application hands its events in: ``POST /TOKEN``, answered as soon as the event is on the disk."""

from __future__ import annotations

import json
import logging
import socket
import socketserver
import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.webhooks import payload
from ansible_collections.miclinik.hosting.plugins.module_utils.webhooks.line import Line

#: Bytes of an event, at most.
MAX_BODY = 16 << 20
#: Callers at a time, and the seconds that each has.
_AT_ONCE, _PATIENCE = 16, 10.0
_LOG = logging.getLogger("webhooks")


class Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
    """Serves a socket that somebody else has opened."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, listening: socket.socket, line: Callable[[str], Line | None]) -> None:
        super().__init__(listening.getsockname()[:2], Handler, bind_and_activate=False)
        self.socket.close()
        self.socket, self.line = listening, line
        self.room = threading.BoundedSemaphore(_AT_ONCE)

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 (as the base class has it)
        # The others wait in the socket.
        self.room.acquire()
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 (as above)
        try:
            super().process_request_thread(request, client_address)
        finally:
            self.room.release()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 (as above)
        """Say nothing of callers that hang up."""


class Handler(BaseHTTPRequestHandler):
    """One call."""

    server: Server
    protocol_version = "HTTP/1.1"  # for callers who ask whether they may send a large body
    server_version, sys_version = "miclinik-webhooks", ""
    timeout = _PATIENCE

    def do_POST(self) -> None:
        """Take an event."""
        line = self.server.line(self.path.removeprefix("/"))
        length = self.headers.get("Content-Length", "")
        if line is None:
            self._answer(HTTPStatus.NOT_FOUND, {"error": "no such webhook"})
        elif not length.isdecimal():
            self._answer(HTTPStatus.LENGTH_REQUIRED, {"error": "no Content-Length"})
        elif int(length) > MAX_BODY:
            _LOG.error("%s: an event of %s bytes is too large and lost", line.name, length)
            self._answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, {"error": f"more than {MAX_BODY} bytes"})
        else:
            body = self.rfile.read(int(length))
            if len(body) == int(length):
                self._take(line, body)

    def _take(self, line: Line, body: bytes) -> None:
        code, shown = payload.cleaned(body)
        try:
            ident = line.put(shown, code)
        except OSError as error:
            line.figures.lost += 1
            _LOG.error("%s: %s is lost: %s", line.name, code, error.strerror)
            self._answer(HTTPStatus.INSUFFICIENT_STORAGE, {"error": str(error.strerror)})
        else:
            self._answer(HTTPStatus.ACCEPTED, {"id": ident})

    def _answer(self, status: HTTPStatus, told: dict[str, str]) -> None:
        body = json.dumps(told).encode()
        self.close_connection = True
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Write nothing: the path is a secret."""
