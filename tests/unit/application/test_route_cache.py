# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The call that has an API make its table of routes, against a server that knows it by its name only."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.application import route_cache, route_table
from ansible_collections.miclinik.hosting.plugins.module_utils.application.route_cache import RouteCacheError, Routed
from ansible_collections.miclinik.hosting.plugins.modules import route_cache as route_cache_module

from tests.certificates import Authority

DOMAIN = "norte.example.org"


class Server(ThreadingHTTPServer):
    """Makes the table at the call number ``works_at``, and answers ``status``."""

    def __init__(self, documents: Path, pair: tuple[Path, Path] | None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.documents, self.works_at, self.status = documents, 1, 200
        self.table, self.body = "<?php", b"what it says"
        self.unknown: list[str] = []
        #: How many of the first calls get no answer.
        self.hangs = 0
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
        if len(self.server.asked) <= self.server.hangs:
            time.sleep(0.5)
            return
        if len(self.server.asked) >= self.server.works_at:
            table = self.server.documents / "api/temp/routes.php"
            table.parent.mkdir(parents=True, exist_ok=True)
            table.write_text(self.server.table)
        self.send_response(404 if self.path.rpartition("/")[2] in self.server.unknown else self.server.status)
        self.end_headers()
        self.wfile.write(self.server.body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def plain(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path, None)
    yield server
    server.shutdown()
    server.server_close()


def _site(server: Server, encrypted: bool = False, prefix: str = "", modules: tuple[str, ...] = ("api",)) -> Routed:
    current = str(server.documents / "current")
    return Routed("norte", DOMAIN, server.port, encrypted, prefix, str(server.documents), current, list(modules))


def _ensure(site: Routed, check: bool = False, **more: Any) -> bool:  # noqa: ANN401 (any option)
    return route_cache.ensure(site, check, records=Path(site.documents) / "state/routes", **more)


def test_it_is_made_once(plain: Server) -> None:
    assert _ensure(_site(plain, prefix="/miclinik"))
    assert plain.asked == [("/miclinik/api/index.php/explorer/swagger.json", DOMAIN)]
    assert not _ensure(_site(plain))
    assert len(plain.asked) == 1


def test_check_mode_asks_nobody(plain: Server) -> None:
    assert _ensure(_site(plain), check=True)
    assert plain.asked == []


def test_a_table_that_another_call_has_written_is_made_anew(plain: Server) -> None:
    _ensure(_site(plain))
    _site(plain).table.write_text("<?php // of one endpoint")
    assert _ensure(_site(plain), check=True)
    assert _ensure(_site(plain))
    assert not _ensure(_site(plain))
    assert _site(plain).table.read_text() == "<?php"


def test_other_modules_and_another_release_want_another_table(plain: Server) -> None:
    _ensure(_site(plain))
    plain.table = "<?php // with orders"
    assert _ensure(_site(plain, modules=("api", "commande")))
    (plain.documents / "current").symlink_to("releases/22.0.4-1")
    plain.table = "<?php // of 22"
    assert _ensure(_site(plain, modules=("commande", "api")))
    assert not _ensure(_site(plain, modules=("api", "commande")))


def test_a_table_that_comes_out_as_it_was_is_no_change(plain: Server) -> None:
    _ensure(_site(plain))
    assert not _ensure(_site(plain, modules=("api", "agenda")))
    assert len(plain.asked) == 2
    assert not _ensure(_site(plain, modules=("api", "agenda")))
    assert len(plain.asked) == 2


def test_a_host_of_an_earlier_version_has_no_record(plain: Server) -> None:
    table = _site(plain).table
    table.parent.mkdir(parents=True)
    table.write_text("<?php")
    assert not _ensure(_site(plain), check=True)
    assert plain.asked == []
    assert not _ensure(_site(plain))
    assert len(plain.asked) == 1


TABLE = """<?php $o = array();
//==================== v1 ====================
//==== v1 * ====
$o['v1']['*'] = array (
    'GET' =>
//==== v1 explorer/swagger ====
    'GET' =>
//==== v1 login ====
    'GET' =>
//==== v1 products/{n0}/categories ====
    'GET' =>
//==== v1 products/{n0} ====
    'GET' =>
    'PUT' =>
//==== v1 objectlinks ====
    'POST' =>
//==== v1 objectlinks/{n0} ====
    'DELETE' =>
//==== v1 orders ====
    'POST' =>
    'GET' =>
//==== v1 orders/{n0} ====
    'GET' =>
"""


def test_endpoints_of_a_table() -> None:
    assert route_table.endpoints(TABLE) == {"orders": "orders", "products": "products/0"}
    assert route_table.endpoints("<?php") == {}


def test_endpoints_that_a_pool_does_not_know(plain: Server) -> None:
    plain.table = TABLE
    _ensure(_site(plain, prefix="/m"))
    plain.asked.clear()
    assert route_cache.unknown(_site(plain, prefix="/m")) == []
    assert [path for path, _ in plain.asked] == ["/m/api/index.php/orders", "/m/api/index.php/products/0"]
    plain.unknown, plain.status = ["orders"], 401
    assert route_cache.unknown(_site(plain)) == ["orders"]


def test_the_site_is_named_in_the_handshake(tmp_path: Path) -> None:
    certificate, key = Authority().issue(["another.example.org"])
    (tmp_path / "c.pem").write_bytes(certificate)
    (tmp_path / "k.pem").write_bytes(key)
    server = Server(tmp_path, (tmp_path / "c.pem", tmp_path / "k.pem"))
    try:
        assert _ensure(_site(server, encrypted=True))
        assert server.named == [DOMAIN]
    finally:
        server.shutdown()
        server.server_close()


def test_a_server_that_has_yet_to_reload(plain: Server) -> None:
    plain.works_at = 3
    pauses: list[float] = []
    assert _ensure(_site(plain), pause=pauses.append)
    assert pauses == [0.5, 0.5]


@pytest.mark.parametrize(
    ("status", "body", "seen"),
    [
        (200, b".env file\n not found\x1b[0m", "status 200, '.env file not found [0m'"),
        (200, b"x" * 300, f"status 200, '{'x' * 200}'"),
        (202, b" \n", "status 202 without a word"),
    ],
)
def test_the_application_stops_before_it_begins(plain: Server, status: int, body: bytes, seen: str) -> None:
    plain.works_at, plain.status, plain.body = 99, status, body
    with pytest.raises(RouteCacheError) as raised:
        _ensure(_site(plain), settle=0)
    assert f"has not made {plain.documents}/api/temp/routes.php: {seen}. See" in str(raised.value)


def test_an_answer_without_a_table(plain: Server) -> None:
    plain.works_at, plain.status = 99, 503
    with pytest.raises(RouteCacheError) as raised:
        _ensure(_site(plain), settle=0)
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
        _ensure(_site(server), settle=0)


def test_in_check_mode_a_site_may_be_about_to_get_its_address(tmp_path: Path) -> None:
    server = Server(tmp_path, None)
    site = _site(server)
    server.shutdown()
    server.server_close()
    site.table.parent.mkdir(parents=True)
    site.table.write_text(TABLE)
    with pytest.raises(RouteCacheError, match="gives no answer on this host's port"):
        route_cache.unknown(site)
    unknown: dict[str, list[str]] = {}
    route_cache_module._one(site, {"timeout": 1.0, "prove": False}, True, [], unknown)
    assert unknown == {}


def test_a_call_that_hangs_is_made_once_more(plain: Server, tmp_path: Path) -> None:
    plain.hangs = 1
    assert route_cache.ensure(_site(plain), False, timeout=0.2, settle=0, records=tmp_path / "records")
    assert len(plain.asked) == 2
    plain.hangs = 9
    (tmp_path / "api/temp/routes.php").unlink()
    with pytest.raises(RouteCacheError, match="timed out"):
        route_cache.ensure(_site(plain), False, timeout=0.2, settle=0, records=tmp_path / "records")
    assert len(plain.asked) == 4
