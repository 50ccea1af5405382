"""What the machine's apt needs to reach its mirrors (a proxy, a certificate, unchecked dates), for the hosts' apt."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

# Acquire::http::Proxy, Acquire::https::Proxy::mirror.example, Acquire::https::Verify-Peer ... and the two date checks.
# Programs that choose a proxy (ProxyAutoDetect) and certificate files live on the machine only and are left out.
_WANTED = re.compile(
    r"^(Acquire::(?:https?(?:::[A-Za-z0-9.-]+)?::(?:Proxy|Verify-Peer|Verify-Host)(?:::[A-Za-z0-9.-]+)?"
    r'|Check-Valid-Until|Check-Date)) "([^"]+)";$'
)
_LOOPBACK = re.compile(r"//(?:localhost|127\.|\[::1\])")
CONF_PATH = "etc/apt/apt.conf.d/90outer-machine"


def select(dump: str) -> list[str]:
    """Return the lines of an `apt-config dump` that a host's apt should have as well, in apt.conf syntax.

    A proxy on the machine's loopback is dropped: a host cannot reach it.
    """
    chosen = []
    for line in dump.splitlines():
        match = _WANTED.match(line)
        if match and not _LOOPBACK.search(match[2]):
            chosen.append(line)
    return chosen


def of_machine() -> list[str]:
    """Return the settings of this machine; an empty list when there are none or apt is absent."""
    if not Path("/usr/bin/apt-config").exists():
        return []
    dump = subprocess.run(["apt-config", "dump"], capture_output=True, text=True, check=True)
    return select(dump.stdout)
