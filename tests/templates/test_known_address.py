# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""php/known_address.php: a file for each address from which somebody known calls."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from . import programs
from .rendering import ROOT

FILE = ROOT / "templates/php/known_address.php"
PROGRAM = "$_SERVER['REMOTE_ADDR'] = $argv[2]; for ($call = 0; $call < (int) $argv[3]; $call++) { require $argv[1]; }"


def _call(site: Path, address: str, times: int = 1) -> list[str]:
    """Call, and return the addresses that are known then."""
    (site / "signed-in").mkdir(exist_ok=True)
    setting = f"session.save_path={site}/sessions"
    assert programs.accept(["php", "-n", "-d", setting, "-r", PROGRAM, "--", FILE, address, str(times)]) == ""
    return sorted(file.name for file in (site / "signed-in").glob("from/*"))


@pytest.mark.parametrize("address", ["192.0.2.7", "2001:db8::7"])
def test_an_address_is_kept(tmp_path: Path, address: str) -> None:
    assert _call(tmp_path, address, 3) == [address]


@pytest.mark.parametrize("address", ["", "../../x", "unix:", "192.0.2.7/../x"])
def test_what_is_none_is_not(tmp_path: Path, address: str) -> None:
    assert _call(tmp_path, address) == []


def test_it_is_told_again_after_five_minutes_and_forgotten_after_a_day(tmp_path: Path) -> None:
    _call(tmp_path, "192.0.2.7")
    here, other = (tmp_path / "signed-in/from" / name for name in ("192.0.2.7", "192.0.2.8"))
    other.touch()
    late, old = time.time() - 200, time.time() - 90000
    os.utime(here, (late, late))
    os.utime(other, (old, old))
    assert _call(tmp_path, "192.0.2.7") == ["192.0.2.7", "192.0.2.8"]
    assert here.stat().st_mtime == pytest.approx(late, abs=1)
    for _ in range(400):
        # One in fifty of those that write looks for old ones.
        os.utime(here, (old + 80000, old + 80000))
        if _call(tmp_path, "192.0.2.7") == ["192.0.2.7"]:
            break
    assert here.stat().st_mtime > time.time() - 60
    assert not other.exists()


def test_the_page_matters_more_than_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "signed-in").mkdir()
    (tmp_path / "signed-in/from").write_text("a file")
    assert _call(tmp_path, "192.0.2.7") == []


def test_what_is_old_is_forgotten_in_one_place() -> None:
    forgetting = ROOT / "templates/php/forget_old.php"
    assert "No syntax errors" in programs.accept(["php", "-n", "-l", forgetting])
    for name in ("known_address.php", "signed_in.php"):
        text = (FILE.parent / name).read_text(encoding="utf-8")
        assert text.count(f"/{forgetting.name}'") == 1
        assert "scandir" not in text


def test_who_has_logged_in_is_known_as_well() -> None:
    assert f"/{FILE.name}'" in (FILE.parent / "signed_in.php").read_text(encoding="utf-8")
