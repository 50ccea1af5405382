# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The host's own doctor and smoke test: green on a host that works, red also where all units of systemd run."""

from __future__ import annotations

import json

import pytest
from testinfra.host import Host

from .choices import web_server
from .conftest import HostedSite

#: A file that the web server would read when it starts again.
_EXTRA = {"nginx": "/etc/nginx/conf.d/zz-somebody.conf", "apache2": "/etc/apache2/conf-enabled/zz-somebody.conf"}


def test_on_a_host_that_works_both_are_green(host: Host, site: HostedSite) -> None:
    for words in ("smoke", "doctor"):
        done = host.run(f"miclinikctl {site.name} {words}")
        red = [one for one in json.loads(done.stdout) if not one["ok"]]
        assert (done.rc, red) == (0, []), words


def test_the_doctor_sees_what_no_unit_tells(host: Host, pytestconfig: pytest.Config, site: HostedSite) -> None:
    """A line that the web server would not start with again, and documents that are another's."""
    file = _EXTRA[web_server(host, pytestconfig).package]
    folder = f"{site.home}/documents/of-somebody"
    try:
        host.run_expect([0], f"echo 'NoSuchDirective on;' > {file}; install -d -o root -g root -m 0700 {folder}")
        done = host.run(f"miclinikctl {site.name} doctor")
        found = {one["name"]: one for one in json.loads(done.stdout) if not one["ok"]}
        assert done.rc == 1
        assert "NoSuchDirective" in found["configuration"]["seen"]
        assert "of-somebody (root:root 0700)" in found["files"]["seen"]
        changed = [one["seen"] for one in json.loads(done.stdout) if one["name"] == "changed"]
        assert [seen for seen in changed if file in seen], changed
    finally:
        host.run(f"rm -f {file}; rmdir {folder}")
