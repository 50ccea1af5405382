# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether the database that a site is to get has tables of the application already, and whose. Runs on the host."""

from __future__ import annotations

import contextlib
import importlib
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from ansible_collections.miclinik.hosting.plugins.module_utils.database import connections as database_connections
from ansible_collections.miclinik.hosting.plugins.module_utils.database import look as database_look
from ansible_collections.miclinik.hosting.plugins.module_utils.database import mariadb, postgresql
from ansible_collections.miclinik.hosting.plugins.module_utils.database.findings import (
    SIGN_QUERY,
    Finding,
    LibraryMissing,
    Refused,
    Unreachable,
)
from ansible_collections.miclinik.hosting.plugins.module_utils.host import programs
from ansible_collections.miclinik.hosting.plugins.module_utils.site.site import Site

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


def sign(site: Mapping[str, Any], engine: str, password: str) -> str:
    """Return the sign that the site's database carries, empty when it has none or nobody can tell."""
    database = site.get("database") or {}
    if not database.get("name"):
        return ""
    if not database["local"]:
        return _looked(site, engine, password).sign if password else ""
    if engine == database_connections.MARIADB:
        return _mariadb_sign(database["name"])
    return str(_postgresql_value(database, SIGN_QUERY) or "")


def _mariadb_sign(name: str) -> str:
    """Ask as root, whom a server lets in that this collection has set up."""
    with contextlib.suppress(FileNotFoundError):
        done = subprocess.run(
            ["mariadb", "--batch", "--skip-column-names", f"--database={name}", f"--execute={SIGN_QUERY}"],
            capture_output=True,
            text=True,
            check=False,
            env=programs.environment(),
        )
        return done.stdout.strip()
    return ""


def _mariadb(name: str) -> bool:
    """Look at the files, so that a server that does not run hides nothing."""
    folder = re.sub(r"[^A-Za-z0-9_]", lambda found: f"@{ord(found[0]):04x}", name)
    return any((MARIADB_DATA / folder).glob(f"{_TABLE}.*"))


def _postgresql(database: Mapping[str, Any]) -> bool:
    return bool(_postgresql_value(database, "SELECT count(*) FROM pg_tables WHERE tablename = %s", _TABLE))


def _postgresql_value(database: Mapping[str, Any], query: str, *values: str) -> Any:  # noqa: ANN401 (whatever it answers)
    """Ask as the server's administrator, whom root may act for on a host that this collection has set up."""
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
                cursor.execute(query, values)
                row = cursor.fetchone()
                return row[0] if row else None
    return None


def _elsewhere(site: Mapping[str, Any], engine: str, password: str) -> bool:
    return bool(_looked(site, engine, password).tables)


def _looked(site: Mapping[str, Any], engine: str, password: str) -> Finding:
    """Look with the site's own password; the role database says why that failed, before it does anything."""
    whole = cast("Site", site)  # one with a database is
    target = database_look.target_of(database_connections.probed(whole, engine))
    try:
        found: Finding = _CLIENTS[engine].look(target, password)
    except (LibraryMissing, Refused, Unreachable):
        return Finding("", "", "")
    return found
