# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A host whose programs are scripts that say what they were given, and runs of the command line on it."""

from __future__ import annotations

from pathlib import Path

import pytest

from .fake_host import FakeHost


@pytest.fixture
def host(tmp_path: Path) -> FakeHost:
    """Return a host with the sites norte and sur."""
    return FakeHost(tmp_path)
