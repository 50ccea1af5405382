# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whole databases on PostgreSQL."""

from __future__ import annotations

import itertools
import json
import re
import shutil
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from ansible_collections.miclinik.hosting.plugins.module_utils.database import connections
from ansible_collections.miclinik.hosting.plugins.module_utils.database.findings import CONSTANTS, SIGN_QUERY
from ansible_collections.miclinik.hosting.plugins.module_utils.host import programs
from ansible_collections.miclinik.hosting.plugins.module_utils.life import engine, postgresql_rights
from ansible_collections.miclinik.hosting.plugins.module_utils.life.engine import EngineError, Login, Rows

_COPY = re.compile(rb"COPY ((?:\"(?:[^\"]|\"\")+\"|[^ .\"]+)(?:\.(?:\"(?:[^\"]|\"\")+\"|[^ .\"]+))?) .*FROM stdin;")
_TABLES = (
    "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables"
    " WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1"
)
_COLUMNS = (
    "SELECT format('%I.%I', table_schema, table_name), column_name FROM information_schema.columns"
    " WHERE table_schema NOT IN ('pg_catalog', 'information_schema')"
)
#: In a dump. Not everybody may make each of them, and its comment is its own.
_EXTENSION = re.compile(rb"CREATE EXTENSION IF NOT EXISTS .*;\n")
_ITS_COMMENT = b"COMMENT ON EXTENSION "
#: Of the last lines of a dump that is whole; newer versions have one more behind it.
_TRAILER = b"-- PostgreSQL database dump complete"
_DEFAULT_SCHEMA = "public."
_ADMINISTRATOR = "postgres"
#: Looks at sessions that are about to end, and seconds between them.
_LEAVING, _PAUSE = 10, 0.2
_DENIED = "password authentication failed"


@dataclass(frozen=True)
class PostgreSQL:
    """The server with the database of one site."""

    login: Login

    name: ClassVar[str] = connections.POSTGRESQL

    def version(self) -> str:
        """Return the server's version."""
        return self._ask("SHOW server_version").split()[0]

    def there(self, database: str) -> bool:
        """Return whether there is such a database."""
        return bool(self._ask(f"SELECT 1 FROM pg_database WHERE datname = {_text(database)}").strip())

    def tables(self, database: str) -> list[str]:
        """Return the names of its tables; the schema ``public`` is not named."""
        return sorted(_short(name) for name in self._ask(_TABLES, database).splitlines())

    def columns(self, database: str) -> dict[str, set[str]]:
        """Return the columns of each table."""
        return engine.grouped(self._ask(_COLUMNS, database), _short)

    def sign(self, database: str) -> str:
        """Return the sign in it."""
        return self._ask(SIGN_QUERY, database).strip() if CONSTANTS in self.tables(database) else ""

    def drop_user(self) -> None:
        """Take the site's user away."""
        engine.refuse_elsewhere(self.login, f"Taking away '{self.login.user}'")
        self._ask(f"DROP ROLE IF EXISTS {_name(self.login.user)}")

    def set_password(self, password: str) -> None:
        """Have the site's user log in by it: as a SCRAM verifier."""
        engine.refuse_elsewhere(self.login, f"Another password of '{self.login.user}'")
        verifier = connections.scram_verifier(password, local=True)
        self._ask(f"ALTER ROLE {_name(self.login.user)} PASSWORD {_text(verifier)}")

    def admits(self, password: str) -> bool:
        """Return whether the site's user can log in by it."""
        engine.refuse_elsewhere(self.login, f"Trying a password of '{self.login.user}'")
        line = ":".join(
            part.replace("\\", "\\\\").replace(":", "\\:") for part in ("*", "*", "*", self.login.user, password)
        )
        with self._program("psql") as ((program, place, _, *port), _), engine.private_file(line + "\n") as file:
            words = [program, place, f"--username={self.login.user}", *port, "--no-password", "--no-psqlrc"]
            words += [f"--dbname={self.login.database}", "--command=SELECT 1"]
            try:
                engine.run(words, f"logging in as '{self.login.user}'", environment={"PGPASSFILE": file, "LC_ALL": "C"})
            except EngineError as error:
                if _DENIED in str(error):
                    return False
                raise
        return True

    def ask(self, database: str, statements: str) -> str:
        """Have SQL done there."""
        return self._ask(statements, database)

    def admit(self, database: str) -> None:
        """Let users in again."""
        if self.there(database):
            self._ask(f"ALTER DATABASE {_name(database)} ALLOW_CONNECTIONS true")

    def rows(self, database: str) -> Rows:
        """Count the rows of each table."""
        tables = self.tables(database)
        if not tables:
            return {}
        # What others inherit is counted where it is.
        counts = (f"SELECT {_text(table)}, COUNT(*) FROM ONLY {_long(table)}" for table in tables)
        answers = (line.rsplit("\t", 1) for line in self._ask(" UNION ALL ".join(counts), database).splitlines())
        return {table: int(count) for table, count in answers}

    def writes(self, database: str) -> int:
        """Return how many rows were ever written. A session of PHP that has just ended may report its own last."""
        own = f"FROM pg_stat_activity WHERE datname = {_text(database)} AND usename = {_text(self.login.user)}"
        if self.login.local and Path(connections.POOLER_SETTINGS).exists():
            # One that is kept for the next caller reports when it ends.
            self._ask(f"SELECT pg_terminate_backend(pid, 5000) {own} AND state = 'idle'")
        for _ in range(_LEAVING):
            if not int(self._ask(f"SELECT COUNT(*) {own}")):
                break
            time.sleep(_PAUSE)
        asked = "SELECT COALESCE(SUM(n_tup_ins + n_tup_upd + n_tup_del), 0) FROM pg_stat_user_tables"
        return int(self._ask(asked, database))

    def size(self, database: str) -> int:
        """Return how many bytes it takes."""
        return int(self._ask(f"SELECT pg_database_size({_text(database)})"))

    def dump(self, database: str, file: Path) -> Rows:
        """Write it into ``file``, as one transaction sees it, and return how many rows of each table were written.

        Without owners, so that who reads it may have another name.
        """
        rows = dict.fromkeys(self.tables(database), 0)
        with self._program("pg_dump") as (words, environment):
            options = ["--no-owner", "--no-privileges", "--encoding=UTF8", database]
            what = f"reading the database '{database}'"
            found, last = engine.written([*words, *options], file, what, _counted, environment)
        if not any(line.startswith(_TRAILER) for line in last):
            raise EngineError(f"{what} ended too early: there is no line '{_TRAILER.decode()}'")
        return rows | found

    def load(self, database: str, file: Path) -> None:
        """Read what ``dump`` has written; all of it is the site's user's, but for extensions."""
        if self.login.local and (extensions := _extensions(file)):
            self._ask(extensions, database)
        with self._program("psql") as (words, environment):
            options = ["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", f"--dbname={database}"]
            role = [f"--command=SET ROLE {_name(self.login.user)}"] if self.login.local else []
            what = f"reading {file.name} into '{database}'"
            engine.run([*words, *options, *role, f"--file={file}"], what, environment=environment)

    def make(self, database: str, like: str) -> None:
        """Make an empty one, in which texts are sorted as in ``like``."""
        engine.refuse_elsewhere(self.login, f"Making '{database}'")
        asked = f"SELECT to_jsonb(d), pg_encoding_to_char(encoding) FROM pg_database d WHERE datname = {_text(like)}"
        text, encoding = self._ask(asked).strip().rsplit("\t", 1)
        self._ask(
            f"CREATE DATABASE {_name(database)} OWNER {_name(self.login.user)} {_alike(json.loads(text), encoding)}"
        )
        self._ask(f"REVOKE ALL ON DATABASE {_name(database)} FROM PUBLIC")

    def admit_others(self, database: str, like: str) -> None:
        """Have others do there what they may in ``like``, and the same be set."""
        statements = self._ask(postgresql_rights.QUERY.format(target=_name(database)), like).splitlines()
        guarded = (postgresql_rights.GUARDED.format(statement=_text(statement)) for statement in statements)
        if statements:
            self._ask(";\n".join(guarded), database)

    def drop(self, database: str) -> None:
        """Take it away, whoever is connected."""
        engine.refuse_elsewhere(self.login, f"Taking away '{database}'")
        self._ask(f"DROP DATABASE IF EXISTS {_name(database)} WITH (FORCE)")

    def move(self, source: str, target: str) -> None:
        """Give it another name; what was interrupted is finished by calling it again."""
        engine.refuse_elsewhere(self.login, f"Moving '{source}'")
        if self.there(source):
            if self.there(target):
                if self.tables(target):
                    raise EngineError(f"'{source}' cannot be called '{target}': there is such a database, with tables")
                self.drop(target)
            self._ask(f"ALTER DATABASE {_name(source)} ALLOW_CONNECTIONS false")
            self._ask(f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = {_text(source)}")
            self._ask(f"ALTER DATABASE {_name(source)} RENAME TO {_name(target)}")
        self._ask(f"ALTER DATABASE {_name(target)} ALLOW_CONNECTIONS true")

    def _ask(self, statement: str, database: str = "") -> str:
        database = database or (_ADMINISTRATOR if self.login.local else self.login.database)
        with self._program("psql") as (words, environment):
            options = ["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--field-separator=\t"]
            options += ["--set=ON_ERROR_STOP=1", f"--dbname={database}"]
            what = f"asking PostgreSQL ({statement.split(None, 1)[0]})"
            return engine.run([*words, *options], what, text=statement, environment=environment)

    @contextmanager
    def _program(self, name: str) -> Iterator[tuple[list[str], Mapping[str, str]]]:
        """Have a program, the options by which it gets in, and its environment; a password is in a file."""
        program = shutil.which(name, path=programs.environment()["PATH"])
        if not program:
            raise EngineError(f"{name} is not on this host: install postgresql-client")
        port = [f"--port={self.login.port}"] if self.login.port else []
        if self.login.local:
            yield [program, f"--host={connections.POSTGRESQL_SOCKETS}", f"--username={_ADMINISTRATOR}", *port], {}
            return
        login = self.login
        line = ":".join(
            part.replace("\\", "\\\\").replace(":", "\\:") for part in ("*", "*", "*", login.user, login.password)
        )
        with engine.private_file(line + "\n") as file:
            words = [program, f"--host={login.host}", f"--username={login.user}", "--no-password", *port]
            yield words, {**login.environment, "PGPASSFILE": file}


def _alike(known: Mapping[str, object], encoding: str) -> str:
    """Return the options of CREATE DATABASE for one that sorts and encodes as the one with this row of pg_database.

    The columns have other names in PostgreSQL 15, and in 17: https://www.postgresql.org/docs/17/catalog-pg-database.html
    """
    options = f"TEMPLATE template0 ENCODING {_text(encoding)}"
    options += f" LC_COLLATE {_text(str(known['datcollate']))} LC_CTYPE {_text(str(known['datctype']))}"
    if known.get("datlocprovider") == "i":
        locale = str(known.get("datlocale") or known.get("daticulocale"))
        options += f" LOCALE_PROVIDER icu ICU_LOCALE {_text(locale)}"
    return options


def _counted(lines: Iterable[bytes], rows: Rows) -> Iterator[bytes]:
    """Pass ``lines`` of a dump on, and count the rows in them: one a line, up to a line with a backslash and a dot."""
    table = ""
    for line in lines:
        if table:
            if line == b"\\.\n":
                table = ""
            else:
                rows[table] += 1
        elif line.startswith(_ITS_COMMENT):
            continue
        elif found := _COPY.match(line):
            table = _short(found[1].decode())
            rows.setdefault(table, 0)
        yield line


def _extensions(file: Path) -> str:
    """Return the statements of a dump that make extensions."""
    with file.open("rb") as lines:
        head = itertools.takewhile(lambda line: not _COPY.match(line), lines)
        return "".join(line.decode() for line in head if _EXTENSION.fullmatch(line))


def _short(name: str) -> str:
    return name.removeprefix(_DEFAULT_SCHEMA)


def _long(name: str) -> str:
    return name if "." in name else f"{_DEFAULT_SCHEMA}{name}"


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
