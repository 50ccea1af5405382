# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A mail through the application's own class arrives, signed where it is to be, or the server's words are told."""

from __future__ import annotations

import base64
import email
import socketserver
import subprocess
import threading
from collections.abc import Iterator
from email.message import Message
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import declared, mail, sites

from .sites import BridgedSite

PASSWORD = "p'w \\d$x"
TO, FROM = "somebody@example.net", "clinic@example.org"


class Sink(socketserver.ThreadingTCPServer):
    """A mail server that keeps what it gets, where user and password are right."""

    daemon_threads = True
    refuses = ""
    greeted = ""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Talk)
        self.mails: list[Message] = []


class Talk(socketserver.StreamRequestHandler):
    """One connection."""

    server: Sink

    def say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())

    def word(self) -> str:
        return self.rfile.readline().decode().strip()

    def handle(self) -> None:
        self.say("220 sink")
        while line := self.word():
            verb = line.split()[0].upper()
            if verb == "EHLO":
                self.server.greeted = line.split()[1]
                self.say("250-sink\r\n250 AUTH LOGIN PLAIN")
            elif verb == "AUTH":
                self.log_in(line)
            elif verb == "RCPT" and self.server.refuses:
                self.say(self.server.refuses)
            elif verb == "DATA":
                self.say("354 go on")
                self.take()
            elif verb == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")

    def log_in(self, line: str) -> None:
        if line.upper().startswith("AUTH LOGIN"):
            self.say("334 VXNlcm5hbWU6")
            user = self.word()
            self.say("334 UGFzc3dvcmQ6")
            given = (base64.b64decode(user).decode(), base64.b64decode(self.word()).decode())
        else:
            words = base64.b64decode(line.rpartition(" ")[2]).decode().split("\0")
            given = (words[1], words[2])
        self.say("235 ok" if given == ("norte", PASSWORD) else "535 5.7.8 the sink does not know you")

    def take(self) -> None:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line)
        self.server.mails.append(email.message_from_bytes(b"".join(lines)))
        self.say("250 taken")


@pytest.fixture
def sink() -> Iterator[Sink]:
    """Run a mail server."""
    with Sink() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def site(installed: BridgedSite) -> BridgedSite:
    """Return a site of an application that sends mails."""
    if not (installed.htdocs / "core/class/CMailFile.class.php").is_file():
        assert installed.error("mail", "test", TO)["code"] == "no_mail"
        pytest.skip("this application sends no mails")
    return installed


def _set(site: BridgedSite, sink: Sink, **more: Any) -> None:  # noqa: ANN401 (any setting)
    """Give the application what the inventory would."""
    given = {"server": "localhost", "port": sink.server_address[1], "encryption": "none", "from": FROM, "user": "norte"}
    entry = {"name": "norte", "domain": "a.example.org", "source": {"type": "sandbox"}}
    entry["mail"] = given | {"password": PASSWORD} | more
    told, secrets = sites.plan([entry])[0], declared.part(entry).stored
    orders: list[tuple[str, dict[str, Any]]] = [
        ("constant unset", {"name": name}) if value is None else ("constant set", {"name": name, "value": value})
        for name, value in mail.constants(told, secrets).items()
    ]
    site.batch(*orders)
    assert not site.batch(*orders)["changed"]


def test_it_arrives(site: BridgedSite, sink: Sink) -> None:
    _set(site, sink)
    assert site.ok("--check", "mail", "test", TO)["way"] == f"smtps to localhost:{sink.server_address[1]}"
    assert sink.mails == []
    site.ok("mail", "test", TO)
    (got,) = sink.mails
    assert TO in got["To"]
    assert FROM in got["From"]
    assert "DKIM-Signature" not in got
    assert sink.greeted == "a.example.org"


def test_it_is_signed(site: BridgedSite, sink: Sink) -> None:
    key = subprocess.run(["openssl", "genrsa", "2048"], capture_output=True, text=True, check=True).stdout
    _set(site, sink, dkim={"domain": "example.org", "selector": "norte", "key": key})
    site.ok("mail", "test", TO)
    (got,) = sink.mails
    signature = "".join(got["DKIM-Signature"].split())
    assert "d=example.org;" in signature
    assert "s=norte;" in signature


def test_the_server_s_own_words_are_told(site: BridgedSite, sink: Sink) -> None:
    _set(site, sink, password="another-one-1")
    said = site.error("mail", "test", TO)["message"]
    assert "535 5.7.8 the sink does not know you" in said
    assert "another-one-1" not in said
    _set(site, sink)
    sink.refuses = "550 5.1.1 nobody of that name"
    assert "550 5.1.1 nobody of that name" in site.error("mail", "test", TO)["message"]
    sink.shutdown()
    sink.server_close()
    assert "Connection refused" in site.error("mail", "test", TO)["message"]


def test_from_a_copy_nothing_leaves(site: BridgedSite, sink: Sink) -> None:
    _set(site, sink)
    site.ok("constant", "set", "MAIN_DISABLE_ALL_MAILS", "1")
    try:
        assert site.error("mail", "test", TO)["code"] == "mail_off"
    finally:
        site.ok("constant", "unset", "MAIN_DISABLE_ALL_MAILS")
    assert sink.mails == []


def test_an_address_is_wanted(site: BridgedSite) -> None:
    assert site.error("mail", "test", "nobody")["code"] == "usage"
