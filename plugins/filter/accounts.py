# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filters that find the Unix users and groups a host lacks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import accounts


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return them by name."""
        return {
            "groups_to_make": accounts.groups_to_make,
            "groups_to_join": accounts.groups_to_join,
            "users_to_make": accounts.users_to_make,
        }
