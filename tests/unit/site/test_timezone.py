# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Time zones that PHP does not know, and would take UTC for."""

from __future__ import annotations

import zoneinfo
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import rules, sites

from tests.application_tree import entry

NEAREST = {
    "Madrid": "Did you mean 'Europe/Madrid'",
    "Europe/Madird": "Did you mean 'Europe/Madrid'",
    "Mexico City": "Did you mean 'America/Mexico_City'",
    "+01:00": "Write area and place, as in Europe/Madrid",
    "/etc/localtime": "Write area and place, as in Europe/Madrid",
    "Europe": "Write area and place, as in Europe/Madrid",
}


def _said(zone: str) -> list[str]:
    return [str(problem) for problem in rules.check([entry(php={"timezone": zone})])]


@pytest.mark.parametrize("zone", ["Europe/Madrid", "europe/madrid", "UTC", "US/Eastern", "Etc/GMT+1"])
def test_what_php_takes(zone: str) -> None:
    assert _said(zone) == []


@pytest.mark.parametrize(("zone", "mend"), NEAREST.items())
def test_what_php_does_not_know(zone: str, mend: str) -> None:
    (said,) = _said(zone)
    assert said.startswith(f"site 'norte': php.timezone: is {zone!r}, which is no time zone. {mend}")


def test_a_controller_without_the_data_base_cannot_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(key: str) -> None:
        raise zoneinfo.ZoneInfoNotFoundError(key)

    monkeypatch.setattr(zoneinfo, "available_timezones", set)
    monkeypatch.setattr(zoneinfo, "ZoneInfo", missing)
    assert _said("Madrid") == []


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({}, {}),
        ({"php": {"timezone": "UTC"}}, {}),
        ({"php": {"timezone": "Europe/Madrid"}}, {"MAIN_DATE_IN_MEMORY_ARE_NOT_GMT": 1}),
        (
            {"php": {"timezone": "Europe/Madrid"}, "constants": {"MAIN_DATE_IN_MEMORY_ARE_NOT_GMT": 0}},
            {"MAIN_DATE_IN_MEMORY_ARE_NOT_GMT": 0},
        ),
    ],
)
def test_months_are_counted_in_the_site_s_zone(more: dict[str, Any], told: dict[str, int]) -> None:
    assert sites.plan([entry(**more)])[0]["constants"] == told
