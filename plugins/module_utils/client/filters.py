# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""`sqlfilters` made from values.

    Field("t.nom").eq("L'Oréal") & Field("t.client").isin([1, 3])

The application's reader of filters is a regular expression, another one in almost every version. Quotes are not
doubled within its quotes; a value with parentheses ends the filter (15 and 16 hand the rest to the database as it is);
17 to 19 cut a value at its first colon; `!=` is `=` on 15 and 16; lists lose letters silently. What is written here is
what every version reads alike, or what the version at hand reads, and `FilterError` where that version has no way.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from .errors import FilterError

#: Returns the application's major version; asked only where it matters.
Major = Callable[[], int]
Value = str | int | float | bool | Decimal | date | None

_COLUMN = re.compile(r"[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)?", re.ASCII)
#: No version takes these in a value: they end it, are refused in a query, are no text, or replaced by something else.
_NEVER = re.compile(r'[()"\x00-\x1f\x7f]|__NOW__|__USER_ID__')
_CUT_AT_COLONS = range(17, 20)
_QUOTE_ENDS_LIKE = 20
_NO_ISNOT = 17


def _unknown() -> int:
    raise FilterError("this filter is written otherwise for some versions: render it with the version, or by a client")


class Filter(ABC):
    """A filter; `&` and `|` join two of them."""

    @abstractmethod
    def render(self, major: Major = _unknown) -> str:
        """Return the text for `sqlfilters`, in parentheses.

        :raises FilterError: the application, or this version of it, cannot express it.
        """

    def __and__(self, other: Filter) -> Filter:
        return _Joined("and", (self, other))

    def __or__(self, other: Filter) -> Filter:
        return _Joined("or", (self, other))

    def __bool__(self) -> bool:
        # `a and b` would give b, silently.
        raise FilterError("join filters with & and |, not with `and` and `or`")

    def __str__(self) -> str:
        return self.render()


@dataclass(frozen=True)
class _Joined(Filter):
    word: str
    parts: tuple[Filter, ...]

    def render(self, major: Major = _unknown) -> str:
        texts = [part.render(major) for part in self.parts]
        return texts[0] if len(texts) == 1 else "(" + f" {self.word} ".join(texts) + ")"


@dataclass(frozen=True)
class _Compared(Filter):
    column: str
    operator: str
    value: str

    def render(self, major: Major = _unknown) -> str:
        _refuse_colons(self.value, major)
        return f"({self.column}:{self.operator}:'{self.value}')"


@dataclass(frozen=True)
class _Like(Filter):
    column: str
    operator: str
    pattern: str

    def render(self, major: Major = _unknown) -> str:
        _refuse_colons(self.pattern, major)
        if "'" not in self.pattern or major() < _QUOTE_ENDS_LIKE:
            return f"({self.column}:{self.operator}:'{self.pattern}')"
        # Without quotes around it, and none in it that could be taken for such.
        escaped = self.pattern.replace("'", "\\'")
        return f"({self.column}:{self.operator}:{escaped})"


@dataclass(frozen=True)
class _Plain(Filter):
    """Text that nobody outside of this file has a say in."""

    text: str
    old: str = ""

    def render(self, major: Major = _unknown) -> str:
        return self.old if self.old and major() < _NO_ISNOT else self.text


_ALL, _NONE = _Plain("(1:=:1)"), _Plain("(1:=:2)")


def _refuse_colons(text: str, major: Major) -> None:
    if ":" in text and major() in _CUT_AT_COLONS:
        raise FilterError(f"{text!r}: versions 17 to 19 cut a value at its first colon; use like() with `_` for it")


class Field:
    """A column of the list: `t.ref`, `t.nom`, `ef.size` (an extra field), `code`.

    Names of columns are the database's, which differ from the API's for some (`name` of a third party is `t.nom`).
    """

    def __init__(self, column: str) -> None:
        if not _COLUMN.fullmatch(column):
            raise FilterError(f"{column!r} is no column: letters, digits and _, with the table's letter before a dot")
        self._column = column

    def eq(self, value: Value) -> Filter:
        """Equal; None is null. The database decides about capitals and accents: MariaDB takes them for the same."""
        return self.isnull() if value is None else self._compared("=", value)

    def ne(self, value: Value) -> Filter:
        """Not equal; as in SQL, a null is not unequal to anything."""
        return self.notnull() if value is None else self._compared("<>", value)

    def lt(self, value: Value) -> Filter:
        """Less."""
        return self._compared("<", value)

    def le(self, value: Value) -> Filter:
        """Less or equal."""
        return self._compared("<=", value)

    def gt(self, value: Value) -> Filter:
        """Greater."""
        return self._compared(">", value)

    def ge(self, value: Value) -> Filter:
        """Greater or equal."""
        return self._compared(">=", value)

    def isin(self, values: Iterable[Value]) -> Filter:
        """One of these. The application's own `in` is used for whole numbers only: it strips letters off texts."""
        values = self._listed(values)
        if values and all(type(value) is int for value in values):
            return _Plain(f"({self._column}:in:{','.join(map(str, values))})")
        return self._each(values, "or", self.eq, _NONE)

    def notin(self, values: Iterable[Value]) -> Filter:
        """None of these."""
        return self._each(self._listed(values), "and", self.ne, _ALL)

    def isnull(self) -> Filter:
        """Null."""
        return _Plain(f"({self._column}:is:null)")

    def notnull(self) -> Filter:
        """Not null. 15 and 16 know no `isnot`; what is null is not equal to itself."""
        return _Plain(f"({self._column}:isnot:null)", old=f"({self._column}:=:{self._column})")

    def like(self, pattern: str) -> Filter:
        r"""Like a pattern of SQL: `%` is any text, `_` any letter, `\%`, `\_` and `\\` are themselves."""
        return self._like("like", pattern)

    def notlike(self, pattern: str) -> Filter:
        """Not like a pattern of SQL."""
        return self._like("notlike", pattern)

    def contains(self, text: str) -> Filter:
        """With this text in it, whatever it holds."""
        return self.like(f"%{_literal(text)}%")

    def startswith(self, text: str) -> Filter:
        """With this text at its beginning, whatever it holds."""
        return self.like(f"{_literal(text)}%")

    def _like(self, operator: str, pattern: str) -> Filter:
        if not isinstance(pattern, str):
            raise FilterError("a pattern is a text")
        return _Like(self._column, operator, _text(pattern))

    def _compared(self, operator: str, value: Value) -> Filter:
        if value is None:
            raise FilterError(f"nothing is {operator} null: use isnull() or notnull()")
        return _Compared(self._column, operator, _text(value))

    @staticmethod
    def _listed(values: Iterable[Value]) -> list[Value]:
        if isinstance(values, str | bytes):
            raise FilterError("a list of values is wanted, not a text")
        return list(values)

    @staticmethod
    def _each(values: list[Value], word: str, make: Callable[[Value], Filter], empty: Filter) -> Filter:
        return _Joined(word, tuple(make(value) for value in values)) if values else empty


def _literal(text: str) -> str:
    """Return a pattern that matches `text` alone."""
    return re.sub(r"([\\%_])", r"\\\1", text)


def _text(value: object) -> str:
    """Return a value as it stands between quotes; numbers too, which both databases compare as numbers then."""
    if isinstance(value, str):
        text = value
    elif isinstance(value, bool):
        text = str(int(value))
    elif isinstance(value, int):
        text = str(value)
    elif isinstance(value, float | Decimal):
        number = Decimal(str(value))
        if not number.is_finite():
            raise FilterError(f"{value} is no number that can be compared")
        text = format(number, "f")
    elif isinstance(value, datetime):
        if value.tzinfo is not None:
            raise FilterError(
                f"{value}: the database holds times without a zone, those of the site's; use "
                "value.astimezone(zone_of_the_site).replace(tzinfo=None)"
            )
        # Without colons, which some versions cut; both databases read it.
        text = value.strftime("%Y%m%dT%H%M%S")
    elif isinstance(value, date):
        text = value.isoformat()
    else:
        raise FilterError(f"{type(value).__name__} is nothing to compare with")
    found = _NEVER.search(text)
    if found:
        raise FilterError(f"sqlfilters cannot hold {found[0]!r} in a value; use like() with `_` in its place")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise FilterError("the value holds half a letter (a lone surrogate)") from None
    return text
