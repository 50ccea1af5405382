# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reads from its files which version of the application a folder holds, without running them.

Up to 22 filefunc.inc.php defines DOL_VERSION. Later it is put together in version.inc.php, which filefunc.inc.php
includes, from DOL_MAJOR_VERSION and DOL_MINOR_VERSION, each of which stands in the one or the other. So the rule is:
take the definitions of both files in the order in which PHP meets them, and put together what consists of texts and of
each other. templates/bridge/src/TreeVersion.php follows the same rule.
"""

from __future__ import annotations

import re
from pathlib import Path

NAME = "DOL_VERSION"
#: The application's files, in the order in which PHP comes to the definitions in them.
FILES = ("filefunc.inc.php", "version.inc.php")

#: What a version may look like: it names folders. Forks have numbers of their own.
_USABLE = re.compile(r"[0-9]+(?:[.-][0-9A-Za-z]+)*")
_BYTES = 64 * 1024
_TEXT = r"""'[^'\\]*'|"[^"\\$]*\""""
_TERM = rf"""(?:{_TEXT}|\\?constant\(\s*['"]\w+['"]\s*\)|[A-Z_][A-Z0-9_]*)"""
_DEFINE = re.compile(
    rf"""\bdefine\(\s*['"](?P<name>DOL_\w*VERSION)['"]\s*,\s*(?P<value>{_TERM}(?:\s*\.\s*{_TERM})*)\s*\)"""
)
_ANY_DEFINE = re.compile(rf"""\bdefine\(\s*['"]{NAME}['"]\s*,\s*(?P<value>[^;]*?)\s*\)\s*;""")
_PART = re.compile(rf"(?P<text>{_TEXT})|constant\(\s*['\"](?P<named>\w+)['\"]|(?P<bare>[A-Z_][A-Z0-9_]*)")
# A text is matched so that what looks like a comment in it is none.
_COMMENT = re.compile(r"""'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|/\*.*?\*/|(?://|\#)[^\n]*""", re.DOTALL)
_LARGE_FILE_POINTER = "version https://git-lfs."


class VersionError(Exception):
    """A version that cannot be read: what was ``seen``, and the ``mend``."""

    def __init__(self, seen: str, mend: str) -> None:
        super().__init__(f"{seen}. {mend}.")
        self.seen, self.mend = seen, mend


def read(folder: Path) -> str:
    """Return the version of the application in ``folder``, the one with filefunc.inc.php in it; raise VersionError."""
    sources = [_source(folder / name) for name in FILES]
    defined: dict[str, str] = {}
    for source in sources:
        for found in _DEFINE.finditer(source):
            defined.setdefault(found["name"], found["value"])
    value = _put_together(NAME, defined, ())
    if value is None:
        raise _unreadable(folder, sources)
    if not _USABLE.fullmatch(value):
        raise VersionError(f"the files in {folder} state the version {value!r}", "Name the folder of a release")
    return value


def find(folder: Path) -> str | None:
    """Return the version as ``read`` does, and None where there is none to be read."""
    try:
        return read(folder)
    except VersionError:
        return None


def _source(path: Path) -> str:
    """Return a file's beginning without comments; nothing where there is no such file."""
    try:
        with path.open("rb") as stream:
            text = stream.read(_BYTES).decode("utf-8", "replace")
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise VersionError(f"{path}: {error.strerror}", "Make it readable") from None
    if text.startswith(_LARGE_FILE_POINTER):
        raise VersionError(f"{path} is a pointer of Git LFS, not the file", "Get the files themselves: git lfs pull")
    return _COMMENT.sub(lambda found: found[0] if found[0][0] in "'\"" else " ", text)


def _put_together(name: str, defined: dict[str, str], within: tuple[str, ...]) -> str | None:
    if name not in defined or name in within:
        return None
    words = []
    for part in _PART.finditer(defined[name]):
        inner = part["named"] or part["bare"]
        word = part["text"][1:-1] if inner is None else _put_together(inner, defined, (*within, name))
        if word is None:
            return None
        words.append(word)
    return "".join(words)


def _unreadable(folder: Path, sources: list[str]) -> VersionError:
    """Say what there is instead of a version."""
    first, second = (folder / name for name in FILES)
    for path, source in zip((first, second), sources, strict=True):
        stated = _ANY_DEFINE.search(source)
        if stated:
            seen = f"{path} states {NAME} as {' '.join(stated['value'].split())}, whose parts are not to be found"
            return VersionError(seen, f"Name the folder of a whole release: the parts stand in {' and '.join(FILES)}")
    if second.is_file():
        return VersionError(f"{first} and {second.name} state no {NAME}", "Name the folder of a release")
    if second.name in sources[0]:
        return VersionError(f"{first} includes {second.name}, which is missing", "Name the folder of a whole release")
    return VersionError(f"{first} states no {NAME}", "Name the folder of a release")
