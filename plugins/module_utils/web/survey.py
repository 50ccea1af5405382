# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What stands beside the sites on a host: servers of others, and who listens on ports. Runs on the host."""

from __future__ import annotations

import contextlib
import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.host import programs
from ansible_collections.miclinik.hosting.plugins.module_utils.web.complaints import complaint
from ansible_collections.miclinik.hosting.plugins.module_utils.web.servers import SERVERS

_LISTENING = "0A"
#: 0.0.0.0 and 127.0.0.1; the same in IPv6, and there as an address of IPv4.
_AT_LOOPBACK = frozenset({"00000000", "0100007F", "0" * 32, "0000000000000000FFFF00000100007F"})
_STAMP = re.compile(r"^[\d/]+ [\d:]+ \[emerg\] \d+#\d+: ")
#: Runs a command; returns what it says against it, or nothing.
Tester = Callable[[Sequence[str]], str]


def refusal(command: Sequence[str]) -> str:
    """Return what ``command`` complains of; empty when it is content, or not there."""
    environment = programs.environment()
    if not shutil.which(command[0], path=environment["PATH"]):
        return ""
    done = subprocess.run(command, check=False, capture_output=True, text=True, errors="replace", env=environment)
    if done.returncode == 0:
        return ""
    said = [line.strip() for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    return _STAMP.sub("", complaint("\n".join(said))) or (said or ["it said nothing"])[-1]


def read(root: Path = Path("/"), tester: Tester = refusal) -> dict[str, Any]:
    """Return what each web server serves by its name, and ``listeners``, the process that listens on a port, by port.

    ``loopback`` has those of them alone whose ports nobody else can have at 127.0.0.1. What is known of a server says
    its ``survey``, and ``broken`` what its own test says against the files there are.
    """
    found: dict[str, Any] = {name: server.survey(root) for name, server in SERVERS.items()}
    for name, server in SERVERS.items():
        if found[name]:
            found[name]["broken"] = tester(server.test)
    return found | {"listeners": listeners(root / "proc"), "loopback": listeners(root / "proc", _AT_LOOPBACK)}


def listeners(proc: Path, addresses: frozenset[str] = frozenset()) -> dict[str, str]:
    """Return the names of the processes that listen on TCP ports, by port; ``?`` for one that cannot be seen.

    What listens on the loopback alone counts as well: a server that listens on every address cannot start beside it.
    Of ``addresses``, where they are given, as the kernel writes them.
    """
    ports: dict[str, str] = {}
    for name in ("tcp", "tcp6"):
        file = proc / "net" / name
        for line in file.read_text(encoding="ascii").splitlines()[1:] if file.is_file() else ():
            words = line.split()
            address, _, port = words[1].rpartition(":")
            if words[3] == _LISTENING and (not addresses or address in addresses):
                ports[words[9]] = str(int(port, 16))
    owners = _owners(proc, set(ports)) if ports else {}
    return {port: owners.get(inode, "?") for inode, port in ports.items()}


def _owners(proc: Path, inodes: set[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for handle in proc.glob("[0-9]*/fd/*"):
        with contextlib.suppress(OSError):
            inode = str(handle.readlink()).removeprefix("socket:[").removesuffix("]")
            if inode in inodes and inode not in found:
                found[inode] = (handle.parents[1] / "comm").read_text(encoding="utf-8").strip()
    return found
