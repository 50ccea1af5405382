# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The contract suite on the sandbox, on both databases."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import KEY, equip, make_site
from .databases import Database

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("name", "module", "version"),
    [("mariadb", "", ""), ("postgresql", "", ""), ("postgresql", "variants", ""), ("mariadb", "", "24.0.0")],
)
def test_contract_suite(request: pytest.FixtureRequest, workplace: Path, name: str, module: str, version: str) -> None:
    database: Database = request.getfixturevalue(name)
    site = make_site(workplace, database, version)
    equip(site)
    if version:
        site.constant("API_ENABLE_LOGIN_API", "1")
    if module:
        site.bootstrap(f"activateModule('mod{module.capitalize()}');")
    site.serve()
    settings = {
        "BASE_URL": site.base_url,
        "LOGIN": "integration",
        "PASSWORD": "Integration-1234",
        "API_KEY": KEY,
        "DATABASE": name,
        "MODULES": module,
    }
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/contract", "--writes"],
            cwd=ROOT,
            env={**os.environ, **{f"MICLINIK_{key}": value for key, value in settings.items()}},
            check=False,
            capture_output=True,
            text=True,
        )
    finally:
        site.halt()
    assert done.returncode == 0, done.stdout[-6000:]
