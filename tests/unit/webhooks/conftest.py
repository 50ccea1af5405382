# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A receiver of webhooks on the loopback, and a relay that sends to it."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.webhooks import intake, line, signing
from ansible_collections.miclinik.hosting.plugins.module_utils.webhooks.relay import Relay

SECRET = signing.PREFIX + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
TOKEN = "0123456789abcdef0123456789abcdef01234567"


@dataclass
class Receiver:
    """Keeps what it is sent; ``answers`` are what it says next, 200 after them."""

    port: int
    server: ThreadingHTTPServer
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    held: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/in?x=1"

    def bodies(self) -> list[Any]:
        return [json.loads(body) for _, body in self.got]


def receiver_at(port: int = 0) -> Receiver:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.held.wait(20)
            found.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
            status, headers = found.answers.pop(0) if found.answers else (200, {})
            self.send_response(status)
            for name, value in {"Content-Length": "0", **headers}.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    found = Receiver(server.server_address[1], server)
    found.held.set()
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    return found


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    found = receiver_at()
    yield found
    found.held.set()
    found.server.shutdown()
    found.server.server_close()


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
    return port


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line, "SETTLE", 0.0)
    monkeypatch.setattr(line, "FIRST", 0.05)


@dataclass
class Host:
    """A host with sites, by their webhooks, and a relay."""

    root: Path
    relays: list[Relay] = field(default_factory=list)
    port: int = 0

    def declare(self, site: str, *hooks: dict[str, Any]) -> None:
        folder = self.root / "etc" / site
        folder.mkdir(parents=True, exist_ok=True)
        new = folder / "new"
        new.write_text(json.dumps([{"token": TOKEN, "secret": SECRET, "retry_for": 60, **hook} for hook in hooks]))
        new.replace(folder / "webhooks.json")
        for relay in self.relays[-1:]:
            relay.declare()

    def start(self, **more: Any) -> Relay:  # noqa: ANN401 (what a relay may be given)
        (self.root / "run").mkdir(exist_ok=True)
        relay = Relay(self.root / "etc", self.root / "spool", self.root / "run", **more)
        relay.declare()
        sock = socket.create_server(("127.0.0.1", 0))
        self.port = sock.getsockname()[1]
        server = intake.Server(sock, relay.line)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        self.relays.append(relay)
        return relay

    def post(self, told: object, token: str = TOKEN, **headers: str) -> tuple[int, dict[str, Any]]:
        body = told if isinstance(told, bytes) else json.dumps(told).encode()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        connection.request("POST", f"/{token}", body, headers)
        answer = connection.getresponse()
        found: dict[str, Any] = json.loads(answer.read())
        connection.close()
        return answer.status, found


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    found = Host(tmp_path)
    yield found
    for relay in found.relays:
        relay.end()


def until(what: Callable[[], object], seconds: float = 30.0) -> None:
    """Wait until ``what`` holds."""
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it does not come to that"
        time.sleep(0.01)
