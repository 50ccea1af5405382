# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filters around the databases of sites."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.miclinik.hosting.plugins.module_utils.database import connections as database_connections


def postgresql_version(codename: str) -> str:
    """Return the version of PostgreSQL that the distribution has."""
    try:
        return database_connections.POSTGRESQL_VERSIONS[codename]
    except KeyError:
        known = ", ".join(database_connections.POSTGRESQL_VERSIONS)
        raise AnsibleFilterError(
            f"no version of PostgreSQL is known for the distribution {codename!r} (only for {known}):"
            " name that of this host's cluster in database_postgresql_version"
        ) from None


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return them by name."""
        return {
            "application_database": database_connections.application,
            "databases_probed": database_connections.of_engine,
            "database_maker": database_connections.maker,
            "database_pattern": database_connections.pattern,
            "pg_hba": database_connections.hba,
            "pool_size": database_connections.pool_size,
            "icu_locale": database_connections.icu_locale,
            "scram_verifier": database_connections.scram_verifier,
            "postgresql_version": postgresql_version,
        }
