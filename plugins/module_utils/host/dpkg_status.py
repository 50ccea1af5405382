# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What dpkg has on record. Runs on the host."""

from __future__ import annotations

import re
from pathlib import Path

STATUS = Path("/var/lib/dpkg/status")
INSTALLED = "installed"


def states(status: Path = STATUS) -> dict[str, str]:
    """Return the state of every package that dpkg knows: ``installed``, ``config-files``, ``half-configured`` …

    Whether an administrator holds one back (``hold ok installed``) says nothing of its state.
    """
    text = status.read_text(encoding="utf-8", errors="replace") if status.is_file() else ""
    found: dict[str, str] = {}
    name = ""
    for line in text.splitlines():
        if line.startswith("Package: "):
            name = line.removeprefix("Package: ")
        # One that is there for two architectures is installed when it is for one.
        elif line.startswith("Status: ") and found.get(name) != INSTALLED:
            found[name] = line.rpartition(" ")[2]
    return found


def installed(status: Path = STATUS) -> list[str]:
    """Return the names of the packages that are installed, and set up."""
    return [name for name, state in states(status).items() if state == INSTALLED]


#: States in which the files of a package are there, or about to be.
_THERE = (INSTALLED, "unpacked", "half-configured", "half-installed", "triggers-pending", "triggers-awaited")
_VERSION = re.compile(r"\s*\(.*?\)|:\S+")


def unmet(package: str, status: Path = STATUS) -> str:
    """Return the first package that this one needs, or one of those that it needs does, and that is not there.

    Empty where nothing is lacking. Fields: deb-control(5), ``Depends``, ``Pre-Depends`` and ``Provides``.
    """
    needs, there = _relations(status)
    todo, seen = [package], {package}
    while todo:
        for group in needs.get(todo.pop(0), []):
            if not there & set(group):
                return group[0]
            todo += [name for name in group if name in needs and name not in seen]
            seen |= set(group)
    return ""


def _relations(status: Path) -> tuple[dict[str, list[list[str]]], set[str]]:
    """Of every package that is there what it needs, as alternatives; and all names that are there, virtual ones too."""
    text = status.read_text(encoding="utf-8", errors="replace") if status.is_file() else ""
    needs: dict[str, list[list[str]]] = {}
    there: set[str] = set()
    for paragraph in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in paragraph.splitlines() if ": " in line and line[0].isalpha())
        if fields.get("Status", "").rpartition(" ")[2] not in _THERE:
            continue
        there |= {fields["Package"], *_names(fields.get("Provides", ""), ",")}
        wanted = [
            group for key in ("Pre-Depends", "Depends") for group in fields.get(key, "").split(",") if group.strip()
        ]
        needs.setdefault(fields["Package"], []).extend(_names(group, "|") for group in wanted)
    return needs, there


def _names(text: str, separator: str) -> list[str]:
    return [_VERSION.sub("", name).strip() for name in text.split(separator) if name.strip()]
