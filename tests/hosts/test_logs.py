# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A site's logs are for the administrators of the host alone, and go on after they were rotated."""

from __future__ import annotations

import time

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout
from testinfra.host import Host

from .choices import WebServer, web_server
from .conftest import HostedSite

CONFIG = "/etc/logrotate.d/00-miclinik"
CALL = (
    "import http.client, sys; c = http.client.HTTPConnection('127.0.0.1', {port}, timeout=60);"
    " c.request('GET', '/{path}', headers={{'Host': '{name}'}}); print(c.getresponse().status)"
)


def _logs(site: HostedSite, server: WebServer) -> list[str]:
    names = layout.of(site.name)["logs"]
    return [f"{server.logs}/{names[kind]}" for kind in ("access", "api", "error")]


def test_nobody_else_reads_them(host: Host, site: HostedSite, pytestconfig: pytest.Config) -> None:
    for path in _logs(site, web_server(host, pytestconfig)):
        assert (host.file(path).group, host.file(path).mode) == ("adm", 0o640)


def test_they_go_on_after_they_were_rotated(host: Host, site: HostedSite, pytestconfig: pytest.Config) -> None:
    access = _logs(site, web_server(host, pytestconfig))[0]
    before, after = f"before-{time.time_ns()}", f"after-{time.time_ns()}"
    port = site.settings.get("port") if not site.encrypted else 80
    call = CALL.format(port=port or 80, name=site.settings["domain"], path="{path}")
    host.check_output("python3 -c %s", call.replace("{path}", before))
    # With all others, as Debian's timer does: no two files may want the same log.
    own = f"{site.home}/documents/dolibarr.log"
    host.run_expect(
        [0], "setpriv --reuid=%s --regid=%s --init-groups sh -c %s", *(site.name,) * 2, f"echo {before} > {own}"
    )
    said = host.run("logrotate --force /etc/logrotate.conf")
    rotated = host.file(f"{own}.1").content_string
    host.run_expect([0], "rm -f %s %s.1", own, own)
    assert (said.rc, said.stderr) == (0, "")
    assert rotated == f"{before}\n"
    assert before in host.file(f"{access}.1").content_string
    assert (host.file(access).group, host.file(access).mode) == ("adm", 0o640)
    deadline = time.monotonic() + 20
    # A web server reopens its logs a moment later.
    while after not in host.file(access).content_string:
        assert time.monotonic() < deadline
        host.check_output("python3 -c %s", call.replace("{path}", after))
        time.sleep(0.5)
    assert before not in host.file(access).content_string


@pytest.mark.parametrize("word", ["daily", "ignoreduplicates"])
def test_rotation_is_ours(host: Host, word: str) -> None:
    assert word in host.file(CONFIG).content_string.split()
