# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A site of files alone, with a server of databases that is a mapping, and kills at any of its moves."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from ansible_collections.miclinik.hosting.plugins.module_utils.life.engine import Login, Rows
from ansible_collections.miclinik.hosting.plugins.module_utils.life.places import Places
from ansible_collections.miclinik.hosting.plugins.module_utils.life.stage import Stage

OLD, NEW = "16.0.3-aaaaaaaaaaaa", "22.0.4-bbbbbbbbbbbb"


class Killed(BaseException):
    """Stands for SIGKILL: nothing catches it."""


@dataclass
class Server:
    """Databases by name, tables by name, rows. ``left`` single renames are done before it is killed."""

    login: Login = field(default_factory=lambda: Login(database="norte", user="norte"))
    databases: dict[str, dict[str, int]] = field(default_factory=dict)
    left: int | None = None
    name: ClassVar[str] = "mariadb"
    asked: list[str] = field(default_factory=list)
    #: What it says next, in turn.
    answers: list[str] = field(default_factory=list)
    #: The password of the site's user.
    password: str = "old"

    def version(self) -> str:
        return "1"

    def there(self, database: str) -> bool:
        return database in self.databases

    def tables(self, database: str) -> list[str]:
        return sorted(self.databases[database])

    def rows(self, database: str) -> Rows:
        return dict(self.databases[database])

    def columns(self, database: str) -> dict[str, set[str]]:
        return {table: {"rowid"} for table in self.databases[database]}

    def writes(self, database: str) -> int:
        return sum(self.databases[database].values())

    def size(self, database: str) -> int:
        return sum(self.databases[database].values())

    def dump(self, database: str, file: Path) -> Rows:
        file.write_text(json.dumps(self.databases[database]), encoding="utf-8")
        return self.rows(database)

    def load(self, database: str, file: Path) -> None:
        self.databases[database] |= json.loads(file.read_text(encoding="utf-8"))

    def make(self, database: str, like: str) -> None:
        assert like in self.databases
        assert database not in self.databases
        self.databases[database] = {}

    def admit_others(self, database: str, like: str) -> None:
        assert {database, like} <= self.databases.keys()

    def drop(self, database: str) -> None:
        self.databases.pop(database, None)

    def sign(self, database: str) -> str:
        return ""

    def drop_user(self) -> None:
        pass

    def set_password(self, password: str) -> None:
        self.step()
        self.password = password

    def admits(self, password: str) -> bool:
        return password == self.password

    def ask(self, database: str, statements: str) -> str:
        self.asked.append(f"{database}: {statements}")
        return self.answers.pop(0) if self.answers else ""

    def admit(self, database: str) -> None:
        pass

    def move(self, source: str, target: str) -> None:
        """As MariaDB does it: one table after the other, and a kill may come between."""
        self.databases.setdefault(target, {})
        for table in self.tables(source) if source in self.databases else []:
            self.step()
            assert table not in self.databases[target]
            self.databases[target][table] = self.databases[source].pop(table)

    def step(self) -> None:
        """Be killed, when it is time."""
        if self.left == 0:
            raise Killed
        if self.left is not None:
            self.left -= 1


@contextmanager
def killed(server: Server, left: int) -> Iterator[None]:
    """Have the server killed after so many renames."""
    server.left = left
    try:
        yield
    finally:
        server.left = None


def stage(root: Path) -> tuple[Stage, Server]:
    """Return a site that serves ``OLD``, with a copy that is to become ``NEW``."""
    places = Places("norte", root)
    for release in (OLD, NEW):
        (places.releases / release / "htdocs").mkdir(parents=True)
    places.current.symlink_to(f"releases/{OLD}")
    places.work.mkdir(parents=True)
    places.state.mkdir(parents=True)
    for part, text in (("live", "old"), ("next", "new")):
        places.documents(part).mkdir()
        (places.documents(part) / "invoice.pdf").write_text(text, encoding="utf-8")
    server = Server(databases={"norte": {"a": 1, "b": 2, "c": 3}, "norte$next": {"a": 1, "b": 2, "d": 4}})
    return Stage(places, server), server


def shape(site: Stage) -> tuple[dict[str, int], str, str]:
    """Return what is served: rows, a document, the release."""
    documents = site.places.documents("live")
    return site.engine.rows("norte"), (documents / "invoice.pdf").read_text(encoding="utf-8"), site.served()
