# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every example of the document, in Python, PHP and with curl: the same conversation in each language."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from tests.contract.session import Api, Trash, unique

from .programs import ROOT, Programs, Run

EXAMPLES = ROOT / "examples"
LANGUAGES = {"python": ("py", [sys.executable]), "curl": ("sh", ["bash"]), "php": ("php", ["php"])}
#: What others are made of, and is no example.
HELPERS = {"api.sh", "api.php"}
NAMES = {
    *("customer_create", "customer_find", "order_validate", "order_with_lines"),
    *("product_create_if_missing", "products_list"),
}
Example = Callable[..., Run]


@pytest.fixture(params=LANGUAGES)
def example(request: pytest.FixtureRequest, programs: Programs) -> Example:
    """Runs an example of one language by its name."""
    suffix, program = LANGUAGES[request.param]

    def run(name: str, *arguments: str | int, **more: str) -> Run:
        file = EXAMPLES / request.param / f"{name}.{suffix}"
        return programs.run(*program, file, *map(str, arguments), **more)

    return run


def printed(run: Run) -> str:
    """Return what an example says, which is one line."""
    assert run.code == 0, run
    assert run.output.count("\n") == 1, run
    return run.output.strip()


def test_every_language_has_every_example() -> None:
    for language, (suffix, _) in LANGUAGES.items():
        files = {path.name for path in (EXAMPLES / language).iterdir() if path.is_file()}
        assert files - HELPERS == {f"{name}.{suffix}" for name in NAMES}
    assert {path.name for path in EXAMPLES.rglob("api.*")} == HELPERS


def test_the_whole_document(example: Example, api: Api, trash: Trash) -> None:
    # A quote, which needs no second one here, and what else a name may hold.
    name = unique("L'Acme \\ 100% & Söhne_ñ")
    missing = example("customer_find", name)
    assert (missing.code != 0, missing.output in ("", "null\n")) == (True, True), missing
    customer = int(printed(example("customer_create", name, "acme@example.org")))
    trash.add(f"/thirdparties/{customer}")
    kept = api.one(f"/thirdparties/{customer}")
    assert (kept["client"], kept["email"]) == ("1", "acme@example.org")
    assert kept["code_client"] not in ("", "-1", None)
    assert kept["name"] == name
    assert int(printed(example("customer_find", name))) == customer

    refs = [unique(), unique()]
    products = [int(printed(example("product_create_if_missing", ref))) for ref in refs]
    for product in products:
        trash.add(f"/products/{product}")
    assert [int(printed(example("product_create_if_missing", ref))) for ref in refs] == products
    listed = example("products_list")
    assert listed.code == 0, listed
    lines = [f"{product}\t{ref}" for product, ref in zip(products, refs, strict=True)]
    assert [line for line in listed.output.splitlines() if line in lines] == lines

    order = int(printed(example("order_with_lines", customer, *products)))
    trash.add(f"/orders/{order}")
    draft = api.one(f"/orders/{order}")
    assert (draft["socid"], draft["statut"], draft["note_private"]) == (
        *(str(customer), "0"),
        "order created automatically with API",
    )
    assert [(int(line["fk_product"]), float(line["total_ht"])) for line in draft["lines"]] == [
        (products[0], 1000.0),
        (products[1], 484.7),
    ]
    reference = printed(example("order_validate", order))
    assert not reference.startswith("(PROV")
    assert printed(example("order_validate", order)) == reference
    validated = api.one(f"/orders/{order}")
    assert (validated["statut"], validated["ref"]) == ("1", reference)


def test_a_wrong_key_and_a_name_that_no_filter_holds(example: Example) -> None:
    wrong = example("products_list", MICLINIK_API_KEY="wrong-key-of-the-examples")
    assert wrong.code != 0
    assert wrong.output == ""
    assert "401" in wrong.errors, wrong
    assert "wrong-key-of-the-examples" not in wrong.errors
    for name in ("Acme (Spain)", "a')or(1:=:1", "two\nlines", 'the "best"'):
        refused = example("customer_find", name)
        assert (refused.code != 0, refused.output) == (True, ""), refused
        assert "sqlfilters cannot hold" in refused.errors


def test_no_key_goes_out_in_the_clear(example: Example) -> None:
    refused = example("products_list", MICLINIK_BASE_URL="http://norte.example.org", MICLINIK_ALLOW_HTTP="no")
    assert (refused.code != 0, refused.output) == (True, "")
    assert "would send the key in the clear" in refused.errors
