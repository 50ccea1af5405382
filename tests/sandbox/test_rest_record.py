# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The module rest_record and the lookup rest_records, in playbooks that run against the sandbox."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from .conftest import KEY
from .site import SandboxSite

ROOT = Path(__file__).parents[2]
Task = dict[str, Any]
Play = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def play(site: SandboxSite, tmp_path: Path) -> Play:
    """Runs tasks in one playbook with --diff, and returns their results."""

    def run(*tasks: Task, check: bool = False, key: str = KEY) -> list[dict[str, Any]]:
        for number, task in enumerate(tasks, 1):
            if "miclinik.hosting.rest_record" in task:
                task["miclinik.hosting.rest_record"] |= {"url": site.base_url, "key": "{{ lookup('env', 'OUR_KEY') }}"}
            task |= {"name": f"Task {number}", "register": f"r{number}", "ignore_errors": True}
        results = ", ".join(f"r{number}" for number in range(1, len(tasks) + 1))
        last = {"ansible.builtin.copy": {"dest": str(tmp_path / "out"), "content": f"{{{{ [{results}] | to_json }}}}"}}
        book = tmp_path / "play.yml"
        tasks_ = [*tasks, last | {"check_mode": False}]
        book.write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": tasks_}]))
        done = subprocess.run(
            [Path(sys.executable).parent / "ansible-playbook", "--diff", "-vvv", *["--check"] * check, book],
            cwd=ROOT,
            env={
                **os.environ,
                "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".collections"),
                "ANSIBLE_LOCALHOST_WARNING": "0",
                "ANSIBLE_INVENTORY_UNPARSED_WARNING": "0",
                "OUR_KEY": key,
                "MICLINIK_BASE_URL": site.base_url,
                "MICLINIK_API_KEY": key,
            },
            check=False,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert key not in done.stdout + done.stderr
        found: list[dict[str, Any]] = json.loads((tmp_path / "out").read_text())
        return found

    return run


def record(resource: str, match: Task, fields: Task | None = None, **more: object) -> Task:
    return {
        "miclinik.hosting.rest_record": {"resource": resource, "match": match, "fields": fields or {}, **more},
    }


PRODUCT: Task = {"label": 'L\'eau & "sel" (30)', "price": "45.50", "tva_tx": 21, "type": 1, "status": True}


def test_a_product_from_nothing_to_nothing(play: Play, site: SandboxSite) -> None:
    fields = {**PRODUCT, "label": "L'eau & sel (30)"}
    (foreseen,) = play(record("products", {"ref": "CONS-30"}, fields), check=True)
    assert (foreseen["changed"], foreseen["id"]) == (True, None)
    assert site.get("/products/ref/CONS-30", KEY).status_code == 404

    (made,) = play(record("products", {"ref": "CONS-30"}, fields))
    assert (made["changed"], sorted(made["changes"])) == (True, sorted(["ref", *fields]))
    assert made["diff"] == {
        "before": {},
        "after": {"ref": "CONS-30", "label": "L'eau & sel (30)", "price": "45.50000000"}
        | {"tva_tx": "21.0000", "type": "1", "status": "1"},
    }
    kept = site.get("/products/ref/CONS-30", KEY).json()
    assert (int(kept["id"]), kept["label"], float(kept["price"])) == (made["id"], "L'eau & sel (30)", 45.5)

    (again,) = play(record("products", {"ref": "CONS-30"}, {**fields, "price": 45.5, "note_private": None}))
    assert (again["changed"], again["id"], again["changes"]) == (False, made["id"], [])
    assert again["diff"] == {"before": {}, "after": {}}

    (foreseen,) = play(record("products", {"ref": "CONS-30"}, {**fields, "label": "Agua"}), check=True)
    assert foreseen["diff"] == {"before": {"label": "L'eau & sel (30)"}, "after": {"label": "Agua"}}
    assert site.get("/products/ref/CONS-30", KEY).json()["label"] == "L'eau & sel (30)"

    (changed,) = play(record("products", {"ref": "CONS-30"}, {**fields, "label": "Agua"}))
    assert (changed["changed"], changed["changes"]) == (True, ["label"])
    kept = site.get("/products/ref/CONS-30", KEY).json()
    assert (kept["label"], float(kept["price"])) == ("Agua", 45.5)

    gone = record("products", {"ref": "CONS-30"}, state="absent")
    assert play(gone, check=True)[0]["changed"]
    assert site.get("/products/ref/CONS-30", KEY).status_code == 200
    (done,) = play(gone)
    assert (done["changed"], done["id"], done["diff"]["after"]) == (True, made["id"], {})
    assert site.get("/products/ref/CONS-30", KEY).status_code == 404
    assert not play(gone)[0]["changed"]


@pytest.mark.parametrize("name", ["L'Acme (Spain): 100% \\ ñ", "Plain"])
def test_a_third_party_whatever_its_name_holds(play: Play, name: str) -> None:
    task = record("thirdparties", {"name": name}, {"client": 1, "code_client": "-1", "email": "a@example.org"})
    made, again = play(task, deepcopy(task))
    assert [made["changed"], again["changed"]] == [True, False]
    assert again["id"] == made["id"]


def test_who_is_not_the_same(play: Play, site: SandboxSite) -> None:
    for _ in range(2):
        site.call("POST", "/thirdparties", KEY, json={"name": "Twice", "client": 1, "code_client": "-1"})
    made, near, several = play(
        record("thirdparties", {"name": "Peña"}, {"client": 1}),
        record("thirdparties", {"name": "PENA"}),
        record("thirdparties", {"name": "Twice"}, state="absent"),
    )
    assert made["changed"]
    assert near["failed"]
    assert near["msg"] == (
        f"thirdparties: there is 'Peña' (id {made['id']}), which the database may take for the same as 'PENA':"
        " write it as it is there"
    )
    assert several["failed"]
    assert several["msg"].startswith("thirdparties: name 'Twice' is not one record but several, of the ids ")


WRONG = [
    (
        record("products", {"ref": "X1"}, {"label": "a", "nosuch": "x"}),
        "keeps nosuch as None and not as 'x': write what",
    ),
    (record("products", {"ref": "it's"}, {"label": "a"}), "keeps ref as 'it_s' and not as \"it's\""),
    (record("products", {"ref": "X2"}, {"label": "a", "ref": "X3"}), "what the record is known by stands in match"),
    (record("products", {"id": 987654}, {"label": "a"}), "there is no record of the id 987654"),
    (record("nosuchlist", {"ref": "X"}), "GET /nosuchlist: 501: text/html"),
    (record("products", {}, {"label": "a"}), "say what the record is known by"),
    (record("products", {"ref x": "a"}), "'t.ref x' is no column"),
    (record("products", {"ref": "X"}, timezone="Mars/Base"), "there is no time zone Mars/Base"),
    (record("../users", {"ref": "X"}), "is no path of the API"),
]


def test_what_cannot_be_ensured(play: Play) -> None:
    results = play(*[task for task, _ in WRONG])
    assert [result["failed"] for result in results] == [True] * len(WRONG)
    said = [result["msg"] for result in results]
    assert [message for text, (_, message) in zip(said, WRONG, strict=True) if message not in text] == [], said


def test_a_wrong_key(play: Play) -> None:
    (failed,) = play(record("products", {"ref": "X"}), key="wrong-key-that-nobody-has")
    assert failed["failed"]
    assert failed["msg"].startswith("GET /products: 401 Unauthorized")


def test_an_id_and_a_day(play: Play) -> None:
    changed = record("products", {"id": "{{ r1.id }}"}, {"label": "b"})
    order = record("orders", {"ref_client": "A-17"}, {"date": "2020-07-14", "socid": "{{ r3.id }}"})
    results = play(
        record("products", {"ref": "BY-ID"}, {"label": "a"}),
        changed,
        record("thirdparties", {"name": "For orders"}, {"client": 1}),
        order,
        deepcopy(order),
    )
    assert [result["changed"] for result in results] == [True, True, True, True, False]
    assert (results[1]["record"]["ref"], results[1]["record"]["label"]) == ("BY-ID", "b")
    assert results[4]["id"] == results[3]["id"]


QUERY = "query={'sortfield': 't.ref', 'sortorder': 'DESC'}"
LOOKED_UP = [
    (f"'products', where={{'t.ref': {{'startswith': 'LK-'}}}}, {QUERY}", ["LK-3", "LK-2", "LK-1"]),
    ("'products', where={'t.label': \"it's LK-2\"}", ["LK-2"]),
    ("'products', where={'t.ref': ['LK-1', 'nothing']}", ["LK-1"]),
    ("'products', where={'t.ref': {'ge': 'LK-2', 'lt': 'LK-3'}}", ["LK-2"]),
    ("'products', where={'t.ref': 'nothing'}", []),
    ("'products', where={'t.ref': {'equals': 'x'}}", "where: equals is no comparison; eq, ne, lt, le"),
    ("'products', where={'t.label': 'Acme (Spain)'}", "sqlfilters cannot hold '(' in a value"),
    ("'products', where={'t.nosuch': 1}", "GET /products: 503 Service Unavailable"),
]


def _lookup(arguments: str) -> Task:
    found = "{{ lookup('miclinik.hosting.rest_records', " + arguments + ", wantlist=true) | map(attribute='ref') }}"
    return {"ansible.builtin.set_fact": {"found": found}}


def test_the_lookup(play: Play) -> None:
    made = [record("products", {"ref": ref}, {"label": f"it's {ref}"}) for ref in ("LK-1", "LK-2", "LK-3")]
    results = play(*made, *[_lookup(arguments) for arguments, _ in LOOKED_UP])[len(made) :]
    for result, (_, expected) in zip(results, LOOKED_UP, strict=True):
        if isinstance(expected, str):
            assert result["failed"]
            assert expected in result["msg"]
        else:
            assert result["ansible_facts"] == {"found": expected}
