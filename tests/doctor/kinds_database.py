# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Faults of the database: rights, names of tables and columns, and whatever keeps an account out."""

from __future__ import annotations

import random

from .draws import Draw, kind, lines, named
from .lab import Lab

#: What a site of any version asks for all day; the rest of the tables is drawn from as well, and felt by few.
_ASKED = (
    "llx_const",
    "llx_user",
    "llx_user_rights",
    "llx_rights_def",
    "llx_product",
    "llx_societe",
    "llx_entity",
    "llx_menu",
)


def ask(lab: Lab, query: str, database: str = "") -> str:
    """The words that put a query to the server as its administrator."""
    if lab.engine == "mariadb":
        return f'mariadb --no-defaults -BN -e "{query}" {database}'
    return f'runuser -u postgres -- psql -X -At -d {database or "postgres"} -c "{query}"'


def _tables(lab: Lab, chance: random.Random) -> str:
    name = lab.bench.site["database"]["name"]
    schema = f"'{name}'" if lab.engine == "mariadb" else "'public'"
    query = f"SELECT table_name FROM information_schema.tables WHERE table_type='BASE TABLE' AND table_schema={schema}"
    found = lines(lab, ask(lab, query, name))
    often = [table for table in _ASKED if table in found]
    return chance.choice(often if often and chance.random() < 0.75 else found)


def _column(lab: Lab, chance: random.Random, table: str) -> str:
    name = lab.bench.site["database"]["name"]
    return chance.choice(
        lines(lab, ask(lab, f"SELECT column_name FROM information_schema.columns WHERE table_name='{table}'", name))
    )


@kind("privilege")
def privilege(lab: Lab, chance: random.Random) -> Draw | None:
    """A right of the site's account taken away, on the database or on a table."""
    site = lab.bench.site
    name, user = site["database"]["name"], site["database"]["user"]
    right = chance.choice(["SELECT", "INSERT", "UPDATE", "DELETE", "ALL PRIVILEGES"])
    if lab.engine == "mariadb":
        who = lines(
            lab,
            ask(
                lab,
                f"SELECT CONCAT(CHAR(39),User,CHAR(39),CHAR(64),CHAR(39),Host,CHAR(39)) FROM mysql.user WHERE User='{user}'",
            ),
        )[0]
        query = f"REVOKE {right} ON \\`{name}\\`.* FROM {who}"
        return Draw(
            "privilege",
            f"{right} on {name} revoked from {who}",
            ask(lab, query),
            ("GRANT|right",),
            ("database-no-grant",),
        )
    table = _tables(lab, chance)
    what = chance.choice(
        [
            f"REVOKE {right} ON {table} FROM {user}; ALTER TABLE {table} OWNER TO postgres",
            f"ALTER TABLE {table} OWNER TO postgres",
            f"REVOKE ALL ON SCHEMA public FROM public; ALTER SCHEMA public OWNER TO postgres; REVOKE ALL ON SCHEMA public FROM {user}",
        ]
    )
    names = named("public" if "SCHEMA" in what else table)
    return Draw("privilege", what, ask(lab, what, name), names, ("database-no-grant", "database-owner"))


@kind("table renamed")
def table(lab: Lab, chance: random.Random) -> Draw | None:
    """A table under another name."""
    name = _tables(lab, chance)
    script = ask(lab, f"ALTER TABLE {name} RENAME TO {name}_old", lab.bench.site["database"]["name"])
    return Draw("table renamed", f"table {name} renamed to {name}_old", script, named(name))


@kind("column renamed")
def column(lab: Lab, chance: random.Random) -> Draw | None:
    """A column under another name."""
    name = _tables(lab, chance)
    which = _column(lab, chance, name)
    script = ask(lab, f"ALTER TABLE {name} RENAME COLUMN {which} TO {which}_old", lab.bench.site["database"]["name"])
    return Draw(
        "column renamed",
        f"column {which} of {name} renamed to {which}_old",
        script,
        (rf"{name}\.{which}\b", rf"column .?(?:\w\.)?{which}\b"),
    )


@kind("log-in limit")
def account(lab: Lab, chance: random.Random) -> Draw | None:
    """Something that keeps the site's account, or everybody, from logging in."""
    site = lab.bench.site
    name, user = site["database"]["name"], site["database"]["user"]
    if lab.engine == "mariadb":
        who = lines(
            lab,
            ask(
                lab,
                f"SELECT CONCAT(CHAR(39),User,CHAR(39),CHAR(64),CHAR(39),Host,CHAR(39)) FROM mysql.user WHERE User='{user}'",
            ),
        )[0]
        ways = {
            "locked": (f"ALTER USER {who} ACCOUNT LOCK", "database-account-locked"),
            "expired": (f"ALTER USER {who} PASSWORD EXPIRE", "database-password-expired"),
            "one connection": (f"ALTER USER {who} WITH MAX_USER_CONNECTIONS 1", "database-account-limit"),
            "few questions": (f"ALTER USER {who} WITH MAX_QUERIES_PER_HOUR 5", "database-account-limit"),
            "few connections an hour": (f"ALTER USER {who} WITH MAX_CONNECTIONS_PER_HOUR 3", "database-account-limit"),
            "few updates": (f"ALTER USER {who} WITH MAX_UPDATES_PER_HOUR 1", "database-account-limit"),
            "another password": (f"ALTER USER {who} IDENTIFIED BY 'zz9'", "database-password"),
            "another host": (f"RENAME USER {who} TO '{user}'@'10.1.2.3'", "database-account-gone"),
            "dropped": (f"DROP USER {who}", "database-account-gone"),
            "server read-only": ("SET GLOBAL read_only=1", "database-read-only"),
            "connections": (
                "SET GLOBAL max_connections=10; SET GLOBAL max_user_connections=1",
                "database-account-limit",
            ),
            "TLS asked for": (f"ALTER USER {who} REQUIRE X509", "database-account-tls"),
            "small packets": ("SET GLOBAL max_allowed_packet=1024", "database-packet"),
            "strict mode": ("SET GLOBAL sql_mode='ANSI_QUOTES,NO_BACKSLASH_ESCAPES'", "database-mode"),
        }
    else:
        ways = {
            "no login": (f"ALTER ROLE {user} NOLOGIN", "database-account-locked"),
            "expired": (f"ALTER ROLE {user} VALID UNTIL '2020-01-01'", "database-password-expired"),
            "no connection": (f"ALTER ROLE {user} CONNECTION LIMIT 0", "database-account-limit"),
            "database's limit": (f"ALTER DATABASE {name} CONNECTION LIMIT 0", "database-account-limit"),
            "another password": (f"ALTER ROLE {user} PASSWORD 'zz9'", "database-password"),
            "no connections": (f"ALTER DATABASE {name} ALLOW_CONNECTIONS false", "database-account-locked"),
            "read-only role": (f"ALTER ROLE {user} SET default_transaction_read_only = on", "database-read-only"),
            "search path": (f"ALTER ROLE {user} SET search_path = nowhere", "database-schema-closed"),
            "short statements": (f"ALTER ROLE {user} SET statement_timeout = 1", "database-lock"),
            "no connect": (
                f"REVOKE CONNECT ON DATABASE {name} FROM public, {user}; ALTER DATABASE {name} OWNER TO postgres",
                "database-no-grant",
            ),
            "renamed": (f"ALTER ROLE {user} RENAME TO {user}_old", "database-password"),
        }
    way = chance.choice(sorted(ways))
    query, known = ways[way]
    names = (
        (rf"account .*{user}", rf"{query.partition('GLOBAL ')[2].partition('=')[0]}")
        if "GLOBAL" in query
        else (rf"account .*{user}", rf"rights of {user}")
    )
    return Draw("log-in limit", f"{user}: {way} ({query})", ask(lab, query), names, (known,))
