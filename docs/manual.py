# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The manual page of miclinikctl, and its page among the reference, from its verbs themselves."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

ROOT = Path(__file__).resolve().parents[1]
PLACES = (ROOT / ".collections", ROOT / "templates" / "command_line" / "lib")
NOTE = "Written by docs/generate.py: change the verbs in templates/command_line/lib instead."
INTRODUCTION = (
    "miclinikctl looks after a site of this host. SITE is the site's name in the inventory, and may be left out where"
    " there is one. On a terminal it answers with tables, in a pipe and with --json in JSON. It wants root, and works"
    " as the site's own user where it calls the application. Who changed what is in the journal: miclinikctl SITE logs"
    " audit."
)
EXIT = {
    "0": "done",
    "1": "failed, or something is wrong",
    "2": "wrong usage: nothing was done",
    "3": "something would change (--check), or is not the same (const diff)",
}
FILES = {
    "/etc/miclinik/SITE/secrets.json": "keys and passwords, for root alone",
    "/var/cache/miclinik-ctl": "the words that completion knows; may be deleted",
}


@dataclass(frozen=True)
class Part:
    """A verb: its words, what it is for, its options with what they are for, its examples."""

    words: str
    about: str
    options: list[tuple[str, str]]
    examples: list[tuple[str, str]]


def pages() -> dict[Path, str]:
    """Return both pages by their places."""
    parts = list(_parts())
    return {
        ROOT / "templates" / "command_line" / "miclinikctl.8": _roff(parts),
        ROOT / "docs" / "reference" / "miclinikctl.md": _markdown(parts),
    }


def _parts() -> Iterator[Part]:
    for place in PLACES:
        if str(place) not in sys.path:
            sys.path.insert(0, str(place))
    from miclinikctl import verbs  # noqa: PLC0415

    for name, (_, load) in verbs.VERBS.items():
        command: Any = load()
        if not isinstance(command, click.Group):
            yield _part(name, command)
        for own, each in command.commands.items() if isinstance(command, click.Group) else ():
            yield _part(f"{name} {own}", each)


def _part(words: str, command: Any) -> Part:  # noqa: ANN401 (a click.Command with examples)
    given = [param for param in command.params if isinstance(param, click.Argument)]
    options = [param for param in command.params if isinstance(param, click.Option)]
    return Part(
        " ".join([words, *map(_argument, given)]),
        re.sub(r"\s*\n\s*", " ", (command.help or "").replace("\b", "")).strip(),
        [(_option(param), param.help or "") for param in options],
        list(command.examples),
    )


def _argument(param: click.Argument) -> str:
    if isinstance(param.type, click.Choice):
        name = "|".join(map(str, param.type.choices))
    else:
        name = param.metavar or str(param.name).upper()
    return name if param.required or name.startswith("[") else f"[{name}]"


def _option(param: click.Option) -> str:
    value = "" if param.is_flag else f" {param.metavar or str(param.name).upper()}"
    return ", ".join(param.opts) + value


def _roff(parts: list[Part]) -> str:
    lines = [
        f'.\\" {NOTE}',
        '.TH MICLINIKCTL 8 "" "miclinik.hosting" "System Administration"',
        *(".SH NAME", "miclinikctl \\- look after the miclinik sites of this host"),
        *(".SH SYNOPSIS", ".B miclinikctl", "[\\fISITE\\fR] \\fIVERB\\fR [\\fIARGUMENT\\fR ...]", ".br"),
        *(".B miclinikctl help", "[\\fIVERB\\fR]", ".SH DESCRIPTION", _plain(INTRODUCTION), ".SH VERBS"),
    ]
    for part in parts:
        lines += [".TP", f".B {_plain(part.words)}", _plain(part.about)]
        for option, about in part.options:
            lines += [".RS", ".TP", f".B {_plain(option)}", _plain(about), ".RE"]
        for words, about in part.examples:
            told = f": {_plain(about)}" if about else ""
            lines += [".RS", ".PP", f"\\fImiclinikctl SITE {_plain(words)}\\fR{told}", ".RE"]
    for title, table in (("EXIT STATUS", EXIT), ("FILES", FILES)):
        lines.append(f".SH {title}")
        for name, about in table.items():
            lines += [".TP", f".B {_plain(name)}", _plain(about)]
    lines += [".SH ENVIRONMENT", ".TP", ".B NO_COLOR", "No colours, whatever its value."]
    return "\n".join(lines) + "\n"


def _plain(text: str) -> str:
    safe = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("\n", " ")
    return f"\\&{safe}" if safe.startswith(".") else safe


def _markdown(parts: list[Part]) -> str:
    lines = [f"<!-- {NOTE} -->", "# miclinikctl", "", INTRODUCTION, "", "| ends with | when |", "| --- | --- |"]
    lines += [f"| {code} | {about} |" for code, about in EXIT.items()]
    for part in parts:
        lines += ["", f"## `{part.words}`", "", part.about]
        if part.options:
            lines += ["", "| option | what it does |", "| --- | --- |"]
            lines += [f"| `{_cell(option)}` | {_cell(about)} |" for option, about in part.options]
        if part.examples:
            lines += ["", "```console"]
            lines += [f"# miclinikctl SITE {words}{'   # ' + about if about else ''}" for words, about in part.examples]
            lines += ["```"]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
