# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What HAProxy says of the hosts with the sites, by a socket that the test plays."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.cluster import balancer
from ansible_collections.miclinik.hosting.plugins.module_utils.cluster.balancer import Server

HEAD = "# pxname,svname,scur,status,"
ROWS = ["norte-calls,a,{calls},{a},", "norte-calls,b,0,{b},", "norte-pages,a,1,{a},", "norte-pages,b,0,{b},"]


class Played:
    """Says one list of rows after the other; the last for ever."""

    def __init__(self, path: Path) -> None:
        self.path, self.said = path, [""]
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.bind(str(path))
        self._socket.listen()
        threading.Thread(target=self._answer, daemon=True).start()

    def _answer(self) -> None:
        while True:
            asked, _ = self._socket.accept()
            assert asked.recv(100) == b"show stat\n"
            asked.sendall(self.said[0].encode())
            self.said[:] = self.said[1:] or self.said
            asked.close()


@pytest.fixture
def played(tmp_path: Path) -> Iterator[Played]:
    yield Played(tmp_path / "admin.sock")


def _rows(a: str, b: str, calls: int = 0) -> str:
    others = ["miclinik,FRONTEND,9,OPEN,", "miclinik-database,a,3,UP,", "norte-calls,BACKEND,0,UP,"]
    return "\n".join([HEAD, *others, *(row.format(a=a, b=b, calls=calls) for row in ROWS), ""])


def test_hosts_with_sites_alone_count(played: Played) -> None:
    played.said = [_rows("UP", "DOWN", 2)]
    seen = balancer.servers(played.path)
    assert seen[0] == Server("norte-calls", "a", "UP", 2)
    assert {one.name for one in seen} == {"a", "b"}
    assert {one.backend for one in seen} == {"norte-calls", "norte-pages"}


@pytest.mark.parametrize(
    ("a", "b", "alone"),
    [
        ("UP", "UP", []),
        ("UP", "DOWN", ["norte-calls", "norte-pages"]),
        ("UP", "NOLB", ["norte-calls", "norte-pages"]),
        ("DOWN", "DOWN", []),
        ("UP 1/2", "DOWN 1/2", ["norte-calls", "norte-pages"]),
    ],
)
def test_who_serves_alone_is_not_drained(played: Played, a: str, b: str, alone: list[str]) -> None:
    played.said = [_rows(a, b)]
    assert balancer.alone("a", balancer.servers(played.path)) == alone


def test_open_calls_of_the_api_are_waited_for(played: Played) -> None:
    played.said = [_rows("UP", "UP", 2), _rows("NOLB", "UP", 1), _rows("NOLB", "UP", 0)]
    pauses: list[float] = []
    assert balancer.wait(balancer.busy, "a", 9, path=played.path, pause=pauses.append) == []
    assert len(pauses) == 2
    played.said = [_rows("NOLB", "UP", 3)]
    found = balancer.wait(balancer.busy, "a", 0, path=played.path)
    assert found == ["norte-calls has 3 open calls there"]


def test_back_is_who_is_led_to_everywhere(played: Played) -> None:
    played.said = [_rows("NOLB", "UP"), _rows("UP", "UP")]
    assert balancer.wait(balancer.away, "a", 9, path=played.path, pause=lambda _: None) == []
    played.said = [_rows("DOWN", "UP")]
    found = balancer.wait(balancer.away, "a", 0, path=played.path)
    assert found == ["norte-calls says DOWN", "norte-pages says DOWN"]


def test_no_haproxy(tmp_path: Path) -> None:
    with pytest.raises(balancer.BalancerError, match="See: systemctl status haproxy"):
        balancer.servers(tmp_path / "none.sock")
