# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What failed, or was killed with its recovery, is taken back by a later try; whoever watches waits for that."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.life import (
    commands,
    door,
    engines,
    operations,
    units,
    within,
)
from ansible_collections.miclinik.hosting.plugins.module_utils.life.engine import EngineError
from ansible_collections.miclinik.hosting.plugins.module_utils.life.journal import (
    DONE,
    FAILED,
    RUNNING,
    Journal,
    JournalError,
)
from ansible_collections.miclinik.hosting.plugins.module_utils.life.places import Places
from ansible_collections.miclinik.hosting.plugins.module_utils.life.stage import Stage, StageError
from ansible_collections.miclinik.hosting.plugins.module_utils.services import systemd_unit
from ansible_collections.miclinik.hosting.plugins.module_utils.services.systemd_unit import UnitError
from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout

from . import sites
from .sites import NEW, Killed, shape

AWAY = "asking MariaDB (SELECT) failed: Can't connect to local server"


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """Return a site whose PHP is nothing, and whose web server looks for the file alone."""
    found, server = sites.stage(tmp_path)
    monkeypatch.setattr(engines, "of", lambda _places: server)
    monkeypatch.setattr(door, "stop", lambda _places: None)
    monkeypatch.setattr(door, "start", lambda _places: None)
    monkeypatch.setattr(within, "end", lambda _site: None)
    monkeypatch.setattr(units, "start_server", lambda _engine: None)
    return found


def _away(monkeypatch: pytest.MonkeyPatch, stage: Stage) -> None:
    def refuse(*_words: object) -> None:
        raise EngineError(AWAY)

    for name in ("move", "drop", "tables"):
        monkeypatch.setattr(stage.engine, name, refuse)


def _journal(stage: Stage) -> Journal:
    journal = Journal.read(stage.places.journal)
    assert journal is not None
    return journal


def _promote(stage: Stage, journal: Journal) -> None:
    with journal.step("close", "close the site"):
        door.mark(stage.places, "a test")
    stage.promote(journal, layout.NEXT, layout.BEFORE, NEW)
    raise StageError("it does not work")


def test_while_the_database_is_away_it_is_tried_again(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    before = shape(stage)

    def promote_and_lose(stage: Stage, journal: Journal) -> None:
        try:
            _promote(stage, journal)
        finally:
            _away(monkeypatch, stage)

    with pytest.raises(operations.OperationError, match=r"could not be taken back yet \(try 1: asking MariaDB"):
        operations.carry_out(stage.places, "upgrade", promote_and_lose)
    problem = "swap-release: it does not work"
    seen = _journal(stage)
    assert (seen.state, seen.problem, seen.tries, seen.obstacle) == (RUNNING, problem, 1, AWAY)
    assert stage.places.closed.exists()
    with pytest.raises(operations.OperationError, match=r"try 2: .*tried again by miclinik-recover@norte"):
        operations.recover(stage.places)
    for name in ("move", "drop", "tables"):
        monkeypatch.setattr(stage.engine, name, getattr(sites.Server, name).__get__(stage.engine))
    assert operations.recover(stage.places) is not None
    seen = _journal(stage)
    assert (seen.state, seen.problem, seen.tries) == (FAILED, problem, 3)
    assert shape(stage) == before
    assert not stage.places.closed.exists()
    assert operations.recover(stage.places) is None


@pytest.mark.parametrize("left", range(4))
def test_a_recovery_that_is_killed_is_done_by_the_next(stage: Stage, left: int) -> None:
    before = shape(stage)

    def promote_and_die(stage: Stage, journal: Journal) -> None:
        try:
            _promote(stage, journal)
        except StageError:
            raise Killed from None

    with pytest.raises(Killed):
        operations.carry_out(stage.places, "upgrade", promote_and_die)
    for _ in range(2):
        with sites.killed(stage.engine, left), pytest.raises(Killed):  # type: ignore[arg-type]
            operations.recover(stage.places)
        if left > 1:
            break
    operations.recover(stage.places)
    assert shape(stage) == before
    assert (_journal(stage).state, _journal(stage).problem) == (FAILED, "it was killed")


def test_a_server_that_was_killed_is_started(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(units, "start_server", asked.append)
    Journal.begin(stage.places.journal, "upgrade", "1", {})
    operations.recover(stage.places)
    operations.recover(stage.places)
    assert asked == ["mariadb"]


def _open(stage: Stage, journal: Journal) -> None:
    """Put the copy in place and let everybody in, as an upgrade does."""
    with journal.step("close", "close the site"):
        door.mark(stage.places, "a test")
    stage.promote(journal, layout.NEXT, layout.BEFORE, NEW)
    with journal.step(door.OPEN, "open the site"):
        door.open_(stage.places)
        (stage.places.documents("live") / "written since").touch()


@pytest.mark.parametrize("ended", [False, True])
def test_what_clients_have_written_since_it_was_open_is_not_taken_back(stage: Stage, ended: bool) -> None:
    """Seen in the code: a kill between the open door and the end of the record lost what was answered with success."""
    after = {"a": 1, "b": 2, "d": 4}, "new", NEW

    def open_and_die(stage: Stage, journal: Journal) -> None:
        _open(stage, journal)
        if not ended:
            journal.steps[-1].ended = None
            journal.write()
        raise Killed

    with pytest.raises(Killed):
        operations.carry_out(stage.places, "upgrade", open_and_die)
    journal = operations.recover(stage.places)
    assert journal is not None
    assert (journal.state, journal.problem) == (DONE, "")
    assert journal.warnings == ["it was killed, after it had taken effect: it was brought to its end"]
    assert shape(stage) == after
    assert (stage.places.documents("live") / "written since").exists()
    assert stage.places.documents("before").exists()  # for a roll-back
    assert not stage.engine.there("norte$next")


def test_nor_where_something_fails_behind_the_open_door(stage: Stage) -> None:
    def open_and_fail(stage: Stage, journal: Journal) -> None:
        _open(stage, journal)
        raise EngineError(AWAY)

    journal = operations.carry_out(stage.places, "upgrade", open_and_fail)
    assert (journal.state, shape(stage)[2]) == (DONE, NEW)
    assert journal.warnings == [f"open: {AWAY}, after it had taken effect: it was brought to its end"]


def test_a_door_that_does_not_open_has_let_nobody_in(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    before = shape(stage)
    left = [UnitError("PHP does not start")]

    def start(_places: Places) -> None:
        if left:
            raise left.pop()

    monkeypatch.setattr(door, "start", start)
    with pytest.raises(operations.OperationError, match="failed at 'open': PHP does not start"):
        operations.carry_out(stage.places, "upgrade", _open)
    assert shape(stage) == before
    assert not stage.places.closed.exists()


def test_who_is_in_the_way_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    places = Places("norte", tmp_path)
    monkeypatch.setattr("sys.argv", ["miclinik-life", "norte", "backup", "run"])
    with operations.alone(places):
        for _ in range(2):
            with (
                pytest.raises(JournalError, match=r"^`norte backup run` is under way with the site: see /"),
                operations.alone(places),
            ):
                raise AssertionError
        with pytest.raises(JournalError, match="`norte backup run`"), operations.turn(places):
            raise AssertionError
    with operations.turn(places):
        pass


class Systemd:
    """Units by name, and what each is busy with, one answer after the other."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *busy: str) -> None:
        self.busy, self.orders = list(busy), list[tuple[str, ...]]()
        monkeypatch.setattr(units, "busy", lambda _site: bool(self.busy and self.busy.pop(0)))
        monkeypatch.setattr(systemd_unit, "order", lambda *words: self.orders.append(words))
        monkeypatch.setattr(commands, "_PAUSE", 0.0)


@pytest.mark.parametrize(
    ("state", "busy", "expected"),
    [
        (RUNNING, ["change"], True),
        # It has failed, and systemd is about to start what takes it back.
        (RUNNING, ["", "recover"], True),
        (RUNNING, [], False),
        (FAILED, [], False),
    ],
)
def test_who_watches_waits_for_what_is_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, state: str, busy: list[str], expected: bool
) -> None:
    Systemd(monkeypatch, *busy)
    journal = Journal.begin(Places("norte", tmp_path).journal, "upgrade", "1", {})
    if state == FAILED:
        journal.end("it was killed")
    assert commands.under_way(Places("norte", tmp_path)) is expected


def test_what_is_said_of_a_site_that_is_not_whole(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.json", "upgrade", "1", 0.0, obstacle=AWAY)
    assert commands.outcome(journal, "norte") == (
        f"It could not be taken back, and nobody is let in: {AWAY}. Mend that, then: miclinikctl norte recover;"
        " journalctl -u miclinik-recover@norte.service"
    )
    journal.state = FAILED
    assert commands.outcome(journal, "norte") == "The site is as it was before."


def test_after_a_power_cut_each_site_is_taken_back_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    systemd = Systemd(monkeypatch)
    monkeypatch.setattr(layout, "WORK", str(tmp_path / "work"))
    monkeypatch.setattr(layout, "STATES", str(tmp_path / "states"))
    for name, ended in (("este", True), ("norte", False), ("sur", False), ("gone", False)):
        places = Places(name)
        journal = Journal.begin(places.journal, "upgrade", "1", {})
        if name != "gone":
            places.facts.parent.mkdir(parents=True)
            places.facts.write_text("{}")
        if ended:
            journal.end()
    (tmp_path / "work/sur/journal.json").write_text("{")
    assert commands.main(["--all", "recover"]) == 0
    assert systemd.orders == [("start", "--no-block", f"miclinik-recover@{name}.service") for name in ("norte", "sur")]
