# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Certificates of an ACME authority: that they are renewed, and that clients see the new one."""

from __future__ import annotations

import time

from testinfra.host import Host

from .conftest import HostedSite
from .test_tls import certificate

SETTLE = 10


def lineage(site: HostedSite) -> str:
    return f"miclinik-{site.name}"


def test_timer_renews(host: Host) -> None:
    assert host.service("certbot.timer").is_running
    assert host.service("certbot.timer").is_enabled


def test_served_is_what_certbot_holds(host: Host, site: HostedSite) -> None:
    held = host.file(f"/etc/letsencrypt/live/{lineage(site)}/fullchain.pem").content
    assert host.file(f"{site.state}/tls/certificate.pem").content == held
    assert len(held.split(b"BEGIN CERTIFICATE")) > 2, "with its chain"


def test_renewals_are_put_in_place_by_the_hook(host: Host, site: HostedSite) -> None:
    hook = host.check_output("grep renew_hook /etc/letsencrypt/renewal/%s.conf", lineage(site))
    assert hook == "renew_hook = /usr/bin/python3 /usr/local/lib/miclinik/acme/deploy.py"


def test_renewal_reaches_clients(host: Host, site: HostedSite) -> None:
    """As the timer does it, but at once."""
    name = site.settings["domain"]
    before = certificate(host, site, name)
    host.run_expect([0], "certbot -q renew --force-renewal --no-random-sleep-on-renew --cert-name %s", lineage(site))
    deadline = time.monotonic() + SETTLE
    after = certificate(host, site, name)
    while after.serial_number == before.serial_number and time.monotonic() < deadline:
        time.sleep(0.2)
        after = certificate(host, site, name)
    assert after.serial_number != before.serial_number
    assert after.public_key() != before.public_key()
    assert after.issuer != after.subject
    # The old pair is gone with its key.
    assert host.check_output("ls %s/certificates | wc -l", site.state) == "1"
