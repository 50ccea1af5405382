# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Says whether Ansible reaches a host in a way that HTTP from the controller does not take. For actions."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Callable, Mapping, Sequence

#: Runs a command; returns what it printed, empty when it cannot.
Runner = Callable[[Sequence[str]], str]
_PATIENCE = 5.0
#: Options of the connection plugin ssh that become arguments of the program.
_ARGUMENTS = ("ssh_args", "ssh_common_args", "ssh_extra_args")


def run(words: Sequence[str]) -> str:
    """Run a command and return what it printed; a ``ssh -G`` connects to nobody."""
    try:
        done = subprocess.run(list(words), check=False, capture_output=True, text=True, timeout=_PATIENCE)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout if done.returncode == 0 else ""


def other_way(connection: str, options: Mapping[str, object], runner: Runner = run) -> str:
    """Return how Ansible reaches the host, where it is not straight by SSH; empty when it is.

    ``options`` are those of the connection plugin: what ``ssh_config`` says beside them, ssh itself tells. No command
    of a ProxyCommand is repeated: there may be a password in it.
    """
    name = connection.rpartition(".")[2]
    if name == "local":
        return ""
    if name not in ("ssh", "smart"):
        return f"by the connection plugin {connection}"
    words = [str(options.get("ssh_executable") or "ssh")]
    for option in _ARGUMENTS:
        words += shlex.split(str(options.get(option) or ""))
    for flag, option in (("-p", "port"), ("-l", "remote_user")):
        words += [flag, str(options[option])] if options.get(option) else []
    told = runner([*words, "-G", str(options.get("host") or "")])
    settings = dict(line.split(" ", 1) for line in told.splitlines() if " " in line)
    jump = settings.get("proxyjump", "none")
    if jump != "none":
        return f"by SSH through {jump} (ProxyJump)"
    return "by SSH through a ProxyCommand" if settings.get("proxycommand", "none") != "none" else ""
