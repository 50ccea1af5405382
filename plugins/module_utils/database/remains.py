# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether the database that a site is to get has tables of the application already. Runs on the host, and reads."""

from __future__ import annotations

import contextlib
import importlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.database import connections as database_connections
from ansible_collections.miclinik.hosting.plugins.module_utils.database import look as database_look
from ansible_collections.miclinik.hosting.plugins.module_utils.database import mariadb, postgresql
from ansible_collections.miclinik.hosting.plugins.module_utils.database.findings import (
    LibraryMissing,
    Refused,
    Unreachable,
)

_CLIENTS = {database_connections.MARIADB: mariadb, database_connections.POSTGRESQL: postgresql}
MARIADB_DATA = Path("/var/lib/mysql")
_TABLE = "llx_const"


def tables(site: Mapping[str, Any], engine: str, password: str) -> str:
    """Return where tables of the application are, empty when there are none or nobody can tell.

    A server of this host is looked at as root, so that it needs no password; another one with the site's own.
    """
    database = site.get("database") or {}
    if not database.get("name"):
        return ""
    place = f"the database '{database['name']}' on {database['host']}"
    if not database["local"]:
        return place if password and _elsewhere(site, engine, password) else ""
    found = _mariadb(database["name"]) if engine == database_connections.MARIADB else _postgresql(database)
    return place if found else ""


def _mariadb(name: str) -> bool:
    """Look at the files, so that a server that does not run hides nothing."""
    folder = re.sub(r"[^A-Za-z0-9_]", lambda found: f"@{ord(found[0]):04x}", name)
    return any((MARIADB_DATA / folder).glob(f"{_TABLE}.*"))


def _postgresql(database: Mapping[str, Any]) -> bool:
    """Look as the server's administrator, whom root may act for on a host that this collection has set up."""
    with contextlib.suppress(ImportError):
        psycopg2: Any = importlib.import_module("psycopg2")
        with contextlib.suppress(psycopg2.Error):
            connection = psycopg2.connect(
                host=database_connections.POSTGRESQL_SOCKETS,
                port=database["port"] or database_connections.PORTS[database_connections.POSTGRESQL],
                dbname=database["name"],
                user="postgres",
                connect_timeout=5,
            )
            with contextlib.closing(connection), connection.cursor() as cursor:
                cursor.execute("SELECT count(*) FROM pg_tables WHERE tablename = %s", (_TABLE,))
                return bool(cursor.fetchone()[0])
    return False


def _elsewhere(site: Mapping[str, Any], engine: str, password: str) -> bool:
    target = database_look.target_of(database_connections.probed(dict(site), engine))
    try:
        return bool(_CLIENTS[engine].look(target, password).tables)
    except (LibraryMissing, Refused, Unreachable):
        return False  # the role database says why, before it does anything
