# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Scheduled jobs run where a site says so, and nowhere else; PHP outside of its pools has the settings of the site."""

from __future__ import annotations

import json
import time

from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout
from testinfra.host import Host

from .conftest import HostedSite

#: How a line of the journal about a job ends that went well, and seconds within which there is one.
RAN, WAITED = '" ran', 70
METRICS = "/var/lib/prometheus/node-exporter/miclinik-cron-{site}.prom"


def _wanted(site: HostedSite) -> bool:
    """As the inventory's own words have it, in which there may be templates: no site is planned from these."""
    asked = site.settings.get("cron", {}).get("enabled")
    return "cron" in site.settings.get("modules", []) if asked is None else bool(asked)


def test_a_timer_runs_where_it_is_wanted(host: Host, site: HostedSite) -> None:
    timer = layout.cron_timer(site.name)
    assert host.service(timer).is_running is _wanted(site)
    assert host.file(f"/etc/systemd/system/{timer}").exists is _wanted(site)


def test_the_timer_has_run_what_was_due(host: Host, site: HostedSite) -> None:
    """Nobody else has: the module brings a job that is due at once."""
    if not _wanted(site):
        return
    asked = "journalctl --no-pager -q -o cat -u %s --grep %s"
    for _ in range(WAITED):
        if RAN in (said := host.run(asked, layout.cron_unit(site.name), RAN).stdout):
            break
        time.sleep(1)
    assert RAN in said
    jobs = json.loads(host.check_output("miclinikctl %s cron list --json", site.name))
    assert any(job["runs"] for job in jobs)


def test_people_are_told_what_ran(host: Host, site: HostedSite) -> None:
    told = host.run("miclinikctl %s cron list", site.name)
    if not _wanted(site):
        assert told.rc == 1
        assert 'The module "cron" is off, so the site has no scheduled jobs. Add cron to `modules`' in told.stderr
        return
    assert told.rc == 0
    assert host.run("miclinikctl %s cron run", site.name).rc == 0
    metrics = host.file(METRICS.format(site=site.name))
    assert (metrics.user, metrics.mode) == ("root", 0o644)
    assert f'miclinik_cron_jobs_failed{{site="{site.name}"}} 0' in metrics.content_string


def test_php_outside_of_its_pools_is_the_sites(host: Host, site: HostedSite) -> None:
    settings = host.file(f"{layout.cli_settings(site.name)}/90-site.ini")
    assert (settings.user, settings.group, settings.mode) == ("root", site.name, 0o640)
    zone = site.settings.get("php", {}).get("timezone", "UTC")
    assert f'date.timezone = "{zone}"' in settings.content_string
