# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filters around several hosts for the same sites."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.miclinik.hosting.plugins.plugin_utils.cluster import (
    certificates,
    first,
    ports,
    secrets,
    topology,
)


def galera_first(names: Sequence[str], seen: Mapping[str, Mapping[str, Any]]) -> str:
    """Return which member begins the cluster; empty where one is at work."""
    try:
        return first.first(names, seen)
    except first.UnsureError as error:
        raise AnsibleFilterError(f"Nobody begins the database: {error}.") from None


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return them by name."""
        return {
            "cache_passwords": secrets.of_cache,
            "certificate_holders": certificates.holders,
            "certificate_pairs": certificates.pairs,
            "cluster": topology.of,
            "cluster_ports": ports.opened,
            "galera_first": galera_first,
            "secrets_to_fetch": secrets.to_fetch,
        }
