# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who begins the database: one that is sure to have the newest data, or nobody."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.plugin_utils.cluster import first

NAMES = ["a", "b"]
UUID, OTHER = "1d4f7018-eb0f-11f1-8c6a-ea363726dc37", "2d4f7018-eb0f-11f1-8c6a-ea363726dc37"
NEW: dict[str, Any] = {"running": False, "primary": False, "uuid": "", "seqno": -1, "foreign": []}
AT_WORK = NEW | {"running": True, "primary": True}


def _down(seqno: int, uuid: str = UUID) -> dict[str, Any]:
    return NEW | {"uuid": uuid, "seqno": seqno}


@pytest.mark.parametrize(
    ("seen", "begins"),
    [
        ({"a": NEW, "b": NEW}, "a"),
        ({"a": AT_WORK, "b": NEW}, ""),
        ({"b": AT_WORK}, ""),
        ({"a": _down(7), "b": _down(9)}, "b"),
        ({"a": _down(9), "b": _down(9)}, "a"),
        # A host that was replaced.
        ({"a": NEW, "b": _down(9)}, "b"),
        # One that never got its copy says so.
        ({"a": NEW | {"uuid": first._NONE}, "b": _down(3)}, "b"),
    ],
)
def test_who_begins(seen: dict[str, Any], begins: str) -> None:
    assert first.first(NAMES, seen) == begins


@pytest.mark.parametrize(
    ("seen", "told"),
    [
        ({"a": NEW}, "b cannot be asked, which may have newer data"),
        ({"a": _down(9)}, "b cannot be asked"),
        ({}, "a, b cannot be asked"),
        ({"a": _down(9), "b": _down(-1)}, "b does not say how far its data goes"),
        ({"a": _down(9), "b": _down(9, OTHER)}, "parts of different clusters"),
        ({"a": NEW | {"foreign": ["norte"]}, "b": NEW}, "a has databases (norte) of a server that is no member"),
        # Joining would replace them.
        ({"a": AT_WORK, "b": NEW | {"foreign": ["norte"]}}, "b has databases (norte)"),
    ],
)
def test_nobody_begins(seen: dict[str, Any], told: str) -> None:
    with pytest.raises(first.UnsureError) as caught:
        first.first(NAMES, seen)
    assert told in str(caught.value)
