# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A timer that does not run is red, a job that fails yellow, and what is half there is said."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge.client import BridgeError
from ansible_collections.miclinik.hosting.plugins.module_utils.doctor import probe_jobs
from ansible_collections.miclinik.hosting.plugins.module_utils.services import systemd_unit
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor import verdicts as doctor_verdicts
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor import yellow
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.diagnosis import Case

from tests.unit.bridge.told_jobs import JOB

from .cases import here, host, promised

NOW = 90000.0
RUNS = {"there": True, "active": True, "enabled": True}


def _case(timer: dict[str, bool], *jobs: dict[str, Any], **more: Any) -> Case:  # noqa: ANN401 (any setting)
    told = promised(**({"modules": ["cron"]} | more))
    own = here() | ({"timer": timer, "jobs": list(jobs)} if told["cron"]["enabled"] else {})
    own["application"]["status"]["modules"].append("cron")
    return Case(told, (), host() | {"time": NOW}, own, {})


def _yellow(case: Case) -> list[str]:
    return [entry.what for entry in yellow.of([case]) if entry.id == "jobs"]


def test_all_is_well() -> None:
    case = _case(RUNS, JOB)
    assert doctor_verdicts.diagnose(case) == []
    assert _yellow(case) == []


@pytest.mark.parametrize("lacking", ["active", "enabled"])
def test_a_timer_that_does_not_run_is_red(lacking: str) -> None:
    case = _case(RUNS | {lacking: False}, JOB)
    (found,) = doctor_verdicts.diagnose(case)
    assert (found.id, found.mend.split(";")[0]) == ("cron-timer", "systemctl enable --now miclinik-cron@norte.timer")
    assert not doctor_verdicts.inside(case, 1).ok


def test_a_job_that_failed_is_the_sites_matter() -> None:
    case = _case(RUNS, JOB | {"failed": True, "result": "-1", "output": "no mail server"})
    assert doctor_verdicts.inside(case, 1).ok
    assert _yellow(case) == [
        "scheduled jobs have failed: Recurring invoices (1970-01-01 22:13 UTC): no mail server",
    ]


@pytest.mark.parametrize(
    ("case", "said"),
    [
        (_case({"there": False, "active": False, "enabled": False}, JOB), "and there is no timer yet"),
        (_case(RUNS, JOB, modules=["societe"]), "and nothing runs its jobs"),
        (_case(RUNS, JOB | {"due": True, "next": NOW - 4300}), "wait that were due: Recurring invoices since"),
    ],
)
def test_what_is_half_there_is_said(case: Case, said: str) -> None:
    assert doctor_verdicts.diagnose(case) == []
    (told,) = _yellow(case)
    assert said in told


def test_one_that_is_due_may_wait_for_a_while() -> None:
    assert _yellow(_case(RUNS, JOB | {"due": True, "next": NOW - 4100})) == []


def test_of_a_clone_nothing_is_said() -> None:
    never = {"there": False, "active": False, "enabled": False}
    assert _yellow(_case(never, JOB | {"failed": True}, clone_of="sur")) == []


class Bridge:
    def __init__(self, *jobs: dict[str, Any]) -> None:
        self.jobs = list(jobs)

    def call(self, command: str) -> dict[str, Any]:
        assert command == "cron list"
        if not self.jobs:
            raise BridgeError("norte", "usage", "There is no command.", "Near.")
        return {"jobs": self.jobs}


def test_what_is_seen_on_the_host(monkeypatch: pytest.MonkeyPatch) -> None:
    state = systemd_unit.State.of({"LoadState": "loaded", "ActiveState": "active", "UnitFileState": "enabled"})
    monkeypatch.setattr(systemd_unit, "state", lambda unit: {"miclinik-cron@norte.timer": state}[unit])
    off = JOB | {"enabled": False}
    bridge: Any = Bridge(JOB, off)
    wanted, unwanted = ({"name": "norte", "cron": {"enabled": enabled}} for enabled in (True, False))
    assert (probe_jobs.timer(wanted), probe_jobs.jobs(wanted, bridge)) == (RUNS, [JOB])
    assert (probe_jobs.timer(unwanted), probe_jobs.jobs(unwanted, bridge)) == ({}, [])
    earlier: Any = Bridge()
    assert probe_jobs.jobs(wanted, earlier) == []
