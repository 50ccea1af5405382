# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A web server that answers as a healthy site of 22.0.4 does, until a test replaces an answer."""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "fake-key-0123456789"
PASSWORD = "fake-pass&word<1>"
API = "/api/index.php"
JSON = "application/json; charset=utf-8"
HTML = "text/html; charset=UTF-8"


@dataclass(frozen=True)
class Reply:
    """An answer; `slow` puts this many seconds between its bytes, `breaks_off` announces more than there is."""

    status: int
    mime: str
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    slow: float = 0.0
    breaks_off: bool = False


def as_json(status: int, content: object) -> Reply:
    return Reply(status, JSON, json.dumps(content, indent=4).encode())


def as_html(status: int, text: str) -> Reply:
    return Reply(status, HTML, text.encode())


def error(status: int, message: str) -> Reply:
    return as_json(status, {"error": {"code": status, "message": message}, "debug": {"source": "x.php:1"}})


STATUS = as_json(200, {"success": {"code": 200, "dolibarr_version": "22.0.4", "access_locked": "0"}})
LOGIN_PAGE = (
    '<!doctype html><title>Login @ 22.0.4</title><link rel="shortcut icon" href="/theme/icon.png"/>'
    '<form id="login" method="post"><input type="text" name="username"/>'
    '<input type="password" id="password" name="password"/></form>'
)
SESSION = "DOLSESSID_0a1b=first"
EXPLORER_PAGE = (
    "<!DOCTYPE html><title>Swagger UI</title><script src='lib/first.js' type='text/javascript'></script>"
    '<script>url = \'swagger.json\'</script><div class="swagger-section" id="swagger-ui-container"></div>'
)
PATHS = [
    "/login",
    "/status",
    "/setup/modules",
    "/thirdparties",
    "/thirdparties/{id}",
    "/contacts",
    "/products",
    "/products/{id}",
    "/orders",
    "/orders/{id}/lines",
    "/invoices",
    "/stockmovements",
    "/warehouses",
]

Answerer = Callable[["Request"], Reply]


@dataclass(frozen=True)
class Request:
    """What arrived."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def key(self) -> str | None:
        bearer = self.headers.get("authorization", "").removeprefix("Bearer ")
        return self.headers.get("dolapikey") or bearer or None


class _QuietServer(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up, or refuses the certificate, is part of the tests."""


class FakeSite:
    """Answers by path; `answers` replaces, path by path or for all of the API, what a healthy site says."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.requests: list[Request] = []
        self.answers: dict[str, Reply | Answerer] = {}
        self.base_path = ""
        self.url_root = ""
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # Head and body in one packet: in two, the second waits 40 ms for an acknowledgement.
            wbufsize = -1

            def _answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                request = Request(self.command, self.path, headers, body)
                site.requests.append(request)
                reply = site.reply(request)
                self.send_response(reply.status)
                if reply.mime:
                    self.send_header("Content-Type", reply.mime)
                self.send_header("Content-Length", str(len(reply.body) + reply.breaks_off))
                self.close_connection = reply.breaks_off
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                if reply.slow:
                    for byte in reply.body:
                        time.sleep(reply.slow)
                        self.wfile.write(bytes([byte]))
                        self.wfile.flush()
                else:
                    self.wfile.write(reply.body)

            do_GET = do_POST = do_HEAD = do_PUT = do_DELETE = do_OPTIONS = _answer

            def log_message(self, format: str, *args: Any) -> None:  # noqa: ANN401
                pass

        self.server = _QuietServer(("127.0.0.1", 0), Handler)
        if tls:
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True)
        self.port = int(self.server.server_address[1])
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{self.port}"
        self.url_root = self.url
        self._thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def reply(self, request: Request) -> Reply:
        path = request.path.partition("?")[0].removeprefix(self.base_path)
        known = self.answers.get(path)
        if known is None and path.startswith(API):
            known = self.answers.get(API)
        if known is None:
            known = self.healthy(request, path)
        return known if isinstance(known, Reply) else known(request)

    def healthy(self, request: Request, path: str) -> Reply:
        """As 22.0.4 answers."""
        page = as_html(200, LOGIN_PAGE.replace('href="/', f'href="{self.base_path}/'))
        called = {
            "/": page
            if SESSION in request.headers.get("cookie", "")
            else replace(page, headers={"Set-Cookie": SESSION}),
            "/theme/icon.png": Reply(200, "image/png", b"\x89PNG"),
            f"{API}/explorer": Reply(302, HTML, headers={"Location": f"{self.url_root}{API}/explorer/"}),
            f"{API}/explorer/": as_html(200, EXPLORER_PAGE),
            f"{API}/explorer/lib/first.js": Reply(200, "text/javascript", b"var a = 1;"),
            f"{API}/explorer/swagger.json": self.description(PATHS if request.key == KEY else ["/login"]),
            f"{API}/status": STATUS if request.key == KEY else error(401, "Unauthorized"),
            f"{API}/login": error(403, "Forbidden: Access denied"),
            f"{API}/thirdparties": as_json(200, [{"id": "1"}]) if request.key == KEY else error(401, "Unauthorized"),
            f"{API}/products": as_json(200, []) if request.key == KEY else error(401, "Unauthorized"),
        }
        if path == f"{API}/login" and json.loads(request.body) == {"login": "integration", "password": PASSWORD}:
            return as_json(200, {"success": {"code": 200, "token": KEY, "entity": "1", "message": "Welcome"}})
        if path not in called and path.startswith(f"{API}/"):
            return as_html(501, "API not found (failed to include API file)")
        return called.get(path, as_html(404, "<html><title>404 Not Found</title>nginx</html>"))

    def description(self, paths: list[str]) -> Reply:
        place = self.url_root.partition("://")[2]
        host, slash, base = place.partition("/")
        listed = {path: {"get": {"operationId": "x"}} for path in paths}
        return as_json(200, {"swagger": "2.0", "host": host, "basePath": slash + base + API, "paths": listed})
