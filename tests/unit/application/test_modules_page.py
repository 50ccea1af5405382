# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The table of docs/modules.md is what modules need, and what came of trying them."""

from __future__ import annotations

from ansible_collections.miclinik.hosting.plugins.plugin_utils.application import needs_table

from tests.modules import known, table


def test_the_page_is_up_to_date() -> None:
    assert table.PAGE.read_text(encoding="utf-8") == table.page(), (
        "run: PYTHONPATH=.collections python -m tests.modules.table"
    )


def test_modules_of_the_table_are_modules_of_the_application() -> None:
    """Of those versions that were tried; a name that is mistyped would bring nothing."""
    tried = {name for seen in table.results() for name in seen["modules"]}
    named = {need.module for need in (*needs_table.EXTENSIONS, *needs_table.PROGRAMS, *needs_table.OUTSIDE)} - {""}
    named |= {*needs_table.SCHEDULED, *needs_table.MAILING, *needs_table.BARRED}
    assert named - tried == set()


def test_what_is_wrong_is_the_applications_own() -> None:
    """Whatever failed when a module was tried has a reason that people read in the table."""
    for seen in table.results():
        wrong = {name: known.told(entry.get("wrong", []))[0] for name, entry in seen["modules"].items()}
        assert {name: texts for name, texts in wrong.items() if texts} == {}, seen["version"]
        assert seen["second_run_changed"] == 0, seen["version"]
        assert [line for line in seen["documents"] if line.startswith("wrong")] == [], seen["version"]
