# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The explorer and the description of the operations that it shows."""

from __future__ import annotations

from typing import Any

import pytest

from .session import Api


@pytest.fixture(scope="module")
def description(api: Api) -> dict[str, Any]:
    return api.one("/explorer/swagger.json")


def test_explorer_redirects_to_its_page(api: Api) -> None:
    answer = api.get("/explorer", key=None)
    assert answer.status == 302
    assert answer.headers["location"] == f"{api.client.base_url}/api/index.php/explorer/"


def test_explorer_is_swagger_ui(api: Api) -> None:
    answer = api.get("/explorer/", key=None)
    assert (answer.status, answer.mime) == (200, "text/html")
    assert "<title>Swagger UI</title>" in answer.text
    assert "swagger.json" in answer.text


def test_description_without_a_key_lists_only_the_login(api: Api) -> None:
    answer = api.get("/explorer/swagger.json", key=None)
    assert (answer.status, answer.mime) == (200, "application/json")
    content: Any = answer.json()
    assert list(content["paths"]) == ["/login"]


def test_description_names_the_site(api: Api, description: dict[str, Any]) -> None:
    assert description["swagger"] == "2.0"
    assert description["host"] == api.client.netloc
    assert description["basePath"] == f"{api.client.base_path}/api/index.php"


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/login", {"get", "post"}),
        ("/status", {"get"}),
        ("/products", {"get", "post"}),
        ("/products/{id}", {"get", "put", "delete"}),
        ("/thirdparties", {"get", "post"}),
        ("/thirdparties/{id}", {"get", "put", "delete"}),
        ("/orders", {"get", "post"}),
        ("/orders/{id}", {"get", "put", "delete"}),
        ("/orders/{id}/lines", {"get", "post"}),
        ("/orders/{id}/validate", {"post"}),
        ("/invoices", {"get", "post"}),
        ("/invoices/{id}", {"get", "put", "delete"}),
        ("/setup/dictionary/countries", {"get"}),
    ],
)
def test_description_lists_the_operations(description: dict[str, Any], path: str, methods: set[str]) -> None:
    assert set(description["paths"][path]) == methods


def test_operations_say_how_to_call_them(description: dict[str, Any]) -> None:
    operations = [entry for methods in description["paths"].values() for entry in methods.values()]
    assert operations
    for operation in operations:
        assert {"operationId", "tags", "parameters", "summary", "responses"} <= set(operation)
    # The explorer sends the key in the query string: its log is not for everybody.
    assert description["securityDefinitions"] == {"api_key": {"type": "apiKey", "in": "query", "name": "api_key"}}
