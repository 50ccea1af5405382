# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""backup/settings.json.j2, and the units backup/backup.service.j2, backup/backup.timer.j2, backup/check.service.j2,
backup/check.timer.j2, backup/test.service.j2, backup/test.timer.j2 with backup/quiet.j2 in them.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.life.backup import Settings
from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout

from . import programs
from .rendering import Rendered, render

UNITS = "/etc/systemd/system"
SERVICES = ("miclinik-backup@.service", "miclinik-backup-check.service", "miclinik-restore-test@.service")
TIMERS = ("miclinik-backup@.timer", "miclinik-backup-check.timer", "miclinik-restore-test@.timer")
LIFE = "/usr/local/lib/miclinik/life/miclinik-life"


def _rendered(repository: str = "/mnt/b", **more: Any) -> dict[str, Rendered]:  # noqa: ANN401 (what may be declared)
    return render(
        "backup",
        host={"backup": False, "backup_timers": []},
        miclinik_backup={"repository": repository, **more},
        miclinik_backup_password="tell-nobody-1",
        miclinik_backup_environment={"AWS_SECRET_ACCESS_KEY": "tell-nobody-2"},
    )


def _lines(rendered: dict[str, Rendered], unit: str) -> list[str]:
    return rendered[f"{UNITS}/{unit}"].content.splitlines()


def test_settings_are_those_that_the_program_reads(tmp_path: Path) -> None:
    found = _rendered(every="6h", keep={"last": 3, "daily": 0}, append_only=True)["/etc/miclinik-backup/settings.json"]
    assert (found.owner, found.mode) == ("root", "0600")
    (tmp_path / "settings.json").write_text(found.content)
    assert Settings.read(tmp_path / "settings.json") == Settings(
        keep={"last": 3},
        append_only=True,
        every_seconds=21600,
        metrics="/var/lib/prometheus/node-exporter",
        collection=json.loads(found.content)["collection"],
    )


def test_no_secret_is_in_what_is_rendered() -> None:
    assert [dest for dest, item in _rendered().items() if "tell-nobody" in item.content] == []


@pytest.mark.parametrize(
    ("unit", "program"),
    [
        (SERVICES[0], f"{LIFE} %i backup run"),
        (SERVICES[1], f"{LIFE} --all backup check"),
        (SERVICES[2], f"{LIFE} %i backup test"),
    ],
)
def test_units_do_their_part_behind_all_others(unit: str, program: str) -> None:
    lines = _lines(_rendered(), unit)
    assert f"ExecStart={program}" in lines
    assert {"Nice=19", "IOSchedulingClass=idle", "UMask=0077", "NoNewPrivileges=yes"} <= set(lines)
    assert not [line for line in lines if line.count("=") > 1 and "Protect" in line]


@pytest.mark.parametrize("unit", SERVICES[:2])
def test_a_folder_of_this_host_may_be_written(unit: str) -> None:
    assert 'ReadWritePaths=-"/mnt/b"' in _lines(_rendered(), unit)
    elsewhere = _lines(_rendered("sftp:a@b:/c"), unit)
    assert [line for line in elsewhere if line.startswith("ReadWritePaths=-")] == []
    assert "ProtectSystem=strict" in elsewhere


@pytest.mark.parametrize("unit", SERVICES[:2])
def test_what_the_program_writes_to_may_be_written(unit: str) -> None:
    rendered = _rendered("sftp:a@b:/c")
    (paths,) = (line for line in _lines(rendered, unit) if line.startswith("ReadWritePaths="))
    assert set(paths.partition("=")[2].split()) == {
        layout.WORK,
        layout.BACKUP_WORK,
        layout.BACKUP_CACHE,
        "/var/lib/prometheus/node-exporter",
    }
    assert rendered[layout.WORK].mode == "0700"


@pytest.mark.parametrize("every", ["1h", "6h", "1d"])
def test_systemd_takes_the_units(tmp_path: Path, every: str) -> None:
    rendered = _rendered(every=every, restore_test="weekly")
    for unit in (*SERVICES, *TIMERS):
        text = rendered[f"{UNITS}/{unit}"].content.replace(LIFE, "/bin/true")
        (tmp_path / unit.replace("@", "@x")).write_text(text)
    for unit in SERVICES:
        assert programs.accept(["systemd-analyze", "verify", "--man=no", tmp_path / unit.replace("@", "@x")]) == ""
    assert "Persistent=true" in _lines(rendered, TIMERS[0])
