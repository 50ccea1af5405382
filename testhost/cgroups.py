"""Which cgroup layout the machine has, and a mount namespace with a pure cgroup2 where it has another.

crun and systemd in a container want one cgroup2 at /sys/fs/cgroup. Machines that still mount version 1 there get one
persistent private mount namespace in which it is so; every podman command enters it, the machine itself is unchanged.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from testhost import places, privileged
from testhost.errors import HostError

CGROUP_ROOT = "/sys/fs/cgroup"


class Layout(enum.Enum):
    """What is mounted at /sys/fs/cgroup."""

    UNIFIED = "pure cgroup2"
    READ_ONLY = "cgroup2, read-only"
    HYBRID = "version 1 with a cgroup2 beside it"
    LEGACY = "version 1"
    ABSENT = "nothing"


@dataclass(frozen=True)
class Mount:
    """One line of /proc/self/mountinfo, as far as it matters here."""

    point: str
    options: frozenset[str]
    fstype: str


def parse_mountinfo(text: str) -> Iterator[Mount]:
    """Yield the mounts of a /proc/PID/mountinfo `text`, in mount order (see proc(5))."""
    for line in text.splitlines():
        before, separator, after = line.partition(" - ")
        fields = before.split()
        if not separator or len(fields) < 6:  # noqa: PLR2004 - proc(5): six fields before the optional ones
            continue
        yield Mount(point=fields[4], options=frozenset(fields[5].split(",")), fstype=after.split()[0])


def layout(mountinfo: str) -> Layout:
    """Tell the cgroup layout that a mountinfo text shows."""
    mounts = list(parse_mountinfo(mountinfo))
    # The last mount on a point hides the earlier ones.
    top = next((mount for mount in reversed(mounts) if mount.point == CGROUP_ROOT), None)
    if top is not None and top.fstype == "cgroup2":
        return Layout.READ_ONLY if "ro" in top.options else Layout.UNIFIED
    below = [mount.fstype for mount in mounts if mount.point.startswith(f"{CGROUP_ROOT}/")]
    if "cgroup" in below:
        return Layout.HYBRID if "cgroup2" in below else Layout.LEGACY
    return Layout.ABSENT


def is_namespace(mountinfo: str, path: Path) -> bool:
    """Tell whether a namespace is kept alive by a mount on `path` (a plain file there is a leftover)."""
    return any(mount.point == str(path) and mount.fstype == "nsfs" for mount in parse_mountinfo(mountinfo))


def is_tmpfs(mountinfo: str, path: Path) -> bool:
    """Tell whether `path` itself is the mount point of a tmpfs."""
    return any(mount.point == str(path) and mount.fstype == "tmpfs" for mount in parse_mountinfo(mountinfo))


def own_mountinfo() -> str:
    """Return the mount table that this process sees."""
    return Path("/proc/self/mountinfo").read_text(encoding="utf-8")


def prefix(mountinfo: str) -> list[str]:
    """Return what to put before a podman command on a machine with this mount table: nothing, or nsenter."""
    if layout(mountinfo) is Layout.UNIFIED:
        return []
    return ["nsenter", f"--mount={places.NAMESPACE}"]


def _pure_inside() -> bool:
    seen = privileged.run(
        ["nsenter", f"--mount={places.NAMESPACE}", "stat", "-f", "-c", "%T", CGROUP_ROOT], check=False
    )
    return seen.stdout.strip() == "cgroup2fs"


def ensure_namespace() -> bool:
    """Make sure that the namespace is there where one is needed; tell whether it was made anew.

    Call it with the machine's lock held and RUN mounted. Raises HostError when the kernel offers no cgroup2.
    """
    table = own_mountinfo()
    if layout(table) is Layout.UNIFIED:
        return False
    if is_namespace(table, places.NAMESPACE):
        if _pure_inside():
            return False
        privileged.run(["umount", "-l", str(places.NAMESPACE)])
    if "cgroup2" not in Path("/proc/filesystems").read_text(encoding="utf-8").split():
        raise HostError("a kernel with cgroup2", "/proc/filesystems does not list it", "use a kernel of 4.15 or newer")
    privileged.run(["touch", str(places.NAMESPACE)])
    # podman keeps leases of addresses in a fixed place. Where /run is on disk they would outlive a reboot; here they
    # are in our tmpfs.
    leases = places.RUN / "leases"
    inside = (
        f"umount -l {CGROUP_ROOT} 2>/dev/null; set -e; mount -t cgroup2 none {CGROUP_ROOT}; "
        f"mkdir -p {leases} {places.LEASES}; mount --bind {leases} {places.LEASES}"
    )
    privileged.run(["unshare", f"--mount={places.NAMESPACE}", "--propagation", "private", "sh", "-c", inside])
    if not _pure_inside():
        raise HostError(
            f"a pure cgroup2 at {CGROUP_ROOT} in the namespace {places.NAMESPACE}",
            "another file system",
            "check that root may mount here (CAP_SYS_ADMIN)",
        )
    return True
