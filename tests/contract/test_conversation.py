# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The conversation of the public documentation: customers, products, orders, invoices. Writes, and cleans up."""

from __future__ import annotations

from typing import Any

import pytest

from .session import Access, Api, Trash, assert_error, midnight, unique

pytestmark = pytest.mark.writes

#: Without a product a line has to say its type (0: goods): without it MariaDB refuses the line, 400.
FREE_LINE = {"desc": "free text", "subprice": 10, "qty": 1, "tva_tx": 0, "product_type": 0}


@pytest.fixture
def customer(api: Api, trash: Trash) -> int:
    identity = api.create("/thirdparties", {"name": unique("Customer"), "client": "1", "code_client": "-1"})
    trash.add(f"/thirdparties/{identity}")
    return identity


@pytest.fixture
def products(api: Api, trash: Trash, customer: int) -> list[int]:
    """Two of them. After the customer: what is created last is deleted first."""
    made = []
    for _ in range(2):
        ref = unique()
        made.append(api.create("/products", {"ref": ref, "label": ref, "status": 1}))
        trash.add(f"/products/{made[-1]}")
    return made


@pytest.fixture
def order(api: Api, trash: Trash, customer: int, products: list[int]) -> int:
    """A draft of 14 July 2020."""
    body = {"socid": customer, "date": "2020-07-14", "type": "0", "note_private": "order created with the API"}
    identity = api.create("/orders", body)
    trash.add(f"/orders/{identity}")
    return identity


def test_customer_is_created_and_found(api: Api, trash: Trash) -> None:
    name = unique("Acme Inc")
    search: dict[str, str | int] = {
        "sortfield": "t.rowid",
        "sortorder": "ASC",
        "limit": "1",
        "mode": "1",
        "sqlfilters": f"(t.nom:=:'{name}')",
    }
    assert api.get("/thirdparties", params=search).status == 404
    body = {"name": name, "email": "acme@example.org", "client": "1", "code_client": "-1"}
    identity = api.create("/thirdparties", body)
    trash.add(f"/thirdparties/{identity}")
    found = api.found("/thirdparties", **search)
    assert [entry["id"] for entry in found] == [str(identity)]
    assert found[0]["name"] == name
    assert found[0]["client"] == "1"
    assert found[0]["email"] == "acme@example.org"
    assert found[0]["code_client"] not in ("", "-1", None)
    # The same question for suppliers and for nobody.
    assert api.get("/thirdparties", params={**search, "mode": "4"}).status == 404


def test_code_of_the_customer_may_be_a_number_or_missing(api: Api, trash: Trash) -> None:
    for more in ({"code_client": -1}, {}):
        identity = api.create("/thirdparties", {"name": unique("Acme Inc"), "client": 1, **more})
        trash.add(f"/thirdparties/{identity}")
        assert api.one(f"/thirdparties/{identity}")["client"] == "1"


def test_inner_member_may_be_refused(api: Api, customer: int, error_members: set[str]) -> None:
    answer = api.call("PUT", f"/thirdparties/{customer}", body={"element": "societe", "town": "Vigo"})
    assert answer.status == api.features["inner_member_status"], answer.describe()
    if answer.status != 200:
        assert_error(answer, 400, "Parameter element is not allowed in request", error_members)
    assert api.one(f"/thirdparties/{customer}")["town"] == ("Vigo" if answer.status == 200 else None)


def test_order_is_created_filled_and_validated(api: Api, customer: int, products: list[int], order: int) -> None:
    draft = api.one(f"/orders/{order}")
    assert (draft["id"], draft["socid"], draft["statut"]) == (str(order), str(customer), "0")
    assert draft["ref"] == f"(PROV{order})"
    assert draft["note_private"] == "order created with the API"
    wanted = [
        {"desc": "first", "subprice": 10, "qty": 100, "tva_tx": 20.0, "fk_product": products[0]},
        {"desc": "second", "subprice": 13, "qty": 37, "tva_tx": 20.0, "fk_product": products[1]},
    ]
    lines = [api.create(f"/orders/{order}/lines", line) for line in wanted]
    listed = api.found(f"/orders/{order}/lines")
    assert [(line["id"], line["fk_product"], float(line["qty"]), float(line["total_ht"])) for line in listed] == [
        (str(lines[0]), str(products[0]), 100.0, 1000.0),
        (str(lines[1]), str(products[1]), 37.0, 481.0),
    ]
    filled = api.one(f"/orders/{order}")
    assert [float(filled[name]) for name in ("total_ht", "total_tva", "total_ttc")] == [1481.0, 296.2, 1777.2]

    answer = api.post(f"/orders/{order}/validate", body={"idwarehouse": "0", "notrigger": "0"})
    assert answer.status == 200, answer.describe()
    validated: Any = answer.json()
    assert (validated["id"], validated["statut"]) == (str(order), "1")
    assert not validated["ref"].startswith("(PROV")
    again = api.post(f"/orders/{order}/validate", body={"idwarehouse": "0", "notrigger": "0"})
    assert (again.status, again.body) == (304, b"")


def test_product_that_is_not_on_sale_may_keep_an_order_from_being_validated(
    api: Api, trash: Trash, order: int, error_members: set[str]
) -> None:
    ref = unique()
    product = api.create("/products", {"ref": ref, "label": ref})
    trash.add(f"/products/{product}")
    assert api.one(f"/products/{product}")["status"] == "0"
    api.create(f"/orders/{order}/lines", {"desc": "a", "subprice": 1, "qty": 1, "tva_tx": 0, "fk_product": product})
    answer = api.post(f"/orders/{order}/validate")
    assert answer.status == api.features["validate_off_sale_status"], answer.describe()
    if answer.status != 200:
        assert_error(answer, 500, "ErrorOneLineContainsADisactivatedProduct", error_members)
        assert api.call("PUT", f"/products/{product}", body={"status": 1}).status == 200
        answer = api.post(f"/orders/{order}/validate")
        assert answer.status == 200, answer.describe()
    assert api.one(f"/orders/{order}")["statut"] == "1"
    # Before the product, which a line uses.
    assert api.call("DELETE", f"/orders/{order}").status == 200
    trash.drop(f"/orders/{order}")


def test_order_is_validated_without_a_body(api: Api, order: int) -> None:
    api.create(f"/orders/{order}/lines", FREE_LINE)
    answer = api.post(f"/orders/{order}/validate")
    assert answer.status == 200, answer.describe()
    assert api.one(f"/orders/{order}")["statut"] == "1"


def test_lines_have_one_address_only(api: Api, order: int, error_members: set[str]) -> None:
    answer = api.post(f"/orders/{order}/line", body={"desc": "lost", "subprice": 1, "qty": 1})
    assert_error(answer, 404, "Not Found", error_members)
    assert api.found(f"/orders/{order}/lines") == []


def test_line_is_changed_and_deleted(api: Api, order: int) -> None:
    line = api.create(f"/orders/{order}/lines", FREE_LINE)
    # The whole line: what is left out, the price too, becomes 0.
    changed = api.call("PUT", f"/orders/{order}/lines/{line}", body={**FREE_LINE, "qty": 3})
    assert changed.status == 200, changed.describe()
    assert [float(entry["total_ht"]) for entry in api.found(f"/orders/{order}/lines")] == [30.0]
    deleted = api.call("DELETE", f"/orders/{order}/lines/{line}")
    assert deleted.status == 200, deleted.describe()
    assert api.found(f"/orders/{order}/lines") == []


@pytest.mark.parametrize(("body", "missing"), [({"date": "2020-07-14"}, "socid"), ({"socid": 1}, "date")])
def test_order_needs_customer_and_date(
    api: Api, error_members: set[str], body: dict[str, str | int], missing: str
) -> None:
    assert_error(api.post("/orders", body=body), 400, f"{missing} field missing", error_members)


def test_iso_date_is_taken(api: Api, access: Access, order: int) -> None:
    assert api.one(f"/orders/{order}")["date"] == midnight(access.timezone, 2020, 7, 14)


def test_short_date_is_not_taken_for_a_date(api: Api, access: Access, trash: Trash, customer: int) -> None:
    identity = api.create("/orders", {"socid": customer, "date": "200714"})
    trash.add(f"/orders/{identity}")
    # Read as seconds since 1970, and stored as the day that they fall on: 3 January 1970.
    assert api.one(f"/orders/{identity}")["date"] == midnight(access.timezone, 1970, 1, 3)


def test_order_is_deleted(api: Api, trash: Trash, order: int, error_members: set[str]) -> None:
    answer = api.call("DELETE", f"/orders/{order}")
    assert answer.status == 200, answer.describe()
    assert answer.json() == {"success": {"code": 200, "message": "Order deleted"}}
    trash.drop(f"/orders/{order}")
    assert_error(api.get(f"/orders/{order}"), 404, "not found", error_members)


def test_invoice_is_created_and_read(
    api: Api, access: Access, trash: Trash, customer: int, products: list[int]
) -> None:
    line = {"desc": "first", "subprice": 10, "qty": 2, "tva_tx": 20, "fk_product": products[0]}
    identity = api.create("/invoices", {"socid": customer, "date": "2020-07-14", "type": 0, "lines": [line]})
    trash.add(f"/invoices/{identity}")
    invoice = api.one(f"/invoices/{identity}")
    assert (invoice["id"], invoice["socid"], invoice["statut"]) == (str(identity), str(customer), "0")
    assert invoice["date"] == midnight(access.timezone, 2020, 7, 14)
    assert [float(invoice[name]) for name in ("total_ht", "total_ttc")] == [20.0, 24.0]
    listed = api.found("/invoices", sortfield="t.rowid", sortorder="DESC", limit=1)
    assert [entry["id"] for entry in listed] == [str(identity)]
    own = api.found("/invoices", thirdparty_ids=customer)
    assert [entry["id"] for entry in own] == [str(identity)]
