# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Calls of a managed host's web server, at its own address, whatever DNS says."""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import urlsplit

import requests
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke.rest import RestClient
from testinfra.host import Host

from .conftest import HostedSite

PORTS = {"http": 80, "https": 443}
#: Seconds for each answer. A host of CI shares two cores with others, and a call has taken more than 20 of them there:
#: how fast it answers is not what these tests are about.
TIMEOUT = 60


def address(host: Host) -> str:
    """Return where the host is reached."""
    return str(host.backend.host.name)


def base_url(host: Host, site: HostedSite) -> str:
    """Return the site's URL, as the host has it on record."""
    return str(json.loads(host.file(f"{site.state}/site.json").content_string)["base_url"])


def call(host: Host, url: str, method: str = "GET", **headers: str) -> requests.Response:
    """Ask the host for ``url``, under the name in it; redirects are not followed, certificates not checked."""
    return send(host, url, method, headers)


def send(
    host: Host, url: str, method: str, headers: Mapping[str, str], body: Iterable[bytes] | None = None
) -> requests.Response:
    """Do the same with a ``body``, which is sent in chunks."""
    parts = urlsplit(url)
    port = parts.port or PORTS[parts.scheme]
    client = RestClient(f"{parts.scheme}://{parts.netloc}", connect_to=f"{address(host)}:{port}", verify=False)
    try:
        return client.session.request(method, url, data=body, headers=headers, timeout=TIMEOUT, allow_redirects=False)
    finally:
        client.close()


def get(host: Host, site: HostedSite, path: str, **headers: str) -> requests.Response:
    """GET a path below the site's URL."""
    return call(host, base_url(host, site) + path, **headers)


@contextmanager
def handshake(host: Host, port: int, name: str | None, context: ssl.SSLContext) -> Iterator[ssl.SSLSocket]:
    """Shake hands under ``name``; the caller's context says what is offered."""
    with (
        socket.create_connection((address(host), port), TIMEOUT) as plain,
        context.wrap_socket(plain, server_hostname=name) as tls,
    ):
        yield tls


def any_certificate() -> ssl.SSLContext:
    """Return a client's context that takes every certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
