# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which tests run in one process, and what begins first, when pytest runs several at once (`make test`).

Tests that share a host or a server stay together. What takes minutes begins first, so that what is left at the end is
small enough to be shared out.
"""

from __future__ import annotations

import pytest

#: Groups that take longest, in this order; all others follow as they are collected.
LONGEST = ("nginx", "apache", "kill", "tls", "postgresql", "switch", "templates", "sandbox", "bridge")


def group(nodeid: str) -> str:
    """Return the group of a test: its scenario, the folder whose servers it needs, or its room."""
    folder, _, rest = nodeid.removeprefix("tests/").partition("/")
    if folder == "molecule" and "[" in rest:
        return rest.partition("[")[2].partition("]")[0]
    return "/".join([folder, rest.partition("/")[0]]) if folder == "unit" else folder


def longest_first(items: list[pytest.Item]) -> None:
    """Put the groups that take longest first; within a group the order stays."""
    items.sort(key=lambda item: _place(group(item.nodeid)))


def _place(name: str) -> int:
    return LONGEST.index(name) if name in LONGEST else len(LONGEST)
