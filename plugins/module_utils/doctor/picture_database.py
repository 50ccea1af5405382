# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a database server on the host refuses, limits and holds, for the picture of a host; changes nothing.

Asked as the server's own administrator, by its socket, with a limit of its own on every question. No password
is read, and no hash of one.
"""

from __future__ import annotations

import re
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.doctor.probe_host import run

#: Names of databases and users are put into queries.
_NAME = re.compile(r"[A-Za-z0-9_$-]+")
#: What moves by itself, or is no more than where the server writes.
_MOVING = re.compile(
    r"(gtid_|timestamp|rand_seed|last_|insert_id|identity|pseudo_|error_count|warning_count|in_transaction|server_uid"
    r"|innodb_buffer_pool_|transaction_id|debug|system_time|data_directory_mode|.*_pos$|lc_|log_bin_index)",
)
#: Names that are secrets, with `_PW` and its kin as the application has them, and values that move by themselves.
_SECRET = re.compile(
    r"_PW(_|$)|PASS|SECRET|TOKEN|KEY|UNIQUE_ID|CODE|CRYPT|LAST|DATE|TIME|_TMS|VERSION|HASH", re.IGNORECASE
)
_VALUE_LENGTH = 120


def look(engine: str, name: str, user: str, constants: str = "llx_const") -> dict[str, Any]:
    """``server`` (settings), ``account`` (its limits and rights), ``tables`` and ``constants``; None where unasked."""
    if not _NAME.fullmatch(name) or not _NAME.fullmatch(user):
        return dict.fromkeys(("server", "account", "tables", "constants"))
    ask = _mariadb if engine == "mariadb" else _postgresql
    return ask(name, user, constants)


def _rows(text: str, width: int) -> list[list[str]]:
    rows = [line.split("\t") for line in text.splitlines()]
    # What a client says that has not got in is indented by a tab.
    return [row for row in rows if len(row) == width and row[0]]


def _constants(text: str) -> dict[str, str] | None:
    return {
        f"{name} (entity {entity})": value[:_VALUE_LENGTH]
        for name, entity, value in _rows(text, 3)
        if not _SECRET.search(name) and "crypt" not in value
    } or None


def _mariadb(name: str, user: str, constants: str) -> dict[str, Any]:
    def ask(query: str) -> str:
        return run(
            "mariadb",
            "--no-defaults",
            "--batch",
            "-N",
            "--connect-timeout=3",
            "-e",
            f"SET max_statement_time=4; {query}",
        )

    server = {key: value for key, value in _rows(ask("SHOW GLOBAL VARIABLES"), 2) if not _MOVING.match(key)}
    account: dict[str, str] = {}
    query = (
        "SELECT CONCAT(User,'@',Host),"
        " JSON_REMOVE(Priv,'$.authentication_string','$.password_last_changed','$.auth_or')"
        f" FROM mysql.global_priv WHERE User='{user}'"
    )
    for who, limits in _rows(ask(query), 2):
        # The server writes it down once somebody was locked out, and let in again.
        account[f"account {who}"] = limits.replace(', "account_locked": false', "")
        person, _, host = who.partition("@")
        for line in ask(f"SHOW GRANTS FOR '{person}'@'{host}'").splitlines():
            if line.startswith("GRANT "):
                place = line.partition(" ON ")[2].partition(" TO ")[0]
                account[f"rights of {who} on {place}"] = line.partition(" ON ")[0]
    tables: dict[str, str] = {}
    query = f"SELECT table_name, IFNULL(engine,table_type) FROM information_schema.tables WHERE table_schema='{name}'"
    for table, kind in _rows(ask(query), 2):
        tables[f"table {table}"] = kind
    query = (
        "SELECT CONCAT(table_name,'.',column_name), CONCAT(column_type,IF(is_nullable='NO',' not null',''))"
        f" FROM information_schema.columns WHERE table_schema='{name}'"
    )
    for column, kind in _rows(ask(query), 2):
        tables[f"column {column}"] = kind
    query = f"SELECT trigger_name, event_object_table FROM information_schema.triggers WHERE trigger_schema='{name}'"
    for trigger, table in _rows(ask(query), 2):
        tables[f"trigger {trigger}"] = f"on {table}"
    said = ask(f"SELECT name, entity, REPLACE(REPLACE(IFNULL(value,''),'\\n',' '),'\\t',' ') FROM `{name}`.{constants}")
    return {
        "server": server or None,
        # Of a server that answers, none is an answer: the account was dropped.
        "account": account if server else None,
        "tables": tables or None,
        "constants": _constants(said),
    }


def _postgresql(name: str, user: str, constants: str) -> dict[str, Any]:
    def ask(query: str, database: str = "postgres") -> str:
        settings = "PGOPTIONS=-c statement_timeout=4000"
        psql = ("psql", "-X", "-At", "-F", "\t", "-d", database, "-c", query)
        return run("runuser", "-u", "postgres", "--", "env", settings, "PGCONNECT_TIMEOUT=3", *psql)

    moving = "'statement_timeout','transaction_timeout','in_hot_standby'"
    server = dict(_rows(ask(f"SELECT name, setting FROM pg_settings WHERE name NOT IN ({moving})"), 2))
    query = (
        f"SELECT 'account {user}', concat_ws(', ', 'login ' || rolcanlogin, 'limit ' || rolconnlimit,"
        f" 'valid until ' || rolvaliduntil, 'settings ' || array_to_string(rolconfig, ' '))"
        f" FROM pg_roles WHERE rolname='{user}'"
        f" UNION ALL SELECT 'database {name}', concat_ws(', ', 'connections ' || datallowconn,"
        " 'limit ' || datconnlimit, 'owner ' || pg_get_userbyid(datdba), 'rights ' || array_to_string(datacl, ' '))"
        f" FROM pg_database WHERE datname='{name}'"
        f" UNION ALL SELECT 'settings in ' || coalesce(d.datname, 'every database'), array_to_string(setconfig, ' ')"
        f" FROM pg_db_role_setting s LEFT JOIN pg_database d ON d.oid = s.setdatabase"
    )
    account = dict(_rows(ask(query), 2))
    query = (
        "SELECT 'table ' || relname, concat_ws(', ', 'owner ' || pg_get_userbyid(relowner),"
        " 'rights ' || array_to_string(relacl, ' '), 'row security ' || relrowsecurity) FROM pg_class"
        " WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v', 'S')"
        " UNION ALL SELECT 'column ' || table_name || '.' || column_name, data_type || ' ' || is_nullable"
        " FROM information_schema.columns WHERE table_schema='public'"
        " UNION ALL SELECT 'schema ' || nspname, 'rights ' || array_to_string(nspacl, ' ') FROM pg_namespace"
        " WHERE nspname = 'public'"
        " UNION ALL SELECT 'trigger ' || tgname, 'on ' || tgrelid::regclass FROM pg_trigger WHERE NOT tgisinternal"
    )
    tables = dict(_rows(ask(query, name), 2))
    said = ask(f"SELECT name, entity, translate(coalesce(value,''), E'\\n\\t', '  ') FROM {constants}", name)
    return {
        "server": server or None,
        "account": account or None,
        "tables": tables or None,
        "constants": _constants(said),
    }
