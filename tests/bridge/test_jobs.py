# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Scheduled jobs: what is due runs, each by itself, and what dies, fails or is killed is told and comes again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .sites import BridgedSite

PROBE = """<?php
class Probe
{
	public $error = '';
	public $errors = array();
	public $output = '';
	public function __construct($db)
	{
	}
	public function counts()
	{
		file_put_contents(DOL_DATA_ROOT.'/ran', "x\\n", FILE_APPEND);
		$this->output = 'counted';
		return 0;
	}
	public function fails()
	{
		$this->error = 'the door is shut';
		return -3;
	}
	public function dies()
	{
		nobody_has_made_this();
	}
	public function ends()
	{
		exit(0);
	}
	public function sleeps()
	{
		file_put_contents(DOL_DATA_ROOT.'/asleep', getmypid());
		usleep(30000000);
		return 0;
	}
	public function clears()
	{
		dol_delete_dir_recursive(DOL_DATA_ROOT.'/api/temp');
		return 0;
	}
	public function zone()
	{
		$this->output = date_default_timezone_get();
		return 0;
	}
}
"""
Job = dict[str, Any]


@pytest.fixture
def site(installed: BridgedSite) -> Iterator[BridgedSite]:
    """Return a site with the module on, none of the application's own jobs, and a class with methods for jobs."""
    installed.ok("module", "enable", "cron")
    installed.sql("DELETE FROM llx_cronjob")
    probe = installed.htdocs / "custom/probe/class/probe.class.php"
    probe.parent.mkdir(parents=True, exist_ok=True)
    probe.write_text(PROBE)
    yield installed
    installed.sql("DELETE FROM llx_cronjob")
    for name in ("ran", "asleep"):
        (installed.documents / name).unlink(missing_ok=True)
    installed.ok("module", "disable", "cron")


def _add(site: BridgedSite, method: str, priority: int = 50, **more: str) -> None:
    """Have a job that is due, every minute."""
    values = {
        "jobtype": "'method'",
        "label": f"'job {method}'",
        "classesname": "'/probe/class/probe.class.php'",
        "objectname": "'Probe'",
        "methodename": f"'{method}'",
        "priority": str(priority),
        "datenextrun": "'2020-01-01 00:00:00'",
        "unitfrequency": "'86400'",
        "frequency": "1",
        "status": "1",
        "processing": "0",
        "nbrun": "0",
        "test": "'1'",
        "entity": "1",
    } | more
    site.sql(f"INSERT INTO llx_cronjob ({', '.join(values)}) VALUES ({', '.join(values.values())})")  # noqa: S608 (a test's own words)


def _again(site: BridgedSite) -> None:
    site.sql("UPDATE llx_cronjob SET datenextrun = '2020-01-01 00:00:00'")


def _run(site: BridgedSite) -> tuple[Job, str]:
    done = site.run("cron", "run")
    answer = json.loads(done.stdout)
    assert done.returncode == (0 if answer["ok"] else 1)
    return answer, done.stderr


def _jobs(site: BridgedSite) -> dict[str, Job]:
    return {job["label"].removeprefix("job "): job for job in site.ok("cron", "list")["jobs"]}


def test_what_is_due_runs_once_and_comes_again(site: BridgedSite) -> None:
    _add(site, "counts")
    _add(site, "zone", datenextrun="'2099-01-01 00:00:00'")
    _add(site, "fails", test="'1 == 2'")
    _add(site, "dies", status="0")
    foreseen = site.ok("--check", "cron", "run")
    assert [job["label"] for job in foreseen["due"]] == ["job counts"]
    assert not (site.documents / "ran").exists()
    answer, told = _run(site)
    assert answer["ok"]
    assert [job["label"] for job in answer["ran"]] == ["job counts"]
    assert told.startswith("<6>job ")
    job = _jobs(site)["counts"]
    assert (job["failed"], job["runs"], job["output"], job["due"]) == (False, 1, "counted", False)
    assert job["next"] > time.time() - 5
    assert abs(job["ended"] - time.time()) < 60
    answer, told = _run(site)
    assert (answer["changed"], told) == (False, "")
    for _ in range(9):
        _again(site)
        _run(site)
    assert (site.documents / "ran").read_text() == "x\n" * 10


def test_the_first_run_of_a_job_that_a_module_has_brought(site: BridgedSite) -> None:
    """Seen on 16.0.3: such a job has no time yet, and stayed `in progress` for good."""
    _add(site, "counts", datenextrun="NULL", nbrun="NULL")
    assert _run(site)[0]["ok"]
    job = _jobs(site)["counts"]
    assert (job["failed"], job["running"], job["due"], job["runs"]) == (False, False, False, 1)


def test_the_tables_of_routes_outlive_the_clearing_up_of_temporary_files(site: BridgedSite) -> None:
    table = site.documents / "api/temp/routes.php"
    site.ok("module", "enable", "api")
    table.write_text("<?php // kept")
    site.hand_over()
    _add(site, "clears")
    assert _run(site)[0]["ok"]
    assert table.read_text() == "<?php // kept"
    table.unlink()
    _again(site)
    _run(site)
    assert not table.exists()


def test_one_that_fails_or_dies_takes_no_other_with_it(site: BridgedSite) -> None:
    for priority, method in enumerate(("fails", "dies", "ends", "counts"), start=1):
        _add(site, method, priority)
    answer, told = _run(site)
    assert answer["error"]["code"] == "job"
    jobs = _jobs(site)
    assert {name: job["failed"] for name, job in jobs.items()} == {
        "fails": True,
        "dies": True,
        "ends": True,
        "counts": False,
    }
    assert "the door is shut" in jobs["fails"]["output"]
    assert "nobody_has_made_this" in jobs["dies"]["output"]
    assert "the door is shut" in told
    assert told.count("<3>") == 3
    assert told.count("<6>") == 1
    # All of them have their next time, and none waits for another for ever.
    assert {name: job for name, job in jobs.items() if job["running"] or job["due"]} == {}


def test_a_job_that_was_killed_with_all_runs_again(site: BridgedSite) -> None:
    _add(site, "sleeps")
    program = subprocess.Popen(site.words("cron", "run"), env=site.environment, stdout=subprocess.DEVNULL)
    pid = _asleep(site)
    program.kill()
    os.kill(pid, signal.SIGKILL)
    program.wait()
    deadline = time.monotonic() + 20
    while Path(f"/proc/{pid}").exists():  # until somebody has taken note of its end
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert _jobs(site)["sleeps"]["running"]
    site.sql("UPDATE llx_cronjob SET methodename = 'counts'")
    _run(site)
    job = _jobs(site)["sleeps"]
    if site.major() < 17:
        # It keeps no number of the process: a day later only.
        assert job["running"]
        site.sql("UPDATE llx_cronjob SET datelastrun = '2020-01-01 00:00:00'")
        _run(site)
        job = _jobs(site)["sleeps"]
    assert (job["running"], job["failed"]) == (False, True)
    _again(site)
    _run(site)
    assert not _jobs(site)["sleeps"]["failed"]


def test_who_is_asked_to_stop_ends_what_runs_and_begins_nothing(
    site: BridgedSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    _add(site, "sleeps", 1)
    _add(site, "counts", 2)
    program = subprocess.Popen(
        site.words("cron", "run"), env=site.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    _asleep(site)
    began = time.monotonic()
    program.terminate()
    _, told = program.communicate(timeout=40)
    assert 15 < time.monotonic() - began < 30
    assert "since the site is being closed" in told
    jobs = _jobs(site)
    assert (jobs["sleeps"]["failed"], jobs["sleeps"]["running"]) == (True, False)
    assert (jobs["counts"]["runs"], jobs["counts"]["due"]) == (0, True)


def test_of_several_hosts_one_at_a_time_looks_for_what_is_due(site: BridgedSite) -> None:
    _add(site, "sleeps")
    first = subprocess.Popen(
        site.words("cron", "run", "--alone"), env=site.environment, stdout=subprocess.PIPE, text=True
    )
    pid = _asleep(site)
    answer = site.ok("cron", "run", "--alone")
    assert (answer["changed"], answer["elsewhere"]) == (False, True)
    assert _jobs(site)["sleeps"]["running"]
    # Who holds the lock dies, and it is free.
    first.kill()
    os.kill(pid, signal.SIGKILL)
    first.wait()
    site.sql("UPDATE llx_cronjob SET methodename = 'counts', processing = 0")
    _again(site)
    deadline = time.monotonic() + 20
    while "elsewhere" in json.loads(site.run("cron", "run", "--alone").stdout):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert _jobs(site)["sleeps"]["output"] == "counted"


def test_without_the_module_it_is_said(installed: BridgedSite) -> None:
    installed.ok("module", "disable", "cron")
    assert installed.error("cron", "list")["code"] == "no_jobs"


def _asleep(site: BridgedSite) -> int:
    deadline = time.monotonic() + 20
    while not (site.documents / "asleep").is_file() or not (site.documents / "asleep").read_text():
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return int((site.documents / "asleep").read_text())
