# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A controller whose Python every tested Ansible takes: a Debian 13 test host, which hosts its sites on itself."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
#: Kept between runs; .gitignore names it.
WHEELS = ROOT / ".cache" / "ansible-wheels"
#: Of Debian 13.
PYTHON = "3.13"


@dataclass(frozen=True)
class Controller:
    """A running test host."""

    name: str

    def start(self) -> None:
        """Begin with a fresh host that has pip and the files that git knows."""
        self._testhost("up", self.name, "--release", "trixie", "--fresh")
        self.run("apt-get -q update && apt-get -q install -y --no-install-recommends python3-venv", check=True)
        tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
        pack = ["tar", "--create", "--null", "--files-from=-"]
        packed = subprocess.run(pack, cwd=ROOT, input=tracked.stdout, capture_output=True, check=True)
        self.run("mkdir -p /root/clone && tar -x -C /root/clone", stdin=packed.stdout, check=True)

    def stop(self) -> None:
        """Take it away."""
        self._testhost("down", self.name)

    def install(self, package: str) -> None:
        """Make /root/`package`, a virtual environment with that release of PyPI's `ansible`, once; nothing compiles."""
        if self.run(f"test -d /root/{package}").returncode == 0:
            return
        folder = WHEELS / package
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", f"--dest={folder}"]
        target = ["--only-binary=:all:", f"--python-version={PYTHON}"]
        subprocess.run([*pip, *target, f"ansible=={package}", "requests"], check=True)
        packed = subprocess.run(["tar", "--create", "."], cwd=folder, capture_output=True, check=True)
        wheels = f"/root/wheels-{package}"
        self.run(f"mkdir -p {wheels} && tar -x -C {wheels}", stdin=packed.stdout, check=True)
        install = f"/root/{package}/bin/pip install --quiet --no-index --no-compile --find-links={wheels}"
        self.run(
            f"python3 -m venv /root/{package} && {install} ansible=={package} requests && rm -r {wheels}", check=True
        )

    def playbook(self, package: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run ansible-playbook of that release in the clone."""
        program = f"/root/{package}/bin/ansible-playbook"
        return self.run(f"cd /root/clone && ANSIBLE_FORCE_COLOR=0 {program} {' '.join(arguments)}")

    def run(self, command: str, *, stdin: bytes | None = None, check: bool = False) -> subprocess.CompletedProcess[str]:
        """Run a shell command on the host; what it says on both ways comes in `stdout`."""
        done = subprocess.run(
            [sys.executable, "-m", "testhost", "exec", self.name, "--", "sh", "-c", f"{{ {command}; }} 2>&1"],
            cwd=ROOT,
            input=b"" if stdin is None else stdin,
            capture_output=True,
            check=False,
        )
        told = done.stdout.decode(errors="replace")
        if check and done.returncode:
            raise AssertionError(f"{command} ended with {done.returncode}\n{told[-4000:]}")
        return subprocess.CompletedProcess(command, done.returncode, told, "")

    @staticmethod
    def _testhost(*arguments: str) -> None:
        subprocess.run([sys.executable, "-m", "testhost", *arguments], cwd=ROOT, stdout=subprocess.DEVNULL, check=True)
