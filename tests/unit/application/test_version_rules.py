# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What cannot be asked of a version is refused before anything changes."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.miclinik.hosting.plugins.plugin_utils.application import version_rules
from ansible_collections.miclinik.hosting.plugins.plugin_utils.source import tree as source_tree

from tests import application_tree
from tests.application_tree import entry

AMBIGUOUS = '$sql = "SELECT u.login, oat.entity as token_entity, rowid as token_rowid,";'
RIGHT = '$sql = "SELECT u.login, oat.entity as token_entity, oat.rowid as token_rowid,";'


def _said(folder: Path, version: str, query: str, value: object, inner: bool = False) -> list[str]:
    top = application_tree.make(folder / "app", version, inner=inner)
    access = (top / "htdocs" if inner else top) / "api/class/api_access.class.php"
    if query:
        access.parent.mkdir(parents=True)
        access.write_text(f"<?php\n{query}\n")
    site = entry(constants={} if value is None else {"API_IN_TOKEN_TABLE": value})
    return [str(problem) for problem in version_rules.check([site], {"norte": source_tree.find(top)}, "mariadb")]


@pytest.mark.parametrize("inner", [False, True])
@pytest.mark.parametrize("value", [1, "1", True, "yes"])
def test_keys_in_a_table_that_the_version_cannot_read(tmp_path: Path, value: object, inner: bool) -> None:
    assert _said(tmp_path, "23.1.0", AMBIGUOUS, value, inner) == [
        "site 'norte': constants.API_IN_TOKEN_TABLE: is set, and version 23.1.0 answers 503 to every key with it. "
        "Leave it out: keys stay with their users; 24 can look for them in the table."
    ]


@pytest.mark.parametrize("value", [None, 0, "0", "", False])
def test_the_table_is_not_asked_for(tmp_path: Path, value: object) -> None:
    assert _said(tmp_path, "23.1.0", AMBIGUOUS, value) == []


@pytest.mark.parametrize(("version", "query"), [("24.0.0-beta", RIGHT), ("23.0.9", RIGHT), ("22.0.4", "")])
def test_the_table_can_be_read_or_is_not_known(tmp_path: Path, version: str, query: str) -> None:
    assert _said(tmp_path, version, query, 1) == []


def test_a_site_whose_source_is_wrong_has_no_more_problems() -> None:
    assert version_rules.check([entry(constants={"API_IN_TOKEN_TABLE": 1})], {}, "mariadb") == []
