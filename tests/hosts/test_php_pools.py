# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A pool whose workers are all taken says so, to root and to nobody else of the host."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout
from testinfra.host import Host

from .conftest import HostedSite

HERE = Path(__file__).parent
#: Ten seconds, or until all has been seen: a file beside it says so.
WAITS = """<?php
for ($n = 0; $n < 100 && !is_file(__FILE__.'.seen'); $n++) { usleep(100000); clearstatcache(); }
echo 'done';
"""
#: Takes every worker, and two more calls wait; then asks for the state, as a root without a privilege.
FILL = """
import json, re, subprocess, sys, threading, time
client, pool, script, config, status = sys.argv[1:]
most = int(re.search(r"(?m)^pm.max_children = (\\d+)$", open(config).read())[1])
callers = []
for _ in range(most + 2):
    callers.append(subprocess.Popen(["python3", client, f"{pool}.sock", script], stdout=-1))
    # Of calls that come at once PHP-FPM makes fewer workers (pm = ondemand looks at its socket's edges).
    time.sleep(0.3)
ask = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs", "python3", client]
said = {"active processes": 0}
# A worker that has just ended what others asked of it counts a moment longer.
for _ in range(20):
    if said["active processes"] == most and not said["idle processes"]: break
    time.sleep(0.3)
    text = subprocess.run([*ask, f"{pool}-status.sock", status, "json"], check=True, capture_output=True).stdout
    said = json.loads(text)
open(f"{script}.seen", "w").close()
print(json.dumps([most, said, *(caller.communicate()[0].decode() for caller in callers)]))
"""


def test_a_full_pool_says_that_it_is(host: Host, site: HostedSite) -> None:
    # The smallest one, and of nobody who is known.
    pool = layout.of(site.name)["pools"][-1]
    assert pool["role"] == "quarantine"
    script, client = f"{site.home}/sessions/waits.php", f"/run/calls-{site.name}.py"
    for path, text in ((script, WAITS), (client, (HERE / "fastcgi.py").read_text())):
        host.run_expect([0], "echo %s | base64 -d > %s", base64.b64encode(text.encode()).decode(), path)
    host.run_expect([0], "chown %s %s", site.name, script)
    try:
        words = (client, pool["socket"].removesuffix(".sock"), script, pool["file"], layout.STATUS_PATH)
        most, said, *called = json.loads(host.check_output(f"python3 -c %s{' %s' * len(words)}", FILL, *words))
    finally:
        host.run_expect([0], "rm -f %s %s.seen %s", script, script, client)
    assert (said["pool"], said["active processes"], said["idle processes"]) == (pool["name"], most, 0)
    assert said["max children reached"] >= 1
    # Those who waited were served after the others.
    assert called == ["done\n"] * (most + 2)


@pytest.mark.parametrize("role", layout.POOLS)
def test_nobody_else_may_ask(host: Host, site: HostedSite, role: str) -> None:
    status = host.file(next(pool["status"] for pool in layout.of(site.name)["pools"] if pool["role"] == role))
    assert (status.user, status.group, status.mode) == ("www-data", "root", 0o660)
    assert (
        host.run("setpriv --reuid=%s --regid=%s --clear-groups test -w %s", site.name, site.name, status.path).rc == 1
    )
