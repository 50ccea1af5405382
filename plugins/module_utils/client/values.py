# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the API writes numbers, dates and texts as, and what it takes.

A day of the application is the second at which it begins in the time zone of the site's PHP. A client has to know that
zone (`timezone` in the site's `php.ini`): no function here guesses one.
"""

from __future__ import annotations

import html
import json
import re
from datetime import date, datetime, tzinfo
from decimal import Decimal, InvalidOperation
from html.entities import html5
from typing import Any

from .errors import UsageError

_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_INTEGER = re.compile(r"-?\d{1,18}", re.ASCII)


def decode(text: str) -> str:
    """Return a text without HTML entities, once, as PHP's `html_entity_decode($text, ENT_QUOTES)` does.

    For references, names and labels. Not for notes and descriptions, which are HTML.
    """
    return _ENTITY.sub(lambda found: _letter(found[0]), text)


def _letter(entity: str) -> str:
    # unescape() would also take the beginning of an unknown name for a known one.
    return html.unescape(entity) if entity[1] == "#" else html5.get(entity[1:], entity)


def identity(value: object) -> int:
    """Return an id, which is a number or a text of digits, depending on version, database and call.

    :raises UsageError: it is none.
    """
    number = value if isinstance(value, int) and not isinstance(value, bool) else None
    if isinstance(value, str) and _INTEGER.fullmatch(value):
        number = int(value)
    if number is None or number <= 0:
        raise UsageError(f"{str(value)[:40]!r} is not an id: a whole number above 0")
    return number


def amount(value: object) -> Decimal | None:
    """Return an amount exactly: `"10.00000000"`, 10, 10.5; None for what is empty.

    :raises UsageError: it is no number.
    """
    if value is None or value == "":
        return None
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        number = Decimal("NaN")
    if isinstance(value, bool) or not number.is_finite():
        raise UsageError(f"{str(value)[:40]!r} is not an amount")
    return number


def moment(value: object, zone: tzinfo) -> datetime | None:
    """Return the point in time that the API gives as seconds since 1970, in a time zone; None for what is empty.

    :raises UsageError: it is no number of seconds.
    """
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not _INTEGER.fullmatch(str(value)):
        raise UsageError(f"{str(value)[:40]!r} is not a number of seconds since 1970")
    try:
        return datetime.fromtimestamp(int(str(value)), zone)
    except (OverflowError, ValueError, OSError):
        raise UsageError(f"{value} seconds since 1970 are no date") from None


def day(value: object, zone: tzinfo) -> date | None:
    """Return the day that the API gives, as seconds or as `2020-07-14`, in the site's time zone; None for an empty one.

    :raises UsageError: it is neither.
    """
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII):
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise UsageError(f"{value} is no date") from None
    when = moment(value, zone)
    return when.date() if when else None


def seconds(value: date | datetime, zone: tzinfo) -> int:
    """Return what the API writes a day or a point in time as; one without a time zone is taken to be in `zone`."""
    if not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)
    return int((value if value.tzinfo else value.replace(tzinfo=zone)).timestamp())


def encode(body: object) -> bytes:
    """Return the JSON of a body: a day as `2020-07-14`, a datetime as seconds, a Decimal as its digits.

    The application reads `20200714` and `200714` as seconds since 1970 and stores a day of 1970, silently: give dates.

    :raises UsageError: a datetime without a time zone, NaN, or something that JSON cannot hold.
    """
    try:
        return json.dumps(body, default=_plain, allow_nan=False, ensure_ascii=False).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise UsageError(f"the body cannot be sent: {error}") from None


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise UsageError(f"{value} has no time zone: give it one, or give a date")
        return int(value.timestamp())
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise UsageError("an amount has to be a number")
        return format(value, "f")
    raise TypeError(f"{type(value).__name__} is nothing that the API takes")


def refuse_constant(name: str) -> Any:  # noqa: ANN401 (json.loads wants it so)
    """For `json.loads`: NaN and Infinity are no JSON."""
    raise ValueError(f"{name} is no JSON")
