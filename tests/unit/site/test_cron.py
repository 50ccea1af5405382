# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Jobs run where the module is on, and in no clone."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import cron, rules, sites

ENTRY = {"name": "norte", "domain": "norte.example.org", "source": {"type": "sandbox"}}
OTHER = {"name": "sur", "domain": "sur.example.org", "source": {"type": "sandbox"}}


@pytest.mark.parametrize(
    ("more", "on"),
    [
        ({}, False),
        ({"modules": ["societe", "Cron"]}, True),
        ({"modules": ["cron"], "cron": {"enabled": False}}, False),
        ({"modules": ["cron"], "clone_of": "sur"}, False),
        ({"modules": ["cron"], "cron": {"enabled": True}}, True),
    ],
)
def test_they_run_where_the_module_is_on(more: dict[str, Any], on: bool) -> None:
    assert rules.check([ENTRY | more, OTHER]) == []
    assert sites.plan([ENTRY | more])[0]["cron"]["enabled"] is on


def test_when() -> None:
    site = sites.plan([ENTRY | {"cron": {"every": "1h"}}])[0]
    assert (site["cron"]["calendar"], site["cron"]["seconds"]) == ("hourly", 3600)
    assert {cron.seconds(every) for every in cron.CALENDAR} == {60, 120, 300, 600, 900, 1800, 3600}


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (
            {"cron": {"enabled": True}},
            "site 'norte': cron.enabled: is true, and `modules` has no cron. Add cron to modules, or leave cron.enabled"
            " out.",
        ),
        (
            {"cron": {"enabled": True}, "modules": ["cron"], "clone_of": "sur"},
            "site 'norte': cron.enabled: is true in a clone, whose jobs would write, send and call as the site's own"
            " do. Leave it out.",
        ),
        (
            {"cron": {"every": "7min"}},
            "site 'norte': cron.every: is '7min'. Choose one of: 1min, 2min, 5min, 10min, 15min, 30min, 1h.",
        ),
    ],
)
def test_what_is_refused(more: dict[str, Any], said: str) -> None:
    assert [str(problem) for problem in rules.check([ENTRY | more, OTHER])] == [said]
