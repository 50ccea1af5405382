# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Lists and objects, whatever the site holds: nothing is written."""

from __future__ import annotations

import pytest

from .session import Api, assert_error
from .versions import Features

#: endpoint, message of an empty list where that is an error
LISTS = [
    ("/products", "No product found"),
    ("/orders", "No order found"),
    ("/invoices", "No invoice found"),
]


@pytest.mark.parametrize(("path", "message"), LISTS)
def test_page_past_the_end(api: Api, features: Features, error_members: set[str], path: str, message: str) -> None:
    answer = api.get(path, params={"limit": 1, "page": 10_000_000})
    if features["empty_list_status"] == 404:
        assert_error(answer, 404, message, error_members)
    else:
        assert answer.status == 200, answer.describe()
        assert answer.json() == []


def test_nobody_of_that_name(api: Api, error_members: set[str]) -> None:
    # 404 in every version, unlike the other lists.
    answer = api.get("/thirdparties", params={"sqlfilters": "(t.nom:=:'no third party has this name')"})
    assert_error(answer, 404, "hird", error_members)


@pytest.mark.parametrize("path", ["/products", "/thirdparties", "/orders", "/invoices"])
def test_limit_has_to_be_a_number(api: Api, error_members: set[str], path: str) -> None:
    assert_error(api.get(path, params={"limit": "abc"}), 400, "`limit`", error_members)


@pytest.mark.parametrize("path", ["/products", "/thirdparties", "/orders", "/invoices"])
def test_no_object_of_that_id(api: Api, error_members: set[str], path: str) -> None:
    assert_error(api.get(f"{path}/999999999"), 404, "not found", error_members)


@pytest.mark.parametrize("path", ["/products", "/thirdparties", "/orders", "/invoices"])
def test_id_has_to_be_a_number(api: Api, error_members: set[str], path: str) -> None:
    assert_error(api.get(f"{path}/abc"), 400, "`id`", error_members)


def test_countries(api: Api) -> None:
    spain = api.found("/setup/dictionary/countries", sqlfilters="(t.code:=:'ES')")
    assert [(entry["code"], entry["code_iso"]) for entry in spain] == [("ES", "ESP")]
    names = [entry["code"] for entry in api.found("/setup/dictionary/countries", sortfield="code", limit=4, page=1)]
    assert len(names) == 4
    assert names == sorted(names)


def test_xml_on_request(api: Api) -> None:
    answer = api.get("/status", headers={"Accept": "application/xml"})
    assert (answer.status, answer.mime) == (200, "application/xml")
    assert answer.text.startswith('<?xml version="1.0"')


def test_html_is_not_on_offer(api: Api, error_members: set[str]) -> None:
    answer = api.get("/status", headers={"Accept": "text/html"})
    assert_error(answer, 406, "Try `application/json` instead", error_members)


def test_head(api: Api) -> None:
    answer = api.call("HEAD", "/status")
    assert (answer.status, answer.mime, answer.body) == (200, "application/json", b"")


def test_unknown_endpoint(api: Api) -> None:
    answer = api.get("/nosuchendpoint")
    assert (answer.status, answer.mime) == (501, "text/html")
    assert answer.text == "API not found (failed to include API file)"


@pytest.mark.parametrize("path", ["/products/1/nosuchthing", "/", ""])
def test_unknown_path(api: Api, error_members: set[str], path: str) -> None:
    assert_error(api.get(path), 404, "Not Found", error_members)


def test_methods_without_a_route(api: Api, error_members: set[str]) -> None:
    assert_error(api.call("PATCH", "/products/1", body={}), 404, "Not Found", error_members)
    assert_error(api.call("OPTIONS", "/products"), 405, "Method Not Allowed", error_members)


def test_script_in_the_query_is_refused(api: Api, features: Features) -> None:
    answer = api.get("/products", params={"sqlfilters": "<script"})
    assert (answer.status, answer.mime) == (features["waf_query_status"], "text/html"), answer.describe()
    assert "by SQL or Script injection protection" in answer.text


def test_filter_that_is_none(api: Api, features: Features, error_members: set[str]) -> None:
    answer = api.get("/products", params={"sqlfilters": "t.ref='x' or 1=1", "limit": 1})
    if features["bad_filter_status"] == 400:
        assert_error(answer, 400, "Bad syntax", error_members)
    else:
        # The filter is lost and everything is given: 404 when there is nothing.
        assert answer.status in (200, 404), answer.describe()


def test_filter_on_an_unknown_column(api: Api, error_members: set[str]) -> None:
    answer = api.get("/products", params={"sqlfilters": "(t.nosuchcolumn:=:1)"})
    assert_error(answer, 503, "Error when retrieve product list", error_members)
