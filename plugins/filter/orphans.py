# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filter that tells of sites which left the inventory and are still on the host."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import orphans


def told(sites: Sequence[Mapping[str, Any]], facts: Mapping[str, Any]) -> list[str]:
    """Return a sentence for each."""
    return orphans.told(facts, [site["name"] for site in sites])


class FilterModule:
    """The filter of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return it by name."""
        return {"orphans": told}
