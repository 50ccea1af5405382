# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The matrix as a whole, and its page."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout

from tests.faults import matrix, table
from tests.faults.bench import Bench

RULES = Path(__file__).parents[3] / "plugins" / "plugin_utils" / "doctor"


def test_page_is_up_to_date() -> None:
    assert table.PAGE.read_text(encoding="utf-8") == table.page(), (
        "run: PYTHONPATH=.collections python -m tests.faults.table"
    )


@pytest.mark.parametrize("web_server", ["nginx", "apache"])
def test_names_are_unique_on_each_web_server(web_server: str) -> None:
    names = [fault.name for fault in matrix.FAULTS if web_server in fault.web_servers]
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize("part", matrix.PARTS)
@pytest.mark.parametrize("web_server", ["nginx", "apache"])
def test_each_part_breaks_a_server_by_its_own_faults(part: str, web_server: str) -> None:
    host = SimpleNamespace(
        web_server=web_server, engine="mariadb", version="22.0.4", site={"encrypted": True, "modules": []}
    )
    found = matrix.fitting(part, cast(Bench, host))
    assert found
    assert [name for name, fault in found.items() if web_server not in fault.web_servers] == []
    assert set(found) <= set(matrix.fitting("all", cast(Bench, host)))


def test_every_cause_is_one_that_a_rule_can_name() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in RULES.glob("*.py"))
    known = set(re.findall(r'"([a-z]+(?:-[a-z]+)*)"', text)) | {f"{role}-pool-down" for role in layout.POOLS}
    known |= {f"vhost-{name}" for name in re.findall(r'^    "([a-z-]+)": \(', text, re.MULTILINE)}
    assert {fault.cause for fault in matrix.FAULTS} - known == set()


def test_pairs_are_of_faults_with_two_causes() -> None:
    causes = {fault.name: fault.cause for fault in matrix.FAULTS}
    assert all(causes[one] != causes[other] for one, other in matrix.PAIRS)
