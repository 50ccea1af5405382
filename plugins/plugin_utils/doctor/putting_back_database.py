# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The commands that have a change of the database server's back as it was: settings, accounts, tables. No I/O.

For root on the host, who is let in by the server's own socket.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from typing import Any

from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.diagnosis import Case

Change = Mapping[str, Any]
Commands = tuple[str, ...]

_NAME = re.compile(r"[\w.@%-]+")
_LIMITS = {
    "max_user_connections": "MAX_USER_CONNECTIONS",
    "max_connections": "MAX_CONNECTIONS_PER_HOUR",
    "max_questions": "MAX_QUERIES_PER_HOUR",
    "max_updates": "MAX_UPDATES_PER_HOUR",
}


def _by_server(case: Case, mariadb: str, postgresql: str, database: str = "") -> Commands:
    if str(case.unit("database").get("name", "")).startswith("mariadb"):
        words = ["mariadb", "--no-defaults", *filter(None, [database]), "-e", mariadb]
        return (shlex.join(words),) if mariadb else ()
    base = shlex.quote(database or "postgres")
    return (
        (f"runuser -u postgres -- psql -X -v ON_ERROR_STOP=1 -d {base} -c {shlex.quote(postgresql)}",)
        if postgresql
        else ()
    )


def setting(change: Change, case: Case) -> Commands:
    name, was = change["subject"], change["was"]
    if not re.fullmatch(r"\w+", name) or not change["is"] or "'" in was or was.endswith("…"):
        return ()
    value = was if re.fullmatch(r"-?\d+(\.\d+)?", was) else f"'{'' if was == 'empty' else was}'"
    return _by_server(case, f"SET GLOBAL {name} = {value}", "")


def account(change: Change, case: Case) -> Commands:
    kind, _, rest = change["subject"].partition(" ")
    what, was = change["what"], change["was"]
    if kind == "rights" and was.startswith("GRANT ") and "…" not in was:
        who, _, place = rest.removeprefix("of ").partition(" on ")
        if account_gone(case, who):
            return ()
        return _by_server(case, f"{was} ON {place} TO {_who(who)}", "")
    if kind == "account" and "@" in rest:
        words = {"account_locked": "ACCOUNT UNLOCK", "ssl_type": "" if was else "REQUIRE NONE"}.get(what, "")
        words = f"WITH {_LIMITS[what]} {was or 0}" if what in _LIMITS else words
        return _by_server(case, f"ALTER USER {_who(rest)} {words}", "") if words else ()
    role = {
        "login": "LOGIN" if was == "true" else "",
        "limit": f"CONNECTION LIMIT {was}",
        "valid until": f"VALID UNTIL '{was or 'infinity'}'",
        "settings": "" if was else "RESET ALL",
    }
    base = {"connections": f"ALLOW_CONNECTIONS {was}", "limit": f"CONNECTION LIMIT {was}", "owner": f'OWNER TO "{was}"'}
    words = {"account": role, "database": base}.get(kind, {}).get(what, "")
    if not words or not _NAME.fullmatch(rest):
        return ()
    return _by_server(case, "", f'ALTER {"ROLE" if kind == "account" else "DATABASE"} "{rest}" {words}')


def account_gone(case: Case, who: str = "") -> bool:
    """Whether an account of the database is not there any more: a role makes it, since its password is on record."""
    return any(
        entry["section"] == "database account" and entry["what"] == "" and not entry["is"]
        for entry in case.host.get("changes", [])
        if entry["subject"].startswith(f"account {who}")
    )


def account_renamed(case: Case) -> tuple[str, Commands]:
    """Return what PostgreSQL's account of the site is called now, with what calls it as before; empty if it is not.

    Whose the database was, it still is: only the name of that account has changed.
    """
    found, account = case.host.get("changes", []), case.site["database_user"]
    gone = any(entry["subject"] == f"account {account}" and not entry["is"] for entry in found)
    for entry in found if gone else ():
        owner = entry["section"] == "database account" and entry["subject"].startswith("database ")
        now = str(entry["is"])
        if owner and entry["what"] == "owner" and entry["was"] == account and _NAME.fullmatch(now):
            return now, _by_server(case, "", f'ALTER ROLE "{now}" RENAME TO "{account}"')
    return "", ()


def _who(account: str) -> str:
    person, _, host = account.partition("@")
    return f"'{person}'@'{host}'"


def table(change: Change, case: Case) -> Commands:
    kind, _, name = change["subject"].partition(" ")
    table, _, column = name.partition(".")
    now = re.fullmatch(r"now called (\w+)", change["is"])
    database = case.site["database_name"]
    if now and kind == "table":
        return _by_server(
            case, f"RENAME TABLE `{now[1]}` TO `{table}`", f'ALTER TABLE "{now[1]}" RENAME TO "{table}"', database
        )
    if now and kind == "column":
        words = "ALTER TABLE {0} RENAME COLUMN {1} TO {2}"
        names = (table, now[1], column)
        return _by_server(
            case,
            words.format(*(f"`{word}`" for word in names)),
            words.format(*(f'"{word}"' for word in names)),
            database,
        )
    if kind == "table" and change["what"] == "owner":
        return _by_server(case, "", f'ALTER TABLE "{table}" OWNER TO "{change["was"]}"', database)
    return ()
