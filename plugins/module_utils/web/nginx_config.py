# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reads what ``nginx -T`` prints, and finds the location that Nginx would choose for a path.

It follows Nginx's own order (https://nginx.org/en/docs/http/ngx_http_core_module.html#location): exact, longest prefix,
expressions in the order of the file unless the prefix is ``^~``; nested locations are entered the same way.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

_FILE = re.compile(r"^# configuration file (\S+):$", re.MULTILINE)
_TOKEN = re.compile(r"""\s+|\#[^\n]*|(?P<punct>[{};])|"(?P<dq>(?:\\.|[^"\\])*)"|'(?P<sq>(?:\\.|[^'\\])*)'""")
#: A word goes on to a blank, `;` or `{`, but `{` belongs to it after a `$` and inside an expression's quantifier.
_WORD = re.compile(r"(?:\\.|\$\{[^}]*\}|[^\s;{}\"'])(?:\\.|\$\{[^}]*\}|[^\s;{}])*")
_PUNCTUATION = ("{", "}", ";")
#: Directives of which a location that has some forgets those of the level above.
_REPLACING = ("fastcgi_param", "add_header", "allow", "deny")
#: Directives that a nested location does not inherit at all.
_OWN = ("return", "rewrite", "try_files", "fastcgi_pass", "proxy_pass", "if")
#: PCRE's named group, which Python writes with a P.
_NAMED = re.compile(r"\(\?<(?=[A-Za-z_])")


@dataclass
class Directive:
    """``name arguments;`` or, with ``body``, ``name arguments { ... }``."""

    name: str
    arguments: list[str]
    body: list[Directive] | None = None


@dataclass
class Route:
    """The location chosen for a path: ``path`` names it from the outermost on, ``directives`` are those in force."""

    path: list[str] = field(default_factory=list)
    directives: list[Directive] = field(default_factory=list)

    def all(self, name: str) -> list[list[str]]:
        """Arguments of every directive of this name."""
        return [entry.arguments for entry in self.directives if entry.name == name]

    def last(self, name: str) -> list[str]:
        """Arguments of the last one; empty when there is none."""
        found = self.all(name)
        return found[-1] if found else []

    def parameters(self) -> dict[str, str]:
        """What ``fastcgi_param`` sends, by name; the last one counts."""
        return {words[0]: words[1] for words in self.all("fastcgi_param") if len(words) > 1}


def files(dump: str) -> dict[str, str]:
    """Split the output of ``nginx -T`` into files, the main one first."""
    parts = _FILE.split(dump)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def tokens(text: str) -> Iterator[tuple[str, bool]]:
    """Words and punctuation; the second is whether it was quoted."""
    position = 0
    while position < len(text):
        found = _TOKEN.match(text, position)
        if found:
            position = found.end()
            if found["punct"]:
                yield found["punct"], False
            elif found["dq"] is not None or found["sq"] is not None:
                yield re.sub(r"\\(.)", r"\1", found["dq"] if found["dq"] is not None else found["sq"]), True
            continue
        word = _WORD.match(text, position)
        if not word:
            raise ValueError(f"this is no configuration of Nginx: {text[position : position + 30]!r}")
        position = word.end()
        yield word[0], False


def parse(text: str) -> list[Directive]:
    """The directives of one file, includes as they stand. Raises ValueError for what is no configuration."""
    top: list[Directive] = []
    stack = [top]
    words: list[str] = []
    for token, quoted in tokens(text):
        if quoted or token not in _PUNCTUATION:
            words.append(token)
        elif token == _PUNCTUATION[1]:
            if len(stack) == 1:
                raise ValueError("a } too many")
            stack.pop()
        elif words:
            entry = Directive(words[0], words[1:], [] if token == _PUNCTUATION[0] else None)
            stack[-1].append(entry)
            if entry.body is not None:
                stack.append(entry.body)
            words = []
    return top


def load(dump: str) -> list[Directive]:
    """The whole configuration that ``nginx -T`` printed, with its includes in place."""
    there = files(dump)
    if not there:
        return []
    main = next(iter(there))
    return _included(parse(there[main]), there, main.rpartition("/")[0])


def _included(entries: Sequence[Directive], there: Mapping[str, str], folder: str) -> list[Directive]:
    result: list[Directive] = []
    for entry in entries:
        if entry.name == "include" and entry.arguments:
            pattern = entry.arguments[0] if entry.arguments[0].startswith("/") else f"{folder}/{entry.arguments[0]}"
            for name in sorted(there):
                if fnmatch.fnmatchcase(name, pattern):
                    result += _included(parse(there[name]), there, folder)
        else:
            body = None if entry.body is None else _included(entry.body, there, folder)
            result.append(Directive(entry.name, entry.arguments, body))
    return result


def servers(configuration: Sequence[Directive], name: str, port: int) -> list[Directive]:
    """The ``server`` blocks that answer for a name on a port, without the default one."""
    found = []
    for block in configuration:
        for server in (block.body or []) if block.name == "http" else []:
            names = [word for entry in server.body or [] if entry.name == "server_name" for word in entry.arguments]
            ports = [_port(entry.arguments) for entry in server.body or [] if entry.name == "listen"] or [80]
            if server.name == "server" and name in names and port in ports:
                found.append(server)
    return found


def _port(words: Sequence[str]) -> int:
    last = words[0].rpartition("]")[2].rpartition(":")[2] if words else ""
    return int(last) if last.isdecimal() else 80


def route(server: Directive, uri: str) -> Route:
    """What is in force for a path, which Nginx has decoded already."""
    result = Route()
    level: Sequence[Directive] = server.body or []
    while True:
        plain = [entry for entry in level if entry.name != "location"]
        forgotten = {*_OWN, *(name for name in _REPLACING if any(entry.name == name for entry in plain))}
        result.directives = [entry for entry in result.directives if entry.name not in forgotten]
        result.directives += plain
        chosen = _choose([entry for entry in level if entry.name == "location"], uri)
        if chosen is None:
            return result
        result.path.append(" ".join(chosen.arguments))
        level = chosen.body or []


def _choose(locations: Sequence[Directive], uri: str) -> Directive | None:
    prefix: Directive | None = None
    length = -1
    for entry in locations:
        modifier, value = _pattern(entry)
        if modifier == "=" and uri == value:
            return entry
        if modifier in ("", "^~") and not value.startswith("@") and uri.startswith(value) and len(value) > length:
            prefix, length = entry, len(value)
    if prefix is not None and _pattern(prefix)[0] == "^~":
        # Its own nested expressions are looked at when it is entered.
        return prefix
    if prefix is not None:
        # Expressions nested in the prefix location come before those beside it.
        nested = _expression([entry for entry in prefix.body or [] if entry.name == "location"], uri)
        if nested is not None:
            return prefix
    return _expression(locations, uri) or prefix


def _pattern(location: Directive) -> tuple[str, str]:
    """Modifier and path of a location; one without a path, which Nginx would not take, has no path that is called."""
    words = [*location.arguments[:2], "@"]
    return ("", words[0]) if len(location.arguments) < 2 else (words[0], words[1])  # noqa: PLR2004 - the two named


def _expression(locations: Sequence[Directive], uri: str) -> Directive | None:
    for entry in locations:
        modifier, value = _pattern(entry)
        if modifier in ("~", "~*") and matches(value, uri, modifier == "~*"):
            return entry
    return None


def matches(expression: str, uri: str, ignore_case: bool = False) -> bool:
    """Whether one of Nginx's (PCRE) expressions finds something in a path; False for what Python cannot read."""
    try:
        return bool(re.search(_NAMED.sub("(?P<", expression), uri, re.IGNORECASE if ignore_case else 0))
    except re.error:
        return False
