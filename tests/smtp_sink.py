# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A mail server that keeps what it gets: inside a test, or on a test host.

On a host: ``smtp_sink.py PORT FOLDER``. It needs nothing but Python, and each mail becomes a file of the folder.
"""

from __future__ import annotations

import base64
import email
import socketserver
import sys
from email.message import Message
from pathlib import Path

USER, PASSWORD = "norte", "p'w \\d$x"


class Sink(socketserver.ThreadingTCPServer):
    """A mail server that keeps what it gets, where user and password are right."""

    daemon_threads = True
    refuses = ""
    greeted = ""

    allow_reuse_address = True

    def __init__(self, port: int = 0, folder: Path | None = None) -> None:
        super().__init__(("127.0.0.1", port), Talk)
        self.mails: list[Message] = []
        self.folder = folder

    def keep(self, raw: bytes) -> None:
        self.mails.append(email.message_from_bytes(raw))
        if self.folder:
            (self.folder / f"{len(self.mails)}.eml").write_bytes(raw)


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
        self.say("235 ok" if given == (USER, PASSWORD) else "535 5.7.8 the sink does not know you")

    def take(self) -> None:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line)
        self.server.keep(b"".join(lines))
        self.say("250 taken")


def main(port: str, folder: str) -> None:
    """Take mails until stopped."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    with Sink(int(port), Path(folder)) as server:
        server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
