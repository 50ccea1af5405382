# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Orders: the order of calls, and what is known when one of them fails."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.client import (
    ApiError,
    Line,
    NoAnswerError,
    OrderError,
    UsageError,
    create_order,
    validate_order,
)

from .conftest import Serve
from .scripted_server import answer, error

DAY = date(2020, 7, 14)
LINES = [Line("first", 10, 100, 20, product=3), Line("second", Decimal("13.10"), 37, Decimal("5.5"))]
TWO = answer({"lines": [{}, {}]})
NOT_MODIFIED = b"HTTP/1.1 304 Not Modified\r\n\r\n"


def test_calls_and_bodies(serve: Serve) -> None:
    client, server = serve(answer(7), answer(21), answer("22"), TWO, answer({}), answer({"ref": "CO1"}))
    assert create_order(client, 5, DAY, LINES, validate=True, fields={"ref_client": "A-17"}) == 7
    assert [(request.method, request.path) for request in server.requests] == [
        ("POST", "/orders"),
        ("POST", "/orders/7/lines"),
        ("POST", "/orders/7/lines"),
        ("GET", "/orders/7"),
        ("POST", "/orders/7/validate"),
        ("GET", "/orders/7"),
    ]
    assert [json.loads(request.body) for request in server.requests if request.body] == [
        {"ref_client": "A-17", "socid": 5, "date": "2020-07-14", "type": 0},
        {"desc": "first", "subprice": 10, "qty": 100, "tva_tx": 20, "fk_product": 3},
        {"desc": "second", "subprice": "13.10", "qty": 37, "tva_tx": "5.5", "product_type": 0},
        {"idwarehouse": 0, "notrigger": 0},
    ]


def test_an_order_that_is_not_created(serve: Serve) -> None:
    client, server = serve(error(400, "Bad Request: date field missing"))
    with pytest.raises(ApiError, match="date field missing"):
        create_order(client, 5, DAY, LINES)
    assert len(server.requests) == 1


def test_a_line_that_is_refused(serve: Serve) -> None:
    client, server = serve(answer(7), answer(21), error(400, "Bad Request"))
    with pytest.raises(OrderError) as caught:
        create_order(client, 5, DAY, LINES, validate=True)
    assert (caught.value.order, caught.value.lines) == (7, 1)
    assert str(caught.value) == "order 7 is a draft with 1 of 2 lines: POST /orders/7/lines: 400 Bad Request"
    assert isinstance(caught.value.__cause__, ApiError)
    assert len(server.requests) == 3


def test_a_line_of_which_nothing_is_known(serve: Serve) -> None:
    client, _ = serve(answer(7), lambda connection: connection.close())
    with pytest.raises(OrderError) as caught:
        create_order(client, 5, DAY, LINES)
    cause = caught.value.__cause__
    assert isinstance(cause, NoAnswerError)
    assert (caught.value.order, caught.value.lines, cause.sent) == (7, 0, True)


@pytest.mark.parametrize("kept", [{"lines": [{}]}, {"lines": []}, {"lines": None}, {}])
def test_lines_that_are_lost(serve: Serve, kept: object) -> None:
    client, server = serve(answer(7), answer(21), answer(22), answer(kept))
    with pytest.raises(OrderError, match=r"^order 7 is a draft with \d lines where 2 were added$"):
        create_order(client, 5, DAY, LINES, validate=True)
    assert len(server.requests) == 4


def test_an_order_that_cannot_be_validated_is_left(serve: Serve) -> None:
    client, _ = serve(answer(7), answer(21), answer(22), TWO, error(500, "ErrorOneLineContainsADisactivatedProduct"))
    with pytest.raises(OrderError, match=r"^order 7 is a draft with 2 of 2 lines: .*ErrorOneLine"):
        create_order(client, 5, DAY, LINES, validate=True)


def test_validating_twice(serve: Serve) -> None:
    client, _ = serve(NOT_MODIFIED, answer({"ref": "CO1", "statut": "1"}))
    assert validate_order(client, 7) == {"ref": "CO1", "statut": "1"}


@pytest.mark.parametrize("fields", [{"lines": []}, {"socid": 1}, {"date": "x"}, {"type": 1}])
def test_fields_that_are_arguments(serve: Serve, fields: dict[str, object]) -> None:
    client, server = serve()
    with pytest.raises(UsageError, match=rf"fields: {next(iter(fields))} are arguments of create_order\(\)"):
        create_order(client, 5, DAY, LINES, fields=fields)
    assert server.requests == []


def test_nothing_is_sent_for_a_line_that_makes_no_sense(serve: Serve) -> None:
    client, server = serve()
    with pytest.raises(UsageError, match="is not an id"):
        create_order(client, 5, DAY, [Line("x", 1, product=0)])
    assert server.requests == []


@pytest.mark.parametrize("when", ["20200714", "2020-07-14", 1594684800, None])
def test_a_day_is_a_date(serve: Serve, when: Any) -> None:  # noqa: ANN401 (what people pass)
    client, server = serve()
    with pytest.raises(UsageError, match="is no date; as a text 20200714 would be stored as a day of 1970"):
        create_order(client, 5, when, LINES)
    assert server.requests == []
