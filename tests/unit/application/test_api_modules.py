# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which paths modules bring."""

from __future__ import annotations

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.application.api_modules import (
    MODULES,
    canonical,
    endpoints,
    first_segments,
)
from ansible_collections.miclinik.hosting.plugins.module_utils.application.versions import API_SINCE


@pytest.mark.parametrize(
    ("module", "version", "expected"),
    [
        ("societe", "15.0.3", ("thirdparties", "contacts")),
        ("modStock", "22.0.4", ("stockmovements", "warehouses")),
        ("propal", "16.0.3", ("proposals",)),
        ("supplier_proposal", "16.0.3", ("supplierproposals",)),
        ("recruitment", "16.0.3", ("recruitments", "recruitment")),
        ("salaries", "19.0.2", ()),
        ("salaries", "20.0.0", ("salaries",)),
        ("holiday", "22.0.4", ()),
        ("holiday", "24.0.0-beta", ("holidays",)),
        ("holiday", "25.0.0", ("holidays",)),
        ("holiday", "hotfix", ()),
        ("orders", "hotfix", ()),
        ("commande", "hotfix", ("orders",)),
        ("cron", "22.0.4", ()),
        ("a module of one's own", "22.0.4", ()),
    ],
)
def test_endpoints(module: str, version: str, expected: tuple[str, ...]) -> None:
    assert endpoints(module, version) == expected


def test_table_is_keyed_by_canonical_names() -> None:
    assert [name for name in MODULES if canonical(name) != name] == []
    assert set(API_SINCE) - set(MODULES) == set()


@pytest.mark.parametrize("written", ["modulebuilder", "ModuleBuilder", "modModuleBuilder"])
def test_a_module_whose_name_begins_as_classes_do(written: str) -> None:
    """Seen: with it on, the smoke test missed a module `ulebuilder`."""
    assert canonical(written) == "modulebuilder"


def test_first_segments_are_counted() -> None:
    assert first_segments(["/orders", "/orders/{id}/lines", "/Status"]) == {"orders": 2, "status": 1}
