"""Run programs as root: directly when the caller is root, else through sudo."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence

from testhost.errors import HostError

# Where Debian keeps the administrator's programs; an ordinary user's PATH often lacks them.
ADMIN_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def as_root(command: Sequence[str], env: Mapping[str, str] | None = None) -> list[str]:
    """Return `command` prefixed so that it runs as root with `env` added to its environment."""
    prefix: list[str] = []
    if os.geteuid() != 0:
        # Without a terminal there is nobody to type a password: fail at once instead of hanging.
        prefix = ["sudo"] if sys.stdin.isatty() else ["sudo", "-n"]
    if env:
        prefix += ["env", *(f"{key}={value}" for key, value in sorted(env.items()))]
    return [*prefix, *command]


def run(
    command: Sequence[str],
    *,
    env: Mapping[str, str] | None = None,
    stdin: bytes | None = None,
    check: bool = True,
    timeout: float | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run `command` as root and return its result, stdout and stderr as text.

    `timeout` is in seconds. Raises HostError when `check` is set and the command fails, when the program is
    missing, and on a timeout.
    """
    full = as_root(command, env)
    shown = " ".join(command)
    try:
        done = subprocess.run(
            full,
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            check=False,
            timeout=timeout,
            env={**os.environ, "PATH": f"{os.environ.get('PATH', '')}:{ADMIN_PATH}"},
        )
    except FileNotFoundError as error:
        raise HostError(f"the program {full[0]}", "it is not installed", "python3 -m testhost needs") from error
    except subprocess.TimeoutExpired as error:
        raise HostError(
            f"`{shown}` to end within {timeout:g} s", "it still ran and was ended", "look at the machine's load"
        ) from error
    result = subprocess.CompletedProcess(
        full, done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")
    )
    if check and result.returncode != 0:
        seen = (result.stderr or result.stdout).strip() or "no message"
        mend = "run as root, or let this user call sudo" if full[0] == "sudo" else "see the message above"
        raise HostError(f"`{shown}` to succeed", f"exit code {result.returncode}: {seen}", mend)
    return result
