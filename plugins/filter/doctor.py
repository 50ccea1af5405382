# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filter that turns sites into arguments of the modules ``doctor`` and ``doctor_probe``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor import sites as doctor_sites


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return them by name."""
        return {"doctor_sites": doctor_sites.plan}
