# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What nobody should send: attempts at SQL, bodies that are none, letters of all kinds, slashes in disguise."""

from __future__ import annotations

import pytest

from .session import Api, Trash, assert_error, unique
from .versions import Features

#: Bytes; more than any site of ours takes.
HUGE = 64 * 1024 * 1024
#: What becomes of SQL in a sortfield: its letters, digits, dots and underscores are taken for a column.
SORTS = {
    "t.ref;drop table llx_product": "t.refdroptablellx_product",
    "t.ref,(select sleep(3))": "selectsleep3",
    "t.ref' or '1'='1": "t.refor11",
    "t.ref desc": "t.refdesc",
    "(select 1)": "select1",
}
#: Words that no quotes hold together are taken for the name of a column, without all that such a name can't have.
BARE_WORDS = {"'x' or 1=1": "xor11", "x": "x"}
SUBQUERIES = ("(t.ref:in:(select login from llx_user))", "(t.ref:=:(select 1))", "(t.rowid:=:sleep(3))")


@pytest.mark.parametrize("sent", SORTS)
def test_sql_in_sortfield_is_no_more_than_an_unknown_column(api: Api, error_members: set[str], sent: str) -> None:
    answer = api.get("/products", params={"sortfield": sent, "limit": 1})
    assert_error(answer, 503, "Error when retrieve product list", error_members)
    # PostgreSQL names table and column apart from each other, and a part of the name is enough here.
    assert SORTS[sent].rpartition(".")[2] in answer.text
    assert answer.ms < 3000


@pytest.mark.parametrize("sent", SUBQUERIES)
def test_sql_in_a_filter_is_not_run(api: Api, features: Features, error_members: set[str], sent: str) -> None:
    answer = api.get("/products", params={"sqlfilters": sent, "limit": 1})
    refused = features["subquery_status"] == 400
    message = "Bad syntax of the search string" if refused else "Error when retrieve product list"
    assert_error(answer, 400 if refused else 503, message, error_members)
    assert answer.ms < 3000


def test_a_list_that_is_a_subquery_is_run_by_some_versions(
    api: Api, features: Features, error_members: set[str]
) -> None:
    numbers = api.get("/products", params={"sqlfilters": "(t.rowid:in:1,2)", "limit": 1})
    assert numbers.status in (200, features["empty_list_status"])
    answer = api.get("/products", params={"sqlfilters": "(t.rowid:in:select 1 from llx_const)", "limit": 1})
    if features["listed_subquery_status"] == 200:
        assert (answer.status, type(answer.json())) == (200, list), answer.describe()
    else:
        assert_error(answer, 503, "Error when retrieve product list", error_members)


@pytest.mark.parametrize("sent", BARE_WORDS)
def test_words_outside_of_quotes_are_a_column(api: Api, features: Features, error_members: set[str], sent: str) -> None:
    answer = api.get("/products", params={"sqlfilters": f"(t.ref:=:{sent})", "limit": 1})
    if features["bare_word"] == "column":
        assert_error(answer, 503, "Error when retrieve product list", error_members)
        assert BARE_WORDS[sent] in answer.text
    elif features["number_in_text_status"] == 503:
        assert_error(answer, 503, "character varying = integer", error_members)
    else:
        # Any text that does not begin with a number is found; a site without products has none.
        assert (answer.status, answer.mime) in ((200, "application/json"), (404, "application/json"))


@pytest.mark.parametrize("sent", ["()", "(t.ref:=:'x')(t.ref:=:'y')", "(t.ref:==:'x')", "(t.ref:is:'x')"])
def test_filter_that_no_database_takes(api: Api, error_members: set[str], sent: str) -> None:
    answer = api.get("/products", params={"sqlfilters": sent, "limit": 1})
    assert_error(answer, 503, "Error when retrieve product list", error_members)


def test_quotes_in_a_filter_stay_text(api: Api, features: Features, error_members: set[str]) -> None:
    answer = api.get("/products", params={"sqlfilters": "(t.ref:=:'x'';drop table llx_product')"})
    if features["empty_list_status"] == 404:
        assert_error(answer, 404, "No product found", error_members)
    else:
        assert (answer.status, answer.json()) == (200, [])
    # The table is still there.
    assert api.get("/products", params={"limit": 1}).status in (200, features["empty_list_status"])


@pytest.mark.parametrize("parameter", ["sortfield", "sqlfilters"])
@pytest.mark.parametrize("sent", ["t.ref UNION SELECT 1", "onload=", "a\0b"])
def test_the_application_filters_the_query_string(api: Api, features: Features, parameter: str, sent: str) -> None:
    answer = api.get("/products", params={parameter: sent})
    assert (answer.status, answer.mime) == (features["waf_query_status"], "text/html"), answer.describe()
    assert "by SQL or Script injection protection" in answer.text


@pytest.mark.parametrize("path", ["/products/ref/A%2FB", "/products/1%2F2", "/products/..%2Fusers"])
def test_an_encoded_slash_is_a_slash(api: Api, error_members: set[str], path: str) -> None:
    assert_error(api.get(path), 404, "Not Found", error_members)


@pytest.mark.parametrize("path", ["/products/ref/A%252FB", "/products/ref/%FF"])
def test_what_is_encoded_twice_or_wrongly_is_refused(api: Api, features: Features, path: str) -> None:
    answer = api.get(path)
    assert (answer.status, answer.mime) == (features["waf_query_status"], "text/html"), answer.describe()
    assert "by SQL or Script injection protection" in answer.text


def test_any_letters_in_a_path(api: Api, error_members: set[str]) -> None:
    assert_error(api.get("/products/ref/%C3%A9%F0%9F%98%80"), 404, "Product not found", error_members)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"[" * 20_000, "Maximum stack depth exceeded"),
        (b'{"ref":"\xff"}', "Malformed UTF-8 characters"),
        (b'"ref"', "`request_data`"),
        (b"true", "`request_data`"),
        (b"1", "`request_data`"),
        (b"null", "Error parsing JSON"),
        (b" null ", "Error parsing JSON"),
        (b" ", "Syntax error"),
        (b"0", "ref field missing"),
        (b"[]", "ref field missing"),
        (b"", "ref field missing"),
    ],
)
def test_json_that_is_no_object_is_refused(api: Api, error_members: set[str], body: bytes, message: str) -> None:
    answer = api.post("/products", data=body, headers={"Content-Type": "application/json"})
    assert_error(answer, 400, message, error_members)


@pytest.mark.parametrize(("method", "path"), [("POST", "/orders"), ("PUT", "/products/999999999"), ("POST", "/login")])
def test_null_is_refused_before_the_key_is_looked_at(api: Api, error_members: set[str], method: str, path: str) -> None:
    answer = api.call(method, path, data=b"null", headers={"Content-Type": "application/json"}, key=None)
    assert_error(answer, 400, "Error parsing JSON", error_members)


def test_a_huge_body_is_refused_and_the_site_goes_on(api: Api) -> None:
    answer = api.post("/products", data=b" " * HUGE, headers={"Content-Type": "application/json"})
    assert answer.status == 413, answer.describe()
    assert api.get("/status").status == 200


@pytest.mark.writes
def test_letters_of_all_kinds_are_kept(api: Api, trash: Trash, features: Features) -> None:
    identity = api.create("/products", {"ref": unique(), "label": "Ñandú 日本 ẞ 😀"})
    trash.add(f"/products/{identity}")
    wide = "😀" if features["wide_letters"] else "????"
    assert api.one(f"/products/{identity}")["label"] == f"Ñandú 日本 ẞ {wide}"


@pytest.mark.writes
def test_a_reference_loses_its_accents(api: Api, trash: Trash) -> None:
    ref = unique()
    identity = api.create("/products", {"ref": f"{ref}ñé", "label": "accents"})
    trash.add(f"/products/{identity}")
    assert api.one(f"/products/{identity}")["ref"] == f"{ref}ne"
    assert api.one(f"/products/ref/{ref}ne")["id"] == str(identity)


@pytest.mark.writes
def test_a_reference_keeps_other_letters(api: Api, trash: Trash) -> None:
    ref = unique()
    identity = api.create("/products", {"ref": f"{ref}日本ßøя", "label": "letters"})
    trash.add(f"/products/{identity}")
    assert api.one(f"/products/{identity}")["ref"] == f"{ref}日本ßøя"
    assert api.one(f"/products/ref/{ref}日本ßøя")["id"] == str(identity)
    found = api.found("/products", sqlfilters=f"(t.ref:=:'{ref}日本ßøя')")
    assert [entry["id"] for entry in found] == [str(identity)]


@pytest.mark.writes
def test_a_changed_reference_keeps_its_accents(api: Api, trash: Trash) -> None:
    ref = unique()
    identity = api.create("/products", {"ref": ref, "label": "a"})
    trash.add(f"/products/{identity}")
    answer = api.call("PUT", f"/products/{identity}", body={"ref": f"{ref}日é b"})
    assert answer.status == 200, answer.describe()
    assert api.one(f"/products/{identity}")["ref"] == f"{ref}日é_b"


@pytest.mark.writes
def test_a_reference_has_no_parts_of_a_path(api: Api, trash: Trash, features: Features) -> None:
    ref = unique()
    identity = api.create("/products", {"ref": f"{ref}--x/y..z", "label": "a"})
    trash.add(f"/products/{identity}")
    assert api.one(f"/products/{identity}")["ref"] == f"{ref}_x_y{features['dots_in_reference']}z"


@pytest.mark.writes
@pytest.mark.parametrize("ref", ["", " ", ".."])
def test_a_reference_of_nothing_is_refused(api: Api, ref: str) -> None:
    answer = api.post("/products", body={"ref": ref, "label": "a"})
    assert answer.status == 500, answer.describe()
    assert "Error creating product" in answer.text


@pytest.mark.writes
def test_an_unknown_field_is_left_out(api: Api, trash: Trash) -> None:
    identity = api.create("/products", {"ref": unique(), "label": "a", "nosuchfield": "x"})
    trash.add(f"/products/{identity}")
    assert "nosuchfield" not in api.one(f"/products/{identity}")


@pytest.mark.writes
def test_the_id_of_an_object_is_the_one_in_its_address(api: Api, trash: Trash, error_members: set[str]) -> None:
    identity = api.create("/products", {"ref": unique(), "label": "a"})
    trash.add(f"/products/{identity}")
    answer = api.call("PUT", f"/products/{identity}", body={"id": 999999999, "rowid": 999999999, "label": "b"})
    assert answer.status == 200, answer.describe()
    assert api.one(f"/products/{identity}")["label"] == "b"
    assert_error(api.get("/products/999999999"), 404, "not found", error_members)


@pytest.mark.writes
def test_a_text_too_long_is_refused(api: Api, trash: Trash) -> None:
    identity = api.create("/products", {"ref": unique(), "label": "a"})
    trash.add(f"/products/{identity}")
    answer = api.call("PUT", f"/products/{identity}", body={"label": "x" * 300})
    assert answer.status == 500, answer.describe()
    assert "Error updating product" in answer.text
    assert api.one(f"/products/{identity}")["label"] == "a"
