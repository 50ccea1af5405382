# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which versions run where. Every cell was measured or is named as untested."""

from __future__ import annotations

from ansible_collections.miclinik.hosting.plugins.module_utils.application import versions
from ansible_collections.miclinik.hosting.plugins.module_utils.application.versions import NEWEST, OLDEST, TESTED_PHP

TESTED_HOSTS = {("debian", "bookworm"), ("debian", "trixie")}
WRITTEN_FOR = {("ubuntu", "jammy"), ("ubuntu", "noble")}


def mismatch(version: str, php: str) -> tuple[str, str] | None:
    """Return why ``version`` of the application is not supported on ``php``, with the mend; None when it is."""
    major = versions.number(version)
    use = f"Use a version of the application from {OLDEST} to {NEWEST}"
    if major < OLDEST:
        # 11.0.4 does not start on PHP 8 at all.
        return f"version {version} does not run on PHP {php}, which is what this host has", use
    if major > NEWEST:
        return (
            f"version {version} is newer than {NEWEST}, the newest that was tested",
            f"{use}, or set preflight_allow_untested: true to try it",
        )
    if php not in TESTED_PHP:
        return f"version {version} was never run on PHP {php}", f"Use a host with PHP {' or '.join(TESTED_PHP)}"
    return None


def database_mismatch(version: str, engine: str, tls: str) -> tuple[str, str, str] | None:
    """Return the key, what is seen and the mend where ``version`` does not work with the database; None when it does.

    ``tls`` is ``none``, ``encrypt`` or ``verify``.
    """
    if engine == "postgresql" and not versions.has(version, "postgresql"):
        seen = f"version {version} loses users' rights on PostgreSQL, and says nothing"
        oldest = versions.FEATURES["postgresql"].first
        return "source", seen, f"Use version {oldest} or newer, or miclinik_database_engine: mariadb"
    # "verify" is refused for every version, by the rules for databases.
    if engine == "mariadb" and tls == "encrypt" and not versions.has(version, "encrypted_mariadb"):
        seen = f"is {tls}, and version {version} cannot encrypt its connection to MariaDB"
        oldest = versions.FEATURES["encrypted_mariadb"].first
        mend = f"Use version {oldest} or newer, or write none and lead the connection through a tunnel"
        return "database.tls", seen, mend
    return None


def cautions(version: str) -> list[str]:
    """Return what an operator of ``version`` has to know and no setting mends."""
    found = []
    if versions.number(version) > NEWEST:
        found.append(
            f"version {version} is newer than {NEWEST}, the newest that was tested, and is tried as {NEWEST} is"
            " (preflight_allow_untested): let the smoke test and tests/contract judge it before people work with it"
        )
    elif versions.number(version) < OLDEST:
        found.append(f"version {version} is older than {OLDEST}, the oldest that is known to run on PHP 8")
    if versions.has(version, "subqueries_for_all"):
        found.append(
            f"version {version} runs subqueries in sqlfilters, so a key that may list one thing can read any table, and"
            " has no setting against it. Give keys only to those who may read all, or use version"
            f" {(versions.FEATURES['subqueries_for_all'].last or NEWEST) + 1}"
        )
    return found
