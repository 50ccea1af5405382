# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The smoke test's timer is there and tells that all is well, or there is nothing of it: as the inventory says."""

from __future__ import annotations

import re
import time

import pytest
from testinfra.host import Host

from .choices import choice
from .conftest import HostedSite

UNIT = "/etc/systemd/system/miclinik-smoke"
FOLDER = "/usr/local/lib/miclinik/smoke"
METRICS = "/var/lib/prometheus/node-exporter/miclinik.prom"
SERVICE = "miclinik-smoke.service"


@pytest.fixture(scope="session")
def wanted(host: Host, pytestconfig: pytest.Config) -> bool:
    return choice(host, pytestconfig, "smoke_timer_enabled", "False") == "True"


@pytest.mark.parametrize("path", [f"{UNIT}.timer", f"{UNIT}.service", FOLDER])
def test_it_is_there_when_it_is_wanted(host: Host, wanted: bool, path: str) -> None:
    assert host.file(path).exists is wanted
    if wanted:
        assert (host.file(path).user, host.file(path).mode & 0o022) == ("root", 0)


def test_timer_runs_when_it_is_wanted(host: Host, wanted: bool) -> None:
    assert host.service("miclinik-smoke.timer").is_running is wanted


def test_a_run_tells_that_the_site_is_well(host: Host, site: HostedSite, wanted: bool) -> None:
    if not wanted:
        assert not host.file(METRICS).exists
        return
    started = time.time()
    host.run_expect([0], f"systemctl start {SERVICE}")
    metrics = host.file(METRICS)
    assert (metrics.user, metrics.mode) == ("root", 0o644)
    text = metrics.content_string
    checks = dict(re.findall(rf'(?m)^miclinik_smoke_check_ok{{site="{site.name}",check="([\w-]+)"}} (\d)$', text))
    assert {"web", "api", "status", "operations"} <= set(checks)
    assert {check: value for check, value in checks.items() if value != "1"} == {}
    assert f'miclinik_smoke_site_ok{{site="{site.name}"}} 1' in text.splitlines()
    pools = {"web", "api", "quarantine"}
    assert {pool for pool in pools if f'miclinik_php_pool_up{{site="{site.name}",pool="{pool}"}} 1' in text} == pools
    stamp = re.search(r"(?m)^miclinik_smoke_last_run_timestamp_seconds (\S+)$", text)
    assert stamp
    assert started - 60 < float(stamp[1]) < time.time() + 60


def test_no_secret_is_in_settings_metrics_or_journal(host: Host, site: HostedSite, wanted: bool) -> None:
    read = (
        "import json; print(*(value for user in json.load(open('/etc/miclinik/%s/secrets.json'))['users'].values()"
        " for value in user.values()))"
    )
    secrets = host.check_output("python3 -c %s", read % site.name).split()
    assert len(secrets) >= 2
    shown = host.run(
        f"cat {FOLDER}/sites.json {UNIT}.service {METRICS}; journalctl --unit {SERVICE} --output cat"
    ).stdout
    assert not wanted or site.name in shown
    # Compared as a number, so that a failure prints no secret either.
    assert sum(shown.count(secret) for secret in secrets) == 0
