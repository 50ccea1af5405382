# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What dpkg has on record. Runs on the host."""

from __future__ import annotations

from pathlib import Path

STATUS = Path("/var/lib/dpkg/status")
INSTALLED = "installed"


def states(status: Path = STATUS) -> dict[str, str]:
    """Return the state of every package that dpkg knows: ``installed``, ``config-files``, ``half-configured`` …

    Whether an administrator holds one back (``hold ok installed``) says nothing of its state.
    """
    text = status.read_text(encoding="utf-8", errors="replace") if status.is_file() else ""
    found: dict[str, str] = {}
    name = ""
    for line in text.splitlines():
        if line.startswith("Package: "):
            name = line.removeprefix("Package: ")
        # One that is there for two architectures is installed when it is for one.
        elif line.startswith("Status: ") and found.get(name) != INSTALLED:
            found[name] = line.rpartition(" ")[2]
    return found


def installed(status: Path = STATUS) -> list[str]:
    """Return the names of the packages that are installed, and set up."""
    return [name for name, state in states(status).items() if state == INSTALLED]
