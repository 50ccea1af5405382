# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whole databases on MariaDB."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from ansible_collections.miclinik.hosting.plugins.module_utils.database import connections, server
from ansible_collections.miclinik.hosting.plugins.module_utils.database.findings import CONSTANTS, SIGN_QUERY
from ansible_collections.miclinik.hosting.plugins.module_utils.host import programs
from ansible_collections.miclinik.hosting.plugins.module_utils.life import engine
from ansible_collections.miclinik.hosting.plugins.module_utils.life.engine import EngineError, Login, Rows

#: Columns are named where the table has one that ``SELECT *`` does not show.
_INSERT = re.compile(rb"INSERT INTO `((?:[^`]|``)+)` (?:\((?:`(?:[^`]|``)+`(?:, ?)?)+\) )?VALUES(.*)", re.DOTALL)
_TEXT = re.compile(rb"'(?:[^'\\]|\\.|'')*'", re.DOTALL)
_TABLES = (
    "SELECT table_name FROM information_schema.tables WHERE table_schema = {schema}"
    " AND table_type IN ('BASE TABLE', 'SYSTEM VERSIONED') ORDER BY table_name"
)
_SEQUENCES = (
    "SELECT table_name FROM information_schema.tables WHERE table_schema = {schema} AND table_type = 'SEQUENCE'"
)
#: What does not go along when a table gets another database: how each is found, with what DROP calls it.
_BESIDE = {
    "TRIGGER": "SELECT trigger_name FROM information_schema.triggers WHERE trigger_schema = {schema}",
    "VIEW": "SELECT table_name FROM information_schema.views WHERE table_schema = {schema}",
    "PROCEDURE": "SELECT routine_name FROM information_schema.routines WHERE routine_type = 'PROCEDURE' AND"
    " routine_schema = {schema}",
    "FUNCTION": "SELECT routine_name FROM information_schema.routines WHERE routine_type = 'FUNCTION' AND"
    " routine_schema = {schema}",
    "EVENT": "SELECT event_name FROM information_schema.events WHERE event_schema = {schema}",
}
#: A database that everybody may see: to log in is all that is wanted.
_LOGIN_ONLY = "--database=information_schema"
_DENIED = "ERROR 1045 "
#: A server takes no longer statement, whatever it is told.
_LONGEST = 1024**3
#: A statement of several rows ends at this length.
_SEVERAL_ROWS = 2 * 1024**2
_LONG = f"--max-allowed-packet={_LONGEST}"
#: The last line of a dump that is whole.
_TRAILER = b"-- Dump completed"


@dataclass(frozen=True)
class MariaDB:
    """The server with the database of one site. ``work`` is a folder of root's, for what a move has under way."""

    login: Login
    work: Path

    name: ClassVar[str] = connections.MARIADB

    def version(self) -> str:
        """Return the server's version."""
        return self._ask("SELECT VERSION()").strip().partition("-")[0]

    def there(self, database: str) -> bool:
        """Return whether there is such a database."""
        return bool(self._ask(f"SELECT 1 FROM information_schema.schemata WHERE schema_name = {_text(database)}"))

    def tables(self, database: str) -> list[str]:
        """Return the names of its tables."""
        return self._ask(_TABLES.format(schema=_text(database))).splitlines()

    def columns(self, database: str) -> dict[str, set[str]]:
        """Return the columns of each table."""
        asked = "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = "
        return engine.grouped(self._ask(f"{asked}{_text(database)}"))

    def sign(self, database: str) -> str:
        """Return the sign in it."""
        there = CONSTANTS in self.tables(database)
        return self._ask(f"USE {_name(database)}; {SIGN_QUERY}").strip() if there else ""

    def drop_user(self) -> None:
        """Take the site's user away."""
        engine.refuse_elsewhere(self.login, f"Taking away '{self.login.user}'")
        self._ask(f"DROP USER IF EXISTS {self._user()}")

    def set_password(self, password: str) -> None:
        """Have the site's user log in by it: as ``mysql_native_password`` keeps it, which community.mysql makes too."""
        engine.refuse_elsewhere(self.login, f"Another password of '{self.login.user}'")
        once = hashlib.sha1(password.encode(), usedforsecurity=False).digest()
        kept = f"*{hashlib.sha1(once, usedforsecurity=False).hexdigest().upper()}"
        self._ask(f"ALTER USER {self._user()} IDENTIFIED VIA mysql_native_password USING {_text(kept)}")

    def admits(self, password: str) -> bool:
        """Return whether the site's user can log in by it."""
        engine.refuse_elsewhere(self.login, f"Trying a password of '{self.login.user}'")
        user, secret = map(server.quoted, (self.login.user, password))
        settings = f"[client]\nsocket={connections.MARIADB_SOCKET}\nuser={user}\npassword={secret}\n"
        with self._program("") as (program, *_), engine.private_file(settings) as file:
            words = [program, f"--defaults-extra-file={file}", "--batch", _LOGIN_ONLY]
            try:
                engine.run(words, f"logging in as '{self.login.user}'", text="")
            except EngineError as error:
                if _DENIED in str(error):
                    return False
                raise
        return True

    def ask(self, database: str, statements: str) -> str:
        """Have SQL done there."""
        return self._ask(f"USE {_name(database)};\n{statements}")

    def admit(self, database: str) -> None:
        """Do nothing: a move keeps nobody out."""

    def rows(self, database: str) -> Rows:
        """Count the rows of each table."""
        tables = self.tables(database)
        if not tables:
            return {}
        counts = (f"SELECT {_text(table)}, COUNT(*) FROM {_name(database)}.{_name(table)}" for table in tables)
        answers = (line.rsplit("\t", 1) for line in self._ask(";\n".join(counts)).splitlines())
        return {table: int(count) for table, count in answers}

    def writes(self, database: str) -> int:
        """Return when a table was last written, as far as the server remembers."""
        # It has forgotten after it was started anew, and knows nothing of tables to which nobody has written since.
        asked = "SELECT COALESCE(UNIX_TIMESTAMP(MAX(update_time)), 0) FROM information_schema.tables"
        return int(float(self._ask(f"{asked} WHERE table_schema = {_text(database)}")))

    def size(self, database: str) -> int:
        """Return how many bytes its tables take, about."""
        asked = "SELECT COALESCE(SUM(data_length + index_length), 0) FROM information_schema.tables"
        return int(self._ask(f"{asked} WHERE table_schema = {_text(database)}"))

    def dump(self, database: str, file: Path) -> Rows:
        """Write it into ``file``, in one transaction, and return how many rows of each table were written."""
        rows = dict.fromkeys(self.tables(database), 0)
        options = ["--single-transaction", "--quick", "--routines", "--triggers", "--events", "--hex-blob"]
        options += ["--default-character-set=utf8mb4", "--skip-dump-date", "--no-tablespaces", _LONG, database]
        with self._program("dump") as words:
            what = f"reading the database '{database}'"
            found, last = engine.written([*words, *options], file, what, _counted)
        if not last or not last[-1].startswith(_TRAILER):
            raise EngineError(f"{what} ended too early: the last line is not '{_TRAILER.decode()}'")
        return rows | found

    def load(self, database: str, file: Path) -> None:
        """Read what ``dump`` has written."""
        options = ["--init-command=SET SESSION foreign_key_checks = 0, unique_checks = 0", "--binary-mode", _LONG]
        with self._program("") as words, file.open("rb") as source, self._accepting(file):
            engine.run([*words, *options, database], f"reading {file.name} into '{database}'", source=source)

    @contextmanager
    def _accepting(self, file: Path) -> Iterator[None]:
        """Have the server take the longest row of ``file``: in it bytes are twice as long as they were stored."""
        usual = int(self._ask("SELECT @@GLOBAL.max_allowed_packet")) if self.login.local else _LONGEST
        with file.open("rb") as lines:
            longest = max(map(len, lines), default=0)
        if longest + _SEVERAL_ROWS < usual:
            yield
            return
        self._ask(f"SET GLOBAL max_allowed_packet = {_LONGEST}")
        try:
            yield
        finally:
            self._ask(f"SET GLOBAL max_allowed_packet = {usual}")

    def make(self, database: str, like: str) -> None:
        """Make an empty one with the character set of ``like``."""
        self._make(database, like)
        place = _name(connections.pattern(database))
        self._ask(f"GRANT ALL PRIVILEGES ON {place}.* TO {self._user()}")

    def _make(self, database: str, like: str) -> None:
        engine.refuse_elsewhere(self.login, f"Making '{database}'")
        asked = "SELECT default_character_set_name, default_collation_name FROM information_schema.schemata"
        charset, collation = self._ask(f"{asked} WHERE schema_name = {_text(like)}").split()
        self._ask(f"CREATE DATABASE {_name(database)} CHARACTER SET {charset} COLLATE {collation}")

    def admit_others(self, database: str, like: str) -> None:
        """Do nothing: what others may they may in a database of a name, whatever takes its place."""

    def drop(self, database: str) -> None:
        """Take it away."""
        engine.refuse_elsewhere(self.login, f"Taking away '{database}'")
        place = _name(connections.pattern(database))
        asked = f"SELECT 1 FROM mysql.db WHERE db = {_text(connections.pattern(database))} AND user = "
        if self._ask(f"{asked}{_text(self.login.user)} AND host = 'localhost'"):
            self._ask(f"REVOKE ALL PRIVILEGES ON {place}.* FROM {self._user()}")
        self._ask(f"DROP DATABASE IF EXISTS {_name(database)}")

    def move(self, source: str, target: str) -> None:
        """Move the tables, which takes no time whatever is in them, and then what cannot be moved: views, triggers.

        What an interrupted move has left is finished by calling it again, or taken back by a move the other way.
        """
        engine.refuse_elsewhere(self.login, f"Moving '{source}'")
        if not self.there(target):
            self._make(target, source)  # what is only kept is nobody's to change
        leaving, arriving = self._beside_file(target), self._beside_file(source)
        beside = {kind: self._ask(asked.format(schema=_text(source))).splitlines() for kind, asked in _BESIDE.items()}
        if any(beside.values()):
            leaving.write_text(self._definitions(source, beside["VIEW"]), encoding="utf-8")
        elif arriving.exists():
            arriving.rename(leaving)
        drops = [f"DROP {kind} {_name(source)}.{_name(name)}" for kind, names in beside.items() for name in names]
        if tables := self.tables(source) + self._ask(_SEQUENCES.format(schema=_text(source))).splitlines():
            pairs = (f"{_name(source)}.{_name(table)} TO {_name(target)}.{_name(table)}" for table in tables)
            drops.append(f"RENAME TABLE {', '.join(pairs)}")
        if drops:
            self._ask(";\n".join(drops))
        if leaving.exists():
            self.load(target, leaving)
            leaving.unlink()

    def _beside_file(self, target: str) -> Path:
        return self.work / f"beside-{target}.sql"

    def _definitions(self, database: str, views: Iterable[str]) -> str:
        """Return SQL that makes the triggers, routines, events and views of ``database`` again."""
        common = ["--no-data", "--default-character-set=utf8mb4", "--skip-dump-date", "--skip-comments"]
        with self._program("dump") as words:
            what = f"reading the definitions in '{database}'"
            options = [*common, "--no-create-info", "--triggers", "--routines", "--events", database]
            text = engine.run([*words, *options], what)
            if views:
                text += engine.run([*words, *common, "--skip-triggers", database, *views], what)
        return text

    def _user(self) -> str:
        return f"{_text(self.login.user)}@'localhost'"

    def _ask(self, statements: str) -> str:
        with self._program("") as words:
            what = f"asking MariaDB ({statements.split(None, 1)[0]})"
            return engine.run([*words, "--batch", "--skip-column-names", "--raw"], what, text=statements)

    @contextmanager
    def _program(self, kind: str) -> Iterator[list[str]]:
        """Have the program and the options by which it gets in; a password is in a file, never among them."""
        names = ("mariadb-dump", "mysqldump") if kind else ("mariadb", "mysql")
        path = programs.environment()["PATH"]
        program = next((found for name in names if (found := shutil.which(name, path=path))), "")
        if not program:
            raise EngineError(f"{names[0]} is not on this host: install mariadb-client")
        if self.login.local:
            yield [program, f"--socket={connections.MARIADB_SOCKET}"]
            return
        host, user, password = map(server.quoted, (self.login.host, self.login.user, self.login.password))
        settings = f"[client]\nhost={host}\nuser={user}\npassword={password}\n"
        settings += f"port={self.login.port}\n" if self.login.port else ""
        # As PHP's driver does it: encrypted, and whoever it is.
        settings += "ssl\nssl-verify-server-cert=0\n" if self.login.encrypted else ""
        with engine.private_file(settings) as file:
            yield [program, f"--defaults-extra-file={file}"]


def _counted(lines: Iterable[bytes], rows: Rows) -> Iterator[bytes]:
    """Pass ``lines`` of a dump on, and count the rows in them.

    mariadb-dump writes each row on a line of its own, but for the first one where it names the columns; older ones
    write all rows of a statement on the statement's line. A line break within a text is written as two characters, so a
    line of the dump is never a part of a text.
    """
    table = ""
    for line in lines:
        if found := _INSERT.match(line):
            table = found[1].decode().replace("``", "`")
            rows.setdefault(table, 0)
            if values := found[2].strip():
                rows[table] += _TEXT.sub(b"", values).count(b"),(") + 1
                table = "" if values.endswith(b";") else table
        elif table and line.startswith(b"("):
            rows[table] += 1
            if line.endswith(b";\n"):
                table = ""
        yield line


def _name(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _text(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"
