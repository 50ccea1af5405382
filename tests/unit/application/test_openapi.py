# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every kind of fault that the application's description has is mended, and nothing of it is lost."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
import schemathesis
from ansible_collections.miclinik.hosting.plugins.module_utils.application import openapi
from jsonschema_rs import ValidationError

URL = "https://norte.example.org/erp"
TEXTS = {"type": "array", "items": {"type": "string"}}


def _operation(name: str, *parameters: dict[str, Any], answer: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "operationId": name,
        "tags": ["things"],
        "summary": "A thing 🔐",
        "description": "",
        "parameters": list(parameters),
        "responses": {
            "200": {"description": "Success", "schema": answer or {"type": "integer", "format": "int64"}},
            "404": {"description": "Not found"},
        },
        "security": [{"api_key": []}],
    }


def _parameter(name: str, where: str = "query", **more: Any) -> dict[str, Any]:  # noqa: ANN401 (as JSON is)
    return {"name": name, "in": where, "type": "string", "description": "", "required": False} | more


def _body(model: str) -> dict[str, Any]:
    return {
        "name": model,
        "in": "body",
        "required": True,
        "description": "",
        "schema": {"$ref": f"#/definitions/{model}"},
    }


def swagger() -> dict[str, Any]:
    """As 16, 22 and 24 write it, each fault once."""
    limit = _parameter("limit", type="integer", format="int64", defaultValue=100)
    return {
        "swagger": "2.0",
        "host": "localhost",
        "basePath": "/api/index.php",
        "info": {"version": "1", "title": "Restler API Explorer", "contact": {"url": "luracast.com/products"}},
        "produces": ["application/json", "application/xml"],
        "securityDefinitions": {"api_key": {"type": "apiKey", "name": "api_key", "in": "query"}},
        "paths": {
            "/things/{id}/file/{model}": {
                "get": _operation(
                    "getFile",
                    _parameter("id", "path", type="integer", required=True),
                    _parameter("model", "path", defaultValue=-1),
                    answer={"$ref": "#/definitions/Obj"},
                ),
            },
            "/things": {
                "post": _operation("createThings", _body("createThingsModel")),
                "get": _operation(
                    "listThings",
                    limit,
                    _parameter("mode", enum=["a", "b"], defaultValue="none"),
                    _parameter("loaded", type="boolean", defaultValue="true"),
                    answer=TEXTS,
                ),
            },
            "/things/{id}": {"put": _operation("createThings", _body("putThingsModel"))},
            "/login": {"get": {name: one for name, one in _operation("login").items() if name != "security"}},
        },
        "definitions": {
            "createThingsModel": {"properties": {"request_data": TEXTS | {"description": "Request data"}}},
            "putThingsModel": {
                "properties": {
                    "request_data": TEXTS,
                    "amount": {"type": "number", "format": "double", "defaultValue": "1"},
                    "lines": TEXTS | {"description": "Lines"},
                    "kinds": {"type": "array", "items": {"type": "integer"}},
                },
                "required": ["request_data", "amount"],
            },
            "Obj": {"properties": {"fix": TEXTS}},
        },
    }


def _valid(made: dict[str, Any]) -> None:
    schemathesis.openapi.from_dict(made).validate()


def test_it_is_valid_and_the_applications_own_is_not() -> None:
    with pytest.raises(ValidationError, match="defaultValue"):
        _valid(swagger() | {"info": {"version": "1", "title": "Restler API Explorer"}})
    _valid(openapi.document(swagger(), URL, "22.0.4"))


def test_it_says_what_and_where_it_is() -> None:
    made = openapi.document(swagger(), URL, "22.0.4")
    assert (made["openapi"], made["info"]["version"]) == ("3.0.3", "22.0.4")
    assert made["servers"] == [{"url": f"{URL}/api/index.php"}]
    assert made["components"]["securitySchemes"]["DOLAPIKEY"]["in"] == "header"
    assert made["security"] == [{"DOLAPIKEY": []}]
    assert made["paths"]["/login"]["get"]["security"] == []
    assert "security" not in made["paths"]["/things"]["get"]


def test_nothing_is_lost() -> None:
    given, made = swagger(), openapi.document(swagger(), URL, "22.0.4")
    assert set(made["paths"]) == set(given["paths"])
    for path, methods in given["paths"].items():
        assert set(made["paths"][path]) == set(methods)
        for method, one in methods.items():
            there = made["paths"][path][method]
            outside = [(entry["name"], entry["in"]) for entry in one["parameters"] if entry["in"] != "body"]
            assert [(entry["name"], entry["in"]) for entry in there["parameters"]][: len(outside)] == outside
            assert ("requestBody" in there) == any(entry["in"] == "body" for entry in one["parameters"])


def test_each_kind_of_fault() -> None:
    made = openapi.document(swagger(), URL, "22.0.4")
    limit, mode, loaded = made["paths"]["/things"]["get"]["parameters"]
    assert limit["schema"] == {"type": "integer", "format": "int64", "default": 100}
    assert mode["schema"] == {"type": "string", "enum": ["a", "b"]}
    assert loaded["schema"] == {"type": "boolean", "default": True}
    _, model = made["paths"]["/things/{id}/file/{model}"]["get"]["parameters"]
    assert (model["required"], model["schema"]["default"]) == (True, "-1")
    # One that its path names, and nobody describes.
    (missing,) = made["paths"]["/things/{id}"]["put"]["parameters"]
    assert (missing["name"], missing["in"], missing["required"]) == ("id", "path", True)
    names = [one["operationId"] for methods in made["paths"].values() for one in methods.values()]
    assert len(names) == len(set(names))
    # Every call may end in an error, and says what that looks like.
    answers = [one["responses"] for methods in made["paths"].values() for one in methods.values()]
    assert [one for one in answers if not str(one["default"]).endswith("schemas/Error'}}}}")] == []
    # What PHP calls an array may be anything.
    assert made["paths"]["/things"]["get"]["responses"]["200"]["content"]["application/json"]["schema"] == {}
    found = made["paths"]["/things/{id}/file/{model}"]["get"]["responses"]["200"]
    assert found["content"]["application/json"]["schema"] == {}


def test_a_body_is_what_the_application_takes() -> None:
    models = openapi.document(swagger(), URL, "22.0.4")["components"]["schemas"]
    assert models["createThingsModel"] == {
        "type": "object",
        "properties": {},
        "description": "Request data",
        "additionalProperties": True,
    }
    assert models["putThingsModel"]["required"] == ["amount"]
    assert models["putThingsModel"]["properties"] == {
        "amount": {"type": "number", "format": "double", "default": 1.0, "description": ""},
        "lines": {"description": "Lines"},
        "kinds": {"type": "array", "items": {"type": "integer"}, "description": ""},
    }


def test_the_same_api_is_the_same_file() -> None:
    given = swagger()
    shuffled = copy.deepcopy(given)
    paths = list(shuffled["paths"].items())
    shuffled["paths"] = dict(reversed(paths))
    text = openapi.text(openapi.document(given, URL, "22.0.4"))
    assert openapi.text(openapi.document(shuffled, URL, "22.0.4")) == text
    assert "🔐" in text
    assert json.loads(text)["openapi"] == openapi.OPENAPI


@pytest.mark.parametrize("given", [{}, {"swagger": "2.0"}, {"swagger": "1.2", "paths": {}}])
def test_what_is_none(given: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="no Swagger"):
        openapi.document(given, URL, "")
