# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Clients that the public uses, as PyPI has them, on a hosted site: what they can do, they can do here.

Faults of their own, which no site can mend: dolibarrpy needs icecream and does not say so, and reads lists of third
parties until an empty page, which is 404 in every version; cli-dolibarr asks for dates as 20200714, which the
application stores as a day of 1970, and sends the name of an object of Python for `thirdparties create --client 1`.
"""

from __future__ import annotations

import json
import subprocess
import venv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.contract.session import Api, Trash, unique

from .programs import Programs

PACKAGES = {"dolibarrpy": ["dolibarrpy==0.12.0", "icecream"], "cli-dolibarr": ["cli-dolibarr==3.32.0"]}
#: Says what each of its calls gave, as one object of JSON.
CONVERSATION = """
import json, os, sys
from dolibarrpy import Dolibarrpy, OrderFilter, ProductFilter

name, ref = sys.argv[1:3]
url = os.environ["MICLINIK_BASE_URL"] + "/api/index.php/"
client = Dolibarrpy(url, os.environ["MICLINIK_API_KEY"], 30, False)
said = {"status": client.call_list_api("status")["success"]["dolibarr_version"]}
said["customer"] = customer = client.create_thirdparties({"name": name, "client": 1, "code_client": "-1"})
said["town"] = client.update_thirdparty_by_tid(customer, {"town": "Vigo"})["town"]
said["product"] = product = client.call_create_api("products", {"ref": ref, "label": name, "status": 1})
said["by_ref"] = client.get_product_by_ref(ref)["id"]
own = ProductFilter(sqlfilters=f"(t.ref:=:'{ref}')")
said["listed"] = [entry["label"] for entry in client.find_some_products_services(own)]
said["order"] = order = client.call_create_api("orders", {"socid": customer, "date": "2020-07-14"})
line = {"desc": "a", "subprice": 10, "qty": 2, "tva_tx": 20, "fk_product": product}
said["line"] = client.call_action_api("orders", order, "lines", line)
said["validated"] = client.set_order_to_validated(order)["statut"]
said["again"] = client.set_order_to_validated(order)
said["lines"] = [entry["total_ht"] for entry in client.get_order_lines_by_oid(order)]
said["orders"] = [entry["id"] for entry in client.find_some_orders(OrderFilter(sqlfilters=f"(t.rowid:=:{order})"))]
print(json.dumps(said))
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Returns the programs' folder of an environment with one of the clients."""
    made: dict[str, Path] = {}

    def folder(name: str) -> Path:
        if name not in made:
            made[name] = tmp_path_factory.mktemp(name)
            venv.create(made[name], with_pip=True)
            pip = [str(made[name] / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check"]
            done = subprocess.run([*pip, *PACKAGES[name]], check=False, capture_output=True, text=True)
            assert done.returncode == 0, done.stderr
        return made[name] / "bin"

    return folder


def test_dolibarrpy(installed: Callable[[str], Path], programs: Programs, api: Api, trash: Trash) -> None:
    name, ref = unique("L'Acme"), unique()
    run = programs.run(installed("dolibarrpy") / "python", "-c", CONVERSATION, name, ref)
    assert run.code == 0, run
    said = json.loads(run.output)
    customer, product, order = (int(said.pop(key)) for key in ("customer", "product", "order"))
    for path in (f"/thirdparties/{customer}", f"/products/{product}", f"/orders/{order}"):
        trash.add(path)
    assert api.one(f"/orders/{order}")["statut"] == "1"
    assert int(said.pop("line")) == int(api.found(f"/orders/{order}/lines")[0]["id"])
    assert float(said.pop("lines")[0]) == 20.0
    assert said == {
        "status": api.features.version,
        "town": "Vigo",
        "by_ref": str(product),
        "listed": [name],
        "validated": "1",
        "again": {"response_code": 304, "response_text": ""},
        "orders": [str(order)],
    }


def test_cli_dolibarr(
    installed: Callable[[str], Path], programs: Programs, api: Api, trash: Trash, tmp_path: Path
) -> None:
    settings = {
        "DOLIBARR_URL": api.client.base_url,
        "DOLIBARR_API_KEY": api.key,
        # Where it keeps what it was told.
        "HOME": str(tmp_path),
    }

    def cli(*words: str) -> Any:  # noqa: ANN401 (any JSON)
        run = programs.run(installed("cli-dolibarr") / "cli-dolibarr", "--json", *words, **settings)
        assert run.code == 0, run
        return json.loads(run.output)

    name, ref = unique("O'Neil"), unique()
    body = {"name": name, "client": 1, "code_client": "-1"}
    customer = int(cli("thirdparties", "create", "--data", json.dumps(body)))
    trash.add(f"/thirdparties/{customer}")
    assert [entry["id"] for entry in cli("thirdparties", "list", "--filter", f"(t.nom:=:'{name}')")] == [customer]
    product = int(cli("products", "create", "--ref", ref, "--label", "l'eau", "--price", "10.5", "--status", "1"))
    trash.add(f"/products/{product}")
    kept = cli("products", "ref", ref)
    assert (int(kept["id"]), kept["label"], float(kept["price"])) == (product, "l'eau", 10.5)
    order = int(cli("orders", "create", "--socid", str(customer), "--date", "2020-07-14"))
    trash.add(f"/orders/{order}")
    line = {"desc": "a", "subprice": 10, "qty": 2, "tva_tx": 20, "fk_product": product}
    made = int(cli("orders", "lines", "create", str(order), "--data", json.dumps(line)))
    assert [int(entry["id"]) for entry in cli("orders", "lines", "list", str(order))] == [made]
    assert cli("orders", "validate", str(order))["statut"] == "1"
    assert float(api.one(f"/orders/{order}")["total_ht"]) == 20.0
    assert [entry["ref"] for entry in cli("products", "list", "--filter", f"(t.ref:=:'{ref}')")] == [ref]
