# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is done with whole databases, by the engines' own programs. Runs on the host.

Both engines do the same under the same names, see ``Engine``. On the host's own server root does it; on another server
the site's own user, who can write its database into a file and read it again, and no more.
"""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, ClassVar, Protocol

from ansible_collections.miclinik.hosting.plugins.module_utils.host import programs
from ansible_collections.miclinik.hosting.plugins.module_utils.text import plain

#: How MariaDB's and PostgreSQL's programs begin what is wrong; what may follow has rows in it.
_COMPLAINT = re.compile(r"^ERROR \d+|(?:^|: )(?:ERROR|FATAL|PANIC|HINT|error|fatal):  ?\S|: Got error: |^HINT:")
#: Of a line more says nothing, and may be data.
_WIDE = 300
#: So many lines at the end of a dump may hold the one that says that it is whole.
_END = 8
#: Rows of each table.
Rows = dict[str, int]


class EngineError(Exception):
    """A database could not be read, written, made or moved; the message says what was seen and what to do."""


@dataclass(frozen=True)
class Login:
    """Where the server is, and who gets in. Without a host it is this host's own, and root gets in."""

    database: str
    user: str
    host: str = ""
    port: str = ""
    password: str = field(default="", repr=False)
    encrypted: bool = False
    #: What libpq is told.
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def local(self) -> bool:
        """Whether it is the server of this host."""
        return not self.host


class Engine(Protocol):
    """One site's database server. Databases are called as ``layout.database`` says. All raise EngineError."""

    @property
    def login(self) -> Login:
        """Where it is, and who gets in."""

    #: ``mariadb`` or ``postgresql``.
    name: ClassVar[str]

    def version(self) -> str:
        """Return the server's version, as it says it."""

    def there(self, database: str) -> bool:
        """Return whether there is such a database."""

    def tables(self, database: str) -> list[str]:
        """Return the names of its tables, sorted."""

    def rows(self, database: str) -> Rows:
        """Count the rows of each of its tables."""

    def writes(self, database: str) -> int:
        """Return a number that is greater after something was written there, a second later at least.

        A server that was started anew may have forgotten it, and says less.
        """

    def size(self, database: str) -> int:
        """Return how many bytes it takes on the server's disk, about."""

    def dump(self, database: str, file: Path) -> Rows:
        """Write it into ``file``, as it is at one moment, and return how many rows of each table were written."""

    def load(self, database: str, file: Path) -> None:
        """Read what ``dump`` has written into a database that is there and empty."""

    def make(self, database: str, like: str) -> None:
        """Make an empty one that is as ``like`` is; the site's user may do everything in it."""

    def admit_others(self, database: str, like: str) -> None:
        """Have others than the site's user do there what they may in ``like``, where a database has its own rights."""

    def drop(self, database: str) -> None:
        """Take it away, if it is there, with the right of the site's user to it."""

    def columns(self, database: str) -> dict[str, set[str]]:
        """Return the names of the columns of each of its tables."""

    def sign(self, database: str) -> str:
        """Return the sign of the site whose data it holds (see application/identity.py), empty where there is none."""

    def drop_user(self) -> None:
        """Take the site's user away, if there is one and the server is this host's own."""

    def set_password(self, password: str) -> None:
        """Have the site's user log in by it; the server is not sent it, and cannot log it."""

    def admits(self, password: str) -> bool:
        """Return whether the site's user can log in by it, which is tried."""

    def ask(self, database: str, statements: str) -> str:
        """Have SQL done there; return what it answers, a row on a line, values with tabs between."""

    def admit(self, database: str) -> None:
        """Let users in again where an interrupted move has kept them out; nothing where there is no such database."""

    def move(self, source: str, target: str) -> None:
        """Give what is in ``source`` the name ``target``; there must be nothing of that name, or nothing in it."""


def grouped(lines: str, named: Callable[[str], str] = str) -> dict[str, set[str]]:
    """Return the second words of ``lines`` by the first ones, as ``named`` calls these."""
    found: dict[str, set[str]] = {}
    for line in lines.splitlines():
        first, second = line.split("\t")
        found.setdefault(named(first), set()).add(second)
    return found


def refuse_elsewhere(login: Login, what: str) -> None:
    """Raise EngineError where the server is not this host's own."""
    if not login.local:
        raise EngineError(
            f"{what} takes the right to make databases, and that of '{login.user}' on {login.host} ends at its own: it"
            " is done where the database is on the site's own host"
        )


@contextlib.contextmanager
def private_file(text: str) -> Iterator[str]:
    """Have a file with a secret in it, which only root may read, for as long as a program needs it."""
    handle, name = tempfile.mkstemp(prefix="miclinik-")  # 0600
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        yield name
    finally:
        Path(name).unlink()


def run(
    words: Sequence[str],
    what: str,
    *,
    text: str | None = None,
    source: IO[bytes] | None = None,
    environment: Mapping[str, str] | None = None,
) -> str:
    """Run a program and return what it prints; raise EngineError with its own words, saying ``what`` failed."""
    done = subprocess.run(
        list(words),
        check=False,
        input=None if text is None else text.encode(),
        stdin=source if text is None else None,
        capture_output=True,
        env=programs.environment() | dict(environment or {}),
    )
    if done.returncode:
        raise EngineError(failure(what, done.returncode, done.stderr.decode(errors="replace")))
    return done.stdout.decode(errors="replace")


def written(
    words: Sequence[str],
    file: Path,
    what: str,
    counted: Callable[[Iterable[bytes], Rows], Iterator[bytes]],
    environment: Mapping[str, str] | None = None,
) -> tuple[Rows, list[bytes]]:
    """Run a dump into ``file``; return the rows that ``counted`` finds in it, and its last lines that say anything."""
    with file.open("wb") as target, tempfile.TemporaryFile() as complaints:
        with subprocess.Popen(
            list(words),
            stdout=subprocess.PIPE,
            stderr=complaints,  # a pipe that nobody reads meanwhile would fill up
            env=programs.environment() | dict(environment or {}),
        ) as process:
            assert process.stdout is not None
            rows: Rows = {}
            last: deque[bytes] = deque(maxlen=_END)
            for line in counted(process.stdout, rows):
                target.write(line)
                if text := line.strip():
                    last.append(text)
        complaints.seek(0)
        complaint = complaints.read().decode(errors="replace")
    if process.returncode:
        raise EngineError(failure(what, process.returncode, complaint))
    return rows, list(last)


def failure(what: str, code: int, complaint: str) -> str:
    """Return a sentence about a program that failed.

    Of what a database's program says the errors alone: beside them it shows the statement, or the row, that failed.
    """
    lines = [line.strip() for line in complaint.splitlines() if line.strip()]
    last = [line for line in lines if _COMPLAINT.search(line)] or lines
    told = " | ".join(line[:_WIDE] for line in last[-3:])
    return plain.plain(f"{what} failed: {told or f'exit code {code}, and no word'}")
