# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A key is proven under the site's own name, in the handshake as well: Nginx and Apache serve nobody without it."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import key_proof

from tests.certificates import Authority

NAME = "norte.example.org"


class _Handler(BaseHTTPRequestHandler):
    status = 200

    def do_GET(self) -> None:
        good = (self.headers["Host"], self.path, self.headers["DOLAPIKEY"]) == (NAME, "/erp/api/index.php/status", "K")
        self.send_response(self.status if good else 401)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def named(tmp_path: Path) -> Iterator[tuple[int, list[str | None]]]:
    """Return the port of a server that speaks TLS, and the names that it was asked for."""
    names: list[str | None] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    for file, content in zip(("c.pem", "k.pem"), Authority().issue([NAME]), strict=True):
        (tmp_path / file).write_bytes(content)
    context.load_cert_chain(tmp_path / "c.pem", tmp_path / "k.pem")
    context.sni_callback = lambda _socket, name, _context: names.append(name)
    server = HTTPServer(("127.0.0.1", 0), _Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield int(server.server_address[1]), names
    server.shutdown()
    server.server_close()


def test_by_tls(named: tuple[int, list[str | None]]) -> None:
    port, names = named
    api = key_proof.Api(NAME, port, tls=True, prefix="/erp")
    api.require("new", "K", good=True)
    api.require("old", "L", good=False)
    assert names == [NAME, NAME]


@pytest.mark.parametrize("status", [403, 404, 502])
def test_what_says_nothing_of_a_key_proves_nothing(
    named: tuple[int, list[str | None]], status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_Handler, "status", status)
    api = key_proof.Api(NAME, named[0], tls=True, prefix="/erp")
    for good in (True, False):
        with pytest.raises(key_proof.ProofError, match=f"got: {status}"):
            api.require("new", "K", good=good)
