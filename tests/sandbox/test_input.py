# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What becomes of bodies and texts that a client sends, as measured on Dolibarr 22.0.4."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from .conftest import KEY
from .site import SandboxSite

JSON = {"Content-Type": "application/json"}


@pytest.fixture
def product(site: SandboxSite) -> Iterator[int]:
    """One product; all are gone after the test."""
    yield site.call("POST", "/products", KEY, json={"ref": "first", "label": "a"}).json()
    site.rows("DELETE FROM llx_product")


def message(answer: requests.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["message"].partition(": ")[2]


@pytest.mark.parametrize("key", [KEY, "wrong", None])
@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/products"), ("PUT", "/products/999"), ("POST", "/login"), ("POST", "/orders/999/validate")],
)
def test_null_is_no_body(site: SandboxSite, key: str | None, method: str, path: str) -> None:
    """It is refused before the key is looked at."""
    answer = site.call(method, path, key, headers=JSON, data=" null ")
    assert message(answer) == (400, "Error parsing JSON")


def test_null_where_no_body_is_read(site: SandboxSite) -> None:
    assert site.call("GET", "/status", KEY, headers=JSON, data="null").status_code == 200
    assert site.call("DELETE", "/products/999", KEY, headers=JSON, data="null").status_code == 404
    assert site.call("POST", "/products/nosuch/x", KEY, headers=JSON, data="null").status_code == 404


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("", "ref field missing"),
        ("0", "ref field missing"),
        ("[null]", "ref field missing"),
        (" ", "Error encoding/decoding JSON: Syntax error"),
        ("NULl", "Error encoding/decoding JSON: Syntax error"),
        ("true", "Invalid value specified for `request_data`"),
        ("false", "Invalid value specified for `request_data`"),
        ("1", "Invalid value specified for `request_data`"),
        ('""', "Invalid value specified for `request_data`"),
    ],
)
def test_body_that_is_no_object(site: SandboxSite, body: str, expected: str) -> None:
    assert message(site.call("POST", "/products", KEY, headers=JSON, data=body)) == (400, expected)


@pytest.mark.parametrize(
    ("body", "missing"), [('"x"', "password"), ("1", "password"), ("[1]", "login"), ("{}", "login")]
)
def test_bare_value_is_the_first_parameter(site: SandboxSite, body: str, missing: str) -> None:
    assert message(site.call("POST", "/login", headers=JSON, data=body)) == (400, f"`{missing}` is required.")


@pytest.mark.parametrize(
    ("sent", "created", "changed"),
    [
        ("日本", "日本", "日本"),
        ("Ñandú", "Nandu", "Ñandú"),
        ("ÀÇÊÏÕÜÝŠ", "ACEIOUYS", "ÀÇÊÏÕÜÝŠ"),
        ("àçêïõüÿŸš", "aceiouyys", "àçêïõüÿŸš"),
        ("ßøŁłæΩя½€…😀", "ßøŁłæΩя½€…😀", "ßøŁłæΩя½€…😀"),
        ("e\u0301", "e\u0301", "e\u0301"),
        (" a b'/\\:*?>|[],;=$°c ", "a_b_______________c", "a_b_______________c"),
        ("a`b", "a_b", "a`b"),
        ("a--b---c-d", "a_b_c-d", "a--b---c-d"),
        ("a..b...c", "ab.c", "a..b...c"),
        ('a"b../c', "abc", "abc"),
        ("a<b", "ab", "ab"),
        ("a<b>c", "ac", "ac"),
        ("a\tb\nc", "a\tb\nc", "a\tb\nc"),
        ("(a)&#%+@!{}~^", "(a)&#%+@!{}~^", "(a)&#%+@!{}~^"),
    ],
)
def test_reference(site: SandboxSite, product: int, sent: str, created: str, changed: str) -> None:
    identity = site.call("POST", "/products", KEY, json={"ref": sent, "label": "a"}).json()
    assert site.get(f"/products/{identity}", KEY).json()["ref"] == created
    answer = site.call("PUT", f"/products/{product}", KEY, json={"ref": f"x{sent}"})
    assert answer.json()["ref"] == ("x" + changed if not sent.startswith(" ") else "x_" + changed)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"ref": "", "label": "a"}, "ProductModuleNotSetupForAutoRef"),
        ({"ref": " ", "label": "a"}, "ProductModuleNotSetupForAutoRef"),
        ({"ref": "..", "label": "a"}, "ProductModuleNotSetupForAutoRef"),
        ({"ref": "a", "label": " "}, None),
        ({"ref": "", "label": ""}, None),
    ],
)
def test_product_without_reference_or_label(site: SandboxSite, body: dict[str, str], error: str | None) -> None:
    answer = site.call("POST", "/products", KEY, json=body)
    assert message(answer) == (500, "Error creating product")
    assert answer.json()["error"]["0"] == error


def test_change_of_reference_and_label_to_nothing(site: SandboxSite, product: int) -> None:
    for ref in ("", " ", None):
        answer = site.call("PUT", f"/products/{product}", KEY, json={"ref": ref})
        assert message(answer) == (500, "Error updating product")
        assert answer.json()["error"]["1"] == "ErrorBadRef"
    changed = site.call("PUT", f"/products/{product}", KEY, json={"label": ""}).json()
    assert (changed["ref"], changed["label"]) == ("first", "MISSING LABEL")


@pytest.mark.parametrize(
    ("sent", "kept"),
    [("a < b > c", "a < b > c"), ("a<3 b<c", "a<3 bc"), ("<b>x</b>y <i", "xy i"), ("<>x", "x"), ("a  b   c", "a b c")],
)
def test_label(site: SandboxSite, product: int, sent: str, kept: str) -> None:
    assert site.call("PUT", f"/products/{product}", KEY, json={"label": sent}).json()["label"] == kept
