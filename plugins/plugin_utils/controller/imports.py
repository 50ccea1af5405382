# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which files of this collection a module of it imports, so that a program on a host gets all that it needs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

PLUGINS = Path(__file__).resolve().parents[2]
PACKAGE = "ansible_collections.miclinik.hosting.plugins"


def needed(name: str, plugins: Path = PLUGINS) -> list[str]:
    """Return the paths below ``plugins/`` of a module such as ``module_utils.smoke.watch`` and of all that it imports.

    :raises LookupError: there is no such module.
    """
    entry = _file(name.split("."), plugins)
    if entry is None:
        raise LookupError(f"there is no module {name} in plugins/")
    found = {entry}
    left = [entry]
    while left:
        for file in _imports(left.pop(), plugins):
            if file not in found:
                found.add(file)
                left.append(file)
    return sorted(file.relative_to(plugins).as_posix() for file in found)


# An import statement is looked for as text, since parsing all that the programs need takes a second of every run.
_PACKAGE = re.escape(PACKAGE)
_STATEMENT = re.compile(
    rf"^[ \t]*(?:from[ \t]+({_PACKAGE}[\w.]*)[ \t]+import[ \t]+(\([^)]*\)|[^\n#]*)"
    rf"|import[ \t]+([^\n#]*{_PACKAGE}[^\n#]*))",
    re.MULTILINE,
)
_COMMENT = re.compile(r"#[^\n]*")


def _imports(file: Path, plugins: Path) -> Iterator[Path]:
    for module, names, modules in _STATEMENT.findall(file.read_text(encoding="utf-8")):
        listed = _COMMENT.sub("", names or modules).strip("() \t\n").split(",")
        words = [name.split()[0] for name in listed if name.strip()]
        # What is imported is a module of a room, or something out of one.
        for name in [f"{module}.{word}" for word in words] if module else words:
            if name.startswith(f"{PACKAGE}."):
                parts = name.removeprefix(f"{PACKAGE}.").split(".")
                target = _file(parts, plugins) or _file(parts[:-1], plugins)
                if target is not None:
                    yield target


def _file(words: list[str], plugins: Path) -> Path | None:
    file = plugins.joinpath(*words).with_suffix(".py") if words else plugins
    return file if file.is_file() else None
