# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Runs programs of strangers against a site whose domain no DNS knows."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).parents[2]
HOSTS = Path("/etc/hosts")


@dataclass(frozen=True)
class Run:
    """What a program did."""

    code: int
    output: str
    errors: str


@dataclass(frozen=True)
class Programs:
    """Where programs find the site; `hosts` is a file in place of /etc/hosts, for them alone."""

    environment: Mapping[str, str]
    hosts: Path | None

    @classmethod
    def of_environment(cls, folder: Path) -> Programs:
        """Return what MICLINIK_BASE_URL and MICLINIK_CONNECT_TO ask for."""
        address = os.environ.get("MICLINIK_CONNECT_TO")
        hosts = folder / "hosts" if address else None
        if hosts:
            domain = urlsplit(os.environ["MICLINIK_BASE_URL"]).hostname
            hosts.write_text(f"{address} {domain}\n{HOSTS.read_text(encoding='utf-8')}", encoding="utf-8")
        # Test hosts without TLS are on this machine, where nobody listens.
        settings = {"PYTHONPATH": str(ROOT / "client"), "MICLINIK_ALLOW_HTTP": "yes"}
        if os.environ.get("MICLINIK_CA"):
            # What programs of others ask for authorities.
            settings["REQUESTS_CA_BUNDLE"] = os.environ["MICLINIK_CA"]
        return cls({**os.environ, **settings}, hosts)

    def run(self, *command: str | Path, **more: str) -> Run:
        """Run a program that speaks to the site; `more` goes into its environment."""
        words = [str(word) for word in command]
        if self.hosts:
            # A mount that nobody else sees.
            script = f'mount --bind "$1" {HOSTS} && shift && exec "$@"'
            # Without root, one of its own.
            root = [] if os.geteuid() == 0 else ["--map-root-user"]
            words = ["unshare", *root, "--mount", "sh", "-c", script, "sh", str(self.hosts), *words]
        done = subprocess.run(
            words,
            env={**self.environment, **more},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        return Run(done.returncode, done.stdout, done.stderr)
