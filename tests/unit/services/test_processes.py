# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a service's processes tell of what it has loaded, from a /proc that this test makes."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.services import processes

MASTER = 46
ME = pwd.getpwuid(os.getuid())
GROUPS = os.getgrouplist(ME.pw_name, ME.pw_gid)
MAPS = """\
41e4a000-47e4a000 rw-s 00000000 00:01 275                                /dev/zero (deleted)
55d0c0000000-55d0c0400000 r-xp 00000000 fe:01 1234                       /usr/sbin/php-fpm8.2
7f450ba6b000-7f450ba7d000 rw-s 00000000 00:01 276                        /dev/zero (deleted)
"""


def _process(proc: Path, pid: int, title: str, *, started: int = 7, parent: int = MASTER, state: str = "S") -> None:
    folder = proc / str(pid)
    folder.mkdir(parents=True)
    fields = [state, str(parent), *["0"] * 17, str(started), "0"]
    (folder / "stat").write_text(f"{pid} (a) name) {' '.join(fields)}\n")
    (folder / "cmdline").write_bytes(title.encode() + b"\0")
    groups = " ".join(map(str, GROUPS))
    (folder / "status").write_text(
        f"Name:\tx\nUid:\t{ME.pw_uid}\t{ME.pw_uid}\t0\t0\nGid:\t{ME.pw_gid}\t0\t0\t0\nGroups:\t{groups}\n"
    )


def test_the_memory_of_php_fpm_is_its_generation(tmp_path: Path) -> None:
    _process(tmp_path, MASTER, "php-fpm: master process", parent=1)
    assert processes.generation("php-fpm", MASTER, tmp_path) == []
    assert not processes.is_new("php-fpm", MASTER, [], [], tmp_path)
    (tmp_path / str(MASTER) / "maps").write_text(MAPS)
    assert processes.generation("php-fpm", MASTER, tmp_path) == ["275", "276"]
    assert processes.is_new("php-fpm", MASTER, ["270", "271"], [], tmp_path)
    assert not processes.is_new("php-fpm", MASTER, ["276"], [], tmp_path)


def test_the_workers_of_nginx_are_its_generation(tmp_path: Path) -> None:
    _process(tmp_path, MASTER, "nginx: master process", parent=1)
    _process(tmp_path, 50, "nginx: worker process")
    _process(tmp_path, 51, "nginx: worker process is shutting down")
    _process(tmp_path, 52, "nginx: cache loader process")
    _process(tmp_path, 53, "nginx: worker process", parent=9)
    _process(tmp_path, 54, "nginx: worker process", state="Z")
    assert processes.generation("nginx", MASTER, tmp_path) == ["50:7"]
    assert processes.is_new("nginx", MASTER, ["51:7"], [], tmp_path)
    assert not processes.is_new("nginx", MASTER, ["50:7"], [], tmp_path)
    # A process id that is used again.
    assert processes.is_new("nginx", MASTER, ["50:6"], [], tmp_path)


def test_apache_has_new_workers_and_no_generation(tmp_path: Path) -> None:
    _process(tmp_path, 60, "/usr/sbin/apache2 -k start")
    assert processes.generation("apache", MASTER, tmp_path) == []
    assert processes.workers(MASTER, tmp_path) == ["60:7"]
    assert not processes.is_new("apache", MASTER, [], ["60:7"], tmp_path)
    assert processes.is_new("apache", MASTER, [], ["60:6"], tmp_path)


def test_of_others_systemd_alone_tells(tmp_path: Path) -> None:
    assert processes.is_new("other", MASTER, [], [], tmp_path)


def test_a_service_that_does_not_run_has_no_workers(tmp_path: Path) -> None:
    _process(tmp_path, 60, "kthreadd", parent=0)
    assert processes.workers(0, tmp_path) == []


@pytest.mark.parametrize("lacks", [False, True])
def test_groups_that_a_worker_lacks(tmp_path: Path, lacks: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    _process(tmp_path, 50, "nginx: worker process")
    if lacks:
        monkeypatch.setattr(os, "getgrouplist", lambda *_: [*GROUPS, 4711])
    assert processes.lacking_groups(MASTER, ME.pw_name, tmp_path) is lacks


def test_workers_of_another_user_need_no_groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _process(tmp_path, 50, "nginx: worker process")
    monkeypatch.setattr(os, "getgrouplist", lambda *_: [4711])
    assert not processes.lacking_groups(MASTER, "daemon" if ME.pw_name != "daemon" else "root", tmp_path)
    assert not processes.lacking_groups(MASTER, "nobody-of-that-name", tmp_path)
