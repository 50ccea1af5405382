# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Snapshots are made, checked and restored by the true restic, or there is nothing of that: as the inventory says."""

from __future__ import annotations

import json
import time

import pytest
from testinfra.host import Host

from .choices import choice, engine
from .conftest import HostedSite
from .database_server import Server

FOLDER = "/etc/miclinik-backup"
METRICS = "/var/lib/prometheus/node-exporter"


@pytest.fixture(scope="session")
def wanted(host: Host, pytestconfig: pytest.Config) -> bool:
    return choice(host, pytestconfig, "miclinik_backup", "{}") != "{}"


def _state(host: Host, site: HostedSite) -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = json.loads(host.check_output(f"miclinikctl {site.name} backup state"))
    return found


def test_timers_run_when_they_are_wanted(host: Host, site: HostedSite, wanted: bool) -> None:
    for timer in (f"miclinik-backup@{site.name}", "miclinik-backup-check", f"miclinik-restore-test@{site.name}"):
        assert host.service(f"{timer}.timer").is_running is wanted, timer


def test_password_and_settings_are_roots_alone(host: Host, wanted: bool) -> None:
    assert host.file(FOLDER).exists is wanted
    if wanted:
        assert (host.file(FOLDER).user, host.file(FOLDER).mode) == ("root", 0o700)
        for name in ("password", "environment", "settings.json", "repository-id"):
            assert (host.file(f"{FOLDER}/{name}").user, host.file(f"{FOLDER}/{name}").mode) == ("root", 0o600)


def test_a_snapshot_is_made_and_told(host: Host, site: HostedSite, wanted: bool) -> None:
    if not wanted:
        assert not host.file(f"{METRICS}/miclinik-backup-{site.name}.prom").exists
        return
    started = time.time()
    host.run_expect([0], f"systemctl start miclinik-backup@{site.name}.service")
    news = _state(host, site)["backup"]
    assert (news["ok"], news["problem"]) == (True, "")
    assert started - 60 < float(str(news["succeeded"])) < time.time() + 60
    assert str(news["snapshot"]) in host.check_output(f"miclinikctl {site.name} backup list")
    metrics = host.file(f"{METRICS}/miclinik-backup-{site.name}.prom")
    assert metrics.mode == 0o644
    assert f'miclinik_backup_ok{{site="{site.name}"}} 1' in metrics.content_string.splitlines()


def test_it_can_be_restored_and_nothing_of_that_stays(
    host: Host, pytestconfig: pytest.Config, site: HostedSite, wanted: bool
) -> None:
    if not wanted:
        return
    server = Server(host, engine(host, pytestconfig))
    before = host.check_output(f"ls -A {site.home}")
    databases = server.databases()
    host.run_expect([0], f"systemctl start miclinik-restore-test@{site.name}.service")
    assert _state(host, site)["restore_test"]["ok"] is True
    assert host.check_output(f"ls -A {site.home}") == before
    assert server.databases() == databases


def test_a_flipped_byte_is_found_and_named(host: Host, site: HostedSite, wanted: bool) -> None:
    if not wanted or site.name != "norte":
        return
    pack = host.check_output("ls -S /var/backups/clinic/data/*/* | head -n 1")
    flip = (
        "import sys; f = open(sys.argv[1], 'r+b'); f.seek(999); b = f.read(1)[0]; f.seek(999); f.write(bytes([b ^ 1]))"
    )
    check = f"miclinikctl {site.name} backup check --all"
    host.run_expect([0], check)
    try:
        host.run_expect([0], f'chmod u+w {pack}; python3 -c "{flip}" {pack}')
        said = host.run_expect([1], check).stderr
        assert pack.rpartition("/")[2][:8] in said
        assert _state(host, site)["check"]["ok"] is False
    finally:
        host.run_expect([0], f'python3 -c "{flip}" {pack}')
    host.run_expect([0], check)
    assert _state(host, site)["check"]["ok"] is True


def test_no_secret_is_in_what_others_may_see(host: Host, site: HostedSite, wanted: bool) -> None:
    if not wanted:
        return
    password = host.check_output(f"cat {FOLDER}/password")
    assert len(password) == 40
    units = f"miclinik-backup@{site.name} miclinik-backup-check miclinik-restore-test@{site.name}"
    shown = host.run(
        f"cat {METRICS}/*.prom /etc/systemd/system/miclinik-*; for unit in {units}; do"
        " journalctl --unit $unit --output cat; done"
    ).stdout
    assert f"snapshot {_state(host, site)['backup']['snapshot']}" in shown
    # Compared as a number, so that a failure prints no secret either.
    assert shown.count(password) == 0
