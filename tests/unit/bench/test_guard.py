# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which floods are played, what strangers say in them, and how shares are told."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.bench.guard import crowd, scenes, shares
from tests.bench.guard.shares import Row

PLAN = {"target": "127.0.0.1", "port": 80, "domain": "norte.example.org"}


def _seen(kind: str, under: float, before: float = 90, after: float = 110) -> dict[str, Any]:
    def rates(program: float) -> dict[str, Any]:
        return {
            "integration": {"per_second": program, "wrong": {}},
            "second": {"per_second": 10, "wrong": {}},
            "person": {"per_second": 5, "wrong": {}},
        }

    scene = {"kind": kind, "connections": 50, "addresses": ["198.18.1.1"]}
    answers = {"503": 30, "401": 4}
    return {"scene": scene, "before": rates(before), "under": rates(under), "after": rates(after), "answers": answers}


def test_every_number_and_spread_has_all_kinds_and_what_they_are_compared_with() -> None:
    found = scenes.floods(("static", "no key"), (10, 50), (1, 50))
    assert [(scene["connections"], len(scene["addresses"]), scene["kind"]) for scene in found] == [
        (10, 1, "static"),
        (10, 1, "no key"),
        # Ten connections do not come from fifty addresses.
        (50, 1, "static"),
        (50, 1, "no key"),
        (50, 50, "static"),
        (50, 50, "no key"),
    ]
    assert scenes.KINDS[0] == scenes.STATIC


def test_those_who_belong_there_share_an_address_with_the_flood() -> None:
    secrets = {"users": {login: {"key": f"key of {login}"} for login in scenes.LOGINS}, "admin_password": "secret"}
    plan = scenes.plan(secrets, scenes.floods(("static",), (10,), (1,)), 4.0)
    assert set(plan["own"].values()) == set(plan["scenes"][0]["addresses"])
    assert plan["keys"] == {"integration": "key of integration", "second": "key of second"}


def test_shares() -> None:
    rows = [Row("nginx", _seen("static", 80)), Row("nginx", _seen("no key", 60)), Row("apache", _seen("no key", 50))]
    assert [shares.cells(row, rows)[4:] for row in rows] == [
        ("80%", "-", "100%", "100%", "22%", "4 x 401, 30 x 503"),
        ("60%", "75%", "100%", "100%", "22%", "4 x 401, 30 x 503"),
        ("50%", "-", "100%", "100%", "22%", "4 x 401, 30 x 503"),
    ]
    assert {len(line.split(" | ")) for line in shares.text(rows).splitlines()} == {len(shares.HEAD)}
    assert shares.document(rows)[1]["shares"] == {"integration": 0.6, "second": 1.0, "person": 1.0}


def test_who_was_never_answered_has_no_share() -> None:
    with pytest.raises(ValueError, match="integration was not answered even once"):
        Row("nginx", _seen("no key", 0, before=0, after=0)).share("integration")


@pytest.mark.parametrize(
    ("kind", "beginning", "contains"),
    [
        ("static", b"GET /theme/none.png HTTP/1.1\r\n", b"\r\n\r\n"),
        ("wrong key", b"GET /api/index.php/status HTTP/1.1\r\n", b"DOLAPIKEY: wrong"),
        ("no key", b"GET /api/index.php/status HTTP/1.1\r\n", b"Content-Length: 0\r\n\r\n"),
        ("wrong login", b"POST /index.php HTTP/1.1\r\n", b"\r\n\r\nactionlogin=login&username=admin&password=wrong1"),
        ("page", b"GET / HTTP/1.1\r\n", b"\r\n\r\n"),
        ("half-open", b"GET / HTTP/1.1\r\n", b"X-"),
    ],
)
def test_what_strangers_say(kind: str, beginning: bytes, contains: bytes) -> None:
    assert kind in scenes.KINDS
    said = next(crowd.asked(PLAN, kind))
    assert said.startswith(beginning)
    assert contains in said
    assert (b"\r\n\r\n" in said) == (kind != "half-open")


def test_a_flood_asks_and_counts() -> None:
    asked = []

    async def play() -> dict[str, int]:
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            asked.append(await reader.readuntil(b"\r\n"))
            writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
            await writer.drain()
            writer.close()

        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            scene = {"kind": "static", "connections": 3, "addresses": ["127.0.0.1", "127.0.0.2"]}
            return await crowd.flood(PLAN | {"port": port}, scene, 0.9)

    assert asyncio.run(play()) == {"404": 3}
    assert asked == [b"GET /theme/none.png HTTP/1.1\r\n"] * 3


def test_a_key_that_is_answered_with_what_is_anothers_ends_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    client = crowd.Client(PLAN, "127.0.0.1")
    monkeypatch.setattr(client, "ask", lambda *_: (200, '{"login": "second"}', []))
    with pytest.raises(SystemExit, match="the key of integration was answered with what is second's"):
        crowd.program(client, "integration", "key")()
    crowd.program(client, "second", "key")()
