# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Unix groups and users that a host still lacks, whatever a run that died has made of them."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import accounts, sites

SITES = sites.plan([{"name": "norte", "domain": "norte.example.org", "source": {"type": "sandbox"}}])
USER = {
    "name": "norte",
    "user": "norte",
    "group": "norte",
    "home": "/srv/miclinik/norte",
    "web_group": "norte-www",
}


@pytest.mark.parametrize(
    ("facts", "groups", "users"),
    [
        ({"groups": {}, "accounts": {}}, ["norte", "norte-www"], [USER]),
        ({"groups": {"norte": []}, "accounts": {}}, ["norte-www"], [USER]),
        ({"groups": {"norte": [], "norte-www": []}, "accounts": {}}, [], [USER]),
        ({"groups": {"norte": [], "norte-www": []}, "accounts": {"norte": "/srv/miclinik/norte"}}, [], [USER]),
        ({"groups": {"norte": [], "norte-www": ["norte"]}, "accounts": {"norte": "/srv/miclinik/norte"}}, [], []),
    ],
)
def test_what_is_still_to_be_made(facts: dict[str, Any], groups: list[str], users: list[dict[str, str]]) -> None:
    assert accounts.groups_to_make(SITES, facts) == groups
    assert accounts.users_to_make(SITES, facts) == users


def test_web_servers_join_the_groups_that_they_are_not_in() -> None:
    assert accounts.groups_to_join(SITES, {"groups": {"norte-www": ["norte"]}}, "www-data") == ["norte-www"]
    assert accounts.groups_to_join(SITES, {"groups": {"norte-www": ["norte", "www-data"]}}, "www-data") == []
