# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A site that somebody has closed stays closed, until it is opened by name."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.life import closing, engines, operations
from ansible_collections.miclinik.hosting.plugins.module_utils.life.journal import JournalError
from ansible_collections.miclinik.hosting.plugins.module_utils.life.places import Places
from ansible_collections.miclinik.hosting.plugins.module_utils.services import systemd_unit

from . import sites

PHP = ["miclinik-php@norte.service", "miclinik-php@norte.socket"]
TIMER = "miclinik-backup@norte.timer"
WANTED = {
    "sockets.target.wants": PHP[1],
    "multi-user.target.wants": PHP[0],
    "timers.target.wants": TIMER,
}


class Systemd:
    """Links as systemctl makes and removes them."""

    def __init__(self, root: Path) -> None:
        self.folder = root / "etc/systemd/system"
        self.running = {*PHP, TIMER}
        self.killed_at = ""
        for folder, unit in WANTED.items():
            (self.folder / folder).mkdir(parents=True)
            (self.folder / folder / unit).symlink_to(f"../{unit}")
        (self.folder / "timers.target.wants/miclinik-backup@sur.timer").symlink_to("nowhere")

    @property
    def enabled(self) -> list[str]:
        return sorted(link.name for link in self.folder.glob("*/*@norte.*"))

    def order(self, verb: str, *words: str, quiet: bool = False) -> None:
        assert quiet or words
        if verb == self.killed_at:
            raise sites.Killed
        units = [word for word in words if not word.startswith("--")]
        if verb in ("enable", "disable"):
            for folder, unit in WANTED.items():
                if unit in units:
                    link = self.folder / folder / unit
                    link.unlink(missing_ok=True)
                    if verb == "enable":
                        link.symlink_to(f"../{unit}")
        if verb == "start":
            self.running |= set(units)
        elif verb == "stop" or "--now" in words:
            self.running -= set(units)


@pytest.fixture(name="places")
def _places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Places:
    stage, server = sites.stage(tmp_path)
    monkeypatch.setattr(engines, "of", lambda _places: server)
    return stage.places


@pytest.fixture(name="systemd")
def _systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Systemd:
    systemd = Systemd(tmp_path)
    monkeypatch.setattr(systemd_unit, "order", systemd.order)
    return systemd


def test_nobody_gets_in_and_nothing_starts_by_itself(places: Places, systemd: Systemd) -> None:
    for _ in range(2):
        closing.close(places)
        assert (places.closed.exists(), systemd.enabled, systemd.running) == (True, [], set())
    with pytest.raises(JournalError, match=r"it is closed, .* miclinikctl norte open"):
        operations.carry_out(places, "upgrade", lambda _stage, _journal: None)
    assert places.closed.exists()


def test_it_is_opened_as_it_was(places: Places, systemd: Systemd) -> None:
    closing.close(places)
    closing.open_(places)
    everything = sorted(WANTED.values())
    assert (places.closed.exists(), systemd.enabled, sorted(systemd.running)) == (False, everything, everything)
    assert not places.shut.exists()
    assert operations.carry_out(places, "upgrade", lambda _stage, _journal: None).state == "done"


@pytest.mark.parametrize("verb", ["disable", "stop"])
def test_what_was_killed_while_it_closed_is_closed_or_opened_by_the_next(
    places: Places, systemd: Systemd, verb: str
) -> None:
    systemd.killed_at = verb
    with pytest.raises(sites.Killed):
        closing.close(places)
    systemd.killed_at = ""
    closing.close(places)
    closing.open_(places)
    assert (places.closed.exists(), systemd.enabled) == (False, sorted(WANTED.values()))


def test_one_that_is_open_is_opened_without_harm(places: Places, systemd: Systemd) -> None:
    closing.open_(places)
    assert (places.closed.exists(), systemd.enabled) == (False, sorted(WANTED.values()))
