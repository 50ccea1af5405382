# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A MariaDB and a PostgreSQL server for the tests."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Protocol

from .programs import Server, account, answers, find, free_port, newest


class Database(Protocol):
    """What a site needs of a database server; the administrator's password is the server's own socket."""

    type: str
    port: int
    user: str
    password: str

    def create(self, name: str) -> None: ...

    def rows(self, database: str, sql: str) -> list[list[str]]: ...

    def stop(self) -> None: ...

    def start(self) -> None: ...


def _own(folder: Path, user: str | None) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if user is not None:
        shutil.chown(folder, user)


class MariaDb:
    """MariaDB in a folder of its own."""

    type = "mysqli"
    user = "sandbox"
    password = "only-for-tests"

    def __init__(self, folder: Path) -> None:
        self._client = find("mariadb", "mariadb-client")
        self.port = free_port()
        system = account("mysql")
        data = folder / "mariadb"
        _own(data, system)
        self._socket = data / "mariadb.sock"
        as_user = [f"--user={system}"] if system else []
        install = [find("mariadb-install-db", "mariadb-server"), "--no-defaults", f"--datadir={data}", *as_user]
        subprocess.run(
            [*install, "--skip-test-db", "--auth-root-authentication-method=normal"], check=True, capture_output=True
        )
        options = [f"--socket={self._socket}", f"--port={self.port}"]
        options += ["--bind-address=127.0.0.1", "--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=64M"]
        self._server = Server(
            [find("mariadbd", "mariadb-server"), "--no-defaults", f"--datadir={data}", *as_user, *options],
            folder / "mariadb.log",
        )

    def start(self) -> None:
        self._server.start(lambda: answers(self.port))

    def stop(self) -> None:
        self._server.stop()

    def create(self, name: str) -> None:
        self.rows(
            "mysql",
            f"CREATE DATABASE {name} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci; "
            f"GRANT ALL ON {name}.* TO '{self.user}'@'%' IDENTIFIED BY '{self.password}'; "
            f"GRANT ALL ON {name}.* TO '{self.user}'@'localhost' IDENTIFIED BY '{self.password}'",
        )

    def rows(self, database: str, sql: str) -> list[list[str]]:
        command = [
            self._client,
            "--no-defaults",
            "-u",
            "root",
            "-S",
            str(self._socket),
            "-N",
            "-B",
            database,
            "-e",
            sql,
        ]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        return [line.split("\t") for line in done.stdout.splitlines()]


class PostgreSql:
    """PostgreSQL in a folder of its own."""

    type = "pgsql"
    user = "sandbox"
    password = "only-for-tests"

    def __init__(self, folder: Path) -> None:
        self._bin = Path(newest_bin())
        self.port = free_port()
        self._socket = folder / "pg"
        system = account("postgres")
        data = folder / "postgresql"
        _own(data, system)
        _own(self._socket, system)
        self._drop = ["setpriv", f"--reuid={system}", f"--regid={system}", "--init-groups"] if system else []
        subprocess.run(
            [
                *self._drop,
                str(self._bin / "initdb"),
                "-D",
                str(data),
                "-A",
                "trust",
                "-U",
                "postgres",
                "-E",
                "UTF8",
                "--no-sync",
            ],
            check=True,
            capture_output=True,
            cwd="/",
        )
        options = ["-k", str(self._socket), "-c", "fsync=off", "-c", "listen_addresses=127.0.0.1"]
        self._server = Server(
            [*self._drop, str(self._bin / "postgres"), "-D", str(data), "-p", str(self.port), *options],
            folder / "postgresql.log",
        )

    def start(self) -> None:
        self._server.start(self._ready)

    def _ready(self) -> bool:
        command = [str(self._bin / "pg_isready"), "-h", "127.0.0.1", "-p", str(self.port)]
        probe = subprocess.run(command, check=False, capture_output=True)
        return probe.returncode == 0

    def stop(self) -> None:
        self._server.stop()

    def create(self, name: str) -> None:
        if [self.user] not in self.rows("postgres", "SELECT rolname FROM pg_roles"):
            self.rows("postgres", f"CREATE ROLE {self.user} LOGIN PASSWORD '{self.password}'")
        self.rows("postgres", f"CREATE DATABASE {name} OWNER {self.user} ENCODING 'UTF8' TEMPLATE template0")

    def rows(self, database: str, sql: str) -> list[list[str]]:
        command = [
            str(self._bin / "psql"),
            "-h",
            "127.0.0.1",
            "-p",
            str(self.port),
            "-U",
            "postgres",
            "-AtqX",
            "-d",
            database,
        ]
        done = subprocess.run(
            [*command, "-c", sql], check=True, capture_output=True, text=True, cwd="/", env=os.environ
        )
        return [line.split("|") for line in done.stdout.splitlines()]


def newest_bin() -> str:
    """Folder of the newest server programs; Debian keeps them out of PATH."""
    return str(Path(newest("/usr/lib/postgresql", "*/bin/postgres", "postgresql")).parent)
