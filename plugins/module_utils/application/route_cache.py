# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Has the API of a site make its table of routes, by a call on the host itself, and proves it. Runs on the host.

Without that table the API knows the endpoint that is called first and answers 404 to the others (measured on Dolibarr
22.0.4, with API_PRODUCTION_DO_NOT_ALWAYS_REFRESH_CACHE on). Only a call of swagger.json makes it whole; any other call
writes one with its own endpoint alone, where there is none, and each time while the explorer is off. A pool that has
read such a one goes on with it, whatever the file says later: opcache looks at no file's time, and the application does
not tell it. So neither file nor record say what a pool holds, and it is asked for every endpoint of the table.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ansible_collections.miclinik.hosting.plugins.module_utils.application import route_table
from ansible_collections.miclinik.hosting.plugins.module_utils.site import host_token
from ansible_collections.miclinik.hosting.plugins.module_utils.text import names as text_names

DESCRIPTION = "/api/index.php/explorer/swagger.json"
TABLE = "api/temp/routes.php"
_SHOWN = 200
#: As Python calls a socket's end of patience.
_SILENT = "timed out"


class RouteCacheError(Exception):
    """The table is not there; the text says what was seen and what to do."""


@dataclass(frozen=True)
class Routed:
    """Where a site listens on this host, and where its documents are."""

    name: str
    domain: str
    port: int
    encrypted: bool
    prefix: str
    documents: str
    current: str = ""
    modules: list[str] = field(default_factory=list)

    @property
    def table(self) -> Path:
        """The file that the application keeps its routes in."""
        return Path(self.documents) / TABLE


def ensure(
    site: Routed,
    check: bool,
    *,
    timeout: float = 60.0,
    settle: float = 5.0,
    pause: Callable[[float], None] = time.sleep,
    records: Path = route_table.RECORDS,
) -> bool:
    """Have the whole table on disk; return whether another one was there before. Raises RouteCacheError.

    The one that is there is whole when it is the one that was made last, from the same release and modules.
    ``settle``: seconds for which the call is repeated, since a web server reloads after it has said so.
    """
    before = route_table.digest(site.table)
    made_from = route_table.inputs(site.current, site.modules)
    known = route_table.recorded(site.name, records)
    if before and known == {"inputs": made_from, "table": before}:
        return False
    if check:
        # Without a record, of a host that an earlier version has laid, nobody can tell but by having it made.
        return known is not None or not before
    # The old one stays until then: without any, the next call of a client would write one of its own endpoint alone.
    _make(site, timeout, settle, pause)
    after = route_table.digest(site.table)
    route_table.record(site.name, made_from, after, records)
    return after != before


def unknown(site: Routed, *, timeout: float = 60.0) -> list[str]:
    """Return the endpoints of the table on disk that the API does not know: the pool holds an older one."""
    text = site.table.read_text(encoding="utf-8", errors="replace")
    return [
        name
        for name, path in route_table.endpoints(text).items()
        if _status(site, f"/api/index.php/{path}", timeout) == http.HTTPStatus.NOT_FOUND
    ]


def _make(site: Routed, timeout: float, settle: float, pause: Callable[[float], None]) -> None:
    deadline = time.monotonic() + settle
    before, again = _written(site.table), True
    while True:
        seen = _call(site, timeout)
        if _written(site.table) not in (0, before):
            return
        if _SILENT in seen and again:
            # One call that hangs, as seen once in some thirty on a busy host, is none of the next one's.
            again = False
            continue
        if time.monotonic() >= deadline:
            raise RouteCacheError(
                f"site '{site.name}': the API was called on this host and has not made {site.table}: {seen}."
                " See the web server's and PHP-FPM's logs, and whether the modules of the site work."
            )
        pause(0.5)


def _written(table: Path) -> int:
    try:
        return table.stat().st_mtime_ns
    except OSError:
        return 0


def _status(site: Routed, path: str, timeout: float) -> int:
    """Call an endpoint without a key; return the status of the answer."""
    connection = _Connection(site, timeout)
    try:
        connection.request("GET", site.prefix + path, headers=_headers(site))
        answer = connection.getresponse()
        answer.read()
    except (OSError, http.client.HTTPException) as error:
        raise RouteCacheError(
            f"site '{site.name}': {path} gives no answer on this host's port {site.port}:"
            f" {str(error) or type(error).__name__}. See the web server's and PHP-FPM's logs."
        ) from None
    finally:
        connection.close()
    return answer.status


def _call(site: Routed, timeout: float) -> str:
    """Ask for the description and return what was answered, in a few words."""
    connection = _Connection(site, timeout)
    try:
        connection.request("GET", site.prefix + DESCRIPTION, headers=_headers(site))
        answer = connection.getresponse()
        body = answer.read().decode("utf-8", "replace")
    except (OSError, http.client.HTTPException) as error:
        return f"no answer on port {site.port} ({str(error) or type(error).__name__})"
    finally:
        connection.close()
    # With status 200 as well: what stops before the application begins says so there.
    words = " ".join("".join(letter if letter.isprintable() else " " for letter in body).split())
    return f"status {answer.status}, {words[:_SHOWN]!r}" if words else f"status {answer.status} without a word"


def _headers(site: Routed) -> dict[str, str]:
    return {"Host": text_names.in_url(site.domain), **host_token.headers(site.name)}


class _Connection(http.client.HTTPConnection):
    """Connects to this host, under the site's own name: the vhost is chosen by it, during the handshake already."""

    def __init__(self, site: Routed, timeout: float) -> None:
        super().__init__(host_token.LOOPBACK, site.port, timeout=timeout)
        self._site = site

    def connect(self) -> None:
        self.sock = socket.create_connection((self.host, self.port), self.timeout)
        if self._site.encrypted:
            # Nobody stands between this host and itself, and a new site's certificate may be a placeholder.
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            self.sock = context.wrap_socket(self.sock, server_hostname=self._site.domain)
