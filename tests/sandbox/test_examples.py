# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The client, the examples of examples/ and two public clients on the sandbox."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import KEY, equip, make_site
from .databases import Database

ROOT = Path(__file__).parents[2]


# What is behind the API makes a difference to filters only.
@pytest.mark.parametrize(("name", "tests"), [("mariadb", ""), ("postgresql", "/test_client.py")])
def test_examples(request: pytest.FixtureRequest, workplace: Path, name: str, tests: str) -> None:
    database: Database = request.getfixturevalue(name)
    site = make_site(workplace, database)
    equip(site)
    site.serve()
    settings = {"MICLINIK_BASE_URL": site.base_url, "MICLINIK_API_KEY": KEY, "MICLINIK_DATABASE": name}
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"tests/examples{tests}"],
            cwd=ROOT,
            env={**os.environ, **settings},
            check=False,
            capture_output=True,
            text=True,
        )
    finally:
        site.halt()
    assert done.returncode == 0, done.stdout[-6000:]
