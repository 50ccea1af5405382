# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether the numbers of new records are free: after a restore or a move, counters may be lost or behind.

Everything can be read then, and nothing new saved. Asked as the server's administrator, of a database on this host.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.database import connections
from ansible_collections.miclinik.hosting.plugins.module_utils.doctor.probe_database import AS_POSTGRES
from ansible_collections.miclinik.hosting.plugins.module_utils.doctor.probe_host import run

#: Tables that grow all day, and in which the application itself never chooses a number. Dictionaries are made with
#: numbers, and their counters stay behind on PostgreSQL from the beginning.
TABLES = (
    *("product", "societe", "socpeople", "commande", "commandedet", "facture", "facturedet", "propal", "propaldet"),
    *("user_rights", "const", "ecm_files", "paiement", "stock_mouvement"),
)
#: In place of the column's type, where PostgreSQL has a sequence and the column no default.
NO_DEFAULT = "no default"
_NAME = re.compile(r"[A-Za-z0-9_$-]+")
_MARIADB = (
    "SELECT table_name, column_type FROM information_schema.columns WHERE table_schema = '{database}'"
    " AND table_name IN ({tables}) AND column_name = 'rowid' AND extra NOT LIKE '%auto_increment%'"
)
_NUMBER = "(xpath('/row/m/text()', query_to_xml({query}, false, true, '')))[1]::text::bigint"
_HIGHEST = "format('SELECT max(rowid) AS m FROM %s', t)"
_NEXT = "format('SELECT last_value + is_called::int AS m FROM %s', pg_get_serial_sequence(t, 'rowid'))"
_POSTGRESQL = (
    "SELECT t, next, highest FROM (SELECT t, {next} AS next, {highest} AS highest FROM"
    " (SELECT 'public.' || tablename AS t FROM pg_tables WHERE schemaname = 'public' AND tablename IN ({tables})) AS x"
    " WHERE pg_get_serial_sequence(t, 'rowid') IS NOT NULL) AS told WHERE next <= highest"
    " UNION ALL SELECT 'public.' || table_name, -1, -1 FROM information_schema.columns WHERE table_schema = 'public'"
    " AND table_name IN ({tables}) AND column_name = 'rowid' AND column_default IS NULL AND is_identity = 'NO'"
)


def look(site: Mapping[str, Any], engine: str, prefix: str = "llx_") -> list[dict[str, str]]:
    """Return the tables that take no new record: ``table``, and how the counter is, ``seen``, or the column's type."""
    database = str(site["database_name"])
    if not site["database_local"] or not _NAME.fullmatch(database):
        return []
    return parse(engine, run(*_words(engine, database, prefix)))


def _words(engine: str, database: str, prefix: str) -> tuple[str, ...]:
    tables = ", ".join(f"'{prefix}{name}'" for name in TABLES)
    if engine == connections.MARIADB:
        query = _MARIADB.format(database=database, tables=tables)
        return ("mariadb", "--no-defaults", "--connect-timeout=2", "-BN", "-e", f"SET max_statement_time=3; {query}")
    numbers = {name: _NUMBER.format(query=query) for name, query in (("next", _NEXT), ("highest", _HIGHEST))}
    return (*AS_POSTGRES, "-F", "\t", "-d", database, "-c", _POSTGRESQL.format(tables=tables, **numbers))


def parse(engine: str, text: str) -> list[dict[str, str]]:
    """Return what the client's lines say; nothing of any other words."""
    if engine == connections.MARIADB:
        lost = (re.fullmatch(r"(\w+)\t(\w*int(?:\(\d+\))?)", line) for line in text.splitlines())
        seen = "its column rowid counts no more (AUTO_INCREMENT)"
        return [{"table": one[1], "seen": seen, "type": one[2]} for one in lost if one]
    behind = (re.fullmatch(r"public\.(\w+)\t(-?\d+)\t(-?\d+)", line) for line in text.splitlines())
    return [
        {"table": one[1], "seen": f"its next number is {one[2]}, and there is a record {one[3]}", "type": ""}
        if one[2] != "-1"
        else {"table": one[1], "seen": "its column rowid counts no more (it has no default)", "type": NO_DEFAULT}
        for one in behind
        if one
    ]
