# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What systemd says of a unit, and that nobody waits for good where it says nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.doctor import probe_jobs, probe_services
from ansible_collections.miclinik.hosting.plugins.module_utils.host import programs
from ansible_collections.miclinik.hosting.plugins.module_utils.services import systemd_unit


def _systemctl(monkeypatch: pytest.MonkeyPatch, folder: Path, script: str) -> None:
    program = folder / "systemctl"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setattr(programs, "environment", lambda: {"PATH": f"{folder}:/usr/bin:/bin"})
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    monkeypatch.setattr(systemd_unit, "_PATIENCE", 0.3)


@pytest.mark.parametrize(("said", "stopped"), [("active", False), ("reloading", False), ("failed", True), ("", True)])
def test_which_services_do_not_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, said: str, stopped: bool) -> None:
    _systemctl(monkeypatch, tmp_path, f"echo LoadState=loaded; echo ActiveState={said}")
    assert probe_services.stopped("clamav-daemon.service") is stopped


def test_systemd_that_says_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    _systemctl(monkeypatch, tmp_path, "exec sleep 60")
    for ask in (systemd_unit.state, systemd_unit.sockets):
        with pytest.raises(systemd_unit.UnitError, match=r"systemd says nothing of nginx\.service within 0\.3 s\. See"):
            ask("nginx.service")
    # What is not known is not said to be wrong.
    assert probe_services.stopped("clamav-daemon.service") is False
    assert probe_jobs.timer({"name": "norte", "cron": {"enabled": True}}) == {}


def test_an_order_takes_as_long_as_it_takes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    _systemctl(monkeypatch, tmp_path, "exec sleep 0.6")
    systemd_unit.order("restart", "nginx.service")
