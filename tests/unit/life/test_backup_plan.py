# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What miclinik_backup means for the host."""

from __future__ import annotations

import subprocess

import pytest
from ansible_collections.miclinik.hosting.plugins.plugin_utils.life import backup_plan
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import schema


def test_nothing() -> None:
    assert backup_plan.of({}) == {"enabled": False, "repository": "", "settings": {}, "backup": {}, "test": {}}


def test_the_least() -> None:
    assert backup_plan.of({"repository": "/mnt/b"}) == {
        "enabled": True,
        "repository": "/mnt/b",
        "settings": {
            "keep": {"daily": 7, "weekly": 5, "monthly": 12},
            "append_only": False,
            "every_seconds": 86400,
            "collection": "0.1.0",
        },
        "backup": {"calendar": "*-*-* 01:00:00", "spread": 14400},
        "test": {"calendar": "", "spread": 0},
    }


def test_what_is_kept_is_what_is_written() -> None:
    assert backup_plan.of({"repository": "/b", "keep": {"daily": 0, "last": 3}})["settings"]["keep"] == {"last": 3}


@pytest.mark.parametrize("every", schema.options()["miclinik_backup"]["options"]["every"]["choices"])
def test_systemd_takes_every_calendar(every: str) -> None:
    plan = backup_plan.of({"repository": "/b", "every": every, "restore_test": "monthly"})
    hours = backup_plan.hours_of(every)
    assert 24 % hours == 0
    assert plan["backup"]["spread"] <= hours * 3600 / 2
    for calendar in (plan["backup"]["calendar"], plan["test"]["calendar"]):
        subprocess.run(["systemd-analyze", "calendar", calendar], check=True, capture_output=True)
