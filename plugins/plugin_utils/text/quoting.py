# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Writes a value as a literal of the language of the file it goes into.

Each raises ValueError for what cannot be written.
"""

from __future__ import annotations

import re
import string

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_PLAIN = frozenset(string.ascii_letters + string.digits + "/_-")


def _line(value: object) -> str:
    text = str(value)
    if _CONTROL.search(text):
        raise ValueError("holds a control character or a line break, which this file cannot hold")
    return text


def php(value: object) -> str:
    """Return a PHP single-quoted literal (null, true, false and whole numbers as such), or an array of them."""
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(php(item) for item in value)}]"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    text = str(value).replace("\\", "\\\\").replace("'", "\\'")
    if "\0" in text:
        raise ValueError("holds a NUL character")
    return f"'{text}'"


def nginx(value: object) -> str:
    """Return an nginx double-quoted parameter; ``$`` would start a variable and cannot be escaped, so it is refused."""
    text = _line(value)
    if "$" in text:
        raise ValueError("holds a $, which nginx would take for a variable")
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def nginx_regex(value: object) -> str:
    """Return text as the part of an nginx regular expression, without quotes around it, that matches it literally.

    What is special to nginx (``;``, ``{``, a space) or to expressions is written as ``\\xHH``.
    """
    octets = _line(value).encode()
    return "".join(chr(octet) if chr(octet) in _PLAIN else f"\\x{octet:02x}" for octet in octets)


def apache(value: object) -> str:
    """Return an Apache double-quoted argument.

    ``${`` is refused: Apache would put a variable in its place, quoted or not. What a directive makes of ``$1``, ``%1``
    or ``%{…}`` inside its arguments is its own affair.
    """
    text = _line(value)
    if "${" in text:
        raise ValueError("holds ${, which Apache would take for a variable")
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def apache_regex(value: object) -> str:
    """Return text as the part of an Apache regular expression, without quotes around it, that matches it literally.

    What is special to Apache (a space, ``"``) or to expressions is written as ``\\xHH``.
    """
    return nginx_regex(value)


def ini(value: object) -> str:
    """Return a quoted value for php.ini and pool files, as PHP's own parser reads them.

    ``$pool`` is refused: PHP-FPM puts the pool's name in its place, quoted or not.
    """
    if isinstance(value, bool):
        return "On" if value else "Off"
    if isinstance(value, int):
        return str(value)
    text = _line(value)
    if "$pool" in text:
        raise ValueError("holds $pool, which PHP-FPM would replace")
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("${", "\\${") + '"'
