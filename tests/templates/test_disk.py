# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""smoke/disk.json.j2, smoke/miclinik-disk.service.j2 and smoke/miclinik-disk.timer.j2, and the program beside."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from . import programs
from .rendering import Rendered, entry, lay_out, render

FOLDER = "/usr/local/lib/miclinik/smoke/disk"
UNIT = "/etc/systemd/system/miclinik-disk"


def _rendered(**variables: Any) -> dict[str, Rendered]:  # noqa: ANN401 (whatever a play may set)
    site = entry(disk={"max": "2G", "free": "500M"})
    releases = {"norte": "22.0.4-0123456789ab"}
    host = {"releases": releases, "versions": {"norte": "22.0.4"}, "smoke_timer": False}
    return render("smoke_timer", site, host=host, **variables)


def test_settings() -> None:
    assert json.loads(_rendered(miclinik_web_server="apache")[f"{FOLDER}/sites.json"].content) == {
        "sites": [
            {
                "name": "norte",
                "documents": "/srv/miclinik/norte/documents",
                "database_name": "norte",
                "database_local": True,
                "disk_max_mb": 2048,
                "disk_free_mb": 500,
            }
        ],
        "directory": "/var/lib/prometheus/node-exporter",
        "logs": "/var/log/apache2",
        "engine": "mariadb",
    }


@pytest.mark.parametrize(
    ("engine", "may"),
    [("mariadb", "CAP_DAC_READ_SEARCH"), ("postgresql", "CAP_DAC_READ_SEARCH CAP_SETUID CAP_SETGID")],
)
def test_it_may_look_and_nothing_else(engine: str, may: str) -> None:
    lines = _rendered(miclinik_database_engine=engine)[f"{UNIT}.service"].content.splitlines()
    assert f"CapabilityBoundingSet={may}" in lines
    assert {"PrivateNetwork=yes", "ProtectSystem=strict", "NoNewPrivileges=yes", "MemoryMax=192M"} <= set(lines)
    assert [line for line in lines if line.startswith("RestrictAddressFamilies=")] == [
        "RestrictAddressFamilies=AF_UNIX"
    ]


def test_units_are_valid(tmp_path: Path) -> None:
    rendered = _rendered(smoke_timer_directory=str(tmp_path))
    units = {kind: rendered[f"{UNIT}.{kind}"].content for kind in ("service", "timer")}
    assert programs.complaints_of_timer(tmp_path, "miclinik-disk", units, f"{FOLDER}/miclinik-disk") == []


def test_program_is_complete_without_ansible(tmp_path: Path) -> None:
    lay_out(_rendered(), FOLDER, tmp_path)
    (tmp_path / "documents").mkdir()
    settings = json.loads((tmp_path / "sites.json").read_text(encoding="utf-8"))
    settings["sites"][0] |= {"documents": str(tmp_path / "documents"), "database_local": False}
    settings |= {"directory": str(tmp_path), "logs": str(tmp_path)}
    (tmp_path / "sites.json").write_text(json.dumps(settings), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-I", tmp_path / "miclinik-disk", tmp_path / "sites.json"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert 'miclinik_disk_max_bytes{site="norte"} 2147483648' in (tmp_path / "miclinik_disk.prom").read_text()
