# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The client on a site: filters find what they say in the version at hand, pages and orders are whole."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.client import (
    ApiError,
    Client,
    Field,
    Filter,
    FilterError,
    Line,
    amount,
    create_order,
    day,
    path_of,
    records,
    validate_order,
)

from tests.contract.session import Api, Trash, unique

LABELS = {
    "A1": "alpha",
    "A2": "it's",
    "A3": "it''s",
    "B1": "100%",
    "B2": "100 percent",
    "B3": "a_b",
    "B4": "aXb",
    "C1": "back\\slash",
    "C2": "a:b",
    "C3": "Ñandú 日本 & Söhne #+/",
    "C4": "'quoted'",
}
REF, LABEL, PRICE = Field("t.ref"), Field("t.label"), Field("t.price")


#: The site's own words for every record of this run.
OWN = unique()


@pytest.fixture(scope="module")
def client(api: Api) -> Iterator[Client]:
    """A client of a site with a product for each label, of the price 1.5, 2.5 and so on."""
    trash = Trash(api)
    with Client.from_environment() as ready:
        for number, (ref, label) in enumerate(LABELS.items(), 1):
            price = Decimal(number) + Decimal("0.5")
            made = ready.create("products", {"ref": OWN + ref, "label": label, "price": price, "status": 1})
            trash.add(f"/products/{made}")
        yield ready
    trash.empty()


def found(client: Client, where: Filter) -> set[str]:
    """Return which of the products are found."""
    return {row["ref"].removeprefix(OWN) for row in client.rows("products", REF.startswith(OWN) & where)}


@pytest.mark.parametrize("ref", LABELS)
def test_each_text_finds_itself(client: Client, ref: str) -> None:
    label = LABELS[ref]
    if ":" in label and client.major in range(17, 20):
        with pytest.raises(FilterError, match="versions 17 to 19 cut a value at its first colon"):
            found(client, LABEL.eq(label))
        return
    assert found(client, LABEL.eq(label)) == {ref}
    assert found(client, LABEL.ne(label)) == set(LABELS) - {ref}
    assert found(client, LABEL.isin([label, "nothing"])) == {ref}
    assert found(client, LABEL.notin([label, "nothing"])) == set(LABELS) - {ref}
    containing = {each for each, text in LABELS.items() if label.casefold() in text.casefold()}
    assert found(client, LABEL.contains(label)) == containing
    starting = {each for each, text in LABELS.items() if text.casefold().startswith(label.casefold())}
    assert found(client, LABEL.startswith(label)) == starting


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (LABEL.like("a_b"), {"B3", "B4", "C2"}),
        (LABEL.like("a\\_b"), {"B3"}),
        (LABEL.like("100\\%"), {"B1"}),
        (LABEL.like("it'%"), {"A2", "A3"}),
        (LABEL.like("%'"), {"C4"}),
        (LABEL.notlike("%'%"), set(LABELS) - {"A2", "A3", "C4"}),
        (LABEL.eq("' or '1'='1"), set()),
        (LABEL.eq("x'; DROP TABLE llx_product; --"), set()),
        (PRICE.eq(Decimal("2.5")), {"A2"}),
        (PRICE.eq(2.5), {"A2"}),
        (PRICE.lt(2), {"A1"}),
        (PRICE.le(Decimal("2.50")), {"A1", "A2"}),
        (PRICE.gt(11), {"C4"}),
        (PRICE.ge(Decimal("10.5")) & PRICE.ne(Decimal("10.5")), {"C4"}),
        (Field("t.tosell").eq(True) & Field("t.barcode").isnull(), set(LABELS)),
        (Field("t.barcode").notnull(), set()),
        (Field("t.label").notnull() & REF.startswith(f"{OWN}A"), {"A1", "A2", "A3"}),
        (REF.isin([]), set()),
        (REF.notin([]), set(LABELS)),
        (REF.eq(OWN + "A1") | REF.eq(OWN + "B1") & LABEL.eq("x"), {"A1"}),
        ((REF.eq(OWN + "A1") | REF.eq(OWN + "B1")) & LABEL.eq("100%"), {"B1"}),
    ],
    ids=repr,
)
def test_filter(client: Client, where: Filter, expected: set[str]) -> None:
    assert found(client, where) == expected


def test_filters_by_time(client: Client) -> None:
    created, hour = Field("t.datec"), timedelta(hours=1)
    now = datetime.now(UTC).replace(tzinfo=None)
    assert found(client, created.ge(now - 12 * hour) & created.le(now + 12 * hour)) == set(LABELS)
    assert found(client, created.gt(now + 24 * hour)) == set()
    assert found(client, created.gt(date(2020, 1, 1)) & created.lt(date(2999, 1, 1))) == set(LABELS)


def test_ids(client: Client) -> None:
    ids = {row["ref"].removeprefix(OWN): int(row["id"]) for row in client.rows("products", REF.startswith(OWN))}
    some = [ids["A1"], ids["A3"], 999999999]
    assert found(client, Field("t.rowid").isin(some)) == {"A1", "A3"}
    assert found(client, Field("t.rowid").notin(some)) == set(LABELS) - {"A1", "A3"}


@pytest.mark.parametrize("size", [1, 4, 11, 12, 100])
def test_pages(client: Client, size: int) -> None:
    rows = client.rows("products", REF.startswith(OWN), page_size=size, sortfield="t.ref", sortorder="DESC")
    assert [row["ref"].removeprefix(OWN) for row in rows] == sorted(LABELS, reverse=True)
    rows = client.rows("products", REF.startswith(f"{OWN}B"), page_size=size, sortfield="t.ref")
    assert [row["ref"].removeprefix(OWN) for row in rows] == ["B1", "B2", "B3", "B4"]


def test_countries_of_which_there_are_many(client: Client) -> None:
    codes = [row["code"] for row in client.rows("setup/dictionary/countries", page_size=50, sortfield="code")]
    assert len(codes) == len(set(codes)) > 200


def test_an_empty_list(client: Client) -> None:
    for path, column in (("thirdparties", "t.nom"), ("products", "t.ref"), ("orders", "t.ref"), ("invoices", "t.ref")):
        nobody = Field(column).eq("nothing has this name")
        assert list(client.rows(path, nobody)) == []
        assert client.first(path, nobody) is None
        assert client.only(path, nobody) is None


def test_errors(client: Client) -> None:
    with pytest.raises(ApiError, match=r"^GET /products/999999999: 404 Not Found: ") as caught:
        client.get("products/999999999")
    assert (caught.value.status, caught.value.code) == (404, 404)
    with pytest.raises(ApiError, match="Error when retrieve product list"):
        client.first("products", Field("t.nosuch").eq(1))
    with pytest.raises(ApiError, match="Error creating product") as caught:
        client.create("products", {"ref": f"{OWN}A1", "label": "again"})
    assert caught.value.details["0"] == "ErrorProductAlreadyExists"


def test_a_record_and_its_fields(client: Client, trash: Trash) -> None:
    kind, match = records.Kind("products"), {"ref": f"{OWN}R"}
    fields = {"label": "L'eau & sel", "price": "45.50", "tva_tx": 21, "type": 0, "status": True, "note_private": None}
    made = records.ensure(client, kind, match, fields)
    assert made.after
    trash.add(f"/products/{made.after['id']}")
    assert not records.ensure(client, kind, match, {**fields, "price": 45.5}).changed
    changed = records.ensure(client, kind, match, {**fields, "label": "Agua", "price": 46})
    assert sorted(changed.changes) == ["label", "price"]
    assert changed.after
    assert (changed.after["label"], amount(changed.after["price"])) == ("Agua", Decimal(46))
    assert int(changed.after["status"]) == 1
    with pytest.raises(records.RecordError, match="keeps nosuch as None and not as 'x'"):
        records.ensure(client, kind, match, {"nosuch": "x"})


def test_a_third_party_of_any_name(client: Client, trash: Trash) -> None:
    kind, match = records.Kind("thirdparties"), {"name": unique("L'Acme (Spain): 100% ñ")}
    fields = {"client": 1, "code_client": -1, "email": "a@example.org", "town": "Vigo"}
    made = records.ensure(client, kind, match, fields)
    assert made.after
    trash.add(f"/thirdparties/{made.after['id']}")
    assert not records.ensure(client, kind, match, fields).changed
    assert records.ensure(client, kind, match, {"town": "Lugo"}).changes == ["town"]
    assert not records.ensure(client, kind, match, {**fields, "town": "Lugo"}).changed


def test_an_order(client: Client, trash: Trash) -> None:
    customer = client.create("thirdparties", {"name": unique("L'Acme"), "client": 1, "code_client": "-1"})
    trash.add(f"/thirdparties/{customer}")
    product, mark = client.only("products", REF.eq(f"{OWN}A1")), unique("A-17")
    assert product
    lines = [
        Line("first", Decimal("10.10"), 100, 20, product=int(product["id"])),
        Line("free", price=Decimal("0.07"), quantity=Decimal("2.5"), tax=Decimal("5.5")),
    ]
    order = create_order(client, customer, date(2020, 7, 14), lines, validate=True, fields={"ref_client": mark})
    trash.add(f"/orders/{order}")
    kept = client.only("orders", Field("t.ref_client").eq(mark))
    assert kept
    assert (int(kept["id"]), kept["statut"]) == (order, "1")
    assert day(kept["date"], ZoneInfo("UTC")) == date(2020, 7, 14)
    assert [amount(line["subprice"]) for line in kept["lines"]] == [Decimal("10.10"), Decimal("0.07")]
    assert [amount(line["qty"]) for line in kept["lines"]] == [100, Decimal("2.5")]
    assert validate_order(client, order)["ref"] == kept["ref"]
    assert client.get(path_of("orders", order))["ref"] == kept["ref"]


def test_the_version(client: Client, api: Api) -> None:
    assert (client.version, client.major) == (api.features.version, api.features.major)
    assert re.fullmatch(r"\d+\..*", client.version)
