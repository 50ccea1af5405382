# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The examples of examples/ on the sandbox."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from .conftest import KEY
from .site import SandboxSite

ROOT = Path(__file__).parents[2]


def test_examples(site: SandboxSite) -> None:
    settings = {"MICLINIK_BASE_URL": site.base_url, "MICLINIK_API_KEY": KEY}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/examples"],
        cwd=ROOT,
        env={**os.environ, **settings},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-6000:]
