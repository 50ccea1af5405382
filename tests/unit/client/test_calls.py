# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is sent, what comes back, pages, and what is refused before anything is sent."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.client import (
    ApiError,
    BadAnswerError,
    Client,
    Field,
    NotFoundError,
    RefusedError,
    UsageError,
    path_of,
)

from .conftest import KEY, Serve
from .scripted_server import answer, error, page


def test_the_key_is_in_its_header_and_nowhere_else(serve: Serve) -> None:
    client, server = serve(answer({"success": {}}))
    assert client.get("status") == {"success": {}}
    (sent,) = server.requests
    assert (sent.method, sent.path, sent.body) == ("GET", "/status", b"")
    assert sent.headers["dolapikey"] == KEY
    assert {name for name, value in sent.headers.items() if KEY in value} == {"dolapikey"}
    assert set(sent.headers) == {"host", "user-agent", "accept", "accept-encoding", "dolapikey"}
    assert KEY not in repr(client) + str(vars(client)) + str(vars(client._http)) + str(vars(client._http._connections))


def test_a_body_is_json(serve: Serve) -> None:
    client, server = serve(answer(7))
    body = {"date": date(2020, 7, 14), "when": datetime(2020, 7, 14, tzinfo=UTC), "price": Decimal("13.10"), "n": "ñ"}
    assert client.create("/orders", body) == 7
    (sent,) = server.requests
    assert sent.headers["content-type"] == "application/json"
    assert json.loads(sent.body) == {"date": "2020-07-14", "when": 1594684800, "price": "13.10", "n": "ñ"}


@pytest.mark.parametrize("body", [{"x": float("nan")}, {"x": datetime(2020, 1, 1)}, {"x": b"1"}, {"x": Decimal("NaN")}])
def test_a_body_that_is_none(serve: Serve, body: dict[str, object]) -> None:
    client, server = serve()
    with pytest.raises(UsageError, match="the body cannot be sent: "):
        client.post("orders", body)
    assert server.requests == []


def test_parameters(serve: Serve) -> None:
    client, server = serve(answer([]))
    client.get("products", sortfield="t.ref", limit=0, ids_only=True, mode=None, sqlfilters="(t.ref:=:'a&b #+%')")
    assert server.requests[0].path == (
        "/products?sortfield=t.ref&limit=0&ids_only=true&sqlfilters=%28t.ref%3A%3D%3A%27a%26b+%23%2B%25%27%29"
    )


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("../../install/step1.php", "is no path of the API"),
        ("products/../users", "is no path of the API"),
        ("products?limit=1", "is no path of the API"),
        ("products#x", "is no path of the API"),
        ("products/ref/a b", "is no path of the API"),
        ("//other.example/products", ""),
        ("", "is no path of the API"),
        ("products\r\nX: y", "is no path of the API"),
    ],
)
def test_a_path_that_is_none(serve: Serve, given: str, message: str) -> None:
    client, server = serve(answer([]))
    if message:
        with pytest.raises(UsageError, match=message):
            client.get(given)
        assert server.requests == []
    else:
        client.get(given)
        assert server.requests[0].path == "/other.example/products"


def test_a_path_of_parts() -> None:
    assert path_of("products", "ref", "A B&ñ?") == "/products/ref/A%20B%26%C3%B1%3F"
    assert path_of("orders", 7, "lines") == "/orders/7/lines"
    for part in ("a/b", "..", ".", "", "a\\b", "a\nb"):
        with pytest.raises(UsageError, match="cannot be a part of a path"):
            path_of("products", "ref", part)


@pytest.mark.parametrize("method", ["PATCH", "get", "GET\r\n", "OPTIONS"])
def test_a_method_that_is_none(serve: Serve, method: str) -> None:
    client, server = serve()
    with pytest.raises(UsageError, match="is no method of this API"):
        client.request(method, "products")
    assert server.requests == []


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("http://norte.example.org", "http://norte.example.org would send the key in the clear"),
        ("http://127.0.0.1.example.org", "would send the key in the clear"),
        ("http://10.0.0.1", "would send the key in the clear"),
        ("https://user:secret@norte.example.org", "without a login"),
        ("https://norte.example.org/?a=b", "without a login, query or fragment"),
        ("https://norte.example.org/../x", "without a login"),
        ("ftp://norte.example.org", "has to be https://"),
        ("norte.example.org", "has to be https://"),
        ("https://", "has to be https://"),
        ("https://norte:port", "has to be https://"),
        ("https://nor te", "has to be https://"),
    ],
)
def test_an_address_that_is_refused(url: str, message: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        Client(url, KEY)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    ["https://norte.example.org", "https://norte.example.org/", "https://norte.example.org/api/index.php/"],
)
def test_the_address_of_a_site_or_of_its_api(url: str) -> None:
    assert repr(Client(url, KEY)) == "Client('https://norte.example.org/api/index.php')"


def test_http_where_it_does_no_harm_or_is_asked_for() -> None:
    for url in ("http://localhost:8080/miclinik", "http://127.0.0.1", "http://[::1]:80", "http://norte.localhost"):
        assert repr(Client(url, KEY)) == f"Client('{url}/api/index.php')"
    assert repr(Client("http://norte.example.org", KEY, allow_http=True)).startswith("Client('http://norte")


@pytest.mark.parametrize("key", ["", "a key", "key\r\nX: y", "kéy", "k" * 256, None])
def test_a_key_that_is_none_is_not_printed(key: Any) -> None:  # noqa: ANN401 (what people pass)
    with pytest.raises(UsageError) as caught:
        Client("https://norte.example.org", key)
    assert str(caught.value) == "the key has to be letters, digits and signs of ASCII, without spaces and line ends"


def test_errors_of_the_application(serve: Serve) -> None:
    body = {"error": {"code": 500, "message": "Internal Server Error: Error creating product", "0": "ErrorExists"}}
    client, _ = serve(answer(body, 500), error(404, "Not Found: Product not found"), error(403, "Forbidden"))
    with pytest.raises(ApiError) as caught:
        client.post("products", {"ref": "a"})
    found = caught.value
    assert (found.method, found.path, found.status, found.code) == ("POST", "/products", 500, 500)
    assert (found.message, found.details) == ("Internal Server Error: Error creating product", {"0": "ErrorExists"})
    assert str(found) == "POST /products: 500 Internal Server Error: Error creating product (ErrorExists)"
    with pytest.raises(NotFoundError, match=r"^GET /products/9: 404 Not Found: Product not found$"):
        client.get("products/9", x="in the query")
    with pytest.raises(RefusedError, match=r"^DELETE /products/9: 403 Forbidden$"):
        client.delete("products/9")


def test_answers_without_a_body(serve: Serve) -> None:
    client, _ = serve(b"HTTP/1.1 304 Not Modified\r\n\r\n", b"HTTP/1.1 204 No Content\r\n\r\n")
    assert client.post("orders/7/validate", {}) is None
    assert client.delete("orders/7") is None


@pytest.mark.parametrize(("made", "expected"), [(7, 7), ("7", 7)])
def test_ids_are_numbers(serve: Serve, made: object, expected: int) -> None:
    client, _ = serve(answer(made))
    assert client.create("products", {"ref": "a"}) == expected


@pytest.mark.parametrize("made", [0, -1, True, None, "x", "7 or 1", {"id": 7}, [7], 7.5])
def test_what_is_no_id_of_a_new_record(serve: Serve, made: object) -> None:
    client, _ = serve(answer(made))
    with pytest.raises(BadAnswerError, match=r"^POST /products: .* is no id of a new record$"):
        client.create("products", {"ref": "a"})


def test_pages(serve: Serve) -> None:
    client, server = serve(answer([{"id": "1"}, {"id": "2"}]), answer([{"id": "3"}, {"id": "4"}]), answer([]))
    rows = client.rows("products", Field("t.tosell").eq(1), page_size=2, sortfield="t.ref")
    assert next(rows) == {"id": "1"}
    assert len(server.requests) == 1
    assert [row["id"] for row in rows] == ["2", "3", "4"]
    assert [request.path.partition("?")[2] for request in server.requests] == [
        f"sortfield=t.ref&sqlfilters=%28t.tosell%3A%3D%3A%271%27%29&limit=2&page={page}" for page in (0, 1, 2)
    ]


@pytest.mark.parametrize("message", ["No product found", "Thirdparties not found", "Contact not found"])
def test_an_empty_list_that_is_an_error_in_older_versions(serve: Serve, message: str) -> None:
    client, _ = serve(
        *[error(404, f"Not Found: {message}")] * 3, answer([{"id": 1}] * 1), error(404, f"Not Found: {message}")
    )
    assert list(client.rows("products")) == []
    assert client.first("products") is None
    assert client.only("products") is None
    assert list(client.rows("products", page_size=1)) == [{"id": 1}]


def test_a_missing_path_and_a_missing_record_are_no_empty_lists(serve: Serve) -> None:
    client, _ = serve(
        error(404, "Not Found"),
        error(404, "Not Found: Thirdparty not found"),
        error(404, "Not Found: No contact found"),
    )
    with pytest.raises(NotFoundError, match=r"404 Not Found$"):
        list(client.rows("prodcts"))
    with pytest.raises(NotFoundError, match=r"Thirdparty not found$"):
        list(client.rows("thirdparties/9/representatives"))
    assert list(client.rows("thirdparties/9/contacts")) == []


def test_a_list_that_knows_no_limit_is_given_whole(serve: Serve) -> None:
    client, server = serve(answer([{"id": 1}, {"id": 2}, {"id": 3}]))
    assert [row["id"] for row in client.rows("x", page_size=2)] == [1, 2, 3]
    assert len(server.requests) == 1


def test_a_record_that_moves_to_the_next_page_comes_once(serve: Serve) -> None:
    client, _ = serve(answer([{"id": 1}, {"id": 2}]), answer([{"id": 2}, {"id": 3}]), answer([{"id": 4}]))
    assert [row["id"] for row in client.rows("x", page_size=2)] == [1, 2, 3, 4]


def test_rows_of_one_id_are_not_one(serve: Serve) -> None:
    """A contact with two roles, in the contacts of an order."""
    roles = [{"id": 5, "code": "BILLING"}, {"id": 5, "code": "SHIPPING"}, {"id": 5, "code": "CUSTOMER"}]
    client, _ = serve(answer(roles[:2]), answer(roles[1:]), answer([]))
    assert list(client.rows("orders/7/contacts", page_size=2)) == roles


def test_only_one(serve: Serve) -> None:
    client, _ = serve(answer([{"id": 1}]), answer([{"id": 1}, {"id": 2}]), answer([{"id": 1}]))
    assert client.only("products") == {"id": 1}
    with pytest.raises(BadAnswerError, match=r"^GET /products: there is more than one such record$"):
        client.only("products")
    assert client.first("products") == {"id": 1}


@pytest.mark.parametrize("given", [{"limit": 5}, {"page": 1}, {"page_size": 0}])
def test_pages_are_the_clients_own(serve: Serve, given: dict[str, int]) -> None:
    client, server = serve()
    with pytest.raises(UsageError, match="pages are asked for by page_size"):
        list(client.rows("products", **given))  # type: ignore[arg-type]
    assert server.requests == []


def test_the_version_is_asked_for_once_and_only_where_it_matters(serve: Serve) -> None:
    status = answer({"success": {"code": 200, "dolibarr_version": "16.0.3"}})
    client, server = serve(answer([]), status, answer([]), answer([]))
    client.first("products", Field("t.ref").eq("a"))
    client.first("products", Field("t.barcode").notnull())
    client.first("products", Field("t.ref").like("it's%"))
    assert [request.path.partition("?")[0] for request in server.requests] == [
        *("/products", "/status", "/products", "/products")
    ]
    assert client.major == 16


def test_threads_share_a_client(serve: Serve) -> None:
    client, server = serve(*[answer({"id": 1})] * 64)
    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(lambda n: client.get(f"products/{n + 1}"), range(64))) == [{"id": 1}] * 64
    assert {request.path for request in server.requests} == {f"/products/{n + 1}" for n in range(64)}
    assert {request.headers["dolapikey"] for request in server.requests} == {KEY}


def test_a_closed_client_says_so(serve: Serve) -> None:
    client, server = serve(answer([]))
    with client:
        pass
    with pytest.raises(UsageError, match="the client is closed"):
        client.get("products")
    assert server.requests == []


def test_a_client_of_the_environment(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MICLINIK_API_KEY", raising=False)
    monkeypatch.setenv("MICLINIK_BASE_URL", "http://norte.example.org")
    with pytest.raises(UsageError, match="the variable MICLINIK_API_KEY is not set"):
        Client.from_environment()
    monkeypatch.setenv("MICLINIK_API_KEY", KEY)
    with pytest.raises(UsageError, match="in the clear"):
        Client.from_environment()
    monkeypatch.setenv("MICLINIK_ALLOW_HTTP", "yes")
    assert repr(Client.from_environment()) == "Client('http://norte.example.org/api/index.php')"


def test_the_surroundings_have_no_say(serve: Serve, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:  # noqa: ANN401
    """No proxy, no password of .netrc, no other header."""
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password secret\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    client, server = serve(answer({}), page(200, "x"))
    assert client.get("status") == {}
    assert "authorization" not in server.requests[0].headers


def test_the_entity_of_multicompany() -> None:
    assert Client("https://norte.example.org", KEY, entity=2)._http._headers["DOLAPIENTITY"] == "2"
