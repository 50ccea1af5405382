# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filters that size a host's services."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import sizes


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return them by name."""
        return {
            "body_size": sizes.body_size,
            "body_bytes": sizes.body_bytes,
            "apache_threads": sizes.apache_threads,
            "connections_needed": sizes.connections_needed,
            "pool_children": sizes.pool_children,
            "buffer_pool_mb": sizes.buffer_pool_mb,
            "query_cache_mb": sizes.query_cache_mb,
            "opcache_mb": sizes.opcache_mb,
            "site_memory_mb": sizes.site_memory_mb,
        }
