# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which paths modules bring."""

from __future__ import annotations

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.api_modules import (
    MODULES,
    canonical,
    endpoints,
    first_segments,
)


@pytest.mark.parametrize(
    ("module", "major", "expected"),
    [
        ("societe", 15, ("thirdparties", "contacts")),
        ("modStock", 22, ("stockmovements", "warehouses")),
        ("propal", 16, ("proposals",)),
        ("supplier_proposal", 16, ("supplierproposals",)),
        ("recruitment", 16, ("recruitments", "recruitment")),
        ("salaries", 21, ()),
        ("salaries", 22, ("salaries",)),
        ("cron", 22, ()),
        ("a module of one's own", 22, ()),
    ],
)
def test_endpoints(module: str, major: int, expected: tuple[str, ...]) -> None:
    assert endpoints(module, major) == expected


def test_table_is_keyed_by_canonical_names() -> None:
    assert [name for name in MODULES if canonical(name) != name] == []


def test_first_segments_are_counted() -> None:
    assert first_segments(["/orders", "/orders/{id}/lines", "/Status"]) == {"orders": 2, "status": 1}
