# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the timer tells of the room that sites take, to Prometheus and to the journal."""

from __future__ import annotations

import json
import os
from pathlib import Path
from types import SimpleNamespace

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.disk import usage
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke import disk_watch

MIB = 1024 * 1024
PARTS = ("documents", "database", "logs")
SITE = {"name": "norte", "documents": "/d", "database_name": "norte", "database_local": True}


@pytest.mark.parametrize(("most", "level", "end"), [(0, 6, ""), (30, 6, "; 30 of 30 MiB"), (29, 4, "; 30 of 29 MiB")])
def test_what_is_measured_is_told(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    most: int,
    level: int,
    end: str,
) -> None:
    used = {"documents": 20 * MIB, "database": 10 * MIB, "whole": True}
    monkeypatch.setattr(usage, "of_site", lambda *_: used)
    monkeypatch.setattr(os, "statvfs", lambda _: SimpleNamespace(f_bavail=100, f_blocks=2000, f_frsize=MIB))
    settings = {
        "sites": [SITE | {"disk_max_mb": most, "disk_free_mb": 0}],
        "logs": "/l",
        "engine": "mariadb",
        "directory": str(tmp_path),
    }
    (tmp_path / "sites.json").write_text(json.dumps(settings))
    assert disk_watch.main([str(tmp_path / "sites.json")]) == 0
    assert capsys.readouterr().out == f"<{level}>site norte: documents 20 MiB, database 10 MiB{end}\n"
    lines = [line for line in (tmp_path / "miclinik_disk.prom").read_text().splitlines() if not line.startswith("#")]
    assert lines == [
        f'miclinik_disk_used_bytes{{site="norte",part="documents"}} {20 * MIB}',
        f'miclinik_disk_used_bytes{{site="norte",part="database"}} {10 * MIB}',
        *([f'miclinik_disk_max_bytes{{site="norte"}} {most * MIB}'] if most else []),
        *(f'miclinik_disk_free_bytes{{site="norte",part="{part}"}} {100 * MIB}' for part in PARTS),
        *(f'miclinik_disk_free_wanted_bytes{{site="norte",part="{part}"}} {100 * MIB}' for part in PARTS),
    ]
