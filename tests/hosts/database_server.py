# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Asks the database server of a host, as its administrator and as the user of a site."""

from __future__ import annotations

import json
from dataclasses import dataclass

from testinfra.host import Host

from .conftest import HostedSite

# Every database is visited with the site's own name and password, which stay on the host. Printed is, for each, the
# number of the application's tables that can be seen from there, or null when the server does not let the user in.
VISIT = """
import json, sys
engine, state, user, databases = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:]
password = json.load(open(state + "/secrets.json"))["database_password"]
if engine == "mariadb":
    import pymysql as library
    where = {"unix_socket": "/run/mysqld/mysqld.sock"}
else:
    import psycopg2 as library
    where = {"host": "/var/run/postgresql"}
seen = {}
for name in databases:
    try:
        connection = library.connect(user=user, password=password, database=name, **where)
    except library.Error:
        seen[name] = None
        continue
    cursor = connection.cursor()
    cursor.execute("SELECT count(*) FROM information_schema.tables WHERE table_name LIKE 'llx%'")
    seen[name] = cursor.fetchone()[0]
    connection.close()
print(json.dumps(seen))
"""


@dataclass(frozen=True)
class Server:
    """The database server of a host, asked by its administrator."""

    host: Host
    engine: str

    def ask(self, sql: str, database: str = "") -> str:
        """Return the answer, a line a row, columns apart by a tab."""
        client = {"mariadb": "mariadb -BNe %s %s", "postgresql": "runuser -u postgres -- psql -XAtF '\t' -c %s %s"}
        home = {"mariadb": "mysql", "postgresql": "postgres"}
        return str(self.host.check_output(client[self.engine], sql, database or home[self.engine]))

    def databases(self) -> list[str]:
        """Return the names of all, of those that nobody may enter as well."""
        asked = {"mariadb": "SHOW DATABASES", "postgresql": "SELECT datname FROM pg_database ORDER BY datname"}
        return self.ask(asked[self.engine]).splitlines()

    def visit(self, site: HostedSite, *databases: str) -> dict[str, int | None]:
        """Return, for each database, how many tables the site's user sees there, None where it is kept out."""
        words = [VISIT, self.engine, site.state, name_of(site), *databases]
        answer: dict[str, int | None] = json.loads(
            self.host.check_output("python3 -c " + " ".join(["%s"] * len(words)), *words)
        )
        return answer


def name_of(site: HostedSite) -> str:
    """Return the name of the site's database and of its user."""
    return site.name.replace("-", "_")
