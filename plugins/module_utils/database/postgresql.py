# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A look at a site's database on PostgreSQL."""

from __future__ import annotations

import importlib
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.database.findings import (
    CONSTANTS,
    PATIENCE,
    SIGN_QUERY,
    Finding,
    LibraryMissing,
    Refused,
    Target,
    Unreachable,
)

PACKAGE = "python3-psycopg2"
ENCODING = "UTF8"
_QUERY = """
SELECT current_setting('server_version'),
       pg_encoding_to_char(d.encoding),
       d.datdba = r.oid,
       coalesce(has_schema_privilege(current_schema(), 'CREATE'), false),
       r.rolsuper OR r.rolcreaterole OR r.rolcreatedb OR r.rolreplication,
       EXISTS (SELECT FROM aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a WHERE a.grantee = 0)
FROM pg_database d, pg_roles r
WHERE d.datname = current_database() AND r.rolname = current_user
"""
# Not information_schema, which hides tables that the user may not touch.
_TABLES = """
SELECT c.relname, pg_get_userbyid(c.relowner), pg_has_role(c.relowner, 'USAGE')
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p') AND c.relname LIKE 'llx\\_%'
"""


def look(target: Target, password: str) -> Finding:
    """Return what the server says of the site's database; raise Refused, Unreachable or LibraryMissing."""
    try:
        psycopg2: Any = importlib.import_module("psycopg2")
    except ImportError as error:
        raise LibraryMissing("psycopg2") from error
    try:
        connection = psycopg2.connect(
            host=target.host,
            port=target.port,
            dbname=target.database,
            user=target.user,
            password=password,
            sslmode=target.sslmode,
            sslrootcert=target.ca or "",
            connect_timeout=PATIENCE,
        )
    except psycopg2.OperationalError as error:
        raise translated(str(error)) from error
    try:
        with connection.cursor() as cursor:
            cursor.execute(_QUERY)
            row = cursor.fetchone()
            cursor.execute(_TABLES)
            tables = cursor.fetchall()
            owners = sorted({owner for _, owner, own in tables if not own})
            readable = not owners and CONSTANTS in {name for name, _, _ in tables}
            cursor.execute(SIGN_QUERY if readable else "SELECT ''")
            sign = cursor.fetchone()
    finally:
        connection.close()
    finding = judged(row, target)
    finding.tables, finding.owners, finding.sign = len(tables), owners, sign[0] if sign else ""
    return finding


def translated(text: str) -> Refused | Unreachable:
    """Return the exception that libpq's message stands for: what a server says begins with FATAL in every language."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    said = [line.partition("FATAL:")[2].strip() for line in lines if "FATAL:" in line]
    if not said:
        return Unreachable(" ".join(lines))
    key = "name" if said[-1].startswith(("database", "permission")) else "password"
    return Refused(key, said[-1], absent=said[-1].startswith("database") and "exist" in said[-1])


def mend(target: Target, key: str) -> str:
    """Return what to do where the server has refused the user; ``key`` is the likeliest cause."""
    if key == "name":
        return f"Make the database '{target.database}' with the encoding {ENCODING}, owned by '{target.user}'"
    return f"Give the password that '{target.user}' has on this server, and let it in from this host in pg_hba.conf"


def judged(row: tuple[str, str, bool, bool, bool, bool], target: Target) -> Finding:
    """Return what the columns of the query mean."""
    version, encoding, owned, creates, mighty, public = row
    finding = Finding("PostgreSQL", "PostgreSQL", version.partition(" ")[0])
    add = finding.complaints.append
    if encoding != ENCODING:
        add(("name", f"'{target.database}' is made for {encoding}", f"Make it anew with the encoding {ENCODING}"))
    if not creates:
        seen = f"'{target.user}' may not make tables in '{target.database}'"
        add(("user", seen, "Make it the owner of the database, or grant it CREATE on the schema"))
    if target.local:
        # Ours alone to make, so exactly this: a right more opens another site's database.
        put_right = "Run the playbook, which puts it right"
        if not owned:
            add(("user", f"'{target.user}' does not own '{target.database}'", put_right))
        if mighty:
            add(("user", f"'{target.user}' has rights over the whole server", put_right))
        if public:
            add(("name", f"'{target.database}' lets every user of the server in", put_right))
    return finding
