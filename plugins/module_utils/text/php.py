# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reads PHP as text, for a controller that has no PHP: its words, its statements, and values that are written out.

What would have to be run to be known is DYNAMIC; nothing here guesses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

_WORD = re.compile(
    r"""
      (?P<space>\s+|/\*.*?\*/|(?://|\#(?!\[))(?:(?!\?>)[^\n])*)
    | (?P<html>\?>.*?(?:<\?(?:php\b|=)|\Z))
    | (?P<text>'(?:\\.|[^'\\])*'|"(?:\\.|\{\$(?:[^{}"']|"[^"]*"|'[^']*')*\}|[^"\\])*"|`(?:\\.|[^`\\])*`)
    | (?P<heredoc><<<[ \t]*(?P<quote>["']?)(?P<mark>\w+)(?P=quote)\r?\n.*?(?<=\n)[ \t]*(?P=mark)\b)
    | (?P<variable>\$\w+)
    | (?P<name>[A-Za-z_\\\x80-\U0010ffff][\w\\\x80-\U0010ffff]*)
    | (?P<number>\d[\w.]*)
    | (?P<sign>\.\.\.|\?->|->|=>|::|\+\+|--|\?\?=|[-+.*/%&|^]=|&&|\|\||\?\?|[=!]==?|<=|>=|/\*|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_PAIRS = {")": "(", "]": "[", "}": "{"}
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", '"': '"', "$": "$"}
_WORDS_FOR_VALUES: dict[str, object] = {"true": True, "false": False, "null": None}
_FUNCTIONS = {"strtolower": str.lower, "strtoupper": str.upper}


class Word(NamedTuple):
    """One word of PHP: its ``kind`` (text, heredoc, variable, name, number or sign), and how it is written."""

    kind: str
    text: str
    line: int


class Statement(NamedTuple):
    """Words up to a ``;`` or a brace. ``depth`` counts the braces around it, ``function`` names the innermost one."""

    words: list[Word]
    depth: int
    function: str


class _Dynamic:
    def __repr__(self) -> str:
        return "DYNAMIC"


#: A value that only running the code would tell.
DYNAMIC = _Dynamic()


class BrokenError(Exception):
    """Text that PHP cannot read either: the message says why, and at which line."""


def words(text: str) -> list[Word]:
    """Return the words of ``text`` without comments. Raises BrokenError where PHP would refuse to read it."""
    start = re.search(r"<\?(?:php\b|=)", text)
    found: list[Word] = []
    open_: list[Word] = []
    line = 1 + text.count("\n", 0, start.end()) if start else 1
    for match in _WORD.finditer(text, start.end() if start else len(text)):
        kind, piece = str(match.lastgroup), match[0]
        word = Word(kind, piece, line)
        line += piece.count("\n")
        if kind in ("space", "html"):
            continue
        if kind == "sign":
            _pair(word, open_)
        found.append(word)
    if open_:
        raise BrokenError(f"what {open_[-1].text} opens in line {open_[-1].line} is never closed")
    return found


def _pair(word: Word, open_: list[Word]) -> None:
    if word.text in ("'", '"', "`", "/*"):
        raise BrokenError(f"what {word.text} opens in line {word.line} is never closed")
    if word.text in _PAIRS.values():
        open_.append(word)
    elif word.text in _PAIRS and (not open_ or open_.pop().text != _PAIRS[word.text]):
        raise BrokenError(f"{word.text} in line {word.line} closes nothing")


def statements(found: Sequence[Word]) -> Iterator[Statement]:
    """Yield the statements; what a function has in parentheses or a list belongs to its statement."""
    current: list[Word] = []
    functions: list[str] = [""]
    inside = 0
    for word in found:
        if word.kind == "sign" and word.text in "([":
            inside += 1
        elif word.kind == "sign" and word.text in ")]":
            inside -= 1
        if inside or word.kind != "sign" or word.text not in ";{}":
            current.append(word)
            continue
        if current:
            yield Statement(current, len(functions) - 1, functions[-1])
        if word.text == "{":
            functions.append(_function(current) or functions[-1])
        elif word.text == "}" and len(functions) > 1:
            functions.pop()
        current = []


def _function(header: Sequence[Word]) -> str:
    for index, word in enumerate(header[:-1]):
        if word.kind == "name" and word.text.lower() == "function":
            return next((other.text for other in header[index + 1 :] if other.kind == "name"), "")
    return ""


def value(found: Sequence[Word], properties: Mapping[str, Any] | None = None) -> Any:  # noqa: ANN401
    """Return what the expression says: a text, a number, true, false, null, an array as a dict; else DYNAMIC.

    ``properties`` are those of ``$this`` that are known. A DYNAMIC element leaves the rest of its array known.
    """
    reader = _Reader(list(found), properties or {})
    try:
        seen = reader.expression()
    except _UnknownError:
        return DYNAMIC
    return seen if reader.done() else DYNAMIC


class _UnknownError(Exception):
    """Only running it would tell."""


class _Reader:
    """Reads one expression from left to right."""

    def __init__(self, found: list[Word], properties: Mapping[str, Any]) -> None:
        self._words = found
        self._at = 0
        self._properties = properties

    def done(self) -> bool:
        return self._at >= len(self._words)

    def _next(self) -> Word:
        if self.done():
            raise _UnknownError
        self._at += 1
        return self._words[self._at - 1]

    def _is(self, text: str, ahead: int = 0) -> bool:
        index = self._at + ahead
        return index < len(self._words) and self._words[index].kind == "sign" and self._words[index].text == text

    def expression(self) -> Any:  # noqa: ANN401
        seen = self._term()
        while self._is("."):
            self._at += 1
            other = self._term()
            if not isinstance(seen, (str, int)) or not isinstance(other, (str, int)):
                raise _UnknownError
            seen = f"{seen}{other}"
        return seen

    def _term(self) -> Any:  # noqa: ANN401
        word = self._next()
        if word.kind == "text":
            return _text(word.text)
        if word.kind == "number":
            return _number(word.text)
        if word.kind == "sign" and word.text == "-":
            seen = self._term()
            if not isinstance(seen, int):
                raise _UnknownError
            return -seen
        if word.kind == "sign" and word.text == "[":
            return self._array("]")
        if word.kind == "name":
            return self._named(word.text)
        if word == Word("variable", "$this", word.line) and self._is("->"):
            self._at += 1
            seen = self._properties.get(self._next().text, DYNAMIC)
            if seen is not DYNAMIC and not self._is("[") and not self._is("("):
                return seen
        raise _UnknownError

    def _named(self, name: str) -> Any:  # noqa: ANN401
        lower = name.lower()
        if lower in _WORDS_FOR_VALUES:
            return _WORDS_FOR_VALUES[lower]
        if lower == "array" and self._is("("):
            self._at += 1
            return self._array(")")
        if lower in _FUNCTIONS and self._is("("):
            self._at += 1
            seen = self.expression()
            if isinstance(seen, str) and self._is(")"):
                self._at += 1
                return _FUNCTIONS[lower](seen)
        if self._is("::"):
            self._at += 1
            constant = self._next().text
            if constant in RIGHT_KEYS:
                return RIGHT_KEYS[constant]
        raise _UnknownError

    def _array(self, end: str) -> dict[Any, Any]:
        seen: dict[Any, Any] = {}
        number = 0
        while not self._is(end):
            key, item = None, self._element(end)
            if self._is("=>"):
                self._at += 1
                key, item = item, self._element(end)
                if key is DYNAMIC or isinstance(key, dict):
                    raise _UnknownError
            if key is None:
                key = number
            if isinstance(key, int):
                number = max(number, key + 1)
            seen[key] = item
            if self._is(","):
                self._at += 1
        self._at += 1
        return seen

    def _element(self, end: str) -> Any:  # noqa: ANN401
        """Read one key or value; what cannot be told is stepped over."""
        begin = self._at
        try:
            seen = self.expression()
            if self._is(",") or self._is("=>") or self._is(end):
                return seen
        except _UnknownError:
            pass
        self._at = begin
        depth = 0
        while depth or not (self._is(",") or self._is("=>") or self._is(end)):
            word = self._next()
            if word.text == "...":
                raise _UnknownError
            if word.kind == "sign":
                depth += (word.text in "([{") - (word.text in ")]}")
        return DYNAMIC


#: Names that the application's class has for the places of a right (DolibarrModules, since 17).
RIGHT_KEYS = {
    "KEY_ID": 0,
    "KEY_LABEL": 1,
    "KEY_TYPE": 2,
    "KEY_DEFAULT": 3,
    "KEY_FIRST_LEVEL": 4,
    "KEY_SECOND_LEVEL": 5,
    "KEY_MODULE": 6,
    "KEY_ENABLED": 7,
}


def _text(written: str) -> str:
    body = written[1:-1]
    if written[0] == "'":
        return re.sub(r"\\([\\'])", r"\1", body)
    if written[0] == "`" or re.search(r"(?<!\\)(?:\\\\)*(\$[A-Za-z_{]|\{\$)", body):
        raise _UnknownError
    return re.sub(r"\\([ntr\\\"$])", lambda match: _ESCAPES[match[1]], body)


def _number(written: str) -> int:
    try:
        return int(written.replace("_", ""), 8 if re.fullmatch(r"0[0-7]+", written) else 0)
    except ValueError:
        raise _UnknownError from None
