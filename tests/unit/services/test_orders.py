# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Several services in one go: what is told of them, and that one that fails leaves the others to be done."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.services import orders, service
from ansible_collections.miclinik.hosting.plugins.module_utils.services.service import Seen, Service
from ansible_collections.miclinik.hosting.plugins.module_utils.services.systemd_unit import State, UnitError

GOOD, BAD, DUE = "good.service", "bad.service", "due.timer"


@pytest.fixture
def acted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The units that were acted on; BAD cannot be looked at, and a file of DUE is not loaded."""
    units: list[str] = []
    state = State(True, True, True, 1, False, 0.0, ("", ""))

    def see(ordered: Service) -> Seen:
        if ordered.unit == BAD:
            raise UnitError(f"there is no unit {BAD}")
        return Seen(0.0, state, {}, None, paths=["/etc/x"] if ordered.unit == DUE else [])

    monkeypatch.setattr(service, "see", see)
    monkeypatch.setattr(service, "act", lambda ordered, _seen: units.append(ordered.unit))
    return units


@pytest.mark.parametrize("check", [False, True])
def test_one_that_fails_leaves_the_others_to_be_done(acted: list[str], check: bool) -> None:
    done = orders.carry_out([Service(unit) for unit in (BAD, GOOD, DUE)], check=check)
    assert acted == ([] if check else [GOOD, DUE])
    assert done.failed == [f"there is no unit {BAD}"]
    result: dict[str, Any] = done.result
    assert (result["changed"], result["units"], result["because"]) == (True, [DUE], ["/etc/x"])
    assert result["steps"] == ["daemon-reload", "reload"]
    assert [entry["before_header"] for entry in result["diff"]] == [f"{DUE}: not as on disk"]


def test_services_that_run_what_is_on_disk_change_nothing(acted: list[str]) -> None:
    result = orders.carry_out([Service(GOOD)], check=False).result
    assert (result["changed"], result["steps"], result["diff"]) == (False, [], [])
    assert acted == [GOOD]


def test_nothing_is_asked_of_nobody() -> None:
    assert not orders.carry_out([], check=False).result["changed"]
