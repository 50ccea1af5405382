# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The table is loaded for a while, and for good when somebody could come in; whatever fails leaves the host open."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.baseline import table
from ansible_collections.miclinik.hosting.plugins.module_utils.services import systemd_unit
from ansible_collections.miclinik.hosting.plugins.module_utils.services.systemd_unit import UnitError

RULES = "table inet miclinik {\n}\n"
TIMER = "miclinik-firewall-undo.timer"
ARM = (
    "systemd-run --quiet --unit=miclinik-firewall-undo --on-active=60s --timer-property=AccuracySec=1s"
    " systemctl disable --now miclinik-firewall.service"
)


class Machine:
    """A host that notes what is asked of it: what the kernel has, and the state of our two units."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.live, self.file = "", RULES
        self.active = self.enabled = self.armed = False
        self.outdated = self.no_timers = self.no_networks = False
        self.asked: list[str] = []
        monkeypatch.setattr(table, "_run", self._run)
        monkeypatch.setattr(systemd_unit, "order", self._order)
        monkeypatch.setattr(systemd_unit, "state", self._state)

    def _run(self, command: Sequence[str]) -> subprocess.CompletedProcess[str]:
        words = " ".join(command)
        if words.startswith("unshare"):
            return subprocess.CompletedProcess(command, int(self.no_networks), self.file)
        if words == "nft --stateless list table inet miclinik":
            return subprocess.CompletedProcess(command, 0 if self.live else 1, self.live)
        self.asked.append(words)
        if words == ARM:
            self.armed = not self.no_timers
        else:
            assert words == "nft delete table inet miclinik"
            self.live = ""
        return subprocess.CompletedProcess(command, int(self.no_timers), "", "no bus\n")

    def _order(self, verb: str, *words: str, quiet: bool = False) -> None:
        self.asked.append(" ".join([verb, *words]))
        if verb == "reload-or-restart":
            self.live, self.active = self.file, True
        elif verb in ("enable", "disable"):
            self.enabled = verb == "enable"
            self.live, self.active = ("", False) if "--now" in words else (self.live, self.active)
        elif words == (TIMER,):
            self.armed = False

    def _state(self, unit: str) -> systemd_unit.State:
        active, enabled = (self.armed, False) if unit == TIMER else (self.active, self.enabled)
        return systemd_unit.State(True, active, enabled, 0, self.outdated, 0.0, ())


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    """Return a host without a firewall."""
    return Machine(monkeypatch)


def _kept(machine: Machine) -> Machine:
    table.load(60)
    table.confirm()
    return machine


def test_what_is_loaded_goes_again_unless_it_is_confirmed(machine: Machine) -> None:
    table.load(60)
    assert (machine.live, machine.armed, machine.enabled) == (RULES, True, False)
    # Armed first: what is loaded may be the end of this connection.
    assert machine.asked.index(ARM) < machine.asked.index("reload-or-restart miclinik-firewall.service")
    table.confirm()
    assert (machine.live, machine.armed, machine.enabled) == (RULES, False, True)


def test_a_new_version_does_not_come_with_a_boot_before_it_is_confirmed(machine: Machine) -> None:
    _kept(machine)
    machine.file = RULES + "# other\n"
    assert not table.see(Path("/x")).as_wanted
    table.load(60)
    assert (machine.armed, machine.enabled) == (True, False)


def test_without_a_timer_nothing_is_loaded(machine: Machine) -> None:
    machine.no_timers = True
    with pytest.raises(UnitError, match=r"no timer that would undo it, so nothing was loaded: no bus"):
        table.load(60)
    assert machine.live == ""


def test_who_comes_too_late_is_told(machine: Machine) -> None:
    table.load(60)
    machine.live, machine.armed = "", False
    with pytest.raises(UnitError, match="taken away again before anybody said"):
        table.confirm()
    assert not machine.enabled


@pytest.mark.parametrize(
    ("change", "as_wanted"),
    [
        ({}, True),
        ({"live": ""}, False),
        ({"live": RULES + "# by hand\n"}, False),
        ({"enabled": False}, False),
        ({"active": False}, False),
        ({"outdated": True}, False),
        # Where no network can be made, what is there is taken for what is on disk.
        ({"no_networks": True, "live": "another\n"}, True),
        ({"no_networks": True, "live": ""}, False),
    ],
)
def test_what_runs_is_compared_with_what_is_on_disk(
    machine: Machine, change: dict[str, object], as_wanted: bool
) -> None:
    _kept(machine)
    for name, value in change.items():
        setattr(machine, name, value)
    assert table.see(Path("/x")).as_wanted is as_wanted


def test_it_goes_for_good(machine: Machine) -> None:
    _kept(machine)
    table.remove()
    assert (machine.live, machine.enabled, machine.armed) == ("", False, False)


def test_it_goes_where_the_unit_is_not_what_loaded_it(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.live = RULES
    monkeypatch.setattr(systemd_unit, "state", lambda _: systemd_unit.State(False, False, False, 0, False, 0.0, ()))
    table.remove()
    assert (machine.live, machine.asked[-1]) == ("", "nft delete table inet miclinik")


def test_a_host_without_nft_has_no_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "_LIST", ("miclinik-no-such-program",))
    assert table.live() == ""
