# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The API's description as an OpenAPI 3.0 document that is valid, out of the application's own.

The application gives a Swagger 2.0 document that breaks the specification and, worse for a generated client, says of
answers and bodies what they are not (measured on 16.0.3, 22.0.4 and 24.0.0-beta). docs/api-spec.md has the kinds of
faults, which are mended here one by one; no path, operation or parameter is lost.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

OPENAPI = "3.0.3"
JSON = "application/json"
#: The name of the application's variable for the whole body, which its description takes for a member of the body.
WHOLE_BODY = "request_data"
#: Its description calls PHP's array a list of texts, whatever is in it, and an object that it does not know `Obj`.
_UNKNOWN_OBJECT = "#/definitions/Obj"
_METHODS = ("get", "put", "post", "delete", "options", "head", "patch")
_CODE = re.compile(r"[1-5]\d\d|default")
_SCHEMA = ("type", "format", "enum", "items", "minimum", "maximum", "pattern", "minLength", "maxLength", "default")
_KEY = {
    "DOLAPIKEY": {"type": "apiKey", "in": "header", "name": "DOLAPIKEY", "description": "Key of a user of the API."}
}
#: As members of the application's errors are.
_ERROR = {
    "type": "object",
    "properties": {
        "error": {
            "type": "object",
            "properties": {"code": {"type": "integer"}, "message": {"type": "string"}},
            "additionalProperties": True,
        }
    },
    "additionalProperties": True,
}

Document = dict[str, Any]


def text(made: Document) -> str:
    """Return a document as a file: the same one for the same API, whatever order the application gives it in.

    Letters are written as they are, since what reads YAML knows no surrogates.
    """
    return json.dumps(made, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def document(swagger: Mapping[str, Any], url: str, version: str) -> Document:
    """Return ``swagger``, the application's description, for a site at ``url`` of this ``version``.

    Raises ValueError where it is none.
    """
    if swagger.get("swagger") != "2.0" or not isinstance(swagger.get("paths"), Mapping):
        raise ValueError("is no Swagger 2.0 document")
    taken: set[str] = set()
    paths = {
        path: {
            method: _operation(path, method, given, taken)
            for method, given in sorted(methods.items())
            if method in _METHODS
        }
        for path, methods in sorted(swagger["paths"].items())
    }
    definitions = swagger.get("definitions") or {}
    return {
        "openapi": OPENAPI,
        "info": {"title": "REST API of Dolibarr", "version": version or "unknown"},
        "servers": [{"url": f"{url}/api/index.php"}],
        "security": [{"DOLAPIKEY": []}],
        "tags": [{"name": name} for name in sorted(_tags(paths))],
        "paths": paths,
        "components": {
            "securitySchemes": _KEY,
            "schemas": {name: _model(one) for name, one in sorted(definitions.items())} | {"Error": _ERROR},
        },
    }


def _tags(paths: Mapping[str, Any]) -> set[str]:
    return {tag for methods in paths.values() for one in methods.values() for tag in one["tags"]}


def _operation(path: str, method: str, given: Mapping[str, Any], taken: set[str]) -> Document:
    """Return an operation; two of one name get one each."""
    name = str(given.get("operationId") or f"{method}{path}")
    if name.lower() in taken:
        name += "_" + re.sub(r"\W+", "_", path).strip("_")
    taken.add(name.lower())
    parameters = given.get("parameters") or []
    found: Document = {
        "operationId": name,
        "tags": list(given.get("tags") or []),
        "summary": str(given.get("summary") or ""),
        "description": str(given.get("description") or ""),
        "parameters": list(_parameters(path, parameters)),
        "responses": _responses(given.get("responses") or {}),
    }
    for body in (one for one in parameters if one.get("in") == "body"):
        found["requestBody"] = {
            "description": str(body.get("description") or ""),
            "required": bool(body.get("required")),
            "content": {JSON: {"schema": _schema(body.get("schema") or {})}},
        }
    if not given.get("security"):
        found["security"] = []
    return found


def _parameters(path: str, given: list[Mapping[str, Any]]) -> Iterator[Document]:
    """Yield the parameters outside of the body; one in the path is always there, whatever is said of it."""
    named = re.findall(r"{([^}]+)}", path)
    seen = set()
    for one in given:
        if one.get("in") == "body" or (one.get("name"), one.get("in")) in seen:
            continue
        seen.add((one.get("name"), one.get("in")))
        yield {
            "name": one["name"],
            "in": one["in"],
            "required": bool(one.get("required")) or one["in"] == "path",
            "description": str(one.get("description") or ""),
            "schema": _schema(one),
        }
    for name in named:
        if (name, "path") not in seen:
            yield {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def _responses(given: Mapping[str, Any]) -> Document:
    found: Document = {}
    for code, one in sorted(given.items()):
        schema = _answer(one.get("schema")) if str(code).startswith("2") else {"$ref": "#/components/schemas/Error"}
        found[str(code) if _CODE.fullmatch(str(code)) else "default"] = {
            "description": str(one.get("description") or ""),
            "content": {JSON: {"schema": schema}},
        }
    # Whatever else may come of any call: no key, no right, nothing there, too much, closed.
    error = {"description": "Error", "content": {JSON: {"schema": {"$ref": "#/components/schemas/Error"}}}}
    return {"default": error} | found


def _answer(given: Mapping[str, Any] | None) -> Document:
    """Return what is known of an answer: nothing where PHP says array, text or object and any of them comes."""
    if not given or given.get("type") in ("array", "string") or given.get("$ref") == _UNKNOWN_OBJECT:
        return {}
    return _schema(given)


def _model(given: Mapping[str, Any]) -> Document:
    """Return the schema of a body."""
    members = given.get("properties") or {}
    found: Document = {
        "type": "object",
        "properties": {name: _member(one) for name, one in members.items() if name != WHOLE_BODY},
    }
    required = [name for name in given.get("required") or [] if name in found["properties"]]
    if required:
        found["required"] = required
    if WHOLE_BODY in members:
        found["description"] = str(members[WHOLE_BODY].get("description") or "")
        found["additionalProperties"] = True
    return found


def _member(given: Mapping[str, Any]) -> Document:
    found = {} if _is_phps_array(given) else _schema(given)
    return found if "$ref" in found else found | {"description": str(given.get("description") or "")}


def _is_phps_array(given: Mapping[str, Any]) -> bool:
    return given.get("type") == "array" and given.get("items") == {"type": "string"}


def _schema(given: Mapping[str, Any]) -> Document:
    """Return the schema that is part of a parameter or a member, or is one."""
    if "$ref" in given:
        return {"$ref": str(given["$ref"]).replace("#/definitions/", "#/components/schemas/")}
    found = {key: given[key] for key in _SCHEMA if key in given}
    if "defaultValue" in given:
        found["default"] = given["defaultValue"]
    if found.get("type") == "array":
        found["items"] = _schema(found.get("items") or {})
    if "default" in found:
        found |= _default(found.pop("default"), found)
    return found


def _default(value: object, schema: Mapping[str, Any]) -> Document:
    """Return a default as its type wants it; none at all where it cannot be one."""
    kind = schema.get("type")
    try:
        if kind == "string":
            value = "" if value is None else str(value)
        elif kind == "integer":
            value = int(str(value))
        elif kind == "number":
            value = float(str(value))
        elif kind == "boolean":
            value = str(value).lower() in ("1", "true")
        elif kind == "array" and not isinstance(value, list):
            return {}
    except ValueError:
        return {}
    return {"default": value} if value in schema.get("enum", [value]) else {}
