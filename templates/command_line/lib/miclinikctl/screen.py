# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Prints: tables for people, JSON for programs, which is what a pipe gets."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any, TextIO

import click
from ansible_collections.miclinik.hosting.plugins.module_utils.command_line import audit
from ansible_collections.miclinik.hosting.plugins.module_utils.command_line.calls import Said
from ansible_collections.miclinik.hosting.plugins.module_utils.text import plain

#: Columns of a line in a pipe, which is searched, and has no end, and of a terminal that folds lines itself.
_ENDLESS = 100_000


def is_json(asked: bool | None) -> bool:
    """Return whether JSON is wanted; None: nobody has said it."""
    return not _is_terminal(sys.stdout) if asked is None else asked


def _is_terminal(stream: TextIO | None) -> bool:
    """Return whether a person is there; Python has no stream where the caller has closed it."""
    return stream is not None and stream.isatty()


def width() -> int | None:
    """Return the columns of the terminal that somebody looks at, also where a pager stands before it.

    None where nobody says it, as of terminals within `podman exec` and `script`.
    """
    if (told := os.environ.get("COLUMNS", "")).isdecimal() and int(told):
        return int(told)
    for handle in (1, 2, 0):
        try:
            if found := os.get_terminal_size(handle).columns:
                return found
        except OSError:
            continue
    return None


def secret(words: str, *, twice: bool = False) -> str:
    """Ask a person for a secret, or read a line of standard input."""
    if _is_terminal(sys.stdin):
        typed: str = click.prompt(words, hide_input=True, confirmation_prompt=twice, err=True)
        return typed
    return sys.stdin.readline().strip("\r\n") if sys.stdin else ""


def raw(said: Said) -> None:
    """Print what the bridge has said, as it has: in lines where a person has asked for JSON."""
    if _is_terminal(sys.stdout) and said.data:
        data(said.data)
    else:
        print(said.text, end="", flush=True)


def data(value: Any) -> None:
    """Print JSON, in lines for a person."""
    print(json.dumps(value, ensure_ascii=False, indent=2 if _is_terminal(sys.stdout) else None), flush=True)


def line(text: str) -> None:
    """Print a line, without what would do something in a terminal."""
    print(plain.plain(text), flush=True)


def warn(text: str) -> None:
    """Print a line beside what was asked for."""
    print(plain.plain(text), file=sys.stderr, flush=True)


def value(item: Any) -> str:
    """Return a value as people read it."""
    if item is None or item == "":
        return "-"
    if isinstance(item, bool):
        return "yes" if item else "no"
    if isinstance(item, list):
        return ", ".join(map(value, item)) or "-"
    if isinstance(item, Mapping):
        return ", ".join(f"{name}: {value(part)}" for name, part in item.items())
    return str(item)


def table(columns: Sequence[str], rows: Sequence[Sequence[Any]], *, bad: Sequence[int] = ()) -> None:
    """Print a table as wide as the terminal; rows in ``bad`` are marked. In a pipe each row is a line."""
    # Completion imports this file, and has no time for that library.
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    made = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for name in columns:
        made.add_column(name, overflow="fold")
    for place, row in enumerate(rows):
        # Text, since a bracket in a value is no markup.
        made.add_row(*(Text(plain.plain(value(item))) for item in row), style="red" if place in bad else None)
    columns_of = width() if _is_terminal(sys.stdout) else None
    Console(highlight=False, soft_wrap=False, width=columns_of or _ENDLESS).print(made)


def pairs(found: Mapping[str, Any]) -> None:
    """Print names with their values."""
    table(["what", "is"], list(found.items()))


def changes(answer: Mapping[str, Any], *, check: bool) -> None:
    """Print what has changed, or would."""
    if not answer.get("changed"):
        line("nothing to change")
        return
    found = audit.changes(answer.get("diff") or {})
    line("would change:" if check else "changed:")
    if found:
        table(["what", "before", "after"], found)
    elif answer.get("changes"):
        line(value(list(answer["changes"])))
