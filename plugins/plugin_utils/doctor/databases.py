# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Causes that the database names itself, each with its mend."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.doctor import database_kinds as kinds
from ansible_collections.miclinik.hosting.plugins.module_utils.doctor.database_kinds import Kind, kind
from ansible_collections.miclinik.hosting.plugins.module_utils.doctor.probe_counters import NO_DEFAULT
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.diagnosis import Case, Finding, Rule


def finding(case: Case, code: str, text: str, what: str = "login") -> Finding:
    """Return the cause that a number names, with who is connected where somebody is waited for."""
    known = kind(code, text)
    label = f"{case.site['database_name']}: {what}"
    number = f"error {code}: " if code and code != "late" else ""
    waited = known.id in ("database-lock", "database-late", "database-connections", "database-account-limit")
    others = case.host.get("holders", [])[:3] if waited else []
    seen = (f"{label}: {number}{text}", *others)
    return Finding(known.id, known.cause.format(what=what), seen, known.mend, run=_run(case, known))


#: Sets the password that an account has anew, so that it has not expired; it is not in a process's arguments.
_SET_ANEW = (
    "SELECT CONCAT('SET PASSWORD FOR ''{user}''@''localhost'' = ',"
    " QUOTE(JSON_VALUE(Priv, '$.authentication_string')))"
    " FROM mysql.global_priv WHERE User='{user}' AND Host='localhost'"
)


def _run(case: Case, known: Kind) -> tuple[str, ...]:
    """The commands of a mend that needs to know no more than the account."""
    if known is kinds.OWNER and case.site["database_local"]:
        return (_give(str(case.site["database_name"]), str(case.site["database_user"])),)
    user, unit = str(case.site["database_user"]), str(case.unit("database").get("name") or "")
    if (
        known is kinds.EXPIRED
        and case.site["database_local"]
        and unit.startswith("mariadb")
        and re.fullmatch(r"\w+", user)
    ):
        made = shlex.quote(_SET_ANEW.format(user=user))
        return (f"mariadb --no-defaults -BN -e {made} | mariadb --no-defaults",)
    return ()


def _give(database: str, user: str) -> str:
    """The command that gives tables of the application to an account, as the bridge words it for PostgreSQL."""
    owner = user.replace('"', '""').replace("'", "''")
    sql = (
        f"SELECT format('ALTER TABLE %s OWNER TO \"{owner}\";', oid::regclass) FROM pg_class"  # noqa: S608
        r" WHERE relkind IN ('r', 'p') AND relname LIKE 'llx\_%'"
    )
    as_postgres = f"runuser -u postgres -- psql -X -q -At -d {shlex.quote(database)}"
    return f"{as_postgres} -c {shlex.quote(sql)} | {as_postgres} -v ON_ERROR_STOP=1"


def _elsewhere(case: Case, fault: Mapping[str, Any]) -> Finding | None:
    """The server that answers has nothing of a site that was installed: it is another one, or its data is gone."""
    there, name = case.host.get("databases"), case.site["database_name"]
    known = kind(fault["code"], fault["text"])
    installed = case.here.get("identity", {}).get("recorded")
    if not isinstance(there, list) or name in there or not installed or not case.site["database_local"]:
        return None
    if known not in (
        kinds.PASSWORD,
        kinds.LOCKED,
        kinds.UNKNOWN,
        kinds.DATABASE_GRANT,
    ):
        return None
    seen = (
        f"the server has {', '.join(there[:6]) or 'no database of anybody'}",
        f"error {fault['code']}: {fault['text']}",
    )
    mend = (
        "find out where the data is, before anything is made anew: has an upgrade made another server"
        " (pg_lsclusters, data_directory), was a folder emptied or not mounted? Then stop that one and start the"
        " site's; was it dropped or renamed, rename it back or restore it from a backup"
    )
    return Finding("database-unknown", f"The database server that answers has no database {name}", seen, mend)


def faults(case: Case) -> Iterator[Finding]:
    """What the database answers to the site's own login, and to the first things that the application asks."""
    unit = case.unit("database")
    if unit and case.site["database_local"] and (not unit["active"] or unit.get("held")):
        return
    found: list[Mapping[str, Any]] = (case.here.get("database") or {}).get("faults", [])
    if found and (elsewhere := _elsewhere(case, found[0])):
        yield elsewhere
        return
    for fault in found:
        # Of a table that is not there when the whole database is, the rule of that has the right mend.
        lost = (case.status.get("schema") or {}).get("state") == "none" or case.status.get("identity") == "other"
        if lost and kind(fault["code"], fault["text"]).id == "database-table-missing":
            continue
        yield finding(case, fault["code"], fault["text"], fault["what"])


#: Nothing is numbered anew, and what refers to a record goes on to.
_COUNT = (
    "SET foreign_key_checks = 0, sql_mode = CONCAT(@@sql_mode, ',NO_AUTO_VALUE_ON_ZERO');"
    " ALTER TABLE `{table}` MODIFY rowid {type} NOT NULL AUTO_INCREMENT"
)


def _by_postgres(database: str, statements: Sequence[str]) -> tuple[str, ...]:
    start = f"runuser -u postgres -- psql -X -At -d {shlex.quote(database)} -c"
    return tuple(f"{start} {shlex.quote(statement)}" for statement in statements)


def counters(case: Case) -> Iterator[Finding]:
    """Tables that take no new record, since no number is free for it."""
    found = case.here.get("counters") or []
    if not found:
        return
    tables = [str(entry["table"]) for entry in found]
    name = str(case.site["database_name"])
    if found[0]["type"] == NO_DEFAULT:
        sets = [
            f"ALTER TABLE {table} ALTER COLUMN rowid SET DEFAULT nextval(pg_get_serial_sequence('{table}', 'rowid'))"
            for table in tables
        ]
        run = _by_postgres(name, sets)
    elif found[0]["type"]:
        statements = [_COUNT.format(table=entry["table"], type=entry["type"]) for entry in found]
        run = tuple(shlex.join(["mariadb", "--no-defaults", name, "-e", statement]) for statement in statements)
    else:
        sets = [
            f"SELECT setval(pg_get_serial_sequence('{table}', 'rowid'), (SELECT max(rowid) FROM {table}))"  # noqa: S608
            for table in tables
        ]
        run = _by_postgres(name, sets)
    yield Finding(
        "database-counter",
        f"Nothing new can be saved in {', '.join(tables[:3])}: the number of the next record is not free",
        tuple(f"{entry['table']}: {entry['seen']}" for entry in found[:3]),
        "was the database restored or moved table by table? Make a backup, then set the counters behind what is there"
        " (setval on PostgreSQL, MODIFY rowid ... AUTO_INCREMENT on MariaDB); nothing is numbered anew",
        run=run,
    )


RULES: tuple[Rule, ...] = (faults, counters)
