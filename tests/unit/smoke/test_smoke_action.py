# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The action: what a play prints, and what it must not print, at the highest verbosity."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from .fake_site import API, KEY, PASSWORD, FakeSite, as_html

ROOT = Path(__file__).parents[3]


def _play(
    folder: Path, site: dict[str, Any] | None, *options: str, report_dir: str = "", **more: object
) -> subprocess.CompletedProcess[str]:
    task = {
        "name": "Prove it",
        "miclinik.hosting.smoke": {"sites": [site] if site else [], "settle": 0, "report_dir": report_dir} | more,
        "register": "proof",
    }
    tell = {"ansible.builtin.debug": {"msg": "{{ proof.lines | length }} lines, {{ proof.msg }}"}}
    play = [{"hosts": "all", "gather_facts": False, "tasks": [task, tell]}]
    (folder / "play.yml").write_text(json.dumps(play))
    program = str(Path(sys.executable).with_name("ansible-playbook"))
    # A host that does not exist: the check needs no connection to it.
    return subprocess.run(
        [program, "-i", "nowhere.invalid,", "play.yml", "-vvvv", *options],
        cwd=folder,
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".collections"),
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_NOCOLOR": "1",
            "LC_ALL": "C.UTF-8",
        },
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def promised(fake: FakeSite) -> dict[str, Any]:
    return {
        "name": "norte",
        "base_url": fake.url,
        "login": "integration",
        "password": PASSWORD,
        "key": KEY,
        "modules": ["product"],
    }


@pytest.mark.parametrize("options", [(), ("--check", "--diff")])
def test_healthy_site(tmp_path: Path, promised: dict[str, Any], options: tuple[str, ...]) -> None:
    done = _play(tmp_path, promised, *options)
    assert done.returncode == 0, done.stdout
    lines = [line for line in done.stdout.splitlines() if line.startswith("ok   norte  ")]
    assert [line.split()[2] for line in lines] == [
        *("web", "not-found", "api", "clock", "wrong-key", "login", "status", "bearer", "unknown-endpoint"),
        *("explorer", "operations"),
    ]
    assert "12 lines, 11 smoke checks passed" in done.stdout
    assert "ok   norte: all 11 checks passed, " in done.stdout
    assert "changed=0" in done.stdout
    for secret in (KEY, PASSWORD):
        assert secret not in done.stdout + done.stderr


def test_broken_site_fails_the_play(tmp_path: Path, fake: FakeSite, promised: dict[str, Any]) -> None:
    fake.answers[API] = lambda request: as_html(200, f"Module <b>Api</b> must be enabled. {request.headers}")
    done = _play(tmp_path, promised)
    assert done.returncode == 2
    assert "7 of 11 smoke checks failed" in done.stdout + done.stderr
    assert "switch the API module on" in done.stdout + done.stderr
    assert [line.split()[2] for line in done.stdout.splitlines() if line.startswith("FAIL norte ")] == [
        *("api", "wrong-key", "login", "status", "unknown-endpoint", "explorer", "operations")
    ]
    for secret in (KEY, PASSWORD):
        assert secret not in done.stdout + done.stderr


def test_argument_that_is_wrong_is_named_without_the_secrets(tmp_path: Path, promised: dict[str, Any]) -> None:
    done = _play(tmp_path, {**promised, "logn": "x"})
    assert done.returncode == 2
    assert "logn" in done.stdout + done.stderr
    for secret in (KEY, PASSWORD):
        assert secret not in done.stdout + done.stderr


@pytest.mark.parametrize("options", [(), ("--check",)])
def test_report_is_written(tmp_path: Path, promised: dict[str, Any], options: tuple[str, ...]) -> None:
    reports = tmp_path / "reports"
    done = _play(tmp_path, promised, *options, report_dir=str(reports))
    assert done.returncode == 0, done.stdout
    folder = reports / "nowhere.invalid"
    assert {path.name for path in folder.iterdir()} == {"results.json", "junit.xml", "report.html"}
    report = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    assert (report["host"], report["ok"], report["checks"], report["failed"]) == ("nowhere.invalid", True, 11, 0)
    assert (report["sites"][0]["version"], report["sites"][0]["operations"]) == ("22.0.4", {"product": 2})
    for path in folder.iterdir():
        for secret in (KEY, PASSWORD):
            assert secret not in path.read_text(encoding="utf-8")


def test_report_that_cannot_be_written_fails_the_play(tmp_path: Path, promised: dict[str, Any]) -> None:
    (tmp_path / "taken").write_text("", encoding="utf-8")
    done = _play(tmp_path, promised, report_dir=str(tmp_path / "taken"))
    assert done.returncode == 2
    assert "11 smoke checks passed" in done.stdout
    assert "the report cannot be written" in done.stdout + done.stderr


LEFT_OUT = {"sur": "it is not on the host yet"}


def test_site_that_is_not_called_is_named(tmp_path: Path, promised: dict[str, Any]) -> None:
    done = _play(tmp_path, promised, "--check", report_dir=str(tmp_path / "reports"), not_called=LEFT_OUT)
    assert done.returncode == 0, done.stdout
    assert "none sur: not called: it is not on the host yet" in done.stdout.splitlines()
    assert "13 lines, 11 smoke checks passed; not called, since this is not done yet: sur" in done.stdout
    assert not (tmp_path / "reports").exists(), "a report without the site would look like a success"


def test_run_that_calls_no_site_claims_no_success(tmp_path: Path) -> None:
    done = _play(tmp_path, None, "--check", not_called=LEFT_OUT)
    assert done.returncode == 0, done.stdout
    assert "1 lines, no smoke check was made; not called, since this is not done yet: sur" in done.stdout
    assert "passed" not in done.stdout


def test_site_that_is_called_and_broken_fails_beside_one_that_is_not(
    tmp_path: Path, fake: FakeSite, promised: dict[str, Any]
) -> None:
    fake.answers[API] = lambda request: as_html(200, "<b>Api</b>")
    done = _play(tmp_path, promised, "--check", not_called=LEFT_OUT)
    assert done.returncode == 2
    assert "of 11 smoke checks failed" in done.stdout + done.stderr
    assert "not called, since this is not done yet: sur" in done.stdout + done.stderr


def _local(folder: Path, site: dict[str, Any], **more: str) -> subprocess.CompletedProcess[str]:
    """Run on a host that is this machine."""
    (folder / "hosts.json").write_text(
        json.dumps(
            {"all": {"hosts": {"here": {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}}}}
        )
    )
    return _play(folder, site, "-i", "hosts.json", "--limit", "here", **more)


def test_it_runs_on_the_host_too(tmp_path: Path, fake: FakeSite, promised: dict[str, Any]) -> None:
    done = _local(tmp_path, promised, run_on="host", report_dir=str(tmp_path / "reports"))
    assert done.returncode == 0, done.stdout
    assert "smoke_here" in done.stdout
    assert (tmp_path / "reports/here/results.json").is_file()
    told = done.stdout + done.stderr
    assert (KEY in told, PASSWORD in told) == (False, False)
    assert {request.path for request in fake.requests} >= {f"{API}/status", f"{API}/login"}


def test_what_fails_on_the_host_fails_the_play(tmp_path: Path, fake: FakeSite, promised: dict[str, Any]) -> None:
    fake.answers["/"] = as_html(200, "nothing")
    done = _local(tmp_path, promised, run_on="host")
    assert done.returncode == 2
    assert "1 of " in done.stdout
    assert "smoke checks failed" in done.stdout


def test_a_host_that_is_not_reached_cannot_run_them(tmp_path: Path, promised: dict[str, Any]) -> None:
    done = _play(tmp_path, promised, run_on="host")
    assert done.returncode == 4
    assert "nowhere.invalid" in done.stdout
    assert (KEY in done.stdout + done.stderr, PASSWORD in done.stdout + done.stderr) == (False, False)


def test_the_message_says_how_a_host_behind_a_jump_can_be_checked(
    tmp_path: Path, fake: FakeSite, promised: dict[str, Any]
) -> None:
    fake.close()
    inventory = {"all": {"hosts": {"far": {"ansible_ssh_common_args": "-J me@bastion.invalid"}}}}
    (tmp_path / "hosts.json").write_text(json.dumps(inventory))
    done = _play(tmp_path, promised, "-i", "hosts.json", "--limit", "far")
    assert done.returncode == 2
    assert "Ansible reaches this host by SSH through me@bastion.invalid (ProxyJump)" in done.stdout
    assert "set smoke_from: host" in done.stdout
    assert "1 of 1 smoke checks failed" in done.stdout
