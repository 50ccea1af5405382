# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filters of the role ``baseline``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.miclinik.hosting.plugins.plugin_utils.baseline import exporters, firewall, upgrades


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return them by name."""
        return {
            "exporters": exporters.plan,
            "firewall_rules": firewall.rules,
            "firewall_told": firewall.told,
            "upgrades_told": upgrades.told,
        }
