# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Products: list, filter, create, change, delete, and what is refused. Writes, and cleans up."""

from __future__ import annotations

import json
from typing import Any

import pytest

from .session import Api, Trash, assert_error, unique
from .versions import Features

pytestmark = pytest.mark.writes


@pytest.fixture
def three(api: Api, trash: Trash) -> tuple[str, list[int]]:
    """Three products whose references begin alike, a to c: the beginning and the ids."""
    prefix = unique()
    made = []
    for letter in "abc":
        made.append(api.create("/products", {"ref": f"{prefix}{letter}", "label": f"product {letter}"}))
        trash.add(f"/products/{made[-1]}")
    return prefix, made


def _refs(entries: list[Any], prefix: str) -> list[str]:
    return [entry["ref"].removeprefix(prefix) for entry in entries]


def test_list_is_sorted_limited_and_paged(api: Api, three: tuple[str, list[int]]) -> None:
    prefix, made = three
    own = f"(t.ref:like:'{prefix}%')"
    assert _refs(api.found("/products", sqlfilters=own, sortfield="t.ref"), prefix) == ["a", "b", "c"]
    ids = [entry["id"] for entry in api.found("/products", sqlfilters=own, sortfield="t.rowid")]
    assert ids == [str(identity) for identity in made]
    down = api.found("/products", sqlfilters=own, sortfield="t.ref", sortorder="DESC")
    assert _refs(down, prefix) == ["c", "b", "a"]
    pages = [api.found("/products", sqlfilters=own, sortfield="t.ref", limit=2, page=page) for page in (0, 1)]
    assert [_refs(page, prefix) for page in pages] == [["a", "b"], ["c"]]
    # 0 is no limit.
    assert _refs(api.found("/products", sqlfilters=own, sortfield="t.ref", limit=0), prefix) == ["a", "b", "c"]


def test_documented_call_lists_the_products(api: Api, three: tuple[str, list[int]]) -> None:
    prefix, made = three
    listed = {int(entry["id"]): entry["ref"] for entry in api.found("/products", limit=10000, sortfield="rowid")}
    assert [listed.get(identity) for identity in made] == [f"{prefix}{letter}" for letter in "abc"]
    assert list(listed) == sorted(listed)


def test_order_by_position(api: Api, three: tuple[str, list[int]], error_members: set[str]) -> None:
    """The columns of the application's own list have a position: the id is the first, the reference the second."""
    prefix, _ = three
    own = f"(t.ref:like:'{prefix}%')"
    for sortfield in ("1", "2", "3,1", "+1"):
        down = api.found("/products", sqlfilters=own, sortfield=sortfield, sortorder="DESC")
        assert _refs(down, prefix) == ["c", "b", "a"]
    # 0 is no order.
    assert len(api.found("/products", sqlfilters=own, sortfield="0")) == 3
    assert_error(
        api.get("/products", params={"sortfield": "99"}), 503, "Error when retrieve product list", error_members
    )


def test_filter_on_a_number(api: Api, features: Features, three: tuple[str, list[int]]) -> None:
    prefix, _ = three
    own = f"(t.ref:like:'{prefix}%')"
    columns = ["(t.ref:=:ref)"] if features["bare_word"] == "column" else []
    for same in ("(1:=:1)", "(1:=:'1')", "(1.5:=:1.50)", "(null:is:null)", *columns):
        assert _refs(api.found("/products", sqlfilters=f"{own} and {same}", sortfield="t.ref"), prefix) == [
            "a",
            "b",
            "c",
        ]
    nothing = api.get("/products", params={"sqlfilters": f"{own} and (1:=:2)"})
    assert nothing.status == features["empty_list_status"], nothing.describe()


def test_empty_filter_is_none(api: Api, three: tuple[str, list[int]]) -> None:
    _, made = three
    for sent in ("0", " "):
        listed = {int(entry["id"]) for entry in api.found("/products", sqlfilters=sent, limit=0)}
        assert set(made) <= listed


def test_filters(api: Api, features: Features, three: tuple[str, list[int]]) -> None:
    prefix, _ = three
    same = f"t.ref:=:'{prefix}b'"
    assert _refs(api.found("/products", sqlfilters=f"({same})"), prefix) == ["b"]
    either = f"(({same}) or (t.ref:=:'{prefix}c'))"
    assert _refs(api.found("/products", sqlfilters=either, sortfield="t.ref"), prefix) == ["b", "c"]
    both = f"(t.ref:like:'{prefix}%') and (t.label:=:'product c')"
    assert _refs(api.found("/products", sqlfilters=both), prefix) == ["c"]
    assert api.get("/products", params={"sqlfilters": same}).status == features["bare_filter_status"]


def test_properties(api: Api, features: Features, three: tuple[str, list[int]]) -> None:
    prefix, made = three
    entries = api.found("/products", sqlfilters=f"(t.ref:=:'{prefix}a')", properties="id,ref")
    if features["properties"]:
        assert entries == [{"id": str(made[0]), "ref": f"{prefix}a"}]
    else:
        assert len(entries) == 1
        assert {"id", "ref", "label", "price"} <= set(entries[0])


def test_product_by_id_and_by_ref(api: Api, three: tuple[str, list[int]]) -> None:
    prefix, made = three
    by_id = api.one(f"/products/{made[1]}")
    assert (by_id["id"], by_id["ref"], by_id["label"]) == (str(made[1]), f"{prefix}b", "product b")
    assert api.one(f"/products/ref/{prefix}b")["id"] == str(made[1])


def test_product_is_changed(api: Api, three: tuple[str, list[int]], error_members: set[str]) -> None:
    _, made = three
    answer = api.call("PUT", f"/products/{made[0]}", body={"label": "another label"})
    assert answer.status == 200, answer.describe()
    changed: Any = answer.json()
    assert (changed["id"], changed["label"]) == (str(made[0]), "another label")
    assert api.one(f"/products/{made[0]}")["label"] == "another label"
    assert_error(api.call("PUT", "/products/999999999", body={"label": "x"}), 404, "not found", error_members)


def test_product_is_deleted(api: Api, trash: Trash, features: Features, error_members: set[str]) -> None:
    identity = api.create("/products", {"ref": unique(), "label": "to go"})
    trash.add(f"/products/{identity}")
    answer = api.call("DELETE", f"/products/{identity}")
    assert answer.status == features["delete_product_status"], answer.describe()
    if answer.status == 200:
        trash.drop(f"/products/{identity}")
        assert_error(api.get(f"/products/{identity}"), 404, "not found", error_members)
    assert_error(api.call("DELETE", "/products/999999999"), 404, "not found", error_members)


def test_product_in_use_stays(api: Api, trash: Trash, features: Features, three: tuple[str, list[int]]) -> None:
    _, made = three
    customer = api.create("/thirdparties", {"name": unique("Customer"), "client": "1", "code_client": "-1"})
    trash.add(f"/thirdparties/{customer}")
    order = api.create("/orders", {"socid": customer, "date": "2020-07-14"})
    trash.add(f"/orders/{order}")
    api.create(f"/orders/{order}/lines", {"desc": "a", "subprice": 1, "qty": 1, "tva_tx": 0, "fk_product": made[0]})
    answer = api.call("DELETE", f"/products/{made[0]}")
    expected = features["delete_used_product"]
    assert expected in ((200, 0), (409, None))
    assert answer.status == (200 if expected == (200, 0) else 409), answer.describe()
    if answer.status == 200:
        assert answer.json() == 0
    assert api.one(f"/products/{made[0]}")["id"] == str(made[0])


def test_reference_is_needed_and_used_once(api: Api, three: tuple[str, list[int]], error_members: set[str]) -> None:
    prefix, _ = three
    assert_error(api.post("/products", body={"label": "no reference"}), 400, "ref field missing", error_members)
    twice = api.post("/products", body={"ref": f"{prefix}a", "label": "again"})
    assert_error(twice, 500, "Error creating product", error_members)
    content: Any = twice.json()
    assert content["error"]["0"] == "ErrorProductAlreadyExists"


def test_quotes_in_reference_and_label(api: Api, trash: Trash) -> None:
    ref = unique()
    identity = api.create("/products", {"ref": f"{ref}'q", "label": "l'eau"})
    trash.add(f"/products/{identity}")
    product = api.one(f"/products/{identity}")
    assert (product["ref"], product["label"]) == (f"{ref}_q", "l'eau")


def test_form_is_taken(api: Api, trash: Trash) -> None:
    ref = unique()
    identity = api.created(api.post("/products", data={"ref": ref, "label": "by form"}))
    trash.add(f"/products/{identity}")
    assert api.one(f"/products/{identity}")["ref"] == ref


def test_broken_json_is_refused(api: Api, error_members: set[str]) -> None:
    answer = api.post("/products", data=b'{"ref":', headers={"Content-Type": "application/json"})
    assert_error(answer, 400, "Syntax error", error_members)


@pytest.mark.parametrize("kind", ["text/plain", "text/xml"])
def test_unknown_content_type_is_refused(api: Api, error_members: set[str], kind: str) -> None:
    answer = api.post("/products", data=b"ref=x", headers={"Content-Type": kind})
    assert_error(answer, 403, "is not supported", error_members)


def test_json_called_a_form_is_refused(api: Api, features: Features) -> None:
    body = json.dumps({"ref": unique(), "label": "no content type"}).encode()
    answer = api.post("/products", data=body, headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert (answer.status, answer.mime) == features["json_as_form"], answer.describe()
