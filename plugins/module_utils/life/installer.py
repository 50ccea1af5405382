# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The application's own scripts that bring a database to another version, on a copy of a site.

What they say with their exit codes is not believed: a leap over several versions, a database user without rights, a
version that does not exist all end with 0 (measured on 15 to 22). Each is judged by its words, and all of them together
by what the database holds in the end.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Sequence
from functools import partial
from html import unescape
from pathlib import Path

from ansible_collections.miclinik.hosting.plugins.module_utils.application import versions
from ansible_collections.miclinik.hosting.plugins.module_utils.host import programs
from ansible_collections.miclinik.hosting.plugins.module_utils.life.stage import StageError
from ansible_collections.miclinik.hosting.plugins.module_utils.life.within import Within
from ansible_collections.miclinik.hosting.plugins.module_utils.text import plain

#: Of scripts for both engines: the application makes PostgreSQL's of them as it reads them.
_SCRIPTS = "install/mysql/migration"
_SCRIPT = re.compile(r"(\d+)\.\d+\.\d+-(\d+)\.\d+\.\d+\.sql")
#: One that is for one engine only is in a comment.
_ALTER = re.compile(
    r"^(?:-- V\w+[\d.]*\s+)?ALTER TABLE (?P<table>\w+)\s(?P<changes>[^;]*);", re.MULTILINE | re.IGNORECASE
)
_COLUMN = re.compile(r"\b(DROP|ADD) (?:COLUMN )?(?:IF (?:NOT )?EXISTS )?(\w+)", re.IGNORECASE)
_ERROR = re.compile(r"""class=["'][^"']*\berror\b[^"']*["'][^>]*>(.*?)</(?:div|span|td|p|font)\b""", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_LANGUAGE = "en_US"
_LOCK_MODE = "440"

Task = Callable[[], None]


def steps(root: Path, present: str, target: str) -> list[tuple[str, str]]:
    """Return the versions from and to of each step, from ``present`` to ``target``, by the scripts below ``root``.

    One major version at a time. Within one, the step that has led to it is done once more: its script grows with the
    minor versions, and to repeat one is harmless. Raises StageError where a script is missing.

    >>> steps(Path("htdocs"), "22.0.4", "22.0.5")  # doctest: +SKIP
    [('21.0.0', '22.0.0')]
    """
    first, last = versions.number(present), versions.number(target)
    majors = range(first, last) if first < last else range(last - 1, last)
    there = {(int(found[1]), int(found[2])) for file in _scripts(root) if (found := _SCRIPT.match(file.name))}
    if missing := [f"{number}.0.0 to {number + 1}.0.0" for number in majors if (number, number + 1) not in there]:
        raise StageError(f"{root / _SCRIPTS} has no script from {', '.join(missing)}: the release is not whole")
    return [(f"{number}.0.0", f"{number + 1}.0.0") for number in majors]


def tasks(copy: Within, present: str, target: str, todo: Sequence[tuple[str, str]]) -> list[tuple[str, Task]]:
    """Return what is to be done on ``copy``, in order: what each is about, and what does it or raises StageError."""
    found: list[tuple[str, Task]] = [
        (f"{begin} to {end}", partial(_run, copy, script, begin, end))
        for begin, end in todo
        for script in ("upgrade.php", "upgrade2.php")
    ]
    last = partial(_run, copy, "step5.php", present, target, _LANGUAGE, "upgrade", "", "", "", _LOCK_MODE)
    return [*found, (f"the installer's last step, to {target}", last)]


def _run(copy: Within, script: str, *arguments: str) -> None:
    # The copy's own lock: what is served keeps its.
    (copy.stage.places.documents(copy.part) / "install.lock").unlink(missing_ok=True)
    _judge(f"{script} {' '.join(arguments[:2])}", *copy.script(script, *arguments))


class Unused:
    """Whether the version below ``root`` can do without a column, asked by table and column.

    What it makes of an old database is not always what it makes of none: its scripts take ``llx_user.idpers1`` away,
    and its files of tables have it still (17 to 24). So can do without: what its scripts take away and never add again,
    and what no line of its PHP names.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._dropped: set[tuple[str, str]] = set()
        for _, file in sorted((int(found[1]), file) for file in _scripts(root) if (found := _SCRIPT.match(file.name))):
            for statement in _ALTER.finditer(file.read_text(encoding="utf-8", errors="replace")):
                for verb, column in _COLUMN.findall(statement["changes"]):
                    change = self._dropped.add if verb.lower() == "drop" else self._dropped.discard
                    change((statement["table"].lower(), column.lower()))

    def __call__(self, table: str, column: str) -> bool:
        """Return whether it can."""
        return (table, column) in self._dropped or not self._named(column)

    def _named(self, word: str) -> bool:
        command = ["grep", "--recursive", "--quiet", "--word-regexp", "--fixed-strings", "--include=*.php", "--", word]
        return subprocess.run([*command, str(self._root)], check=False, env=programs.environment()).returncode != 1


def _scripts(root: Path) -> list[Path]:
    return [file for file in (root / _SCRIPTS).glob("*.sql") if _SCRIPT.fullmatch(file.name)]


def _judge(what: str, code: int, out: str, err: str) -> None:
    complaints = [_plain(text) for text in _ERROR.findall(out)]
    complaints = [text for text in complaints if text]
    if code or complaints:
        last = complaints[:3] or [line for line in err.strip().splitlines()[-2:] if line] or [_plain(out)[-300:]]
        raise StageError(f"{what} failed (exit code {code}): {' | '.join(last) or 'no word'}")


def _plain(text: str) -> str:
    """Return what a page says, in one line; never a whole statement, in which there may be a hash."""
    return plain.plain(" ".join(unescape(_TAG.sub(" ", text)).split()))[:300]
