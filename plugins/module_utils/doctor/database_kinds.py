# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is wrong with a database, by its own error numbers (MariaDB) or SQLSTATEs (PostgreSQL), each with its mend.

Numbers: https://mariadb.com/kb/en/mariadb-error-code-reference/ and
https://www.postgresql.org/docs/current/errcodes-appendix.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """What a number means. ``{user}``, ``{name}`` and ``{what}`` are the account, the database and what was asked."""

    id: str
    cause: str
    mend: str


PASSWORD = Kind(
    "database-password",
    "The database refuses the site's name and password",
    "run the role database, which sets the account's password to the one on record; is it conf.php that has another,"
    " the role application writes that",
)
_FULL = Kind(
    "database-connections",
    "The database server lets nobody more in: all its connections are taken",
    "see who holds them (SHOW PROCESSLIST, pg_stat_activity) and end what hangs; raise max_connections if all work",
)
_LIMIT = Kind(
    "database-account-limit",
    "The site's database account may have no more connections or questions than it has: it is limited",
    "take the limit off the account: ALTER USER ... WITH MAX_USER_CONNECTIONS 0 MAX_QUERIES_PER_HOUR 0"
    " MAX_CONNECTIONS_PER_HOUR 0 MAX_UPDATES_PER_HOUR 0 on MariaDB, ALTER ROLE ... CONNECTION LIMIT -1 on PostgreSQL",
)
LOCKED = Kind(
    "database-account-locked",
    "The site's database account is locked, or may not log in",
    "find out who locked it and why; then ALTER USER ... ACCOUNT UNLOCK on MariaDB, ALTER ROLE ... LOGIN on PostgreSQL",
)
EXPIRED = Kind(
    "database-password-expired",
    "The password of the site's database account has expired",
    "on MariaDB set the password on record anew (ALTER USER ... IDENTIFIED BY: EXPIRE NEVER does not undo it); on"
    " PostgreSQL ALTER ROLE ... VALID UNTIL 'infinity'",
)
DATABASE_GRANT = Kind(
    "database-no-grant",
    "The site's account may not use its database",
    "give the right back: run the role database, or GRANT ALL ON the database to the account",
)
_TABLE_GRANT = Kind(
    "database-no-grant",
    "The site's account may not use what it has to in its database ({what})",
    "give the right back: run the role database, or GRANT it to the account by hand",
)
UNKNOWN = Kind(
    "database-unknown",
    "There is no database of the name that conf.php gives",
    "compare db_name in conf.php with the inventory, and look what databases there are, before anything is made anew;"
    " was it renamed or dropped? Then rename it back or restore it from a backup",
)
READ_ONLY = Kind(
    "database-read-only",
    "The database takes no writes: what people enter is lost",
    "is this a replica (standby.signal on PostgreSQL)? Then point the site to the primary; else switch read_only, or on"
    " PostgreSQL default_transaction_read_only of server, database and role, off, and look for why it was on;"
    " innodb_read_only and innodb_force_recovery stay on only while a broken server is being saved",
)
_DISK = Kind(
    "database-full",
    "The disk under the database is full",
    "make room on the file system of the database; move nothing out of its folder by hand",
)
_LOCK = Kind(
    "database-lock",
    "Somebody else holds a lock in the database, and the site waits for it",
    "see which connection it is and what it does; let it end, or end it (KILL on MariaDB, pg_terminate_backend on"
    " PostgreSQL): what it has not committed is taken back",
)
_CRASHED = Kind(
    "database-table-broken",
    "A table of the database is broken ({what})",
    "back up the database's folder first, then CHECK TABLE, and for MyISAM and Aria REPAIR TABLE; InnoDB tables are"
    " restored from a backup",
)
_MISSING = Kind(
    "database-table-missing",
    "A table, or a column of it, is not there ({what})",
    "was it renamed? Rename it back; else restore the database from a backup. Nothing is written into it meanwhile",
)
_HBA = Kind(
    "database-hba",
    "PostgreSQL's pg_hba.conf does not let the site in",
    "compare pg_hba.conf with what the role database wrote: take out the line that rejects, or run the role database;"
    " then systemctl reload postgresql",
)
_STARTING = Kind(
    "database-starting",
    "The database server is starting, recovering or stopping",
    "wait, and look at its log for how far it is",
)
_HOST = Kind(
    "database-host-refused",
    "The database server refuses this host",
    "on MariaDB FLUSH HOSTS where it is blocked, else an account for this host; on PostgreSQL a line in pg_hba.conf",
)
DOWN = Kind(
    "database-down",
    "The database does not answer",
    "start the database server, and look at host, port and name of the database in the inventory",
)
_LATE = Kind(
    "database-late",
    "The database gives no answer in time",
    "see what it is at (SHOW PROCESSLIST, pg_stat_activity), and its disk; end what hangs",
)
OWNER = Kind(
    "database-owner",
    "Tables of the site's database belong to another account",
    "give them to the site's account (ALTER TABLE ... OWNER TO): a restore by an administrator leaves them so",
)
_SCHEMA = Kind(
    "database-schema-closed",
    "The database answers, and not what the site asks of it ({what})",
    "compare the account's rights, search_path and sql_mode with those of another site",
)

KINDS: Mapping[str, Kind] = {
    **dict.fromkeys(("1045", "28P01"), PASSWORD),
    **dict.fromkeys(("1040", "53300"), _FULL),
    **dict.fromkeys(("1203", "1226"), _LIMIT),
    **dict.fromkeys(("4151", "3118", "28000"), LOCKED),
    **dict.fromkeys(("1820", "1862"), EXPIRED),
    **dict.fromkeys(("1044", "1698"), DATABASE_GRANT),
    **dict.fromkeys(("1142", "1143", "1370", "42501", "1227"), _TABLE_GRANT),
    **dict.fromkeys(("1049", "3D000"), UNKNOWN),
    **dict.fromkeys(("1290", "1792", "1836", "1036", "1881", "25006"), READ_ONLY),
    **dict.fromkeys(("1021", "1114", "53100", "3"), _DISK),
    **dict.fromkeys(("1205", "1213", "1223", "55P03", "57014", "1969", "40P01"), _LOCK),
    **dict.fromkeys(("126", "127", "144", "145", "1034", "1035", "1194", "1195", "1877", "XX001", "XX002"), _CRASHED),
    **dict.fromkeys(("1146", "1051", "1054", "1932", "42P01", "42703", "1017", "1033"), _MISSING),
    **dict.fromkeys(("1812", "1814", "1030", "58030", "58P01"), _CRASHED),
    **dict.fromkeys(("28HBA",), _HBA),
    **dict.fromkeys(("57P03", "57P01", "57P02"), _STARTING),
    **dict.fromkeys(("1129", "1130"), _HOST),
    **dict.fromkeys(("2002", "2003", "2005", "2006", "2013", "08001", "08006", "08004"), DOWN),
    "late": _LATE,
    "owner": OWNER,
}
#: What is said of the role as a whole tells more than its class.
_ROLE_LIMIT = re.compile(r"too many connections for (?:role|database)")
_INNER = re.compile(r"cannot be verified: (\d{4}) -")
#: The number in what the application's drivers say, through the bridge.
_NUMBER = re.compile(r"\b(?:error|errno|DB_ERROR_)\D{0,3}(\d{4})\b|\((\d{4})\)|SQLSTATE\[?(\w{5})")
#: PHP's own words have no SQLSTATE for a connection.
_WORDS = (
    (_ROLE_LIMIT, "limit"),
    (re.compile(r"too many clients|remaining connection slots"), "53300"),
    (re.compile(r"pg_hba\.conf|(?:Peer|Ident) authentication failed"), "28HBA"),
    (re.compile(r"password authentication failed|access denied", re.IGNORECASE), "28P01"),
    (re.compile(r"not permitted to log in"), "28000"),
    (re.compile(r"tables (?:of|in) .* belong to"), "owner"),
    (re.compile(r"permission denied for database"), "1044"),
    (re.compile(r"database \".*\" does not exist"), "3D000"),
)


def kind(code: str, text: str) -> Kind:
    """Return what a number, or a text that has one, means."""
    # A client that expects TLS tells a refusal before it as an error of its own.
    if inner := _INNER.search(text):
        code = inner[1]
    if _ROLE_LIMIT.search(text) or code == "limit":
        return _LIMIT
    if code == "1044" and "permission denied for database" in text:
        return DATABASE_GRANT
    if code in KINDS:
        return KINDS[code]
    if code:
        return _SCHEMA
    found = _NUMBER.search(text)
    number = next(filter(None, found.groups()), "") if found else ""
    if number in KINDS:
        return KINDS[number]
    word = next((code for expression, code in _WORDS if expression.search(text)), "")
    return _LIMIT if word == "limit" else KINDS.get(word, DOWN)
