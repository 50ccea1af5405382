# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The application's own scripts that bring a database to another version, on a copy of a site.

What they say with their exit codes is not believed: a leap over several versions, a database user without rights, a
version that does not exist all end with 0 (measured on 15 to 22). Each is judged by its words, and all of them together
by what the database holds in the end.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial
from html import unescape
from pathlib import Path

from ansible_collections.miclinik.hosting.plugins.module_utils.application import versions
from ansible_collections.miclinik.hosting.plugins.module_utils.life.stage import StageError
from ansible_collections.miclinik.hosting.plugins.module_utils.life.within import Within
from ansible_collections.miclinik.hosting.plugins.module_utils.text import plain

#: Of scripts for both engines: the application makes PostgreSQL's of them as it reads them.
_SCRIPTS = "install/mysql/migration"
_SCRIPT = re.compile(r"(\d+)\.\d+\.\d+-(\d+)\.\d+\.\d+\.sql")
#: One that is for one engine only is in a comment, with the engine's name.
_ALTER = re.compile(
    r"^(?:-- V(?P<engine>[A-Z]+)[\d.]*\s+)?ALTER TABLE (?P<table>\w+)\s(?P<changes>[^;]*);",
    re.MULTILINE | re.IGNORECASE,
)
_COLUMN = re.compile(
    r"\b(?:ADD\s+(?:COLUMN\s+)?(?:IF\s+NOT\s+EXISTS\s+)?(?P<added>\w+)"
    r"|DROP\s+(?:COLUMN\s+)?(?:IF\s+EXISTS\s+)?(?P<dropped>\w+)"
    r"|(?:CHANGE|RENAME)\s+(?:COLUMN\s+)?(?P<old>\w+)\s+(?:TO\s+)?(?P<new>\w+))",
    re.IGNORECASE,
)
#: What is added and dropped beside columns.
_OTHERS = frozenset({"constraint", "foreign", "fulltext", "index", "key", "primary", "unique", "to", "not", "default"})
_ENGINES = {"MYSQL": "mariadb", "PGSQL": "postgresql"}
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


def added(root: Path, todo: Sequence[tuple[str, str]], engine: str) -> set[tuple[str, str]]:
    """Return the columns, each with its table, that the scripts of the steps ``todo`` add, and do not take away again.

    Not everything that a new installation has is among them. The application's files of tables and its scripts are not
    of one mind: no script of 16 adds ``llx_societe.last_main_doc``, and those of 17 give ``llx_establishment.name``
    another name while 24 still makes it in a new database.
    """
    there: set[tuple[str, str]] = set()
    for begin, end in todo:
        text = (root / _SCRIPTS / f"{begin}-{end}.sql").read_text(encoding="utf-8", errors="replace")
        for statement in _ALTER.finditer(text):
            if _ENGINES.get((statement["engine"] or "").upper(), engine) != engine:
                continue
            table = statement["table"].lower()
            for found in _COLUMN.finditer(statement["changes"]):
                there -= {(table, (found[name] or "").lower()) for name in ("dropped", "old")}
                there |= {(table, found[name].lower()) for name in ("added", "new") if found[name]}
    return {(table, column) for table, column in there if column not in _OTHERS}


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
