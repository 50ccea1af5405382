# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Numbers, dates and texts as the API writes them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.client import (
    UsageError,
    amount,
    day,
    decode,
    identity,
    moment,
    seconds,
)

MADRID = ZoneInfo("Europe/Madrid")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("l&#039;eau", "l'eau"),
        ("l&#39;eau &amp; &quot;sel&quot;", 'l\'eau & "sel"'),
        ("caf&eacute; &#233; &#xE9; &euro;", "café é é €"),
        # Once: what was written as an entity stays one.
        ("&amp;lt;", "&lt;"),
        # As PHP does it, and a browser does not: nothing without its semicolon.
        ("a&copy=b R&D &notit; &;", "a&copy=b R&D &notit; &;"),
        ("", ""),
    ],
)
def test_entities(text: str, expected: str) -> None:
    assert decode(text) == expected


@pytest.mark.parametrize(("value", "expected"), [(7, 7), ("7", 7), ("0007", 7)])
def test_ids(value: object, expected: int) -> None:
    assert identity(value) == expected


@pytest.mark.parametrize("value", [0, "0", -1, "", None, True, 1.0, "1.0", "x", "٣", [1], "9" * 30])
def test_what_is_no_id(value: object) -> None:
    with pytest.raises(UsageError, match="is not an id"):
        identity(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("10.00000000", Decimal("10.00000000")),
        (10, Decimal(10)),
        (0.1, Decimal("0.1")),
        ("-0.5", Decimal("-0.5")),
        (" 7 ", Decimal(7)),
        (None, None),
        ("", None),
        ("0", Decimal(0)),
    ],
)
def test_amounts(value: object, expected: Decimal | None) -> None:
    assert amount(value) == expected


@pytest.mark.parametrize("value", ["x", "NaN", "Infinity", "1,5", True, [], {}])
def test_what_is_no_amount(value: object) -> None:
    with pytest.raises(UsageError, match="is not an amount"):
        amount(value)


def test_a_day_is_the_second_at_which_it_begins_at_the_site() -> None:
    assert day(1594677600, MADRID) == date(2020, 7, 14)
    assert day("1594677600", UTC) == date(2020, 7, 13)
    assert day("2020-07-14", MADRID) == date(2020, 7, 14)
    assert seconds(date(2020, 7, 14), MADRID) == 1594677600
    assert (day(None, UTC), day("", UTC)) == (None, None)


def test_moments() -> None:
    assert moment(1594684800, UTC) == datetime(2020, 7, 14, tzinfo=UTC)
    assert moment("-1", UTC) == datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC)
    assert (moment(None, UTC), moment("", UTC)) == (None, None)
    assert seconds(datetime(2020, 7, 14, 2, tzinfo=MADRID), UTC) == 1594684800
    assert seconds(datetime(2020, 7, 14, 2), MADRID) == 1594684800


@pytest.mark.parametrize("make", [day, moment])
@pytest.mark.parametrize("value", ["20/07/14", "2020-13-99", "x", True, 1.5, [], "9" * 18])
def test_what_is_no_date(make: Callable[[object, object], object], value: object) -> None:
    with pytest.raises(UsageError):
        make(value, UTC)


def test_both_sides_of_the_change_of_the_clock() -> None:
    for when in (date(2020, 3, 29), date(2020, 10, 25)):
        assert day(seconds(when, MADRID), MADRID) == when
