# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A provider of OpenID Connect over TLS on this machine: oidc-provider-mock, which asks for a name alone."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import oidc_provider_mock
from werkzeug.serving import make_server

NAME, PORT = "id.example.org", 9443
URL = f"https://{NAME}:{PORT}"
#: Whom it knows, with the address that it tells of each.
PEOPLE = {login: f"{login}@example.org" for login in ("ana", "eva", "luis")} | {"capital": "Ana@Example.ORG"}


@contextmanager
def running(address: str, certificate: Path, key: Path) -> Iterator[None]:
    """Have it listen at an address of this machine."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    known = [oidc_provider_mock.User(sub=login, claims={"email": mail}) for login, mail in PEOPLE.items()]
    server = make_server(address, PORT, oidc_provider_mock.app(user_claims=known), threaded=True, ssl_context=context)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()
