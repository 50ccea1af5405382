# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Records: what means the same, what is asked, and what is not believed. The module runs on the sandbox's tests."""

from __future__ import annotations

import json
from datetime import UTC
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.miclinik.hosting.plugins.module_utils.client import UsageError, records
from ansible_collections.miclinik.hosting.plugins.modules import rest_record

from .conftest import KEY, Serve
from .scripted_server import answer, error

PRODUCTS = records.Kind("products")
EMPTY = error(404, "Not Found: No product found")


@pytest.mark.parametrize(
    ("wanted", "kept"),
    [
        ("a", "a"),
        ("l'eau", "l&#039;eau"),
        ("a &amp; b", "a &amp; b"),
        (None, None),
        (None, ""),
        ("", None),
        (1, "1"),
        (1, 1),
        (True, "1"),
        (True, 1),
        (False, "0"),
        ("1", 1),
        (45.5, "45.50000000"),
        ("45.50", "45.50000000"),
        (Decimal("0.10"), "0.10000000"),
        (21, "21.0000"),
        ("2020-07-14", 1594684800),
        ("2020-07-14", "1594684800"),
        ("2020-07-14", "2020-07-14"),
        ({"options_size": "L"}, {"options_size": "L", "options_more": None}),
        ({"options_size": None}, []),
        ({}, []),
        (["1", 2], [1, "2"]),
    ],
)
def test_what_means_the_same(wanted: object, kept: object) -> None:
    assert records.same(wanted, kept, UTC)


@pytest.mark.parametrize(
    ("wanted", "kept"),
    [
        ("a", "A"),
        ("a", "a "),
        ("007", "7"),
        ("7", "007"),
        (0, None),
        (0, ""),
        (False, None),
        (1, "x"),
        (1, "2"),
        ("1.5", "1.6"),
        ("a", None),
        (None, "0"),
        ("2020-07-14", 1594677600),
        ({"options_size": "L"}, []),
        ({"options_size": "L"}, {"options_size": "M"}),
        ([1], [1, 2]),
        ([1], "1"),
    ],
)
def test_what_does_not(wanted: object, kept: object) -> None:
    assert not records.same(wanted, kept, UTC)


def test_days_are_those_of_the_site() -> None:
    assert records.same("2020-07-14", 1594677600, ZoneInfo("Europe/Madrid"))


def test_a_code_that_the_site_chooses() -> None:
    for wanted in (-1, "-1", "auto"):
        assert records.differing(PRODUCTS, {"code_client": wanted}, {"code_client": "CU2007-0001"}) == []
        assert records.differing(PRODUCTS, {"code_client": wanted}, {"code_client": None}) == ["code_client"]
        assert records.differing(PRODUCTS, {"ref": wanted}, {"ref": "CU2007-0001"}) == ["ref"]


@pytest.mark.parametrize(
    ("match", "filters"),
    [
        ({"name": "it's"}, "(t.nom:=:'it's')"),
        ({"ref_ext": "a", "town": "b"}, "((t.ref_ext:=:'a') and (t.town:=:'b'))"),
        ({"barcode": None}, "((t.barcode:is:null) or (t.barcode:=:''))"),
        ({"client": 1}, "(t.client:=:'1')"),
        ({"name": 'a_b (50%): "c" \\'}, "(t.nom:like:'a\\_b _50\\%__ _c_ \\\\')"),
        ({"name": "__NOW__"}, "(t.nom:like:'\\_\\_NOW\\_\\_')"),
        ({"own": "x"}, "(ef.own:=:'x')"),
    ],
)
def test_what_is_asked(serve: Serve, match: dict[str, object], filters: str) -> None:
    client, server = serve(EMPTY)
    kind = records.Kind("thirdparties", columns={"own": "ef.own"})
    assert records.find(client, kind, match) is None
    (sent,) = server.requests
    assert parse_qs(urlsplit(sent.path).query)["sqlfilters"] == [filters]


def test_more_is_found_than_was_meant(serve: Serve) -> None:
    rows = [{"id": "1", "name": "Acme -Spain-"}, {"id": "2", "name": "Acme (Spain)"}]
    client, _ = serve(answer(rows), answer(rows[:1]))
    kind = records.Kind("thirdparties")
    assert records.find(client, kind, {"name": "Acme (Spain)"}) == rows[1]
    assert records.find(client, kind, {"name": "Acme (Spain)"}) is None


def test_only_what_differs_is_written(serve: Serve) -> None:
    before = {"id": "7", "ref": "a", "label": "old", "price": "1.00000000"}
    client, server = serve(answer([before]), answer({}), answer({**before, "label": "new"}))
    done = records.ensure(client, PRODUCTS, {"ref": "a"}, {"label": "new", "price": 1})
    assert (done.changed, done.changes, done.after) == (True, ["label"], {**before, "label": "new"})
    assert [(request.method, request.body) for request in server.requests] == [
        ("GET", b""),
        ("PUT", json.dumps({"label": "new"}).encode()),
        ("GET", b""),
    ]


def test_extra_fields_that_are_not_named_stay(serve: Serve) -> None:
    """Versions before 20 empty those that are not sent."""
    before = {"id": "7", "ref": "a", "array_options": {"options_size": "L", "options_colour": "red"}}
    after = {**before, "array_options": {"options_size": "M", "options_colour": "red"}}
    client, server = serve(answer([before]), answer({}), answer(after))
    done = records.ensure(client, PRODUCTS, {"ref": "a"}, {"array_options": {"options_size": "M"}})
    assert done.after == after
    assert json.loads(server.requests[1].body) == {"array_options": {"options_size": "M", "options_colour": "red"}}


def test_what_nobody_would_find_again_is_not_left(serve: Serve) -> None:
    client, server = serve(EMPTY, answer(7), answer({"id": "7", "ref": "SFP-SR_"}), answer({}))
    said = (
        r"^products: the application keeps ref as 'SFP-SR_' and not as 'SFP-SR=': write it so\. What was created was "
    )
    with pytest.raises(records.RecordError, match=said):
        records.ensure(client, PRODUCTS, {"ref": "SFP-SR="}, {"label": "a"})
    assert [request.method for request in server.requests] == ["GET", "POST", "GET", "DELETE"]


def test_a_change_that_is_not_kept(serve: Serve) -> None:
    before = {"id": "7", "ref": "a", "label": "old"}
    client, _ = serve(answer([before]), answer(before), answer(before))
    with pytest.raises(records.RecordError, match=r"^products/7 was written, .* keeps label as 'old' and not as 'new'"):
        records.ensure(client, PRODUCTS, {"ref": "a"}, {"label": "new"})


@pytest.mark.parametrize("read", [error(404, "Not Found: Product not found"), answer({"id": 0, "ref": "SPECIMEN"})])
def test_what_was_created_and_cannot_be_read(serve: Serve, read: bytes) -> None:
    """Some versions answer with a specimen of the id 0 for what they do not find."""
    client, _ = serve(EMPTY, answer(7), read)
    with pytest.raises(records.RecordError, match=r"^products/7 was written, and cannot be read$"):
        records.ensure(client, PRODUCTS, {"ref": "a"}, {})


def test_what_is_in_use_stays(serve: Serve) -> None:
    """Versions 15 and 16 answer 200 then."""
    row = {"id": "7", "ref": "a"}
    client, _ = serve(answer([row]), answer(0), answer(row))
    with pytest.raises(records.RecordError, match=r"^products/7 is still there: the application keeps what is in use$"):
        records.ensure_absent(client, PRODUCTS, {"ref": "a"})


def test_check_mode_reads_only(serve: Serve) -> None:
    row = {"id": "7", "ref": "a", "label": "old"}
    client, server = serve(answer([row]), EMPTY, answer([row]))
    assert records.ensure(client, PRODUCTS, {"ref": "a"}, {"label": "new"}, check=True).after == {**row, "label": "new"}
    assert records.ensure(client, PRODUCTS, {"ref": "a"}, {"label": "new"}, check=True).changes == ["ref", "label"]
    assert records.ensure_absent(client, PRODUCTS, {"ref": "a"}, check=True).changed
    assert {request.method for request in server.requests} == {"GET"}


def test_what_makes_no_sense(serve: Serve) -> None:
    client, server = serve()
    for match, fields in (({}, {}), ({"ref": ["a"]}, {}), ({"ref": "a"}, {"ref": "b"}), ({"ref": "a"}, {"id": 7})):
        with pytest.raises(UsageError):
            records.ensure(client, PRODUCTS, match, fields)
    assert server.requests == []


def _run(arguments: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    with patch_module_args(arguments), pytest.raises(SystemExit):
        rest_record.main()
    result: dict[str, Any] = json.loads(capsys.readouterr().out)
    return result


ARGUMENTS = {"url": "https://norte.example.org", "key": KEY, "resource": "products", "match": {"ref": "a"}}


def test_the_module_on_a_host_without_requests(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(rest_record, "REQUESTS_MISSING", "Traceback")
    result = _run(ARGUMENTS, capsys)
    assert result["failed"]
    assert "Failed to import the required Python library (requests)" in result["msg"]
    assert result["msg"].endswith("Or run this on the controller: delegate_to: localhost")
    assert KEY not in json.dumps(result)


def test_the_module_keeps_the_key_to_itself(serve: Serve, capsys: pytest.CaptureFixture[str]) -> None:
    row = {"id": "7", "ref": "a", "note": f"the key is {KEY}"}
    _, server = serve(answer([row]))
    result = _run({**ARGUMENTS, "url": server.url}, capsys)
    assert (result["changed"], result["id"]) == (False, 7)
    assert KEY not in json.dumps(result)
    assert result["invocation"] == {"module_args": {}}
    refused = _run({**ARGUMENTS, "url": "http://norte.example.org"}, capsys)
    assert refused["msg"].startswith("http://norte.example.org would send the key in the clear")
