# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filters around the databases of sites."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils import databases


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return them by name."""
        return {
            "application_database": databases.application,
            "databases_probed": databases.of_engine,
            "database_maker": databases.maker,
            "database_pattern": databases.pattern,
            "pg_hba": databases.hba,
            "icu_locale": databases.icu_locale,
            "scram_verifier": databases.scram_verifier,
            "postgresql_version": databases.POSTGRESQL_VERSIONS.__getitem__,
        }
