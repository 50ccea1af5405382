"""The Debian packages that test hosts need on the machine that runs them."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from testhost import privileged
from testhost.errors import HostError

# What shows that a package is there -> the package. Files are quicker to look at than dpkg's database, and also true
# where the program came another way.
PROGRAMS: Mapping[str, str] = {
    "/usr/bin/podman": "podman",
    "/usr/bin/crun": "crun",
    "/usr/lib/podman/netavark": "netavark",
    "/usr/lib/podman/aardvark-dns": "aardvark-dns",
    "/usr/sbin/iptables": "iptables",
    "/usr/bin/mmdebstrap": "mmdebstrap",
    "/usr/share/keyrings/debian-archive-keyring.gpg": "debian-archive-keyring",
    "/usr/bin/newuidmap": "uidmap",
    "/usr/bin/ssh": "openssh-client",
    "/usr/bin/ssh-keygen": "openssh-client",
    "/usr/bin/nsenter": "util-linux",
    "/usr/sbin/ip": "iproute2",
    "/usr/bin/make": "make",
}
LISTS = Path("/var/lib/apt/lists")
LISTS_MAX_AGE = 24 * 3600  # seconds


def missing(root: Path = Path("/")) -> list[str]:
    """Return the packages that are not there, sorted, each once."""
    return sorted({package for path, package in PROGRAMS.items() if not (root / path.lstrip("/")).exists()})


def lists_are_stale(lists: Path = LISTS, now: float | None = None) -> bool:
    """Tell whether apt's package lists are absent or older than a day."""
    newest = max((path.stat().st_mtime for path in lists.glob("*_Packages*")), default=0.0)
    return (time.time() if now is None else now) - newest > LISTS_MAX_AGE


def not_installed(packages: Sequence[str]) -> list[str]:
    """Return those of the Debian packages that dpkg does not have installed; all of them where there is no dpkg."""
    if not packages:
        return []
    try:
        shown = subprocess.run(
            ["dpkg-query", "--show", "--showformat=${db:Status-Status} ${Package}\\n", *packages],
            capture_output=True,
            text=True,
            check=False,  # it fails when it does not know one of them, and shows the others
        ).stdout
    except FileNotFoundError:
        return list(packages)
    there = {line.split()[1] for line in shown.splitlines() if line.startswith("installed ")}
    return [package for package in packages if package not in there]


def install(extra: Sequence[str] = ()) -> list[str]:
    """Install what is missing, and of the packages `extra`; return it. Quick and without root when nothing is.

    Raises HostError on a machine without apt, and when apt fails.
    """
    wanted = sorted({*missing(), *not_installed(extra)})
    if not wanted:
        return []
    if not Path("/usr/bin/apt-get").exists():
        raise HostError(
            f"the programs of the packages {', '.join(wanted)}",
            "they are missing, and so is apt-get",
            "install them, or use a Debian or Ubuntu machine",
        )
    print(f"testhost: installing {' '.join(wanted)}", file=sys.stderr)
    env = {"DEBIAN_FRONTEND": "noninteractive"}
    apt = ["apt-get", "-q", "-o", "DPkg::Lock::Timeout=300"]
    if lists_are_stale():
        privileged.run([*apt, "update"], env=env)
    command = [*apt, "install", "-y", "--no-install-recommends", *wanted]
    if privileged.run(command, env=env, check=False).returncode != 0:
        # Lists of this morning can name versions that the mirror has replaced since.
        privileged.run([*apt, "update"], env=env)
        privileged.run(command, env=env)
    left = [*missing(), *not_installed(extra)]
    if left:
        raise HostError(f"apt to bring {', '.join(wanted)}", f"{', '.join(left)} still missing", "install them by hand")
    return wanted
