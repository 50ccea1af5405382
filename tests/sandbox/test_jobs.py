# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Scheduled jobs by their kinds, and what differs by version, as the application's class has it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from .conftest import make_site
from .databases import MariaDb
from .site import SandboxSite

LIBRARY = "<?php function adds($a, $b) { return $a + $b; } function leaves() { exit(3); }"
MAKE = """
require_once DOL_DOCUMENT_ROOT.'/cron/class/cronjob.class.php';
$job = new Cronjob($db);
foreach (json_decode('%s', true) as $name => $value) { $job->$name = $value; }
echo $job->create($user);
"""
RUN = """
require_once DOL_DOCUMENT_ROOT.'/cron/class/cronjob.class.php';
$job = new Cronjob($db);
$job->fetch(%s);
echo $job->run_jobs('admin');
"""
COMMON = {"label": "one", "datenextrun": 1700000000, "unitfrequency": "3600", "frequency": 1, "status": 1, "entity": 1}


@pytest.fixture(scope="module", params=["16.0.3", "", "24.0.0"], ids=["16", "22", "24"])
def site(request: pytest.FixtureRequest, workplace: Path, mariadb: MariaDb) -> SandboxSite:
    made = make_site(workplace, mariadb, request.param)
    made.install()
    library = made.root / "custom/probe/lib/probe.lib.php"
    library.parent.mkdir(parents=True)
    library.write_text(LIBRARY)
    return made


def major(site: SandboxSite) -> int:
    return int((site.version or "22").split(".")[0])


def run(site: SandboxSite, **job: object) -> tuple[str, dict[str, Any]]:
    """Make a job and run it; return what that printed, and the row as it is afterwards."""
    site.bootstrap("$db->run('DELETE FROM llx_cronjob');")
    number = site.bootstrap(MAKE % json.dumps({**COMMON, **job})).output
    start = "define('NOSESSION', '1'); require './master.inc.php'; $user->fetch(0, 'admin'); "
    printed = site.php(code=start + RUN % number).output
    ((result, output, processing, pid, runs),) = site.rows(
        "SELECT lastresult, lastoutput, processing, pid IS NOT NULL, nbrun FROM llx_cronjob"
    )
    return printed, {"result": result, "output": output, "running": processing, "pid": pid, "runs": runs}


def test_a_function_of_a_library(site: SandboxSite) -> None:
    words = {"jobtype": "function", "module_name": "probe", "libname": "probe.lib.php", "methodename": "adds"}
    fine = {"running": "0", "pid": "0", "runs": "1"}
    assert run(site, **words, params="2, -2") == ("1", {"result": "0", "output": "0", **fine})
    assert run(site, **words, params="2, 3") == ("-1", {"result": "5", "output": "ErrorUnknown", **fine})


def test_without_its_library_it_says_for_ever_that_it_runs(site: SandboxSite) -> None:
    """As the application has it; 24 puts an end to it when PHP ends."""
    _, row = run(site, jobtype="function", module_name="probe", libname="none.lib.php", methodename="adds")
    assert row["running"] == ("0" if major(site) >= 24 else "1")


def test_one_that_ends_php(site: SandboxSite) -> None:
    words = {"jobtype": "function", "module_name": "probe", "libname": "probe.lib.php", "methodename": "leaves"}
    _, row = run(site, **words)
    if major(site) >= 24:
        assert (row["running"], row["result"], row["pid"]) == ("0", "-1", "0")
    else:
        assert (row["running"], row["pid"]) == ("1", "0" if major(site) < 17 else "1")


def test_commands_are_run_where_the_configuration_allows_it(site: SandboxSite) -> None:
    printed, row = run(site, jobtype="command", command="echo told; exit 2")
    assert (printed, row["result"]) == ("1", "ErrorParameterMustBeEnabledToAllwoThisFeature")
    conf = site.configure()
    conf.write_text(conf.read_text() + "$dolibarr_cron_allow_cli = '1';\n")
    try:
        assert run(site, jobtype="command", command="echo told; exit 2")[1]["output"] == "told"
    finally:
        site.configure()


def test_what_the_module_brings(site: SandboxSite) -> None:
    """Where an older sandbox was installed the table comes with the module."""
    site.bootstrap("$db->run('DROP TABLE llx_cronjob');")
    for _ in range(2):
        site.bootstrap("foreach (array('unActivateModule', 'activateModule') as $does) { $does('modCron'); }")
    ((due, runs, test),) = site.rows("SELECT datenextrun IS NOT NULL, nbrun IS NOT NULL, test FROM llx_cronjob")
    assert (due, runs, test) == (("0", "0", "1") if major(site) < 17 else ("1", "1", "1"))
