# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Calls a site's API on the host itself, so that what lies between it and its clients can be told apart.

Runs on the host. The key is the one on record, and goes nowhere but to the host's own web server.
"""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Mapping
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.doctor.probe_host import PATIENCE
from ansible_collections.miclinik.hosting.plugins.module_utils.site import host_token

#: As the checks call themselves, so that the logs show whose call it is.
NAME = "miclinik.hosting doctor"
#: Where a site with TLS sends everybody on.
PLAIN = 80


class _Connection(http.client.HTTPConnection):
    """To this host, under the site's own name; its certificate is not what is asked about here."""

    def __init__(self, site: Mapping[str, Any], *, plain: bool = False) -> None:
        super().__init__(host_token.LOOPBACK, PLAIN if plain else site["listen"], timeout=PATIENCE)
        self._site, self._plain = site, plain

    def connect(self) -> None:
        self.sock = socket.create_connection((self.host, self.port), self.timeout)
        if self._site["encrypted"] and not self._plain:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            self.sock = context.wrap_socket(self.sock, server_hostname=self._site["domain"])


def call(site: Mapping[str, Any], key: str) -> str:
    """What ``/status`` answers here with the key: ``200 application/json``, or why there was no answer."""
    connection = _Connection(site)
    try:
        headers = {"Host": site["host"], "DOLAPIKEY": key, "Accept": "application/json", "User-Agent": NAME}
        headers |= host_token.headers(site["name"])
        connection.request("GET", f"{site['prefix']}/api/index.php/status", headers=headers)
        answer = connection.getresponse()
        answer.read()
        mime = (answer.getheader("Content-Type") or "").partition(";")[0].strip().lower()
    except (OSError, http.client.HTTPException) as error:
        return f"no answer ({str(error) or type(error).__name__})"
    finally:
        connection.close()
    return f"{answer.status} {mime}".strip()


def plain(site: Mapping[str, Any]) -> str:
    """What keeps those out who give a site's address without ``https://``; nothing where they are sent there."""
    connection = _Connection(site, plain=True)
    try:
        connection.request("GET", f"{site['prefix']}/", headers={"Host": site["domain"], "User-Agent": NAME})
        answer = connection.getresponse()
        answer.read()
        target = answer.getheader("Location") or ""
    except (OSError, http.client.HTTPException) as error:
        return f"no answer ({str(error) or type(error).__name__})"
    finally:
        connection.close()
    if answer.status in (301, 302, 307, 308) and target.startswith("https://"):
        return ""
    return f"{answer.status}{f' to {target}' if target else ''}"[:200]
