# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Calls wait at a socket until it is opened."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.services import held_calls
from ansible_collections.miclinik.hosting.plugins.module_utils.services.held_calls import HeldCalls


@pytest.fixture
def target(tmp_path: Path) -> Iterator[Path]:
    """Return a socket that answers each connection with what it got, in capitals."""
    path = tmp_path / "api.sock"
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(path))
    path.chmod(0o600)
    server.listen()

    def serve() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with connection:
                connection.sendall(connection.recv(100).upper())

    threading.Thread(target=serve, daemon=True).start()
    yield path
    server.close()


def _ask(path: Path, text: bytes) -> socket.socket:
    caller = socket.socket(socket.AF_UNIX)
    caller.settimeout(5)
    caller.connect(str(path))
    caller.sendall(text)
    return caller


def test_calls_wait_until_it_is_opened(target: Path, tmp_path: Path) -> None:
    held = tmp_path / "held.sock"
    with HeldCalls(held, target) as calls:
        assert (held.stat().st_mode & 0o777, held.stat().st_uid) == (0o600, os.getuid())
        callers = [_ask(held, f"call {number}".encode()) for number in range(20)]
        deadline = time.monotonic() + 5
        while calls.waiting < len(callers) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert calls.waiting == len(callers)
        callers[0].setblocking(False)
        with pytest.raises(BlockingIOError):
            callers[0].recv(1)
        callers[0].settimeout(5)
        calls.open()
        assert [caller.recv(100) for caller in callers] == [f"CALL {number}".encode() for number in range(20)]
        assert [caller.recv(100) for caller in callers] == [b""] * 20
        assert _ask(held, b"later").recv(100) == b"LATER"
        calls.drain(5)
        assert calls.waiting == 0
    assert not held.exists()


def test_what_an_earlier_run_has_left_is_in_nobodys_way(target: Path, tmp_path: Path) -> None:
    held = tmp_path / "held.sock"
    held.write_text("left")
    with HeldCalls(held, target) as calls:
        calls.open()
        assert _ask(held, b"a").recv(100) == b"A"


def test_whoever_waits_is_let_in_when_something_goes_wrong(target: Path, tmp_path: Path) -> None:
    held, callers = tmp_path / "held.sock", []
    with pytest.raises(RuntimeError, match="wrong"), HeldCalls(held, target):
        callers.append(_ask(held, b"a"))
        raise RuntimeError("wrong")
    assert callers[0].recv(100) == b"A"


def test_without_its_target_it_does_not_begin(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), HeldCalls(tmp_path / "held.sock", tmp_path / "api.sock"):
        pass
    assert not (tmp_path / "held.sock").exists()


def test_a_socket_is_held_in_its_own_place(target: Path) -> None:
    inode = target.stat().st_ino
    with held_calls.held([target]):
        assert (target.stat().st_mode & 0o777, target.stat().st_ino != inode) == (0o600, True)
        caller = _ask(target, b"waits")
        caller.setblocking(False)
        time.sleep(0.2)
        with pytest.raises(BlockingIOError):
            caller.recv(1)
        assert _ask(held_calls.aside(target), b"past it").recv(100) == b"PAST IT"
    caller.settimeout(5)
    assert caller.recv(100) == b"WAITS"
    assert (target.stat().st_ino, held_calls.aside(target).exists()) == (inode, False)
    assert _ask(target, b"later").recv(100) == b"LATER"


def test_nobody_is_turned_away_on_the_way_in_and_out(target: Path) -> None:
    stop, failed, answered = threading.Event(), [], []

    def call() -> None:
        while not stop.is_set():
            try:
                answered.append(_ask(target, b"x").recv(100))
            except OSError as error:
                failed.append(error)

    callers = [threading.Thread(target=call) for _ in range(4)]
    for caller in callers:
        caller.start()
    for _ in range(5):
        with held_calls.held([target]):
            time.sleep(0.05)
    stop.set()
    for caller in callers:
        caller.join(5)
    assert (failed, set(answered)) == ([], {b"X"})


def test_what_a_kill_has_left_is_given_back(target: Path) -> None:
    inode = target.stat().st_ino
    os.link(target, held_calls.aside(target))
    held_calls.let_through([target])
    assert (target.stat().st_ino, held_calls.aside(target).exists()) == (inode, False)
    os.link(target, held_calls.aside(target))
    target.unlink()
    target.write_text("dead")
    held_calls.let_through([target])
    held_calls.let_through([target])
    assert (target.stat().st_ino, held_calls.aside(target).exists()) == (inode, False)
    assert _ask(target, b"a").recv(100) == b"A"
