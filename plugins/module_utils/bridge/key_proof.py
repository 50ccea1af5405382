# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Asks a site's API on this host whether a key is good, as a client does."""

from __future__ import annotations

import http.client
import socket
import ssl
from dataclasses import dataclass

from ansible_collections.miclinik.hosting.plugins.module_utils.site import host_token

_TAKEN, _REFUSED = 200, 401
_PATIENCE = 30


class ProofError(Exception):
    """A key that is not what it should be; the message holds no key."""


@dataclass(frozen=True)
class Api:
    """Where a site's API answers on this host."""

    host: str
    port: int
    tls: bool = False
    prefix: str = ""
    site: str = ""

    def answers(self, key: str) -> int:
        """Return the status that a call with ``key`` gets. Raises OSError."""
        return self.get("/status", key)[0]

    def get(self, path: str, key: str) -> tuple[int, bytes]:
        """Return status and body of what ``path`` below the API gives for ``key``. Raises OSError."""
        return self.request("GET", path, key)

    def request(self, method: str, path: str, key: str, body: str | None = None) -> tuple[int, bytes]:
        """Return status and body of a call with ``key``; ``body`` is JSON. Raises OSError."""
        connection = http.client.HTTPConnection(host_token.LOOPBACK, self.port, timeout=_PATIENCE)
        try:
            connection.sock = self._connect()
            headers = {"Host": self.host, "DOLAPIKEY": key, **host_token.headers(self.site)}
            if body is not None:
                headers["Content-Type"] = "application/json"
            sent = None if body is None else body.encode()
            connection.request(method, f"{self.prefix}/api/index.php{path}", sent, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        except http.client.HTTPException as error:
            raise OSError(str(error)) from error
        finally:
            connection.close()

    def _connect(self) -> socket.socket:
        """Connect under the site's own name, without which a web server refuses to shake hands, or to serve."""
        plain = socket.create_connection((host_token.LOOPBACK, self.port), _PATIENCE)
        if not self.tls:
            return plain
        # This host, by its own loopback: nobody is between us, and the certificate may be one that we do not trust.
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return context.wrap_socket(plain, server_hostname=self.host.strip("[]"))

    def require(self, which: str, key: str, *, good: bool) -> None:
        """Raise ProofError when ``key`` is refused and should not be, or the other way round."""
        try:
            status: int | str = self.answers(key)
        except OSError as error:
            status = str(error)
        if status == (_TAKEN if good else _REFUSED):
            return
        raise ProofError(
            f"the {which} key should be {'taken' if good else 'refused'}, and a call of /status with it got: {status}. "
            "The new key is in secrets.json and in the application. See the site's API log, then run site.yml"
        )
