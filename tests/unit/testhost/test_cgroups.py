"""The cgroup layout of a machine, from mount tables of machines of each kind."""

from __future__ import annotations

from pathlib import Path

import pytest

from testhost import cgroups, places
from testhost.cgroups import Layout

ROOT = "22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda1 rw\n"
UNIFIED = ROOT + "28 23 0:25 / /sys/fs/cgroup rw,nosuid,nodev shared:4 - cgroup2 cgroup2 rw,nsdelegate\n"
READ_ONLY = ROOT + "28 23 0:25 / /sys/fs/cgroup ro,nosuid,nodev - cgroup2 cgroup rw,nsdelegate\n"
LEGACY = (
    ROOT
    + "28 23 0:25 / /sys/fs/cgroup ro,nosuid shared:4 - tmpfs tmpfs ro,mode=755\n"
    + "29 28 0:26 / /sys/fs/cgroup/systemd rw shared:5 - cgroup cgroup rw,xattr,name=systemd\n"
    + "30 28 0:27 / /sys/fs/cgroup/cpu,cpuacct rw shared:6 - cgroup cgroup rw,cpu,cpuacct\n"
)
HYBRID = LEGACY + "31 28 0:28 / /sys/fs/cgroup/unified rw shared:7 - cgroup2 cgroup2 rw\n"
# A cgroup2 mounted over the old tree hides it.
COVERED = HYBRID + "40 28 0:28 / /sys/fs/cgroup rw - cgroup2 none rw\n"
# No optional fields, and mount points with an escaped space: both occur.
ODD = ROOT + "28 23 0:25 / /mnt/a\\040b rw - tmpfs tmpfs rw\n" + "nonsense\n"


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        (UNIFIED, Layout.UNIFIED),
        (READ_ONLY, Layout.READ_ONLY),
        (LEGACY, Layout.LEGACY),
        (HYBRID, Layout.HYBRID),
        (COVERED, Layout.UNIFIED),
        (ODD, Layout.ABSENT),
        ("", Layout.ABSENT),
    ],
)
def test_layout(table: str, expected: Layout) -> None:
    assert cgroups.layout(table) is expected


def test_a_pure_machine_needs_no_namespace() -> None:
    assert cgroups.prefix(UNIFIED) == []


@pytest.mark.parametrize("table", [READ_ONLY, LEGACY, HYBRID, ""])
def test_other_machines_enter_the_namespace(table: str) -> None:
    assert cgroups.prefix(table) == ["nsenter", f"--mount={places.NAMESPACE}"]


def test_a_plain_file_is_no_namespace() -> None:
    tmpfs = f"50 22 0:40 / {places.RUN} rw - tmpfs miclinik-testhost rw\n"
    kept = f"51 50 0:4 mnt:[4026532] {places.NAMESPACE} rw - nsfs nsfs rw\n"
    assert not cgroups.is_namespace(HYBRID + tmpfs, places.NAMESPACE)
    assert cgroups.is_namespace(HYBRID + tmpfs + kept, places.NAMESPACE)


def test_a_folder_on_disk_is_no_tmpfs() -> None:
    assert not cgroups.is_tmpfs(ROOT, Path("/run/miclinik-testhost"))
    assert cgroups.is_tmpfs(ROOT + "5 1 0:4 / /run/miclinik-testhost rw - tmpfs x rw\n", Path("/run/miclinik-testhost"))
    assert not cgroups.is_tmpfs(ROOT + "5 1 0:4 / /run rw - tmpfs x rw\n", Path("/run/miclinik-testhost"))
