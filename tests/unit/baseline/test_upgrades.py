# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether a host upgrades itself, and what an operator hears where it does otherwise than asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.baseline import upgrades as seen_upgrades
from ansible_collections.miclinik.hosting.plugins.module_utils.services import systemd_unit
from ansible_collections.miclinik.hosting.plugins.plugin_utils.baseline import upgrades

DUMP = """APT "";
APT::Periodic "";
APT::Periodic::Update-Package-Lists "1";
APT::Periodic::Unattended-Upgrade "0";
Unattended-Upgrade::Origins-Pattern:: "origin=Debian";
Unattended-Upgrade::Automatic-Reboot-Time "03:00";
"""


def _state(**more: bool) -> systemd_unit.State:
    return systemd_unit.State(
        **{"there": True, "active": True, "enabled": True, "outdated": False} | more, pid=0, last_load=0, mark=()
    )


def test_a_host_says_what_its_files_come_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    states = {
        "apt-daily.timer": _state(active=False),
        "apt-daily-upgrade.service": _state(outdated=True),
    }
    monkeypatch.setattr(systemd_unit, "state", states.__getitem__)
    (tmp_path / "etc/systemd/system").mkdir(parents=True)
    (tmp_path / "etc/systemd/system/apt-daily-upgrade.timer").symlink_to("/dev/null")
    (tmp_path / "run").mkdir()
    (tmp_path / "run/reboot-required").touch()
    assert seen_upgrades.read(lambda command: DUMP if command[0] == "apt-config" else "", tmp_path) == {
        "settings": {
            "APT::Periodic::Update-Package-Lists": "1",
            "APT::Periodic::Unattended-Upgrade": "0",
            "Unattended-Upgrade::Automatic-Reboot-Time": "03:00",
        },
        "masked": ["apt-daily-upgrade.timer"],
        "off": [{"unit": "apt-daily.timer"}],
        "outdated": True,
        "reboot": True,
    }


def test_a_host_without_timers_has_none_that_are_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(systemd_unit, "state", lambda _: _state(there=False, active=False, enabled=False))
    assert seen_upgrades.read(lambda _: "", tmp_path) == {
        "settings": {},
        "masked": [],
        "off": [],
        "outdated": False,
        "reboot": False,
    }


def _told(asked: str = "", settings: dict[str, str] | None = None, **more: Any) -> list[str]:  # noqa: ANN401
    found = {"settings": settings or {}, "masked": [], "off": [], "outdated": False, "reboot": False} | more
    return upgrades.told({"upgrades": found}, reboot=asked)


BOOTS = "Unattended-Upgrade::Automatic-Reboot"


@pytest.mark.parametrize(
    ("reboot", "settings"),
    [
        ("", {}),
        ("", {"APT::Periodic::Unattended-Upgrade": "7", "APT::Periodic::Enable": "1", BOOTS: "false"}),
        ("04:30", {BOOTS: "true", f"{BOOTS}-Time": "04:30"}),
    ],
)
def test_what_is_as_it_was_asked_for_is_not_told(reboot: str, settings: dict[str, str]) -> None:
    assert _told(reboot, settings) == []


def test_what_an_operators_files_say_otherwise_is_told() -> None:
    off = {"APT::Periodic::Enable": "0", "APT::Periodic::Unattended-Upgrade": "0"}
    assert _told("", off) == [
        "The host does not upgrade itself: a file of its own in /etc/apt/apt.conf.d sets APT::Periodic::Enable,"
        " APT::Periodic::Unattended-Upgrade to 0."
    ]
    boots = "The host boots by itself after upgrades (at: {}): a file of its own in /etc/apt/apt.conf.d says so."
    assert _told("", {BOOTS: "true"}) == [boots.format("now")]
    assert _told("04:30", {BOOTS: "true", f"{BOOTS}-Time": "02:00"}) == [boots.format("02:00")]
    assert _told("04:30", {BOOTS: "false"}) == [
        "The host does not boot by itself at 04:30: a file of its own in /etc/apt/apt.conf.d forbids it."
    ]


def test_masked_timers_and_a_boot_that_is_due_are_told() -> None:
    assert _told(masked=["apt-daily.timer"], reboot=True) == [
        "The host does not upgrade itself: somebody has masked apt-daily.timer.",
        "An upgrade waits for the host to be booted (/run/reboot-required).",
    ]
