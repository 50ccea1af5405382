# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Servers of Debian's packages, each on a private socket or port below one temporary folder."""

from __future__ import annotations

import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

_FOLDERS = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")


class ProgramError(RuntimeError):
    """A server is missing or did not come up; the text says what to do."""


def find(name: str, package: str) -> str:
    """Path of a program, also in the folders of an administrator."""
    found = shutil.which(name, path=os.pathsep.join(_FOLDERS))
    if found is None:
        raise ProgramError(f"{name} is needed for the tests of the sandbox: apt-get install {package}")
    return found


def newest(folder: str, pattern: str, package: str) -> str:
    """Path of the newest program that fits a pattern."""
    found = sorted(
        Path(folder).glob(pattern), key=lambda path: [int(number) for number in re.findall(r"\d+", str(path))]
    )
    if not found:
        raise ProgramError(f"{folder}/{pattern} is needed for the tests of the sandbox: apt-get install {package}")
    return str(found[-1])


def account(name: str) -> str | None:
    """The account to run a server as: only root can choose one."""
    if os.geteuid() != 0:
        return None
    try:
        pwd.getpwnam(name)
    except KeyError as error:
        raise ProgramError(f"There is no account {name}: install the package that makes it") from error
    return name


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.2)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait(ready: Callable[[], bool], what: str, log: Path, seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > end:
            tail = log.read_text(errors="replace")[-2000:] if log.exists() else ""
            raise ProgramError(f"{what} did not come up in {seconds:.0f} s; its log ends with:\n{tail}")
        time.sleep(0.05)


@dataclass
class Server:
    """A process of our own, ended by its id."""

    command: list[str]
    log: Path
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self, ready: Callable[[], bool]) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(self.command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        wait(ready, self.command[0], self.log)

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(timeout=30)
        self.process = None
