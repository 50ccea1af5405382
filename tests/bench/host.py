# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The one test host of a benchmark, and what is served on it."""

from __future__ import annotations

import json
import shlex
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from testhost import engine, hosts, privileged

#: Seconds that a command on the host may take: a benchmark ends by itself.
PATIENCE = 900.0


@dataclass(frozen=True)
class TestHost:
    """The host ``name``; commands run in it as root, without a network in between."""

    __test__ = False  # no class of tests
    name: str

    @property
    def ip(self) -> str:
        """Its address."""
        return hosts.get(self.name).ip

    def run(self, script: str, given: str = "") -> str:
        """Run a shell script; ``given`` is its standard input. Return what it prints, stop with it when it fails."""
        command = engine.command(
            ["exec", "-i", hosts.container_name(self.name), "bash", "-euo", "pipefail", "-c", script]
        )
        done = privileged.run(command, stdin=given.encode(), check=False, timeout=PATIENCE)
        if done.returncode:
            raise SystemExit(f"on {self.name}: {script}\nended with {done.returncode}\n{done.stderr}{done.stdout}")
        return done.stdout

    def write(self, path: str, text: str, mode: str = "0644") -> None:
        """Write a file."""
        name = shlex.quote(path)
        self.run(f"install -D -m {mode} /dev/null {name}; cat > {name}", text)


@dataclass(frozen=True)
class Served:
    """One of the set-ups that are compared: where its API is on the host, and a key that may call it."""

    name: str
    host: TestHost
    port: int
    domain: str
    key: str = field(repr=False)
    prefix: str = "/api/index.php"

    def call(self, path: str, given: Mapping[str, Any] | None = None) -> Any:  # noqa: ANN401 (JSON)
        """Call the API once and return its answer, which has to be JSON with a status of 200."""
        request = urllib.request.Request(
            f"http://{self.host.ip}:{self.port}{self.prefix}{path}",
            data=None if given is None else json.dumps(given).encode(),
            headers={"Host": self.domain, "DOLAPIKEY": self.key, "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 (http only)
            return json.load(answer)
