# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Throw-away database servers from the installed packages: own folder, own port, gone after the tests."""

from __future__ import annotations

import contextlib
import getpass
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

POSTGRES_BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
START_SECONDS = 60


def free_port() -> int:
    """Return a TCP port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """A database server on 127.0.0.1; ``engine`` is what conf.php calls its type."""

    engine: str
    schema: str
    _stall: tuple[str, ...]
    _unstall: str
    process: subprocess.Popen[bytes]

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()

    def sql(self, database: str, statement: str) -> list[str]:
        """Run a statement as the server's superuser; return the lines of its result."""
        raise NotImplementedError

    @contextlib.contextmanager
    def stalled(self, database: str, constant: str) -> Iterator[None]:
        """Let whoever stores this constant wait, until the sessions are ended."""
        for statement in self._stall:
            self.sql(database, statement.format(constant=constant))
        try:
            yield
        finally:
            self.end_sessions(database)
            self.sql(database, self._unstall)

    def make_database(self, name: str, password: str) -> None:
        """Make an empty database ``name`` with a user of the same name, after dropping the one that was there."""
        raise NotImplementedError

    def counts(self, database: str) -> dict[str, int]:
        """Return the number of rows of every table."""
        names = f"SELECT table_name FROM information_schema.tables WHERE table_schema = {self.schema}"  # noqa: S608
        tables = self.sql(database, names)
        query = " UNION ALL ".join(f"SELECT '{table}', count(*) FROM {table}" for table in tables)  # noqa: S608
        lines = [line.replace("|", "\t").split("\t") for line in self.sql(database, query)] if tables else []
        return {table: int(count) for table, count in lines}

    def end_sessions(self, name: str) -> None:
        """End the sessions of the database user ``name``; what they have not committed is rolled back."""
        if self.engine == "mysqli":
            self.sql("mysql", f"KILL CONNECTION USER {name}")
        else:
            self.sql("postgres", f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{name}'")  # noqa: S608

    def stop(self) -> None:
        """Stop the server and wait for it."""
        self.process.terminate()
        self.process.wait(timeout=START_SECONDS)

    def _wait(self, log: Path) -> None:
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            try:
                self.sql(self._first_database, "SELECT 1")
            except subprocess.CalledProcessError:
                if self.process.poll() is not None:
                    break
                time.sleep(0.1)
            else:
                return
        raise RuntimeError(f"{type(self).__name__} did not start; its log ends:\n{log.read_text()[-2000:]}")

    _first_database = ""


def _lines(words: Sequence[str]) -> list[str]:
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


class MariaDB(Server):
    """MariaDB, without syncing to disk: nothing of it has to survive."""

    engine = "mysqli"
    schema = "database()"
    _stall = (
        # When the sleep is ended early the statement would go on: without a name it fails.
        "CREATE TRIGGER stall BEFORE INSERT ON llx_const FOR EACH ROW "
        "SET NEW.name = IF(NEW.name = '{constant}' AND SLEEP(600) < 2, NULL, NEW.name)",
    )
    _unstall = "DROP TRIGGER stall"
    _first_database = "mysql"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        data, log = folder / "mariadb", folder / "mariadb.log"
        self.socket = folder / "mariadb.sock"
        user = f"--user={getpass.getuser()}"
        subprocess.run(
            ["mariadb-install-db", "--no-defaults", user, f"--datadir={data}", "--skip-test-db"],
            check=True,
            capture_output=True,
        )
        quick = ["--innodb-flush-log-at-trx-commit=0", "--innodb-flush-method=nosync"]
        place = [f"--port={self.port}", "--bind-address=127.0.0.1", f"--pid-file={folder}/mariadb.pid"]
        with log.open("wb") as out:
            self.process = subprocess.Popen(
                ["mariadbd", "--no-defaults", user, f"--datadir={data}", f"--socket={self.socket}", *quick, *place],
                stdout=out,
                stderr=out,
            )
        self._wait(log)

    def sql(self, database: str, statement: str) -> list[str]:
        return _lines(
            ["mariadb", "--no-defaults", "-S", str(self.socket), "-uroot", "-N", "-B", database, "-e", statement]
        )

    def make_database(self, name: str, password: str) -> None:
        escaped = password.replace("\\", "\\\\").replace("'", "\\'")
        self.sql(
            "mysql",
            f"DROP DATABASE IF EXISTS {name}; CREATE DATABASE {name} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;"
            f"CREATE OR REPLACE USER {name}@'%' IDENTIFIED BY '{escaped}'; GRANT ALL ON {name}.* TO {name}@'%'",
        )


class PostgreSQL(Server):
    """PostgreSQL, likewise. It refuses to run as root, so that root runs it as ``postgres``."""

    engine = "pgsql"
    schema = "current_schema()"
    _stall = (
        "CREATE FUNCTION stall() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN IF NEW.name = '{constant}' THEN "
        "PERFORM pg_sleep(600); END IF; RETURN NEW; END$$",
        "CREATE TRIGGER stall BEFORE INSERT ON llx_const FOR EACH ROW EXECUTE FUNCTION stall()",
    )
    _unstall = "DROP TRIGGER stall ON llx_const;;DROP FUNCTION stall()"
    _first_database = "postgres"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.place = folder / "postgresql"
        self.place.mkdir()
        log = folder / "postgresql.log"
        binaries, data = POSTGRES_BINARIES[-1], self.place / "data"
        become: list[str] = []
        if os.geteuid() == 0:
            shutil.chown(self.place, "postgres", "postgres")
            become = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        access = ["--auth-local=trust", "--auth-host=scram-sha-256"]
        place = ["-p", str(self.port), "-k", str(self.place), "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"]
        subprocess.run(
            [*become, str(binaries / "initdb"), "-D", str(data), "-U", "postgres", "-E", "UTF8", "--no-sync", *access],
            check=True,
            capture_output=True,
        )
        with log.open("wb") as out:
            self.process = subprocess.Popen(
                [*become, str(binaries / "postgres"), "-D", str(data), *place],
                stdout=out,
                stderr=out,
            )
        self._wait(log)

    def sql(self, database: str, statement: str) -> list[str]:
        program = str(POSTGRES_BINARIES[-1] / "psql")
        words = [program, "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", str(self.place), "-p", str(self.port)]
        statements = [word for part in statement.split(";;") for word in ("-c", part)]
        return _lines([*words, "-U", "postgres", "-d", database, *statements])

    def make_database(self, name: str, password: str) -> None:
        escaped = password.replace("'", "''")
        self.sql(
            "postgres",
            f"DROP DATABASE IF EXISTS {name};;DROP ROLE IF EXISTS {name};;"
            f"CREATE ROLE {name} LOGIN PASSWORD '{escaped}';;"
            f"CREATE DATABASE {name} OWNER {name} ENCODING 'UTF8' TEMPLATE template0",
        )


def kinds() -> list[type[Server]]:
    """Return the servers to test with: MariaDB always, PostgreSQL where the package is installed."""
    return [MariaDB, *([PostgreSQL] if POSTGRES_BINARIES else [])]
