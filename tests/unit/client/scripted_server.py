# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A server that says what it is told to, byte by byte: honest, slow, broken, cut short, lying or malicious."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Self

#: The bytes of an answer, or what does something with the connection.
Step = bytes | Callable[[socket.socket], None]


@dataclass(frozen=True)
class Request:
    """What came in; names of headers in lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return self.target.removeprefix("/api/index.php")


def answer(content: object, status: int = 200, **headers: str) -> bytes:
    """Return an honest answer of the API; bytes are sent as they are."""
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    lines = {"Content-Type": "application/json; charset=utf-8", "Content-Length": str(len(body))}
    lines |= {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"HTTP/1.1 {status} Said\r\n{head}\r\n".encode() + body


def error(status: int, message: str, **headers: str) -> bytes:
    """Return an error as the application writes it."""
    return answer({"error": {"code": status, "message": message}}, status, **headers)


def page(status: int, text: str, **headers: str) -> bytes:
    """Return a page of HTML."""
    return answer(text.encode(), status, Content_Type="text/html; charset=UTF-8", **headers)


@dataclass
class ScriptedServer:
    """Gives one step of its script for each request, on as many connections as come."""

    script: list[Step]
    requests: list[Request] = field(default_factory=list)
    tls: ssl.SSLContext | None = None

    def __enter__(self) -> Self:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._socket.settimeout(10)
        self._lock = threading.Lock()
        self._over = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._socket.close()

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self._socket.getsockname()[1]}"

    def _accept(self) -> None:
        while not self._over.is_set():
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            connection.settimeout(10)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        if self.tls:
            try:
                connection = self.tls.wrap_socket(connection, server_side=True)
            except OSError:
                return
        with connection, connection.makefile("rb") as stream:
            while True:
                try:
                    request = _read(stream.readline, stream.read)
                except OSError:
                    return
                if request is None:
                    return
                with self._lock:
                    self.requests.append(request)
                    step = self.script.pop(0) if self.script else page(500, "the script is over")
                try:
                    if callable(step):
                        step(connection)
                        return
                    connection.sendall(step)
                except OSError:
                    return


def _read(line: Callable[[], bytes], read: Callable[[int], bytes]) -> Request | None:
    first = line().split()
    if not first:
        return None
    headers: dict[str, str] = {}
    while text := line().decode("latin-1").strip():
        name, _, value = text.partition(":")
        headers[name.lower()] = value.strip()
    body = read(int(headers.get("content-length", "0")))
    return Request(first[0].decode(), first[1].decode(), headers, body)
