# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""sqlfilters, order and pages: read by a parser, never pasted into SQL."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from .conftest import KEY, equip, make_site
from .databases import Database
from .site import SandboxSite


@pytest.fixture(scope="module", params=["mariadb", "postgresql"])
def stocked(request: pytest.FixtureRequest, workplace: Path) -> Iterator[SandboxSite]:
    """A site with five products."""
    database: Database = request.getfixturevalue(request.param)
    site = make_site(workplace, database)
    equip(site)
    site.serve()
    for ref, label, price in (
        ("A1", "alpha", 1),
        ("A2", "beta", 2),
        ("B1", "it's", 3),
        ("B2", "it''s", 4),
        ("C%", "100%", 5),
    ):
        body = {"ref": ref, "label": label, "price": price, "status": int(price % 2)}
        assert site.call("POST", "/products", KEY, json=body).status_code == 200
    yield site
    site.halt()


def ask(site: SandboxSite, **params: str | int) -> requests.Response:
    return site.get("/products", KEY, params=params)


def refs(site: SandboxSite, **params: str | int) -> list[str]:
    answer = ask(site, properties="ref", **params)
    assert answer.status_code == 200, answer.text
    return [product["ref"] for product in answer.json()]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(t.ref:=:'A1')", ["A1"]),
        ("t.ref:=:'A1'", ["A1"]),
        ("(ref:=:'A1')", ["A1"]),
        ("(t.ref:!=:'A1')", ["A2", "B1", "B2", "C%"]),
        ("(t.ref:<>:'A1')", ["A2", "B1", "B2", "C%"]),
        ("(t.price:>=:4)", ["B2", "C%"]),
        ("(t.price:<:2)", ["A1"]),
        ("(t.ref:like:'A%')", ["A1", "A2"]),
        ("(t.ref:notlike:'A%')", ["B1", "B2", "C%"]),
        ("(t.ref:in:'A1','B2')", ["A1", "B2"]),
        ("(t.rowid:in:1, 2)", ["A1", "A2"]),
        ("(t.ref:notin:'A1','A2','B1','B2')", ["C%"]),
        ("(t.barcode:is:null)", ["A1", "A2", "B1", "B2", "C%"]),
        ("(t.barcode:isnot:null)", []),
        ("(t.label:=:'it's')", ["B1"]),
        ("(t.label:=:'it''s')", ["B2"]),
        ("(t.label:=:'it\\'s')", []),
        ("(t.label:like:'it%')", ["B1", "B2"]),
        ("(t.label:like:it''s)", ["B2"]),
        ("(t.ref:like:'a%')", ["A1", "A2"]),
        ("(t.ref:like:'A%') and (t.tosell:=:1)", ["A1"]),
        ("(t.ref:=:'A1') or (t.ref:=:'B1')", ["A1", "B1"]),
        ("((t.ref:=:'A1') OR (t.ref:=:'B1')) AND (t.price:>:1)", ["B1"]),
        ("(t.datec:<:'2999-01-01')", ["A1", "A2", "B1", "B2", "C%"]),
        ("(t.label:=:'1 or 1=1')", []),
        ("(t.label:=:'x''; DROP TABLE llx_product; --')", []),
        ("(1:=:1)", ["A1", "A2", "B1", "B2", "C%"]),
        ("(1:=:2)", []),
        ("(1.5:=:1.50)", ["A1", "A2", "B1", "B2", "C%"]),
        ("(null:is:null)", ["A1", "A2", "B1", "B2", "C%"]),
        ("(t.ref:=:ref)", ["A1", "A2", "B1", "B2", "C%"]),
        ("(t.ref:in:'A1',label)", ["A1"]),
        ("(t.ref:=:'A1' or '1')", []),
        ("(t.REF:=:'A1')", ["A1"]),
        ("(fk_object:is:null)", ["A1", "A2", "B1", "B2", "C%"]),
        ("(ef.rowid:isnot:null)", []),
        ("(t.datec:<=:__NOW__)", ["A1", "A2", "B1", "B2", "C%"]),
        ("(t.datec:>:__NOW__)", []),
        ("(t.fk_user_author:=:__USER_ID__)", ["A1", "A2", "B1", "B2", "C%"]),
        ("( (t.ref:=:'A1') )", ["A1"]),
        (" (t.ref:=:'A1') ", ["A1"]),
        ("0", ["A1", "A2", "B1", "B2", "C%"]),
        (" ", ["A1", "A2", "B1", "B2", "C%"]),
    ],
)
def test_filter(stocked: SandboxSite, text: str, expected: list[str]) -> None:
    assert refs(stocked, sqlfilters=text, sortfield="t.ref") == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("t.ref='x' or 1=1", "Bad syntax of the search string: (t.ref='x' or 1=1)"),
        ("(t.ref:foo:'x')", "Bad syntax of the search string: (t.ref:foo:'x')"),
        ("(t.ref:=:'x", "Wrong balance of parenthesis in sqlfilters=((t.ref:=:'x)"),
        ("(t.ref:=:'x'))", "Wrong balance of parenthesis in sqlfilters=(t.ref:=:'x'))"),
        ("(t.ref:=:'x') xor (t.ref:=:'y')", "Bad syntax of the search string: (t.ref:=:'x') xor (t.ref:=:'y')"),
        ("( t.ref:=:'x')", "Bad syntax of the search string: ( t.ref:=:'x')"),
        ("(t.ref:=:)", "Bad syntax of the search string: (t.ref:=:)"),
        ("true", "Bad syntax of the search string: (1)"),
    ],
)
def test_bad_filter(stocked: SandboxSite, text: str, message: str) -> None:
    answer = ask(stocked, sqlfilters=text)
    expected = f"Bad Request: Error when validating parameter sqlfilters -> {message}"
    assert (answer.status_code, answer.json()["error"]["message"]) == (400, expected)


@pytest.mark.parametrize(
    "text",
    [
        "()",
        "(and)",
        "(t.ref:=:'x')(t.ref:=:'y')",
        "(t.ref:=:'x') and",
        "(t.ref:=:'x') and or (t.ref:=:'y')",
        "(t.ref:==:'x')",
        "(t.ref:on:'x')",
        "(t.barcode:is:'x')",
        "(t.ref:=: )",
        "(.ref:=:'x')",
        "(t.datec:<:'__NOW__')",
        "(t.ref:in:select ref from llx_product)",
        "(t.ref:in:1=1)",
    ],
)
def test_filter_that_no_database_takes(stocked: SandboxSite, text: str) -> None:
    answer = ask(stocked, sqlfilters=text)
    message = answer.json()["error"]["message"]
    assert answer.status_code == 503, message
    assert message.startswith("Service Unavailable: Error when retrieve product list : ")
    assert "syntax" in message


@pytest.mark.parametrize(
    ("text", "mariadb"),
    [
        ("(t.rowid:like:'1%')", ["A1"]),
        ("(t.rowid:=:'x')", []),
        ("(t.ref:=:5)", []),
        ("(1:=:'x')", []),
        ("(1:is:true)", ["A1", "A2", "B1", "B2", "C%"]),
        ("(t.ref:<=>:'A1')", ["A1"]),
        ("(t.tosell:=:true)", ["A1", "B1", "C%"]),
    ],
)
def test_comparison_of_two_kinds(stocked: SandboxSite, text: str, mariadb: list[str]) -> None:
    """MariaDB makes one kind of the other, PostgreSQL refuses."""
    if stocked.database.type == "mysqli":
        assert refs(stocked, sqlfilters=text, sortfield="t.ref") == mariadb
    else:
        assert ask(stocked, sqlfilters=text).status_code == 503


@pytest.mark.parametrize("field", ["rowid", "tms", "import_key"])
def test_column_that_extra_fields_have_too(stocked: SandboxSite, field: str) -> None:
    answer = ask(stocked, sqlfilters=f"({field}:isnot:null)")
    assert (answer.status_code, "ambiguous" in answer.json()["error"]["message"]) == (503, True)
    # The order sees the columns of the list first.
    assert ask(stocked, sortfield=field).status_code == (200 if field == "rowid" else 503)
    # Countries have no extra fields.
    params: dict[str, str | int] = {"sqlfilters": "(rowid:>:0)", "limit": 1}
    assert stocked.get("/setup/dictionary/countries", KEY, params=params).status_code == 200


@pytest.mark.parametrize(
    ("params", "column"),
    [
        ({"sqlfilters": "(t.nope:=:'x')"}, "t.nope"),
        ({"sqlfilters": "(u.pass:=:'x')"}, "u.pass"),
        ({"sqlfilters": "(t.ref:=:'x' or 1=1)"}, "xor11"),
        ({"sqlfilters": "(t.ref:=:x)"}, "x"),
        ({"sqlfilters": "(t.ref:=:t.ref)"}, "tref"),
        ({"sqlfilters": "(t.ref:in:'A1',x)"}, "x"),
        ({"sqlfilters": "(t.price:=:1e999)"}, "INF"),
        ({"sqlfilters": "(t.t.ref:=:'x')"}, "t.t.ref"),
        ({"sortfield": "4"}, "4"),
        ({"sortfield": "t.1"}, "t.1"),
        ({"sortfield": "nope"}, "nope"),
        ({"sortfield": "t.ref,(select 1)"}, "select1"),
        ({"sortfield": "t.ref;drop"}, "t.refdrop"),
    ],
)
def test_unknown_column(stocked: SandboxSite, params: dict[str, str], column: str) -> None:
    answer = ask(stocked, **params)
    message = answer.json()["error"]["message"]
    assert (answer.status_code, message.startswith("Service Unavailable: Error when retrieve product list : ")) == (
        503,
        True,
    )
    assert column in message


def test_value_that_does_not_fit_a_column(stocked: SandboxSite) -> None:
    answer = ask(stocked, sqlfilters="(t.datec:=:'no date')")
    assert answer.status_code in ({200} if stocked.database.type == "mysqli" else {503})


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"sortfield": "t.price", "sortorder": "DESC", "limit": 2}, ["C%", "B2"]),
        ({"sortfield": "t.tosell,t.ref", "sortorder": "ASC,DESC"}, ["B2", "A2", "C%", "B1", "A1"]),
        ({"sortfield": "t.ref", "sortorder": "junk", "limit": 2}, ["A1", "A2"]),
        ({"sortfield": "1", "sortorder": "DESC", "limit": 2}, ["C%", "B2"]),
        ({"sortfield": "2", "limit": 2}, ["A1", "A2"]),
        ({"sortfield": "03,1", "sortorder": "ASC,DESC", "limit": 1}, ["C%"]),
        ({"sortfield": ",t.ref", "sortorder": "DESC,ASC", "limit": 1}, ["C%"]),
        ({"sortfield": "0,t.ref", "limit": 1}, ["A1"]),
        ({"sortfield": "fk_object,t.ref", "limit": 1}, ["A1"]),
        ({"limit": 2, "page": 1}, ["B1", "B2"]),
        ({"limit": 2, "page": 9}, []),
        ({"limit": 0}, ["A1", "A2", "B1", "B2", "C%"]),
        ({"limit": -1}, ["A1", "A2", "B1", "B2", "C%"]),
        ({"mode": 1, "limit": 1}, ["A1"]),
        ({"mode": 2}, []),
    ],
)
def test_order_and_pages(stocked: SandboxSite, params: dict[str, str | int], expected: list[str]) -> None:
    expected = [ref.replace("C%", "C%") for ref in expected]
    assert [ref.replace("C%", "C%") for ref in refs(stocked, **params)] == expected


@pytest.mark.parametrize("field", ["1.5", "null", "00", "99999999999999999999"])
def test_order_by_a_constant(stocked: SandboxSite, field: str) -> None:
    """No order in MariaDB, refused by PostgreSQL."""
    expected = 200 if stocked.database.type == "mysqli" else 503
    assert ask(stocked, sortfield=field).status_code == expected


def test_numbers_are_checked(stocked: SandboxSite) -> None:
    for name in ("limit", "page", "mode"):
        answer = ask(stocked, **{name: "abc"})
        message = f"Bad Request: Invalid value specified for `{name}`. Expecting integer value"
        assert (answer.status_code, answer.json()["error"]["message"]) == (400, message)


def test_pagination_data(stocked: SandboxSite) -> None:
    answer = ask(stocked, limit=2, page=1, pagination_data="true", properties="ref").json()
    assert answer["pagination"] == {"total": 5, "page": 1, "page_count": 3, "limit": 2}
    assert [product["ref"] for product in answer["data"]] == ["B1", "B2"]


def test_creations_at_once_take_different_numbers(stocked: SandboxSite) -> None:
    def create(_: int) -> int:
        body = {"name": "Race", "client": 1, "code_client": "-1"}
        return stocked.call("POST", "/thirdparties", KEY, json=body).status_code

    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(create, range(12))) == [200] * 12
    codes = [code for [code] in stocked.rows("SELECT code_client FROM llx_societe ORDER BY code_client")]
    assert [code[-5:] for code in codes] == [f"{number:05d}" for number in range(1, 13)]
