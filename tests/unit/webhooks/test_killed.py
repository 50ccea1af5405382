# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The relay as systemd runs it: killed at any moment, it loses nothing that it has taken, and refuses nobody."""

from __future__ import annotations

import functools
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.webhooks import relay

from .conftest import TOKEN, Host, Receiver, until

ROOT = Path(__file__).parents[3]
PROGRAM = """
import sys
from pathlib import Path
from ansible_collections.miclinik.hosting.plugins.module_utils.webhooks import line, relay
root = Path(sys.argv[1])
line.SETTLE, line.FIRST = 0.0, 0.05
made = relay.Relay
relay.Relay = lambda: made(root / "etc", root / "spool", root / "run")
sys.exit(relay.main())
"""


class Systemd:
    """Holds the socket, and starts the relay with it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "run").mkdir()
        self.sock = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self.sock.getsockname()[1]
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        # The number of a process is known in it alone.
        shell = 'exec 3<&"$1"; export LISTEN_PID=$$ LISTEN_FDS=1; exec "$2" -c "$3" "$4"'
        handle = self.sock.fileno()
        self.process = subprocess.Popen(
            ["bash", "-c", shell, "sh", str(handle), sys.executable, PROGRAM, str(self.root)],
            pass_fds=[handle],
            env=os.environ | {"PYTHONPATH": str(ROOT / ".collections")},
            stderr=subprocess.DEVNULL,
        )

    def kill(self, how: int) -> None:
        assert self.process
        self.process.send_signal(how)
        self.process.wait(15)


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[Systemd]:
    found = Systemd(tmp_path)
    yield found
    found.kill(signal.SIGKILL)
    found.sock.close()


def _post(port: int, number: int) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("POST", f"/{TOKEN}", json.dumps({"triggercode": "X", "object": {"n": number}}))
    answer = connection.getresponse()
    told = json.loads(answer.read())
    assert answer.status == 202
    return str(told["id"])


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_nothing_that_was_taken_is_lost(systemd: Systemd, host: Host, receiver: Receiver, how: int) -> None:
    receiver.held.clear()
    host.declare("norte", {"name": "erp", "url": receiver.url})
    systemd.start()
    taken: list[str] = []

    def send() -> None:
        for number in range(120):
            until(functools.partial(_is_taken, number), 60)

    def _is_taken(number: int) -> bool:
        try:
            taken.append(_post(systemd.port, number))
        except (OSError, http.client.HTTPException, ValueError):
            return False  # what it was at when it was killed is sent again, as often as its start takes
        return True

    callers = [threading.Thread(target=send) for _ in range(3)]
    for caller in callers:
        caller.start()
    for _ in range(2):
        seen = len(taken)
        until(lambda seen=seen: len(taken) > seen + 30, 60)  # type: ignore[misc]
        systemd.kill(how)
        systemd.start()
    for caller in callers:
        caller.join()
    receiver.held.set()
    until(lambda: {headers["webhook-id"] for headers, _ in receiver.got} >= set(taken), 60)
    assert len(taken) == 360


def test_systemd_hears_that_it_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    relay.alive()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind(str(tmp_path / "notify"))
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        relay.alive()
        assert sock.recv(100) == b"WATCHDOG=1"
    relay.alive()
