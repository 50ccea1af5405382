# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filter for the role ``adopt``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.miclinik.hosting.plugins.plugin_utils.preflight import adoption


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return it by name."""
        return {"adoption": adoption.judge}
