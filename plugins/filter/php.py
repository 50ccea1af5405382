# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filters about what PHP has to have, and what it calls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.miclinik.hosting.plugins.plugin_utils.application import php_needs, program_needs
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import fpm_unit


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return them by name."""
        return {
            "php_needs": php_needs.of_sites,
            "programs_missing": program_needs.missing,
            "php_services": fpm_unit.services,
            "whole_proc": program_needs.whole_proc,
        }
