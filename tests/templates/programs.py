# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The programs that read what is rendered. They have to be there: a test without them would prove nothing."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

_PACKAGES = {
    "php": "php-cli",
    "php-fpm": "php-fpm",
    "nginx": "nginx",
    "apache2": "apache2",
    "mariadbd": "mariadb-server",
    "openssl": "openssl",
    "systemd-analyze": "systemd",
    "postgres": "postgresql",
    "promtool": "prometheus",
    "haproxy": "haproxy",
    "nft": "nftables",
    "perl": "perl",
}
# Debian keeps PostgreSQL's programs off the path, a folder for each version.
_POSTGRESQL = sorted(str(folder) for folder in Path("/usr/lib/postgresql").glob("*/bin"))
_FOLDERS = ":".join([*_POSTGRESQL, "/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"])


def path(name: str) -> str:
    """Return the path of a program."""
    found = shutil.which(name, path=_FOLDERS)
    if not found and name == "php-fpm":
        # Debian has it under its version alone.
        found = next(iter(sorted(map(str, Path("/usr/sbin").glob("php-fpm[0-9]*")))), None)
    assert found, f"{name} is not installed: apt-get install {_PACKAGES[name]}"
    return found


def complaints_of_timer(folder: Path, name: str, units: Mapping[str, str], runs: str) -> list[str]:
    """Return what systemd says of a timer and its service, whose texts are by kind; ``runs`` is what they start."""
    program = folder / "program"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    for kind, text in units.items():
        (folder / f"{name}.{kind}").write_text(text.replace(f"{runs} ", f"{program} "), encoding="utf-8")
    said = accept(["systemd-analyze", "verify", "--man=no", folder / f"{name}.timer"])
    # It goes on about the machine's other units.
    return [line for line in said.splitlines() if name in line]


def accept(command: Sequence[str | Path]) -> str:
    """Run a program that must accept what it is given; return all that it said."""
    done = subprocess.run(
        [path(str(command[0])), *map(str, command[1:])],
        check=False,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    return said
