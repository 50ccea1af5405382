# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Has the API of a site make its table of routes, by a call on the host itself. Runs on the host.

Without that table the API knows the endpoint that is called first and answers 404 to the others (measured on Dolibarr
22.0.4, with API_PRODUCTION_DO_NOT_ALWAYS_REFRESH_CACHE on). Only a call of swagger.json makes it.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

LOOPBACK = "127.0.0.1"
DESCRIPTION = "/api/index.php/explorer/swagger.json"
TABLE = "api/temp/routes.php"
_SHOWN = 120


class RouteCacheError(Exception):
    """The table is not there; the text says what was seen and what to do."""


@dataclass(frozen=True)
class Site:
    """Where a site listens on this host, and where its documents are."""

    name: str
    domain: str
    port: int
    encrypted: bool
    prefix: str
    documents: str

    @property
    def table(self) -> Path:
        """The file that the application keeps its routes in."""
        return Path(self.documents) / TABLE


def ensure(
    site: Site, check: bool, *, timeout: float = 60.0, settle: float = 5.0, pause: Callable[[float], None] = time.sleep
) -> bool:
    """Make the table unless it is there; return whether it was made. Raises RouteCacheError.

    ``settle``: seconds for which the call is repeated, since a web server reloads after it has said so.
    """
    if site.table.is_file():
        return False
    if check:
        return True
    deadline = time.monotonic() + settle
    while True:
        seen = _call(site, timeout)
        if site.table.is_file():
            return True
        if time.monotonic() >= deadline:
            raise RouteCacheError(
                f"site '{site.name}': the API was called on this host and has not made {site.table}: {seen}."
                " See the web server's and PHP-FPM's logs, and whether the modules of the site work."
            )
        pause(0.5)


def _call(site: Site, timeout: float) -> str:
    """Ask for the description and return what was answered, in a few words."""
    connection = _Connection(site, timeout)
    try:
        connection.request("GET", site.prefix + DESCRIPTION, headers={"Host": site.domain})
        answer = connection.getresponse()
        body = answer.read().decode("utf-8", "replace")
    except (OSError, http.client.HTTPException) as error:
        return f"no answer on port {site.port} ({str(error) or type(error).__name__})"
    finally:
        connection.close()
    return f"status {answer.status}" + ("" if answer.status == http.HTTPStatus.OK else f", {body[:_SHOWN]!r}")


class _Connection(http.client.HTTPConnection):
    """Connects to this host, under the site's own name: the vhost is chosen by it, during the handshake already."""

    def __init__(self, site: Site, timeout: float) -> None:
        super().__init__(LOOPBACK, site.port, timeout=timeout)
        self._site = site

    def connect(self) -> None:
        self.sock = socket.create_connection((self.host, self.port), self.timeout)
        if self._site.encrypted:
            # Nobody stands between this host and itself, and a new site's certificate may be a placeholder.
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            self.sock = context.wrap_socket(self.sock, server_hostname=self._site.domain)
