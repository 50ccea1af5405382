# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The list of faults by hand can be read, and its scripts are bash."""

from __future__ import annotations

import re
import subprocess

import pytest

from tests.doctor import by_hand


@pytest.mark.parametrize(("web_server", "engine"), [("nginx", "mariadb"), ("apache", "postgresql")])
def test_every_fault_that_fits_is_named_once(web_server: str, engine: str) -> None:
    found = by_hand.fitting(web_server, engine)
    assert len(found) > 30
    assert len({fault.what for fault in found}) == len(found)


def test_scripts_and_expressions_are_whole() -> None:
    for entry in by_hand.entries():
        assert set(entry) <= {"what", "web_server", "engine", "script", "names"}, entry["what"]
        done = subprocess.run(["bash", "-n"], input=entry["script"], text=True, capture_output=True, check=False)
        assert (done.returncode, done.stderr) == (0, ""), entry["what"]
        assert all(re.compile(name) for name in entry["names"]), entry["what"]
