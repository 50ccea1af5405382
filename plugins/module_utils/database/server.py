# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How whoever makes databases gets into the MariaDB of this host. Runs on the host.

By the server's own program: it knows every way of logging in, and is there before any library of Python is.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.host import programs

ROOT, ADMIN, NOBODY = "root", "admin", ""
_CLIENTS = ("mariadb", "mysql")
_SECONDS = "10"
_QUERY = "SELECT VERSION(), @@global.read_only; SHOW GRANTS"
_ALL_RIGHTS = re.compile(r"GRANT ALL PRIVILEGES ON \*\.\* TO .* WITH GRANT OPTION")
# What a server answers when it does not let somebody in; another error is one of the connection.
_REFUSED = re.compile(r"ERROR (?:1045|1698|1524|1275|2059)\b")
#: Runs a command with a text on standard input; returns its exit code, what it printed, and what it complained of.
Runner = Callable[[Sequence[str], str], tuple[int, str, str]]


@dataclass
class Entry:
    """What was found.

    ``by`` is who gets in and may make databases: ``root`` without a password (the socket, or root's own .my.cnf),
    ``admin`` with the one that was given, or nobody. ``complaints`` are key, what was seen, and the mend.
    """

    by: str = NOBODY
    version: str = ""
    complaints: list[tuple[str, str, str]] = field(default_factory=list)

    def report(self) -> dict[str, Any]:
        """Return it as a mapping."""
        return asdict(self)


def run(words: Sequence[str], text: str) -> tuple[int, str, str]:
    """Run ``words`` with ``text`` on standard input."""
    done = subprocess.run(
        list(words),
        check=False,
        input=text,
        capture_output=True,
        text=True,
        errors="replace",
        env=programs.environment(),
    )
    return done.returncode, done.stdout, done.stderr


def look(socket: str, user: str, password: str, runner: Runner = run) -> Entry:
    """Return who gets into the server at ``socket``; ``user`` and ``password`` are empty when none was given."""
    client = next((name for name in _CLIENTS if shutil.which(name)), "")
    if not client or not Path(socket).exists():
        return Entry(complaints=[] if not client else [_elsewhere(socket)])
    command = [client, "--batch", "--skip-column-names", f"--connect-timeout={_SECONDS}", f"--socket={socket}"]
    refusals = []
    for by, options, given in _ways(user, password):
        code, out, err = runner([command[0], *options, *command[1:], "--execute", _QUERY], given)
        if code == 0:
            return _judged(by, user, out)
        if not _REFUSED.search(err):
            return Entry(complaints=[("database", f"MariaDB does not answer: {_last(err)}", "See its journal")])
        refusals.append(_last(err))
    if user:
        mend = "Name a user who may make users and databases, with that user's password"
        return Entry(complaints=[("database_admin_password", f"MariaDB does not let {user} in: {refusals[-1]}", mend)])
    seen = f"MariaDB does not let root in without a password: {refusals[-1]}"
    mend = "Name who may make users and databases: database_admin_user and database_admin_password (in a vault)"
    return Entry(complaints=[("database_admin_user", seen, mend)])


def _ways(user: str, password: str) -> list[tuple[str, list[str], str]]:
    """Return who to be, the options that come first, and standard input: no argument ever holds a password."""
    ways = [(ROOT, list[str](), "")]
    if user:
        settings = f"[client]\nuser={quoted(user)}\npassword={quoted(password)}\n"
        ways.append((ADMIN, ["--defaults-file=/dev/stdin"], settings))
    return ways


def quoted(text: str) -> str:
    """Return ``text`` for an option file (https://mariadb.com/kb/en/configuring-mariadb-with-option-files/)."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _judged(by: str, user: str, out: str) -> Entry:
    lines = out.splitlines()
    version, _, read_only = lines[0].partition("\t")
    entry = Entry(by, version.partition("-")[0])
    add = entry.complaints.append
    if "mariadb" not in version.lower():
        mend = "Host miclinik elsewhere, or set database.host to a MariaDB"
        add(("database", f"the server of this host is MySQL {version}, which was never tested", mend))
    if read_only.strip() not in ("0", "OFF"):
        mend = "Set database.host to the server that it follows, or make it one that writes (read_only)"
        add(("database", "MariaDB is read-only, as the copy of another server is", mend))
    if by == ADMIN and not any(_ALL_RIGHTS.match(line) for line in lines[1:]):
        mend = f"GRANT ALL PRIVILEGES ON *.* TO that user WITH GRANT OPTION, or name another than {user}"
        add(("database_admin_user", f"{user} may not make users and give them rights", mend))
    return entry


def _elsewhere(socket: str) -> tuple[str, str, str]:
    seen = f"MariaDB has no socket at {socket}, where the application looks for it"
    mend = "Have it listen there (socket); or write database.host: 127.0.0.1 and database.port, as for another server"
    return "database", seen, mend


def _last(said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return lines[-1].rstrip(".") if lines else "it says nothing"
