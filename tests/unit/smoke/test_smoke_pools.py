# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How PHP-FPM's pools are: what is asked, what is believed, and what becomes of it in the metrics."""

from __future__ import annotations

import json
import shutil
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke import metrics as smoke_metrics
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke import pools as smoke_pools
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke.pools import State

#: As PHP-FPM 8.2 has answered.
SAID = {
    "pool": "norte-api",
    "process manager": "ondemand",
    "accepted conn": 41,
    "listen queue": 0,
    "idle processes": 2,
    "active processes": 3,
    "total processes": 5,
    "max children reached": 1,
}
COUNTS = {"active": 3, "idle": 2, "full": 1, "accepted": 41}
Answer = Callable[[socket.socket], None]


@pytest.fixture
def root() -> Iterator[Path]:
    """Return a folder whose path leaves room for that of a socket."""
    made = Path(tempfile.mkdtemp(prefix="pools"))
    yield made
    shutil.rmtree(made)


def _record(kind: int, content: bytes, padding: int = 0) -> bytes:
    return bytes([1, kind, 0, 1]) + len(content).to_bytes(2, "big") + bytes([padding, 0]) + content + bytes(padding)


def _answer(said: object) -> bytes:
    body = b"Content-type: application/json\r\n\r\n" + json.dumps(said).encode()
    # In two records, with a padding, and an error beside.
    half = len(body) // 2
    return _record(6, body[:half], 3) + _record(7, b"an error") + _record(6, body[half:]) + _record(3, bytes(8))


def _serve(path: Path, answer: Answer) -> list[bytes]:
    """Answer whoever calls at ``path``; return what they asked."""
    path.parent.mkdir(parents=True, exist_ok=True)
    asked: list[bytes] = []
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(path))
    server.listen()

    def run() -> None:
        with server:
            client, _ = server.accept()
            with client:
                asked.append(client.recv(4096))
                answer(client)

    threading.Thread(target=run, daemon=True).start()
    return asked


def test_what_is_asked_and_told(root: Path) -> None:
    asked = _serve(root / "s", lambda client: client.sendall(_answer(SAID)))
    assert smoke_pools.ask(str(root / "s")) == COUNTS
    assert b"\x0b\x14SCRIPT_NAME/miclinik-fpm-status" in asked[0]
    assert b"\x0c\x04QUERY_STRINGjson" in asked[0]


def test_php_s_own_clock(root: Path) -> None:
    now = int(time.time())
    _serve(root / "s", lambda client: client.sendall(_answer({"start time": now - 7260, "start since": 60})))
    offset = smoke_pools.clock_offset(str(root / "s"))
    assert offset is not None and abs(offset + 7200) < 5
    _serve(root / "t", lambda client: client.sendall(_answer({"start time": "7"})))
    assert smoke_pools.clock_offset(str(root / "t")) is None
    assert smoke_pools.clock_offset(str(root / "nobody")) is None


@pytest.mark.parametrize(
    "said",
    [
        *("text", [], None, {}, SAID | {"active processes": "3"}, SAID | {"idle processes": -1}),
        *(SAID | {"accepted conn": 1 << 63}, SAID | {"accepted conn": True}, SAID | {"idle processes": 0.5}),
    ],
)
def test_nothing_else_is_believed(root: Path, said: object) -> None:
    _serve(root / "s", lambda client: client.sendall(_answer(said)))
    assert smoke_pools.ask(str(root / "s")) == {}


def _endless(client: socket.socket) -> None:
    try:
        while True:
            client.sendall(_record(6, b"x" * 60_000))
    except OSError:
        return


def _slow(client: socket.socket) -> None:
    try:
        for _ in range(100):
            client.sendall(b"\x01")
            time.sleep(0.05)
    except OSError:
        return


@pytest.mark.parametrize("answer", [_endless, _slow, lambda _: None, lambda client: client.sendall(b"junk" * 99)])
def test_a_site_that_is_taken_over_holds_nobody_up(root: Path, answer: Answer) -> None:
    _serve(root / "s", answer)
    start = time.monotonic()
    assert smoke_pools.ask(str(root / "s"), 0.3) == {}
    assert time.monotonic() - start < 5


def test_all_pools_of_a_site(root: Path) -> None:
    web, api, quarantine = layout.of("norte")["pools"]
    _serve(layout.below(root, web["status"]), lambda client: client.sendall(_answer(SAID)))
    file = layout.below(root, api["file"])
    file.parent.mkdir(parents=True)
    file.write_text("; pm.max_children = 9\npm = ondemand\npm.max_children = 5\n")
    waiting = socket.socket(socket.AF_UNIX)
    waiting.bind(str(layout.below(root, quarantine["socket"])))
    waiting.listen(8)
    callers = [socket.socket(socket.AF_UNIX) for _ in range(2)]
    for caller in callers:
        caller.connect(waiting.getsockname())
    assert smoke_pools.look(["norte"], root) == [
        State("norte", "web", None, None, COUNTS),
        State("norte", "api", 5, None, {}),
        State("norte", "quarantine", None, 2, {}),
    ]
    for one in (waiting, *callers):
        one.close()


def test_metrics() -> None:
    states = [State("norte", "web", 9, 4, COUNTS), State("norte", "api", None, None, {})]
    text = smoke_metrics.text([], [], 0, 0, states)
    web = 'site="norte",pool="web"'
    assert text[text.index("# HELP miclinik_php") :] == (
        "# HELP miclinik_php_pool_up Whether PHP-FPM says how the pool is.\n"
        "# TYPE miclinik_php_pool_up gauge\n"
        f"miclinik_php_pool_up{{{web}}} 1\n"
        'miclinik_php_pool_up{site="norte",pool="api"} 0\n'
        "# HELP miclinik_php_pool_workers Workers of the pool.\n"
        "# TYPE miclinik_php_pool_workers gauge\n"
        f'miclinik_php_pool_workers{{{web},state="active"}} 3\n'
        f'miclinik_php_pool_workers{{{web},state="idle"}} 2\n'
        "# HELP miclinik_php_pool_workers_max Most workers that the pool may have.\n"
        "# TYPE miclinik_php_pool_workers_max gauge\n"
        f"miclinik_php_pool_workers_max{{{web}}} 9\n"
        "# HELP miclinik_php_pool_queue Calls that wait for a worker.\n"
        "# TYPE miclinik_php_pool_queue gauge\n"
        f"miclinik_php_pool_queue{{{web}}} 4\n"
        "# HELP miclinik_php_pool_full_total Times that all workers were taken.\n"
        "# TYPE miclinik_php_pool_full_total counter\n"
        f"miclinik_php_pool_full_total{{{web}}} 1\n"
        "# HELP miclinik_php_pool_accepted_total Calls that the pool has taken.\n"
        "# TYPE miclinik_php_pool_accepted_total counter\n"
        f"miclinik_php_pool_accepted_total{{{web}}} 41\n"
    )
