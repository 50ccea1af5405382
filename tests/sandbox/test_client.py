# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The client on the sandbox, on both databases: filters find what they say, pages and orders are whole."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.client import (
    Client,
    Field,
    Filter,
    Line,
    OrderError,
    amount,
    create_order,
    day,
    path_of,
    validate_order,
)

from .conftest import KEY, equip, make_site
from .databases import Database

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


@pytest.fixture(scope="module", params=["mariadb", "postgresql"])
def client(request: pytest.FixtureRequest, workplace: Path) -> Iterator[Client]:
    """A client of a site with a product for each label, of the price 1.5, 2.5 and so on."""
    database: Database = request.getfixturevalue(request.param)
    site = make_site(workplace, database)
    equip(site)
    site.serve()
    with Client(site.base_url, KEY) as ready:
        for number, (ref, label) in enumerate(LABELS.items(), 1):
            ready.create(
                "products", {"ref": ref, "label": label, "price": Decimal(number) + Decimal("0.5"), "status": 1}
            )
        yield ready
    site.halt()


def found(client: Client, where: Filter) -> set[str]:
    return {row["ref"] for row in client.rows("products", where)}


@pytest.mark.parametrize("ref", LABELS)
def test_each_text_finds_itself(client: Client, ref: str) -> None:
    label = LABELS[ref]
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
        (Field("t.rowid").isin([1, 3, 999]), {"A1", "A3"}),
        (Field("t.rowid").notin([1, 3, 999]), set(LABELS) - {"A1", "A3"}),
        (Field("t.tosell").eq(True) & Field("t.barcode").isnull(), set(LABELS)),
        (Field("t.barcode").notnull(), set()),
        (Field("t.label").notnull() & REF.startswith("A"), {"A1", "A2", "A3"}),
        (REF.isin([]), set()),
        (REF.notin([]), set(LABELS)),
        (REF.eq("A1") | REF.eq("B1") & LABEL.eq("x"), {"A1"}),
        ((REF.eq("A1") | REF.eq("B1")) & LABEL.eq("100%"), {"B1"}),
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


@pytest.mark.parametrize("size", [1, 4, 11, 12, 100])
def test_pages(client: Client, size: int) -> None:
    rows = list(client.rows("products", page_size=size, sortfield="t.ref", sortorder="DESC"))
    assert [row["ref"] for row in rows] == sorted(LABELS, reverse=True)
    assert [row["ref"] for row in client.rows("products", REF.startswith("B"), page_size=size, sortfield="t.ref")] == [
        *("B1", "B2", "B3", "B4")
    ]


def test_an_empty_list(client: Client) -> None:
    nobody = Field("t.nom").eq("nobody has this name")
    assert list(client.rows("thirdparties", nobody)) == []
    assert client.first("thirdparties", nobody) is None


def test_paths(client: Client) -> None:
    assert client.get(path_of("products", "ref", "A1"))["label"] == "alpha"
    assert client.major == 22


def test_an_order(client: Client) -> None:
    customer = client.create("thirdparties", {"name": "L'Acme", "client": 1, "code_client": "-1"})
    product = client.only("products", REF.eq("A1"))
    assert product
    lines = [
        Line("first", Decimal("10.10"), 100, 20, product=int(product["id"])),
        Line("free", price=Decimal("0.07"), quantity=Decimal("2.5"), tax=Decimal("5.5")),
    ]
    order = create_order(client, customer, date(2020, 7, 14), lines, validate=True, fields={"ref_client": "A-17"})
    kept = client.only("orders", Field("t.ref_client").eq("A-17"))
    assert kept
    assert (int(kept["id"]), kept["statut"]) == (order, "1")
    assert day(kept["date"], ZoneInfo("UTC")) == date(2020, 7, 14)
    assert [amount(line["subprice"]) for line in kept["lines"]] == [Decimal("10.10"), Decimal("0.07")]
    assert validate_order(client, order)["ref"] == kept["ref"]
    with pytest.raises(OrderError) as caught:
        create_order(client, customer, date(2020, 7, 14), [lines[0], Line("x", 1, product=999999)], validate=True)
    assert (caught.value.lines, client.get(path_of("orders", caught.value.order))["statut"]) == (1, "0")
