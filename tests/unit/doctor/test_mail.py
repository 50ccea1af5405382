# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What keeps mails from leaving is named, up to the mail itself, which is not sent."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.doctor import probe_mail
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor import yellow

from .cases import case, promised

GREETED = {"EHLO": "250-here\r\n250 AUTH PLAIN", "AUTH": "235 ok", "MAIL": "250 ok", "RCPT": "250 ok", "RSET": "250 ok"}
MAIL = {"server": "127.0.0.1", "encryption": "none", "user": "norte", "from": "a@example.org"}


class Server(socketserver.ThreadingTCPServer):
    """Answers each word of SMTP as it is told, and remembers what it was asked."""

    daemon_threads = True

    def __init__(self, answers: Mapping[str, str]) -> None:
        super().__init__(("127.0.0.1", 0), Talk)
        self.answers = answers
        self.asked: list[str] = []


class Talk(socketserver.StreamRequestHandler):
    """One connection."""

    server: Server

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        for line in self.rfile:
            word = line.decode().split()[0].upper()
            self.server.asked.append(word)
            self.wfile.write(f"{self.server.answers.get(word, '221 bye')}\r\n".encode())
            if word == "QUIT":
                return


@contextmanager
def _serving(**answers: str) -> Iterator[Server]:
    with Server(GREETED | answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def _look(server: Server, **more: str) -> dict[str, str]:
    return probe_mail.look({"mail": MAIL | {"port": server.server_address[1]} | more}, "hush")


def test_it_goes_all_of_the_way_but_the_mail() -> None:
    with _serving() as server:
        assert _look(server) == {}
        assert server.asked == ["EHLO", "AUTH", "MAIL", "RCPT", "RSET", "QUIT"]


@pytest.mark.parametrize(
    ("answers", "step", "said"),
    [
        ({"AUTH": "535 5.7.8 bad password"}, "login", "535 5.7.8 bad password"),
        ({"MAIL": "553 not your address"}, "sender", "553 not your address"),
        ({"RCPT": "554 relay denied"}, "recipient", "554 relay denied"),
    ],
)
def test_the_step_and_the_words_of_the_server_are_told(answers: dict[str, str], step: str, said: str) -> None:
    with _serving(**answers) as server:
        assert _look(server) == {"step": step, "said": said}


def test_a_server_without_tls() -> None:
    with _serving() as server:
        assert _look(server, encryption="starttls")["step"] == "tls"
        assert _look(server, encryption="tls")["step"] == "tls"


def test_nobody_answers() -> None:
    with _serving() as server:
        pass
    assert _look(server)["step"] == "connect"


def test_without_a_server_there_has_to_be_one_of_the_host(tmp_path: Path) -> None:
    site = {"mail": {"server": None}}
    assert probe_mail.look(site, "", tmp_path)["step"] == "sendmail"
    (tmp_path / "usr/sbin").mkdir(parents=True)
    (tmp_path / "usr/sbin/sendmail").touch()
    assert probe_mail.look(site, "", tmp_path) == {}


def _yellow(seen: dict[str, str], **more: Any) -> list[str]:  # noqa: ANN401 (any setting)
    ill = case()
    told = replace(ill, site=promised(**more), here={**ill.here, "mail": seen})
    return [entry.line() for entry in yellow.of([told]) if entry.id == "mail"]


def test_what_is_in_the_way_is_yellow() -> None:
    mail = MAIL | {"server": "mx.example.org", "encryption": "tls", "password": "hush-hush"}
    (said,) = _yellow({"step": "login", "said": "535 bad"}, mail=mail)
    assert said.startswith(
        "site 'norte': no mail leaves: the mail server mx.example.org refuses the log-in of norte: 535"
    )
    assert "correct mail.user and mail.password" in said
    assert _yellow({}, mail=mail) == []


def test_only_who_wants_to_send_is_told_that_there_is_no_server() -> None:
    none = {"step": "sendmail", "said": "no /usr/sbin/sendmail"}
    assert _yellow(none) == []
    (said,) = _yellow(none, modules=["societe", "mailing"])
    assert "its modules are to send some (mailing)" in said
    assert _yellow(none, modules=["mailing"], php={"ini": {"sendmail_path": "/usr/local/bin/mine -t"}}) == []
