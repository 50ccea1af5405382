# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Sites for the tests of the bridge: on MariaDB, and on PostgreSQL where it is installed."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from .servers import Server, kinds
from .sites import TREE, BridgedSite


def pytest_report_header() -> str:
    """Say what is tested."""
    return f"bridge: {TREE} on {', '.join(kind.__name__ for kind in kinds())}"


@pytest.fixture(scope="session")
def folder() -> Iterator[Path]:
    """Return a folder that other users can enter; pytest's own are closed to them."""
    made = Path(tempfile.mkdtemp(prefix="miclinik-bridge-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


@pytest.fixture(scope="session", params=kinds(), ids=lambda kind: kind.engine)
def server(request: pytest.FixtureRequest, folder: Path) -> Iterator[Server]:
    """Return a running server."""
    started: Server = request.param(folder)
    yield started
    started.stop()


@pytest.fixture(scope="session")
def blank(server: Server, folder: Path) -> Iterator[BridgedSite]:
    """Return the site that ``bare`` lends out."""
    yield BridgedSite(folder, server, f"bare_{server.engine}")


@pytest.fixture
def bare(blank: BridgedSite) -> BridgedSite:
    """Return a site whose database is empty."""
    blank.reset()
    return blank


def _install(site: BridgedSite) -> BridgedSite:
    old = os.umask(0)  # nothing that the bridge makes may depend on the caller's
    try:
        site.install()
    finally:
        os.umask(old)
    return site


@pytest.fixture(scope="session")
def installed(server: Server, folder: Path) -> BridgedSite:
    """Return an installed site, with what the tests before have left."""
    return _install(BridgedSite(folder, server, f"site_{server.engine}"))


@pytest.fixture(scope="module")
def apart(request: pytest.FixtureRequest, server: Server, folder: Path) -> BridgedSite:
    """Return an installed site for a module whose declarations would be in the way of all others."""
    module = request.module.__name__.rpartition("_")[2]
    return _install(BridgedSite(folder, server, f"{module}_{server.engine}"))
