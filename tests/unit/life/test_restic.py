# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A repository: what is in its way, and in which words that is told."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import socket
import subprocess
import threading
from pathlib import Path

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.life import restic
from ansible_collections.miclinik.hosting.plugins.module_utils.life.restic import Repository, ResticError


def _lock(repository: Repository, hostname: str, pid: int) -> Path:
    file = Path(repository.environment["RESTIC_REPOSITORY"]) / "locks" / "ab12"
    file.write_text(json.dumps({"hostname": hostname, "pid": pid, "exclusive": True}))
    return file


def _over() -> int:
    process = subprocess.Popen(["true"])
    process.wait()
    return process.pid


def test_a_lock_of_a_killed_run_of_this_host_is_in_nobodys_way(repository: Repository) -> None:
    lock = _lock(repository, socket.gethostname(), _over())
    repository.run("check", "--read-data")
    assert not lock.exists()


def test_nor_is_one_whose_number_another_program_has_now(repository: Repository) -> None:
    lock = _lock(repository, socket.gethostname(), os.getpid())
    repository.run("check", "--read-data")
    assert not lock.exists()


def test_a_lock_of_another_host_is_waited_for(repository: Repository) -> None:
    lock = _lock(repository, "elsewhere", 1)
    with pytest.raises(ResticError, match="is already locked by PID 1 on h"):
        repository.run("check", "--read-data")
    assert lock.exists()
    patient = Repository(repository.environment, patience=30.0)
    timer = threading.Timer(0.3, lock.unlink)
    timer.start()
    patient.run("check", "--read-data")
    timer.join()


def test_a_lock_of_a_restic_that_runs_is_respected(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(restic, "_is_restic", lambda _pid: True)
    _lock(repository, socket.gethostname(), os.getpid())
    with pytest.raises(ResticError, match="already locked"):
        repository.run("check", "--read-data")


def test_wrong_password(repository: Repository) -> None:
    Path(repository.environment["RESTIC_PASSWORD_FILE"]).write_text("another one\n")
    with pytest.raises(ResticError) as caught:
        repository.snapshots("miclinik")
    words = str(caught.value)
    assert "the password in" in words
    assert "does not open the repository" in words
    assert "another one\n" not in words


def test_no_repository(repository: Repository) -> None:
    none = Repository({**repository.environment, "RESTIC_REPOSITORY": "/nowhere/at/all"})
    assert none.identifier() == ""
    assert repository.identifier() != ""
    with pytest.raises(ResticError, match="unable to open config file"):
        none.snapshots("miclinik")


def test_no_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda *_words, **_more: None)
    with pytest.raises(ResticError, match="restic is not on this host"):
        Repository({}).run("check")


@pytest.mark.parametrize(
    ("complaint", "missing"),
    [
        ("Fatal: unable to open config file: stat /x/config: no such file or directory", True),
        ("Fatal: unable to open config file: <config/> does not exist", True),
        ("Fatal: unable to open config file: The specified key does not exist.", True),
        ("Fatal: unable to open config file: client.Head: dial tcp 127.0.0.1:1: connect: connection refused", False),
        ("Fatal: wrong password or no key found", False),
        ("Fatal: unable to open repository at sftp:a: unable to start the sftp session", False),
    ],
)
def test_what_is_not_there_and_what_cannot_be_reached(complaint: str, missing: bool) -> None:
    assert restic._is_missing(1, complaint) is missing
    assert restic._is_missing(10, "") is True


def test_no_secret_is_told(repository: Repository) -> None:
    secret = "tell-nobody"
    environment = {"RESTIC_REPOSITORY": f"rest:https://me:{secret}@store:8000/x", "AWS_SECRET_ACCESS_KEY": secret}
    found = Repository(environment)
    assert found.place == "rest:https://me:***@store:8000/x"
    words = found._failure(("cat", "config"), 1, f"Fatal: {secret} at rest:https://me:{secret}@store:8000/x")
    assert secret not in words
    assert secret not in repr(found)
    assert "rest:https://me:***@store:8000/x" in words


def test_the_environment_is_read_as_a_shell_reads_it(tmp_path: Path) -> None:
    file = tmp_path / "environment"
    value = 'it\'s "$HOME" \\ #1'
    file.write_text(f"# a word\nA={shlex.quote(value)}\nB=x\n")
    assert restic.read_environment(file) == {"A": value, "B": "x"}
    said = subprocess.run(["sh", "-c", f'. {file}; printf %s "$A"'], check=True, capture_output=True, text=True).stdout
    assert said == value
    with pytest.raises(ResticError, match=r"there is no .*none: write one, as docs/clones.md says"):
        restic.read_environment(tmp_path / "none")


def test_one_run_at_a_time(tmp_path: Path) -> None:
    order: list[str] = []

    def other() -> None:
        with restic.alone(tmp_path):
            order.append("other")

    with restic.alone(tmp_path):
        thread = threading.Thread(target=other)
        thread.start()
        thread.join(0.2)
        order.append("first")
    thread.join()
    assert order == ["first", "other"]
