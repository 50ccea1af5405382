# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What people and Prometheus are told of a site's jobs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import jobs
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge.client import BridgeError

from .told_jobs import JOB

BAD = JOB | {"id": 4, "label": "Mails", "failed": True, "result": "-1", "output": "no server\x1b[31m", "due": True}
NEW = JOB | {"id": 5, "label": "New", "ended": None, "runs": 0}
OFF = JOB | {"id": 6, "label": "Dump", "enabled": False}


class Bridge:
    def __init__(self, site: str) -> None:
        self.site = site

    def call(self, command: str) -> dict[str, Any]:
        assert command == "cron list"
        if self.site == "gone":
            raise BridgeError(self.site, "no_jobs", "The module is off.", "Switch it on.")
        return {"jobs": [JOB, BAD, NEW, OFF]}


def test_for_people() -> None:
    assert jobs.table([JOB, BAD, NEW, OFF]) == [
        "    3  ok         Recurring invoices: last 1970-01-01 22:13:21 UTC, 7 runs, next 1970-01-02 01:16:40 UTC",
        "    4  FAILED     Mails: last 1970-01-01 22:13:21 UTC, 7 runs, due now",
        "       no server�[31m",
        "    5  never ran  New: next 1970-01-02 01:16:40 UTC",
        "off: Dump",
    ]
    assert jobs.table([]) == ["the site has no jobs"]


def test_for_prometheus(tmp_path: Path) -> None:
    settings = tmp_path / "settings.json"
    settings.write_text(json.dumps({"metrics": str(tmp_path)}))
    assert jobs.main(["norte", "told"], Bridge, settings) == 0  # type: ignore[arg-type]
    lines = (tmp_path / "miclinik-cron-norte.prom").read_text().splitlines()
    assert 'miclinik_cron_jobs{site="norte"} 3' in lines
    assert 'miclinik_cron_jobs_failed{site="norte"} 1' in lines
    assert 'miclinik_cron_job_failed{site="norte",job="4",label="Mails"} 1' in lines
    assert 'miclinik_cron_job_ended_timestamp_seconds{site="norte",job="3",label="Recurring invoices"} 80001' in lines
    assert not [line for line in lines if 'job="6"' in line]


def test_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    assert jobs.main(["norte", "list", "--json"], Bridge) == 0  # type: ignore[arg-type]
    assert json.loads(capsys.readouterr().out)[0] == JOB


def test_what_the_bridge_says_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert jobs.main(["gone", "list"], Bridge) == 1  # type: ignore[arg-type]
    assert capsys.readouterr().err == "site 'gone': The module is off. Switch it on.\n"
