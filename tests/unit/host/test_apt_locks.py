# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who holds apt's locks, as the kernel says, and how long there is patience with them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.host import apt_locks
from ansible_collections.miclinik.hosting.plugins.module_utils.host.apt_locks import Busy, Holder, Patience

HOLD = (
    "import fcntl, sys; f = open(sys.argv[1], 'a'); fcntl.lockf(f, fcntl.LOCK_EX); print('held', flush=True); input()"
)


@pytest.fixture
def held(tmp_path: Path) -> Iterator[tuple[Path, int]]:
    """A lock that another process holds, as apt does, and the number of that process."""
    lock = tmp_path / "lock"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(lock)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout
        assert other.stdout.readline() == "held\n"
        yield lock, other.pid
        other.communicate("\n")


def _proc(folder: Path, **processes: tuple[int, int, str, list[str]]) -> Path:
    for process, parent, name, words in processes.values():
        (folder / str(process)).mkdir(parents=True)
        (folder / str(process) / "status").write_text(f"Name:\t{name}\nUmask:\t0022\nPPid:\t{parent}\n")
        (folder / str(process) / "cmdline").write_text("".join(f"{word}\0" for word in words))
    return folder


def test_a_lock_that_another_process_holds(held: tuple[Path, int], tmp_path: Path) -> None:
    lock, process = held
    proc = _proc(tmp_path / "proc", own=(process, 1, "unattended-upgr", ["/usr/bin/unattended-upgrade"]))
    assert apt_locks.holders([lock], proc) == [Holder(lock, process, "unattended-upgr")]


def test_locks_that_nobody_holds(held: tuple[Path, int], tmp_path: Path) -> None:
    free = tmp_path / "free"
    free.touch()
    assert apt_locks.holders([free, tmp_path / "missing"]) == []
    assert [holder.lock for holder in apt_locks.holders([free, held[0]])] == [held[0]]


@pytest.mark.parametrize(
    ("processes", "expected"),
    [
        ({"own": (9, 1, "apt-get", ["apt-get", "update"])}, "apt-get"),
        (
            {"own": (9, 8, "apt-get", ["apt-get"]), "above": (8, 1, "cloud-init", ["/usr/bin/python3", "-m", "x"])},
            "apt-get of cloud-init",
        ),
        (
            {
                "own": (9, 8, "apt-get", ["apt-get"]),
                "above": (8, 1, "python3", ["/usr/bin/python3", "/usr/bin/cloud-init", "modules"]),
            },
            "apt-get of cloud-init",
        ),
        ({"own": (9, 8, "dpkg", ["dpkg"]), "above": (8, 1, "dpkg", ["dpkg"])}, "dpkg"),
        ({"own": (9, 1, "sh", ["/bin/sh", "-c", "x"])}, "sh"),
        ({}, ""),
    ],
)
def test_names_of_processes(
    tmp_path: Path, processes: dict[str, tuple[int, int, str, list[str]]], expected: str
) -> None:
    assert apt_locks._name(9, _proc(tmp_path, **processes)) == expected


def test_a_process_of_another_namespace_has_no_name(tmp_path: Path) -> None:
    assert apt_locks._name(0, tmp_path) == ""
    assert str(Holder(Path("/l"), 0, "")) == "a process that cannot be seen from here holds /l"


class Time:
    """A clock that only sleeping moves, and locks that are held until a moment."""

    def __init__(self, until: float) -> None:
        self.now, self.until = 1000.0, 1000.0 + until

    def clock(self) -> float:
        """Return the moment."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds

    def look(self) -> list[Holder]:
        """Return who holds a lock now."""
        return [Holder(Path("/var/lib/dpkg/lock"), 9, "dpkg")] if self.now < self.until else []

    def patience(self, seconds: float) -> Patience:
        """Return patience that goes by this clock."""
        return Patience(seconds, self.look, self.clock, self.sleep)


def test_nobody_to_wait_for() -> None:
    patience = Time(0).patience(300)
    patience.wait()
    assert (patience.told(), patience.left) == ("", 300)


def test_it_waits_and_says_for_whom() -> None:
    patience = Time(75).patience(300)
    patience.wait()
    assert patience.told() == "waited 75 s for apt, while dpkg (process 9) holds /var/lib/dpkg/lock"
    assert patience.left == 225


def test_it_gives_up() -> None:
    time = Time(400)
    with pytest.raises(Busy) as caught:
        time.patience(300).wait()
    assert time.now == 1300
    assert str(caught.value) == (
        "waited 300 s for other programs to finish with apt, and dpkg (process 9) holds /var/lib/dpkg/lock still. Let "
        "it finish, or look whether it hangs; or raise packages_lock_timeout. Then run the playbook again"
    )


def test_patience_is_one_for_all_waits() -> None:
    time = Time(200)
    patience = time.patience(300)
    patience.wait()
    time.until = time.now + 200
    with pytest.raises(Busy):
        patience.wait()
    assert time.now == 1300
