# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A look at a site's database on MariaDB."""

from __future__ import annotations

import importlib
import re
import ssl
from collections.abc import Iterable
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

PACKAGE = "python3-pymysql"
CHARSET = "utf8mb4"
# What the installer, the upgrades and the pages do with their own tables.
NEEDED = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "ALTER", "DROP", "INDEX", "REFERENCES"})
_GRANT = re.compile(r"GRANT (?P<rights>.+) ON (?P<place>\S+) TO ")
_TABLES = r"""
SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name LIKE 'llx\_%'
"""
# PHP's driver mysqlnd does not know this way of logging in (8.2 and 8.4), whatever the look's own library knows.
_ED25519 = re.compile(r"IDENTIFIED VIA ed25519\b(?!.* OR )")
_NO_PHP = "logs in by MariaDB's plugin ed25519, which PHP does not know"
_CLIENT_ERRORS = range(2000, 3000)
_NO_DATABASE, _NO_RIGHT = 1049, 1044


def look(target: Target, password: str) -> Finding:
    """Return what the server says of the site's database; raise Refused, Unreachable or LibraryMissing."""
    try:
        pymysql: Any = importlib.import_module("pymysql")
    except ImportError as error:
        raise LibraryMissing("pymysql") from error
    where: dict[str, Any] = (
        {"unix_socket": target.host}
        if target.local
        else {"host": target.host, "port": target.port, "ssl": _tls(target)}
    )
    try:
        connection = pymysql.connect(
            user=target.user,
            # PyMySQL would send a text as latin1; PHP, as the application, sends it as it stands in conf.php.
            password=password.encode(),
            database=target.database,
            connect_timeout=PATIENCE,
            **where,
        )
    except (pymysql.MySQLError, OSError) as error:
        raise _translated(error) from error
    except RuntimeError as error:  # PyMySQL without python3-nacl
        raise Refused("user", f"'{target.user}' {_NO_PHP}") from error
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT VERSION(), @@character_set_database")
            version, charset = cursor.fetchone()
            cursor.execute("SHOW GRANTS")
            grants = [str(row[0]) for row in cursor.fetchall()]
            cursor.execute(_TABLES)
            tables = {str(row[0]).lower() for row in cursor.fetchall()}
            cursor.execute(SIGN_QUERY if CONSTANTS in tables else "SELECT ''")
            sign = cursor.fetchone()
    finally:
        connection.close()
    product = "MariaDB" if "mariadb" in version.lower() else "MySQL"
    finding = Finding(product, "MariaDB", version.partition("-")[0], tables=len(tables), sign=sign[0] if sign else "")
    if charset != CHARSET:
        seen = f"'{target.database}' is made for {charset}, and the application writes {CHARSET}"
        finding.complaints.append(("name", seen, f"Make it anew with the character set {CHARSET}, or convert it"))
    if any(_ED25519.search(grant) for grant in grants):
        finding.complaints.append(("user", f"'{target.user}' {_NO_PHP}", mend(target, "user")))
    finding.complaints.extend(_rights(grants, target))
    return finding


def _tls(target: Target) -> ssl.SSLContext | None:
    if target.sslmode == "disable":
        return None
    context = ssl.create_default_context(cafile=target.ca)
    context.check_hostname = target.sslmode == "verify-full"
    if not target.ca:
        context.verify_mode = ssl.CERT_NONE
    return context


def _translated(error: Exception) -> Refused | Unreachable:
    code = error.args[0] if error.args and isinstance(error.args[0], int) else 0
    text = f"{error.args[-1]}" if error.args else str(error)
    if isinstance(error, OSError) or code in _CLIENT_ERRORS or not code:
        return Unreachable(text)
    key = "name" if code in (_NO_DATABASE, _NO_RIGHT) else "password"
    return Refused(key, f"{text} ({code})", absent=code == _NO_DATABASE)


def mend(target: Target, key: str) -> str:
    """Return what to do where the server has refused the user; ``key`` is the likeliest cause."""
    if key == "name":
        return f"Make the database '{target.database}' and give '{target.user}' all rights on it"
    if key == "user":
        return f"Let '{target.user}' log in by mysql_native_password (ALTER USER … IDENTIFIED BY)"
    return f"Give the password that '{target.user}' has on this server, and let it log in from this host"


def parsed(grants: Iterable[str]) -> dict[str, frozenset[str]]:
    r"""Return rights by place (``*.*``, ```name`.*`` with ``_`` unescaped) of the answer to SHOW GRANTS."""
    found: dict[str, frozenset[str]] = {}
    for grant in grants:
        match = _GRANT.match(grant)
        if match:
            rights = frozenset(right.strip() for right in match["rights"].split(","))
            found[match["place"]] = found.get(match["place"], frozenset()) | rights
    return found


def _rights(grants: Iterable[str], target: Target) -> list[tuple[str, str, str]]:
    places = parsed(grants)
    exact = "`" + target.database.replace("_", "\\_") + "`.*"
    if target.local:
        # Ours alone to make, so exactly this: a right more opens another site's database.
        wanted = {"*.*": frozenset({"USAGE"}), exact: frozenset({"ALL PRIVILEGES"})}
        if places == wanted:
            return []
        seen = f"'{target.user}' has other rights than all on '{target.database}'"
        return [("user", seen, "Run the playbook, which puts them right")]
    has = frozenset[str]().union(
        *(places.get(place, frozenset()) for place in (exact, f"`{target.database}`.*", "*.*"))
    )
    lacking = frozenset() if "ALL PRIVILEGES" in has else NEEDED - has
    if not lacking:
        return []
    seen = f"'{target.user}' lacks rights on '{target.database}': {', '.join(sorted(lacking))}"
    return [("user", seen, "Grant it all rights on that database")]
