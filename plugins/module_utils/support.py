# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which versions run where. Every cell was measured or is named as untested."""

from __future__ import annotations

OLDEST, NEWEST = 15, 22
# Dolibarr 15.0.3, 16.0.3, 20.0.2 and 22.0.4 were run on both; 11.0.4 does not start on PHP 8 at all.
TESTED_PHP = ("8.2", "8.4")
TESTED_HOSTS = {("debian", "bookworm"), ("debian", "trixie")}
WRITTEN_FOR = {("ubuntu", "jammy"), ("ubuntu", "noble")}
# 15.0.3 stores 6 rights of a user where 39 were asked for, and says nothing: its PostgreSQL driver loses rows on PHP 8.
OLDEST_ON_POSTGRESQL = 16
# Measured on 22.0.4. 19 was the first to encrypt (https://github.com/Dolibarr/dolibarr/pull/25525), and releases of 20
# showed a blank page with it (https://github.com/Dolibarr/dolibarr/issues/33372).
OLDEST_ENCRYPTING_MARIADB = 21
# 19.0.2 and 20.0.0 run `(t.rowid:in:select 1 from llx_const)`, 17.0.2 does not; 22.0.4 has a setting against it, which
# the role rest_api makes, and 21.0.0-alpha has none.
RUN_SUBQUERIES = range(18, 22)


def mismatch(version: str, php: str) -> tuple[str, str] | None:
    """Return why ``version`` of the application is not supported on ``php``, with the mend; None when it is."""
    major = int(version.partition(".")[0])
    use = f"Use a version of the application from {OLDEST} to {NEWEST}"
    if major < OLDEST:
        return f"version {version} does not run on PHP {php}, which is what this host has", use
    if major > NEWEST:
        return f"version {version} is newer than {NEWEST}, the newest that was tested", use
    if php not in TESTED_PHP:
        return f"version {version} was never run on PHP {php}", f"Use a host with PHP {' or '.join(TESTED_PHP)}"
    return None


def database_mismatch(version: str, engine: str, tls: str) -> tuple[str, str, str] | None:
    """Return the key, what is seen and the mend where ``version`` does not work with the database; None when it does.

    ``tls`` is ``none``, ``encrypt`` or ``verify``.
    """
    major = int(version.partition(".")[0])
    if engine == "postgresql" and major < OLDEST_ON_POSTGRESQL:
        seen = f"version {version} loses users' rights on PostgreSQL, and says nothing"
        return "source", seen, f"Use version {OLDEST_ON_POSTGRESQL} or newer, or miclinik_database_engine: mariadb"
    # "verify" is refused for every version, by the rules for databases.
    if engine == "mariadb" and tls == "encrypt" and major < OLDEST_ENCRYPTING_MARIADB:
        seen = f"is {tls}, and version {version} cannot encrypt its connection to MariaDB"
        mend = (
            f"Use version {OLDEST_ENCRYPTING_MARIADB} or newer, or write none and lead the connection through a tunnel"
        )
        return "database.tls", seen, mend
    return None


def caution(version: str) -> str:
    """Return what an operator of ``version`` has to know and no setting mends; nothing when there is nothing."""
    if int(version.partition(".")[0]) not in RUN_SUBQUERIES:
        return ""
    return (
        f"version {version} runs subqueries in sqlfilters, so a key that may list one thing can read any table, and has"
        f" no setting against it. Give keys only to those who may read all, or use version {RUN_SUBQUERIES.stop}"
    )
