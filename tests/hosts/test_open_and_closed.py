# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A site that somebody closes lets nobody in until it is opened, and is then as it was.

It comes after test_files.py, which touches conf.php: of a PHP that is started here, later runs know by the times of its
files alone what it has read.
"""

from __future__ import annotations

from testinfra.host import Host

from .calls import get
from .conftest import HostedSite


def _units(host: Host, site: HostedSite) -> list[str]:
    said = host.check_output("ls /etc/systemd/system/*.wants")
    return sorted(name for name in said.split() if name.startswith("miclinik-") and f"@{site.name}." in name)


def test_a_site_is_closed_until_it_is_opened(host: Host, site: HostedSite) -> None:
    before, units = get(host, site, "/").status_code, _units(host, site)
    assert (before < 400, f"miclinik-php@{site.name}.socket" in units) == (True, True)
    try:
        host.run_expect([0], f"miclinikctl {site.name} close")
        answer = get(host, site, "/")
        assert (answer.status_code, "Retry-After" in answer.headers) == (503, True)
        assert _units(host, site) == []
        refused = host.run(f"miclinikctl {site.name} rollback")
        assert (refused.rc, f"miclinikctl {site.name} open" in refused.stderr) == (1, True)
    finally:
        host.run_expect([0], f"miclinikctl {site.name} open")
    assert (get(host, site, "/").status_code, _units(host, site)) == (before, units)
    for unit in units:
        assert host.service(unit).is_running, unit
