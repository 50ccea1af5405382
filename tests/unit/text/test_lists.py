# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Lists in sentences."""

from __future__ import annotations

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.text import lists as text_lists


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ([], ""),
        (["a"], "a"),
        (["a", "b"], "a, b"),
        (["a", "b", "c"], "a, b and 1 more"),
        (["a"] * 5, "a, a and 3 more"),
    ],
)
def test_a_list_is_shortened(names: list[str], expected: str) -> None:
    assert text_lists.shortened(names, 2) == expected
