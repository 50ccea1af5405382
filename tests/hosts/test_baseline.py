# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The host's firewall, asked by packets from here, and its upgrades, asked of apt and systemd."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator

import pytest
from testinfra.host import Host

from .conftest import HostedSite

#: Nobody's on a test host, and found by no run: the firewall is there before it.
PORT = 8765
LISTENER = "miclinik-test-listener"
#: Nothing between here and a host of ours takes that long.
PATIENCE = 2


@pytest.fixture
def listener(host: Host) -> Iterator[None]:
    """Have somebody listen on every address of the host."""
    host.check_output(f"systemd-run --quiet --unit={LISTENER} python3 -m http.server {PORT}")
    host.check_output(f"timeout 10 sh -c 'until ss -Hltn | grep -q :{PORT}; do sleep 0.1; done'")
    yield
    host.check_output(f"systemctl stop {LISTENER}")


def _reached(host: Host, port: int) -> bool:
    address = str(host.backend.get_hostname())
    with contextlib.suppress(OSError), socket.create_connection((address, port), timeout=PATIENCE):
        return True
    return False


@pytest.mark.usefixtures("listener")
def test_who_listens_without_being_declared_is_not_reached(host: Host) -> None:
    assert not _reached(host, PORT)
    # Here it is heard, so that it is the firewall which says no.
    host.check_output(f"python3 -c 'import socket; socket.create_connection((\"127.0.0.1\", {PORT}), 2)'")


def test_sites_and_ssh_are_reached(host: Host, site: HostedSite) -> None:
    port = site.settings.get("port") or (443 if site.encrypted else 80)
    assert [_reached(host, number) for number in (22, port)] == [True, True]


def test_the_firewall_comes_with_every_boot_and_waits_for_nobody(host: Host) -> None:
    shown = host.check_output("systemctl show --property=ActiveState,UnitFileState miclinik-firewall.service")
    assert shown.splitlines() == ["ActiveState=active", "UnitFileState=enabled"]
    assert host.run("systemctl is-active miclinik-firewall-undo.timer").stdout.strip() == "inactive"


def test_the_host_was_told_to_upgrade_itself(host: Host) -> None:
    settings = host.check_output("apt-config dump")
    for name in ("Update-Package-Lists", "Unattended-Upgrade"):
        assert f'APT::Periodic::{name} "1";' in settings
    assert "Automatic-Reboot" not in settings
    asked = host.check_output("systemctl show --property=Environment,ExecStartPost apt-daily-upgrade.service")
    assert "Environment=NEEDRESTART_SUSPEND=1" in asked
    assert "/usr/sbin/needrestart -q -l -r a" in asked


def test_unattended_upgrades_knows_where_security_fixes_come_from(host: Host) -> None:
    assert "label=Debian-Security" in host.check_output("unattended-upgrade --dry-run --debug 2>&1")
