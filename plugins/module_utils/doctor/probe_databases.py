# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which databases the server has that answers on this host, asked as its administrator. Changes nothing.

An upgrade may have made another, empty one that listens where the site's was; to a wrong password and to an account
that is not there PostgreSQL says the same.
"""

from __future__ import annotations

import re

from ansible_collections.miclinik.hosting.plugins.module_utils.database import connections
from ansible_collections.miclinik.hosting.plugins.module_utils.doctor.probe_database import AS_POSTGRES
from ansible_collections.miclinik.hosting.plugins.module_utils.doctor.probe_host import run

_ASK = {
    connections.MARIADB: (
        *("mariadb", "--no-defaults", "--connect-timeout=2", "-BN", "-e"),
        "SELECT CONCAT('database ', schema_name) FROM information_schema.schemata",
    ),
    connections.POSTGRESQL: (*AS_POSTGRES, "-d", "postgres", "-c", "SELECT 'database ' || datname FROM pg_database"),
}
#: What each server has by itself.
_OWN = {"information_schema", "mysql", "performance_schema", "sys", "postgres", "template0", "template1"}


def look(engine: str) -> list[str] | None:
    """Return the databases beside the server's own; None where it did not say."""
    return parse(run(*_ASK[engine]))


def parse(text: str) -> list[str] | None:
    """Return the same from the client's lines."""
    found = re.findall(r"^database (\S+)$", text, re.MULTILINE)
    return sorted(set(found) - _OWN) if found else None
