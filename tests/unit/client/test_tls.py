# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""TLS and proxies: who is trusted, and what is never sent to anybody else."""

from __future__ import annotations

import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.client import (
    Client,
    Limits,
    NoAnswerError,
    UntrustedError,
    UsageError,
)

from .conftest import KEY
from .scripted_server import ScriptedServer, answer

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an authority, and a certificate of 127.0.0.1."""
    folder = tmp_path_factory.mktemp("certificates")
    subprocess.run([sys.executable, "-m", "tests.certificates", str(folder), "127.0.0.1"], cwd=ROOT, check=True)
    return folder


@pytest.fixture
def server(certificates: Path) -> Iterator[ScriptedServer]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificates / "certificate.pem", certificates / "key.pem")
    with ScriptedServer([answer({"id": 1})] * 3, tls=context) as started:
        yield started


def test_a_certificate_of_a_known_authority(server: ScriptedServer, certificates: Path) -> None:
    with Client(server.url, KEY, ca=str(certificates / "ca.pem")) as client:
        assert client.get("products/1") == {"id": 1}
    assert server.requests[0].headers["dolapikey"] == KEY


def test_a_certificate_of_nobody(server: ScriptedServer, pauses: list[float]) -> None:
    with Client(server.url, KEY) as client, pytest.raises(UntrustedError) as caught:
        client.post("orders", {})
    assert str(caught.value).startswith("POST /orders: no TLS connection: ")
    assert "certificate verify failed" in str(caught.value)
    assert (caught.value.sent, pauses, server.requests) == (False, [], [])


def test_a_certificate_of_somebody_else(server: ScriptedServer, certificates: Path) -> None:
    url = server.url.replace("127.0.0.1", "localhost")
    with (
        Client(url, KEY, ca=str(certificates / "ca.pem")) as client,
        pytest.raises(UntrustedError, match=r"doesn't match|mismatch"),
    ):
        client.get("products/1")
    assert server.requests == []


def test_a_server_without_tls(pauses: list[float]) -> None:
    """What broke within TLS may have come after the request: it is not sent again."""
    with socket.create_server(("127.0.0.1", 0)) as plain:

        def speak() -> None:
            connection, _ = plain.accept()
            with connection:
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        threading.Thread(target=speak, daemon=True).start()
        client = Client(f"https://127.0.0.1:{plain.getsockname()[1]}", KEY)
        with pytest.raises(NoAnswerError, match=r"^POST /orders: the connection broke: ") as caught:
            client.post("orders", {})
    assert (caught.value.sent, type(caught.value), pauses) == (True, NoAnswerError, [])


def test_a_file_of_authorities_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no file of authorities "):
        Client("https://norte.example.org", KEY, ca=str(tmp_path / "ca.pem"))


def test_a_proxy_gets_no_key_of_a_site_with_tls() -> None:

    def refuse(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 403 Forbidden\r\n\r\n")

    with ScriptedServer([refuse]) as proxy:
        client = Client("https://norte.example.org", KEY, proxy=proxy.url, limits=Limits(retries=0))
        with pytest.raises(NoAnswerError, match=r"^GET /status: "):
            client.get("status")
        assert [(request.method, request.target) for request in proxy.requests] == [
            ("CONNECT", "norte.example.org:443")
        ]
        assert "dolapikey" not in proxy.requests[0].headers
