# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Write down the arguments of every process that runs on a host, until stopped.

Runs on the host: ``watch_processes.py LOG``. A line of the log is one process' arguments, joined by spaces.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

# Seconds between two looks. Programs that take a password (a client, an installer) live longer than that.
PAUSE = 0.02


def arguments(pid: str) -> str | None:
    """Return a process' arguments, None when it is gone or has none (kernel threads)."""
    try:
        raw = Path("/proc", pid, "cmdline").read_bytes()
    except OSError:
        return None
    return raw.replace(b"\0", b" ").decode(errors="replace").strip().replace("\n", " ") or None


def main(log: str) -> None:
    """Append each process' arguments, again when they change (after an exec)."""
    seen: dict[str, str] = {}
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8", buffering=1) as out:
        while True:
            current = {pid: text for pid in os.listdir("/proc") if pid.isdigit() and (text := arguments(pid))}  # noqa: PTH208
            for pid, text in current.items():
                if seen.get(pid) != text:
                    out.write(text + "\n")
            seen = current
            time.sleep(PAUSE)


if __name__ == "__main__":
    main(sys.argv[1])
