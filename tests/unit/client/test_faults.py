# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A server that is slow, broken, cut short, lying or malicious."""

from __future__ import annotations

import gzip
import json
import re
import socket
import struct
import time
import traceback
from collections.abc import Callable
from email.utils import formatdate

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.client import (
    ApiError,
    BadAnswerError,
    CallError,
    Client,
    Limits,
    NoAnswerError,
)

from .conftest import KEY, Serve
from .scripted_server import ScriptedServer, answer, error, page

FINE = answer({"id": 1})


def _silence(connection: socket.socket) -> None:
    time.sleep(1)


def _hang_up(connection: socket.socket) -> None:
    connection.close()


def _reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def _trickle(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n")
    for _ in range(40):
        connection.sendall(b" ")
        time.sleep(0.05)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


# Slow


def test_silence(serve: Serve) -> None:
    client, _ = serve(_silence, read=0.2)
    with pytest.raises(NoAnswerError, match=r"^GET /status: nothing came for 0\.2 s$") as caught:
        client.get("status")
    assert caught.value.sent


def test_silence_after_a_post(serve: Serve) -> None:
    client, server = serve(_silence, FINE, read=0.2, retries=5)
    said = r"^POST /orders: nothing came for 0\.2 s; the server may have carried it out all the same$"
    with pytest.raises(NoAnswerError, match=said):
        client.post("orders", {})
    assert len(server.requests) == 1


def test_a_trickle_ends(serve: Serve) -> None:
    client, _ = serve(_trickle, total=0.3)
    began = time.monotonic()
    with pytest.raises(NoAnswerError, match=r"^GET /status: the answer took longer than 0\.3 s$"):
        client.get("status")
    assert time.monotonic() - began < 1.5


def test_nobody_takes_the_connection() -> None:
    # A queue that is full, whose kernel answers nothing.
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        address = full.getsockname()
        waiting = []
        for _ in range(3):
            other = socket.socket()
            other.setblocking(False)
            other.connect_ex(address)
            waiting.append(other)
        client = Client(f"http://127.0.0.1:{address[1]}", KEY, limits=Limits(connect=0.3, retries=0))
        with pytest.raises(NoAnswerError, match=r"nobody took the connection within 0\.3 s$") as caught:
            client.post("orders", {})
        assert not caught.value.sent
        for other in waiting:
            other.close()


# Broken


@pytest.mark.parametrize("fault", [_hang_up, _reset])
def test_a_broken_connection_is_tried_again_for_get_alone(
    serve: Serve, pauses: list[float], fault: Callable[[socket.socket], None]
) -> None:
    client, server = serve(fault, fault, FINE, retries=2)
    assert client.get("products/1") == {"id": 1}
    assert len(server.requests) == 3
    assert len(pauses) == 2
    assert 0.25 <= pauses[0] <= 0.75
    assert 0.5 <= pauses[1] <= 1.5
    for method in ("POST", "PUT", "DELETE"):
        client, server = serve(fault, FINE, retries=2)
        with pytest.raises(NoAnswerError, match=rf"^{method} /products/1: the connection broke: ") as caught:
            client.request(method, "products/1", body={})
        assert (len(server.requests), caught.value.sent) == (1, True)


def test_tries_end(serve: Serve, pauses: list[float]) -> None:
    client, server = serve(*[_hang_up] * 9, retries=3)
    with pytest.raises(NoAnswerError):
        client.get("status")
    assert (len(server.requests), len(pauses)) == (4, 3)


def test_a_refused_connection_is_tried_again_for_every_method(pauses: list[float]) -> None:
    client = Client(f"http://127.0.0.1:{_free_port()}", KEY, limits=Limits(retries=2))
    with pytest.raises(NoAnswerError, match=r"^POST /orders: no connection: .*refused$") as caught:
        client.post("orders", {})
    assert (len(pauses), caught.value.sent) == (2, False)


@pytest.mark.parametrize("status", [429, 503])
def test_a_server_may_ask_to_wait(serve: Serve, pauses: list[float], status: int) -> None:
    client, server = serve(page(status, "later", Retry_After="7"), FINE, retries=1)
    assert client.get("products/1") == {"id": 1}
    assert (pauses, len(server.requests)) == ([7.0], 2)


def test_a_server_may_ask_to_wait_until_then(serve: Serve, pauses: list[float]) -> None:
    client, _ = serve(page(503, "later", Retry_After=formatdate(time.time() + 20, usegmt=True)), FINE, retries=1)
    assert client.get("products/1") == {"id": 1}
    assert 15 < pauses[0] <= 20


def test_there_is_a_ceiling_to_waiting(serve: Serve, pauses: list[float]) -> None:
    client, server = serve(error(429, "Too Many Requests", Retry_After="31"), FINE, retries=2, wait=30)
    with pytest.raises(ApiError, match=r"^GET /products/1: 429 Too Many Requests$") as caught:
        client.get("products/1")
    assert (pauses, len(server.requests), caught.value.retry_after) == ([], 1, 31.0)


@pytest.mark.parametrize("asked", ["-1", "nonsense", "", "9" * 40])
def test_nonsense_is_not_waited_for(serve: Serve, pauses: list[float], asked: str) -> None:
    client, _ = serve(page(503, "later", Retry_After=asked), FINE, retries=1)
    assert client.get("products/1") == {"id": 1}
    assert 0.25 <= pauses[0] <= 0.75


@pytest.mark.parametrize("busy", [page(502, "bad gateway"), page(504, "late"), page(202, "DolibarrHasDetectedError")])
def test_what_is_busy_is_tried_again(serve: Serve, pauses: list[float], busy: bytes) -> None:
    client, server = serve(busy, FINE, retries=1)
    assert client.get("products/1") == {"id": 1}
    client, server = serve(busy, FINE, retries=1)
    with pytest.raises(BadAnswerError):
        client.post("products", {})
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 500, 503])
def test_the_applications_own_word_is_final(serve: Serve, pauses: list[float], status: int) -> None:
    client, server = serve(error(status, "Unknown column 't.nope'"), FINE, retries=3)
    with pytest.raises(ApiError, match="Unknown column"):
        client.get("products")
    assert (len(server.requests), pauses) == (1, [])


# Cut short


def _cut(content: bytes, length: int) -> bytes:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n".encode()
    return head + content


@pytest.mark.parametrize(
    "cut",
    [
        # An id cut short is another id.
        _cut(b"12", 5),
        _cut(b'[{"id": 1}, {"id"', 40),
        _cut(gzip.compress(b"12345")[:-9], 25).replace(b"\r\n\r\n", b"\r\nContent-Encoding: gzip\r\n\r\n", 1),
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n12\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n12",
        b"HTTP/1.1 200 OK\r\nContent-Ty",
        b"HTTP/1",
    ],
    ids=["id", "list", "gzip", "chunks", "chunk", "headers", "status"],
)
def test_cut_short(serve: Serve, cut: bytes) -> None:
    def send(connection: socket.socket) -> None:
        connection.sendall(cut)

    client, _ = serve(send)
    with pytest.raises(CallError):
        client.create("products", {"ref": "a"})


# Lying


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (page(200, "<h1>Log in</h1><script>x</script>"), r"200: text/html instead of JSON \(is the API's module on"),
        (page(202, "DolibarrHasDetectedError"), r"202: text/html .*does not reach its database"),
        (page(403, "Access refused"), r"403: text/html .*its filter of requests refuses this.*Access refused"),
        (page(413, "too large"), r"413: .*the body is too long"),
        (page(501, "API not found"), r"501: .*no such API"),
        (page(500, ""), r"500: text/html instead of JSON \(not the API's answer\)$"),
        (answer(b"{}", 200, Content_Type=""), r"200: no content type instead of JSON"),
        (answer(b"", 200), "what calls itself JSON is none"),
        (answer(b'garbage{"id": 1}', 200), "what calls itself JSON is none"),
        (answer(b'{"id": NaN}', 200), "what calls itself JSON is none"),
        (answer(b'{"id": "\xff"}', 200), "what calls itself JSON is none"),
        (answer(b"[" * 100_000, 200), "what calls itself JSON is none"),
        (answer(b"9" * 100_000, 200), "what calls itself JSON is none"),
        (answer({"id": 1}, 500), "500: no error of the application's"),
        (answer({"error": "text"}, 400), "400: no error of the application's"),
        (answer({"id": 1}, 202), "202: no error of the application's"),
        (answer(b"x", 200, Content_Encoding="br"), "the answer is packed as 'br', not as asked for"),
        (answer(b"x", 200, Content_Encoding="gzip, gzip"), "the answer is packed as 'gzip, gzip'"),
    ],
)
def test_an_answer_that_is_none(serve: Serve, said: bytes, message: str) -> None:
    client, _ = serve(said)
    with pytest.raises(BadAnswerError, match=rf"^POST /products: .*{message}|^POST /products: {message}"):
        client.post("products", {"ref": "a"})


def test_what_calls_itself_gzip(serve: Serve) -> None:
    """As when PHP dies in versions 16 and 17: the header is out, and the error comes as it is."""
    died = page(500, "<br />Fatal error: Uncaught TypeError", Content_Encoding="gzip")
    client, server = serve(answer(b"no gzip", 200, Content_Encoding="gzip"), died, retries=2)
    with pytest.raises(BadAnswerError, match=r"^GET /status: 200: what calls itself JSON is none$"):
        client.get("status")
    with pytest.raises(BadAnswerError, match=r"^POST /orders: 500: text/html .*Fatal error: Uncaught TypeError$"):
        client.post("orders", {})
    assert len(server.requests) == 2
    client, _ = serve(
        answer(gzip.compress(b"[7]"), 200, Content_Encoding="gzip"), answer(b"", 304, Content_Encoding="gzip")
    )
    assert client.get("status") == [7]
    assert client.post("orders/7/validate") is None


def test_an_error_that_calls_itself_a_success(serve: Serve) -> None:
    client, _ = serve(answer({"error": {"code": 401, "message": "Unauthorized"}}, 200))
    with pytest.raises(ApiError, match=r"^GET /products: 401 Unauthorized$") as caught:
        client.get("products")
    assert (caught.value.status, caught.value.code) == (200, 401)


@pytest.mark.parametrize("code", ["x", None, [], "9" * 30, 10**30])
def test_an_error_with_any_code(serve: Serve, code: object) -> None:
    client, _ = serve(answer({"error": {"code": code, "message": ["odd"]}}, 500))
    with pytest.raises(ApiError) as caught:
        client.get("products")
    assert (caught.value.code, caught.value.message) == (500, "['odd']")


def test_a_page_that_comes_again_and_again(serve: Serve) -> None:
    client, server = serve(*[answer([{"id": 1}, {"id": 2}])] * 9)
    rows = client.rows("products", page_size=2)
    assert [next(rows), next(rows)] == [{"id": 1}, {"id": 2}]
    with pytest.raises(BadAnswerError, match=r"^GET /products: page 1 holds nothing new: this list has no pages$"):
        next(rows)
    assert len(server.requests) == 2


@pytest.mark.parametrize("content", [{"a": 1}, [1, 2], "text", None, 7, [{"id": 1}, None]])
def test_a_list_that_is_none(serve: Serve, content: object) -> None:
    client, _ = serve(answer(content))
    with pytest.raises(BadAnswerError, match=r"^GET /products: the answer is no list of records$"):
        list(client.rows("products"))


@pytest.mark.parametrize("status", [{}, {"success": []}, {"success": {"dolibarr_version": "new"}}, []])
def test_a_version_that_is_none(serve: Serve, status: object) -> None:
    client, _ = serve(answer(status))
    with pytest.raises(BadAnswerError, match=r"^GET /status: it does not say a version$"):
        assert client.major


# Malicious


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(serve: Serve, status: int) -> None:
    with ScriptedServer([FINE]) as thief:
        client, server = serve(page(status, "there", Location=f"{thief.url}/?take={KEY}"), retries=2)
        with pytest.raises(BadAnswerError) as caught:
            client.get("products")
        assert thief.requests == []
        where = thief.url.removeprefix("http://")
    assert str(caught.value) == (
        f"GET /products: {status}: a redirect to {where}, which is not followed; is the URL the site's own?"
    )
    assert len(server.requests) == 1


def test_an_answer_without_an_end(serve: Serve) -> None:
    def flood(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
        for _ in range(1000):
            connection.sendall(b" " * 65536)

    client, _ = serve(flood, size=100_000)
    with pytest.raises(BadAnswerError, match=r"^GET /status: the answer is longer than 100000 bytes$"):
        client.get("status")


def test_a_redirect_without_an_end(serve: Serve) -> None:
    def flood(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\n\r\n")
        for _ in range(1000):
            connection.sendall(b" " * 65536)

    client, _ = serve(flood, size=100_000)
    with pytest.raises(BadAnswerError, match=r"^GET /status: the answer is longer than 100000 bytes$"):
        client.get("status")


def test_a_bomb(serve: Serve) -> None:
    bomb = gzip.compress(b" " * 20_000_000)
    assert len(bomb) < 30_000
    client, _ = serve(answer(bomb, 200, Content_Encoding="gzip"), size=100_000)
    with pytest.raises(BadAnswerError, match=r"longer than 100000 bytes$"):
        client.get("status")


def test_nothing_that_a_server_says_brings_the_key_out(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    echo = {"error": {"code": 500, "message": f"You sent {KEY}", "0": KEY, "debug": {"at": [KEY]}}}
    client, _ = serve(answer(echo, 500), page(500, f"<p>{KEY}</p>"), _hang_up, answer({"key": KEY}, 500))
    caplog.set_level(0)
    person = "".join(("pri", "vate"))
    said = []
    for path in ("a", "b", "c", "d"):
        try:
            client.get(path, sqlfilters=f"(t.email:=:'{person}@example.org')")
        except CallError as failed:
            chain: list[BaseException] = [failed]
            while cause := chain[-1].__cause__ or chain[-1].__context__:
                chain.append(cause)
            said += [repr(vars(each)) + repr(each) for each in chain] + traceback.format_exception(failed)
    text = "\n".join(said) + caplog.text
    assert text.count("Error") >= 4
    assert KEY not in text
    assert person not in "\n".join(said)


def test_no_request_with_its_headers_hangs_on_an_exception(serve: Serve) -> None:
    client, _ = serve(_hang_up)
    with pytest.raises(NoAnswerError) as caught:
        client.get("products")
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)


def test_a_message_stays_on_its_line(serve: Serve) -> None:
    client, _ = serve(error(500, "one\r\nGET /x: fine\x1b[2J" + "x" * 10_000))
    with pytest.raises(ApiError) as caught:
        client.get("products")
    assert re.fullmatch(r"GET /products: 500 one GET /x: fine \[2Jx+\.\.\.", str(caught.value))
    assert len(caught.value.message) == 503


def test_cookies_are_not_kept(serve: Serve) -> None:
    client, server = serve(answer({}, 200, Set_Cookie="DOLSESSID=x; path=/"), answer({}))
    client.get("status")
    client.get("status")
    assert "cookie" not in server.requests[1].headers


def test_more_than_was_promised_is_not_taken_for_the_next_answer(serve: Serve) -> None:
    poison = answer({"id": 1}) + answer({"id": "of another one"})
    client, server = serve(poison, answer({"id": 2}))
    assert client.get("products/1") == {"id": 1}
    time.sleep(0.1)
    assert client.get("products/2") == {"id": 2}
    assert [json.dumps(request.path) for request in server.requests] == ['"/products/1"', '"/products/2"']
