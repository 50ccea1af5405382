# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Webhooks: the call that causes one waits for nobody, and it arrives, signed, when its receiver is there."""

from __future__ import annotations

import json
from pathlib import Path

from ansible_collections.miclinik.hosting.plugins.module_utils.webhooks import hooks
from testinfra.host import Host

from .conftest import HostedSite

PROGRAM = Path(__file__).with_name("told_by_webhook.py")
METRICS = "/var/lib/prometheus/node-exporter/miclinik-webhooks.prom"


def test_the_relay_runs_and_alone_knows_where_events_go(host: Host, site: HostedSite) -> None:
    for unit in (hooks.UNIT, hooks.SOCKET):
        assert host.service(unit).is_running
        assert host.service(unit).is_enabled
    assert host.check_output("ps -o user= -p $(systemctl show -P MainPID %s)", hooks.UNIT) in (hooks.USER, "miclini+")
    file = host.file(f"{site.state}/{hooks.FILE}")
    assert (file.user, file.group, file.mode) == ("root", hooks.USER, 0o640)
    # Testinfra's own question knows no address with an interface.
    listening = host.check_output("ss -Hltn %s", f"sport = :{hooks.PORT}").splitlines()
    assert [line.split()[3] for line in listening] in (
        [f"{hooks.ADDRESS}:{hooks.PORT}"],
        [f"{hooks.ADDRESS}%lo:{hooks.PORT}"],
    )


def test_a_call_waits_for_nobody_and_the_event_arrives(host: Host, site: HostedSite) -> None:
    """The first try has failed, since nobody was there."""
    told = json.loads(host.run_expect([0], "python3 -c %s %s 9481", PROGRAM.read_text(), site.name).stdout)
    assert told["known"] is True, told
    assert told["took"] < 10, told
    assert abs(told["age"]) < 30
    assert "has arrived at 127.0.0.1:9481" in told["tested"]
    assert "MICLINIK_TEST" in told["codes"]
    listed = json.loads(host.check_output("miclinikctl %s webhook list --json", site.name))
    assert [(one["name"], one["dead"], one["relay"]) for one in listed] == [("erp", [], "runs")]
    assert f'miclinik_webhook_delivered_total{{site="{site.name}",webhook="erp"}}' in host.file(METRICS).content_string
