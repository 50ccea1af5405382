# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Asks a site's database as the site itself does, with the engine's own client, and keeps what it says by number.

No PHP and no application stand between. Runs on the host; reads, and where it is told to, tries an UPDATE that changes
nothing and is taken back. The password goes by a pipe or the environment of root's process, into no argument and no
file.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.application import identity
from ansible_collections.miclinik.hosting.plugins.module_utils.database import connections
from ansible_collections.miclinik.hosting.plugins.module_utils.doctor.probe_host import run
from ansible_collections.miclinik.hosting.plugins.module_utils.host import programs

#: Seconds for a connection, for a lock, for one statement, and for everything.
_CONNECT, _LOCK, _STATEMENT, PATIENCE = 3, 1, 2, 6
#: Tables without which nobody gets in, without the application's prefix.
TABLES = ("const", "user", "rights_def", "user_rights", "societe")
#: Tables that people save in all day.
SAVED = ("const", "user", "societe", "product", "commande", "facture")
_WIDTH = 240
_MARIADB = re.compile(r"^ERROR (?P<number>\d+)(?: \((?P<state>\w{5})\))?(?: at line (?P<line>\d+))?: (?P<text>.*)$")
_POSTGRESQL = re.compile(r"^psql:<stdin>:(?P<line>\d+): (?:ERROR|FATAL):\s+(?P<state>\w{5}): (?P<text>.*)$")
_REFUSED = re.compile(r"^psql: error: (?P<text>.*)$", re.DOTALL)
_PREFIX = re.compile(r"\w{0,16}")
#: What libpq says of a connection, which gives no SQLSTATE with it: https://www.postgresql.org/docs/current/errcodes-appendix.html
_STATES = (
    ("too many connections for role", "53300"),
    ("too many connections for database", "53300"),
    ("too many clients", "53300"),
    ("remaining connection slots", "53300"),
    ("is not permitted to log in", "28000"),
    ("pg_hba.conf", "28HBA"),
    ("Peer authentication failed", "28HBA"),
    ("Ident authentication failed", "28HBA"),
    ("password authentication failed", "28P01"),
    ("no password supplied", "28P01"),
    ("permission denied for database", "42501"),
    ("not currently accepting connections", "55000"),
    ("is being accessed", "55006"),
    ("starting up", "57P03"),
    ("shutting down", "57P03"),
    ("in recovery mode", "57P03"),
    ("No space left", "53100"),
    ('FATAL:  role "', "28000"),
)


def look(site: Mapping[str, Any], writes: bool = False) -> dict[str, Any]:
    """Return ``engine`` and ``faults``, each with ``what`` (login, a table, or write), ``code`` (the engine's number or
    SQLSTATE) and ``text``. There is no fault where conf.php does not say where the database is.
    """
    conf = identity.conf_values(Path(site["conf"]))
    engine = connections.ENGINES.get(conf.get("db_type", ""), "")
    prefix = conf.get("db_prefix", "llx_")
    told = all(conf.get(name) for name in ("db_host", "db_name", "db_user"))
    if not engine or not told or not _PREFIX.fullmatch(prefix):
        return {"engine": engine, "faults": []}
    ask = _mariadb if engine == connections.MARIADB else _postgresql
    return {"engine": engine, "faults": ask(conf, prefix, writes)}


def _statements(prefix: str, writes: bool) -> list[tuple[str, str]]:
    asked = [(prefix + name, f"SELECT 1 FROM {prefix}{name} LIMIT 1;") for name in TABLES]  # noqa: S608 (words)
    # Rights and locks of what would write are looked at though nothing is written, and by FOR UPDATE whether the server
    # takes writes: clients that read notice none of this.
    const = prefix + "const"
    one = f"FROM {const} WHERE name = 'MAIN_VERSION_LAST_INSTALL'"
    asked.append(("saving", f"BEGIN; SELECT 1 {one} FOR UPDATE; ROLLBACK;"))
    tables = [prefix + name for name in SAVED]
    # A transaction that somebody has left open holds rows of any of them.
    row = "BEGIN; SELECT 1 FROM {} LIMIT 1 FOR UPDATE; ROLLBACK;"
    asked += [(f"taking a row of {table}", row.format(table)) for table in tables if table != const]
    asked += [(f"saving in {table}", f"EXPLAIN INSERT INTO {table} (rowid) VALUES (0);") for table in tables]  # noqa: S608
    asked.append((f"changing {const}", f"EXPLAIN UPDATE {const} SET value = value WHERE rowid = 0;"))  # noqa: S608 (words)
    asked.append((f"removing from {const}", f"EXPLAIN DELETE {one};"))
    change = f"UPDATE {prefix}const SET value = value WHERE name = 'MAIN_VERSION_LAST_INSTALL'"  # noqa: S608 (words)
    update = f"BEGIN; {change}; ROLLBACK;"
    return [*asked, *([("write", update)] if writes else [])]


def _mariadb(conf: Mapping[str, str], prefix: str, writes: bool) -> list[dict[str, str]]:
    host = conf["db_host"]
    encrypted = host.startswith("ssl://")
    options = {
        "host": host.removeprefix("ssl://").strip("[]"),
        "user": conf["db_user"],
        "password": conf.get("db_pass", ""),
    }
    if conf.get("db_port"):
        options["port"] = conf["db_port"]
    quoted = "".join(f'{name}="{_escaped(value)}"\n' for name, value in options.items())
    read, write = os.pipe()
    os.write(write, f"[client]\n{quoted}".encode("utf-8", errors="surrogateescape"))
    os.close(write)
    limits = f"SET SESSION lock_wait_timeout = {_LOCK}, innodb_lock_wait_timeout = {_LOCK}"
    limits += f", max_statement_time = {_STATEMENT};"
    asked = [("limits", limits), *_statements(prefix, writes)]
    words = ["mariadb", f"--defaults-file=/dev/fd/{read}", f"--connect-timeout={_CONNECT}", "--force", "--batch"]
    words += [
        "--skip-column-names",
        *(["--ssl"] if encrypted else []),
        "--skip-ssl-verify-server-cert",
        conf["db_name"],
    ]
    try:
        told = _run(words, "\n".join(sql for _, sql in asked), (read,))
    finally:
        os.close(read)
    return parse_mariadb(told, [name for name, _ in asked])


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')


def parse_mariadb(told: str, asked: list[str]) -> list[dict[str, str]]:
    """Return the faults in what the client said; the statements were a line each."""
    faults = []
    for line in told.splitlines():
        if found := _MARIADB.match(line):
            at = found["line"]
            what = asked[min(int(at), len(asked)) - 1] if at else "login"
            faults.append({"what": what, "code": found["number"], "text": found["text"][:_WIDTH]})
        elif line == _LATE:
            faults.append({"what": "login", "code": "late", "text": line})
    return faults


def _postgresql(conf: Mapping[str, str], prefix: str, writes: bool) -> list[dict[str, str]]:
    given = {"PGDATABASE": conf["db_name"], "PGUSER": conf["db_user"], "PGPASSWORD": conf.get("db_pass", "")}
    # The server itself: PgBouncer takes no limits, and the bridge comes through it anyway.
    host = connections.POSTGRESQL_SOCKETS if conf["db_host"] == connections.POOLER_SOCKETS else conf["db_host"]
    given |= {"PGHOST": host, "PGPORT": conf.get("db_port", "") or "5432"} if host != "socket" else {}
    limits = f"-c lock_timeout={_LOCK}s -c statement_timeout={_STATEMENT}s"
    given |= {"PGCONNECT_TIMEOUT": str(_CONNECT), "PGOPTIONS": limits, "LC_ALL": "C", "PGSSLMODE": "prefer"}
    asked = _statements(prefix, writes)
    text = "\\set VERBOSITY verbose\n" + "\n".join(sql for _, sql in asked) + "\n"
    words = ["psql", "--no-psqlrc", "--no-password", "--quiet", "--tuples-only", "--output=/dev/null", "--file=-"]
    return parse_postgresql(_run(words, text, (), given), ["limits", *(name for name, _ in asked)])


def parse_postgresql(told: str, asked: list[str]) -> list[dict[str, str]]:
    """Return the faults in what the client said."""
    refused = _REFUSED.match(told)
    if refused or told.strip() == _LATE:
        text = " ".join((refused["text"] if refused else told).split())
        text = text.rpartition("FATAL:")[2].strip() if "FATAL:" in text else text
        code = next((code for words, code in _STATES if words in text), "late" if not refused else "08001")
        if text.startswith('database "') and "does not exist" in text:
            code = "3D000"
        elif text.startswith('role "') and "does not exist" in text:
            code = "28000"
        return [{"what": "login", "code": code, "text": text[:_WIDTH]}]
    faults = []
    for line in told.splitlines():
        if found := _POSTGRESQL.match(line):
            what = asked[min(int(found["line"]), len(asked)) - 1]
            faults.append({"what": what, "code": found["state"], "text": found["text"][:_WIDTH]})
    return faults


_LATE = "no answer in time"


def _run(words: list[str], text: str, descriptors: tuple[int, ...], given: Mapping[str, str] | None = None) -> str:
    """Return what the client said on standard error; nothing where there is no client."""
    try:
        done = subprocess.run(
            words,
            input=text.encode(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            check=False,
            timeout=PATIENCE,
            pass_fds=descriptors,
            env={**programs.environment(), **(given or {})},
        )
    except subprocess.TimeoutExpired:
        return _LATE
    except OSError:
        return ""
    return done.stderr.decode("utf-8", errors="replace")


#: Who is connected, asked as the engine's administrator; what queries hold in quotes is left out.
_MARIADB_HOLDERS = (
    "SELECT CONCAT('connection ', id, ' of ', user, ', ', time, ' s, ', command, ' ', IFNULL(state, ''), ': ',"
    " LEFT(IFNULL(info, ''), 80)) FROM information_schema.processlist WHERE id <> CONNECTION_ID()"
    " AND user NOT IN ('system user', 'event_scheduler') ORDER BY time DESC LIMIT 4"
)
_POSTGRESQL_HOLDERS = (
    "SELECT 'connection ' || pid || ' of ' || usename || ', ' || round(extract(epoch FROM now() - state_change))"
    " || ' s, ' || state || ': ' || left(query, 80) FROM pg_stat_activity"
    " WHERE usename IS NOT NULL AND pid <> pg_backend_pid() ORDER BY xact_start LIMIT 4"
)
AS_POSTGRES = ("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "psql", "--no-psqlrc", "-At")
_HOLDERS = {
    connections.MARIADB: ("mariadb", "--connect-timeout=2", "-BN", "-e", _MARIADB_HOLDERS),
    connections.POSTGRESQL: (*AS_POSTGRES, "-d", "postgres", "-c", _POSTGRESQL_HOLDERS),
}


def holders(engine: str) -> list[str]:
    """Return who is connected, the longest at work first; empty where the administrator is not let in."""
    shown = [line for line in run(*_HOLDERS[engine]).splitlines() if line.startswith("connection ")]
    return [" ".join(re.sub(r"'[^']*'?", "'***'", line).split())[:_WIDTH] for line in shown]
