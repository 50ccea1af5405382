# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Runs of the playbook: whole ones, and ones that are killed with all that they started."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

from testhost import engine, hosts, privileged

ROOT = Path(__file__).parents[2]
MARK = "MICLINIK_KILL_RUN"
PATIENCE = 900.0
RECAP = re.compile(r"^\S+ +: ok=\d+ +changed=(\d+) +unreachable=(\d+) +failed=(\d+)", re.MULTILINE)
# Ansible's own processes on the host, and what they started: all that sshd has below it. Services that systemd started
# for them are not.
KILL_ON_HOST = r"""
main=$(systemctl show --property=MainPID --value ssh)
folders="/sys/fs/cgroup/system.slice/ssh.service /sys/fs/cgroup/user.slice"
for round in 1 2 3; do
  for file in $(find $folders -name cgroup.procs 2>/dev/null); do
    for pid in $(cat "$file"); do [ "$pid" = "$main" ] || kill -KILL "$pid" 2>/dev/null; done
  done
done
"""


@dataclass(frozen=True)
class Task:
    """One task of a run: its number, its name, how long it took, and what became of it."""

    number: int
    name: str
    seconds: float
    what: str


@dataclass(frozen=True)
class Run:
    """How a whole run ended."""

    status: int
    changed: int
    output: str

    @property
    def green(self) -> bool:
        """Whether it ended well; the smoke test is part of it."""
        return self.status == 0


class Playbook:
    """The playbook with one inventory, for one host."""

    def __init__(self, host: str, inventory: Path) -> None:
        self.host, self.inventory = host, inventory

    def _start(
        self, points: Path, mark: str, before: int, output: Path, playbook: str = "playbooks/site.yml", *more: str
    ) -> subprocess.Popen[bytes]:
        points.unlink(missing_ok=True)
        with output.open("wb") as stream:
            return subprocess.Popen(
                [
                    str(Path(sys.executable).parent / "ansible-playbook"),
                    "-i",
                    str(self.inventory),
                    playbook,
                    *more,
                ],
                cwd=ROOT,
                env={
                    **os.environ,
                    MARK: mark,
                    "ANSIBLE_FORCE_COLOR": "0",
                    "ANSIBLE_CALLBACK_PLUGINS": str(Path(__file__).parent / "callback"),
                    "ANSIBLE_CALLBACKS_ENABLED": "kill_points",
                    "MICLINIK_KILL_POINTS": str(points),
                    "MICLINIK_KILL_BEFORE": str(before),
                },
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def whole(self, playbook: str = "playbooks/site.yml", *more: str) -> tuple[Run, list[Task]]:
        """Run it to its end, or another one with ``more`` arguments; return how that was, and its tasks."""
        points, output = self.inventory / ".points", self.inventory / ".output"
        process = self._start(points, uuid.uuid4().hex, 0, output, playbook, *more)
        status = process.wait(PATIENCE)
        text = output.read_text(encoding="utf-8", errors="replace")
        recap = RECAP.findall(text)
        return Run(status, sum(int(found[0]) for found in recap), text), _tasks(points)

    def killed_after(self, seconds: float, playbook: str, *more: str) -> str:
        """Kill it after ``seconds``, or let it end before; return what it did last, with how far into that."""
        points, output, mark = self.inventory / ".points", self.inventory / ".output", uuid.uuid4().hex
        process = self._start(points, mark, 0, output, playbook, *more)
        try:
            status: int | None = process.wait(seconds)
        except subprocess.TimeoutExpired:
            status = None
        finally:
            _kill_here(mark)
            _kill_there(self.host)
            process.wait(30)
        done = _tasks(points)
        last = f"{done[-1].number} '{done[-1].name}'" if done else "nothing"
        return f"killed in {last}" if status is None else f"had ended with {status} after {last}"

    def killed(self, task: Task, share: float) -> str:
        """Kill it in the task, when ``share`` of its time has gone (0: before it begins); return what it did last."""
        points, output, mark = self.inventory / ".points", self.inventory / ".output", uuid.uuid4().hex
        process = self._start(points, mark, task.number if share == 0 else 0, output)
        deadline = time.monotonic() + PATIENCE
        try:
            while _begun(points) < task.number and process.poll() is None and time.monotonic() < deadline:
                time.sleep(0.02)
            if share:
                time.sleep(share * task.seconds)
        finally:
            _kill_here(mark)
            _kill_there(self.host)
            process.wait(30)
        done = _tasks(points)
        return f"{done[-1].number} {done[-1].name}" if done else "nothing"


def _lines(points: Path) -> list[dict[str, str | int | float]]:
    try:
        text = points.read_text(encoding="utf-8")
    except FileNotFoundError:
        return []
    return [json.loads(line) for line in text.splitlines() if line.endswith("}")]


def _begun(points: Path) -> int:
    return max((int(line["number"]) for line in _lines(points)), default=0)


def _tasks(points: Path) -> list[Task]:
    found: dict[int, Task] = {}
    began: dict[int, float] = {}
    for line in _lines(points):
        number, at = int(line["number"]), float(line["at"])
        if line["what"] == "begin":
            began[number] = at
            found[number] = Task(number, str(line["name"]), 0.0, "begun")
        elif number in found:
            found[number] = Task(number, found[number].name, at - began[number], str(line["what"]))
    return list(found.values())


def _kill_here(mark: str) -> None:
    """Kill every process on this machine that carries the run's mark: Ansible, its workers, and ssh's shared one."""
    wanted = f"{MARK}={mark}".encode()
    for _ in range(3):
        for entry in Path("/proc").iterdir():
            with contextlib.suppress(OSError):
                if entry.name.isdigit() and wanted in (entry / "environ").read_bytes().split(b"\0"):
                    os.kill(int(entry.name), signal.SIGKILL)


def _kill_there(host: str) -> None:
    privileged.run(engine.command(["exec", hosts.container_name(host), "sh", "-c", KILL_ON_HOST]), check=False)
