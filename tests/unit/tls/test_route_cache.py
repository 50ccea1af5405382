# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The call that has an API make its table of routes, against a server that knows it by its name only."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils import route_cache
from ansible_collections.miclinik.hosting.plugins.module_utils.route_cache import RouteCacheError, Site

from tests.certificates import Authority

DOMAIN = "norte.example.org"


class Server(ThreadingHTTPServer):
    """Makes the table at the call number ``works_at``, and answers ``status``."""

    def __init__(self, documents: Path, pair: tuple[Path, Path] | None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.documents, self.works_at, self.status = documents, 1, 200
        self.asked: list[tuple[str, str | None]] = []
        self.named: list[str | None] = []
        if pair:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*pair)
            context.sni_callback = lambda _socket, name, _context: self.named.append(name)
            self.socket = context.wrap_socket(self.socket, server_side=True)
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.asked.append((self.path, self.headers["Host"]))
        if len(self.server.asked) >= self.server.works_at:
            table = self.server.documents / "api/temp/routes.php"
            table.parent.mkdir(parents=True, exist_ok=True)
            table.write_text("<?php")
        self.send_response(self.server.status)
        self.end_headers()
        self.wfile.write(b"what it says")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def plain(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path, None)
    yield server
    server.shutdown()
    server.server_close()


def _site(server: Server, encrypted: bool = False, prefix: str = "") -> Site:
    return Site("norte", DOMAIN, server.port, encrypted, prefix, str(server.documents))


def test_it_is_made_once(plain: Server) -> None:
    assert route_cache.ensure(_site(plain, prefix="/miclinik"), check=False)
    assert plain.asked == [("/miclinik/api/index.php/explorer/swagger.json", DOMAIN)]
    assert not route_cache.ensure(_site(plain), check=False)
    assert len(plain.asked) == 1


def test_check_mode_asks_nobody(plain: Server) -> None:
    assert route_cache.ensure(_site(plain), check=True)
    assert plain.asked == []


def test_the_site_is_named_in_the_handshake(tmp_path: Path) -> None:
    certificate, key = Authority().issue(["another.example.org"])
    (tmp_path / "c.pem").write_bytes(certificate)
    (tmp_path / "k.pem").write_bytes(key)
    server = Server(tmp_path, (tmp_path / "c.pem", tmp_path / "k.pem"))
    try:
        assert route_cache.ensure(_site(server, encrypted=True), check=False)
        assert server.named == [DOMAIN]
    finally:
        server.shutdown()
        server.server_close()


def test_a_server_that_has_yet_to_reload(plain: Server) -> None:
    plain.works_at = 3
    pauses: list[float] = []
    assert route_cache.ensure(_site(plain), check=False, pause=pauses.append)
    assert pauses == [0.5, 0.5]


def test_an_answer_without_a_table(plain: Server) -> None:
    plain.works_at, plain.status = 99, 503
    with pytest.raises(RouteCacheError) as raised:
        route_cache.ensure(_site(plain), check=False, settle=0)
    assert str(raised.value) == (
        f"site 'norte': the API was called on this host and has not made {plain.documents}/api/temp/routes.php:"
        " status 503, 'what it says'. See the web server's and PHP-FPM's logs, and whether the modules of the site"
        " work."
    )


def test_nobody_answers(tmp_path: Path) -> None:
    server = Server(tmp_path, None)
    server.shutdown()
    server.server_close()
    with pytest.raises(RouteCacheError, match=rf"no answer on port {server.port} \(\[Errno 111\] Connection refused\)"):
        route_cache.ensure(_site(server), check=False, settle=0)
