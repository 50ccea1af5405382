# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A copy takes the place of what is served whole or not at all, wherever it is killed."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.life.engine import EngineError, Login
from ansible_collections.miclinik.hosting.plugins.module_utils.life.journal import Journal
from ansible_collections.miclinik.hosting.plugins.module_utils.life.stage import StageError

from .sites import NEW, OLD, Killed, killed, shape, stage

SERVED = ({"a": 1, "b": 2, "c": 3}, "old", OLD)
UPGRADED = ({"a": 1, "b": 2, "d": 4}, "new", NEW)


def _journal(site: Path) -> Journal:
    return Journal.begin(site / "journal.json", "upgrade", "1", {})


def test_a_copy_takes_the_place_of_what_is_served(tmp_path: Path) -> None:
    site, server = stage(tmp_path)
    site.promote(_journal(tmp_path), "next", "before", NEW)
    assert shape(site) == UPGRADED
    assert server.databases["norte$before"] == SERVED[0]
    assert (site.places.documents("before") / "invoice.pdf").read_text() == "old"


@pytest.mark.parametrize("renames", range(7))
@pytest.mark.parametrize("again", [0, 1, 2, 5, 100])
def test_killed_while_tables_move_it_goes_back_even_when_that_is_killed(
    tmp_path: Path, renames: int, again: int
) -> None:
    site, server = stage(tmp_path)
    journal = _journal(tmp_path)
    with killed(server, renames):
        if renames < 6:
            with pytest.raises(Killed):
                site.promote(journal, "next", "before", NEW)
        else:
            site.promote(journal, "next", "before", NEW)
    # Who comes next knows the journal alone.
    kept = Journal.read(journal.file)
    assert kept is not None
    with killed(server, again), contextlib.suppress(Killed):
        site.revert(kept)
    site.revert(kept)
    assert shape(site) == SERVED
    assert "norte$before" not in server.databases
    site.revert(kept)
    assert shape(site) == SERVED


@pytest.mark.parametrize("name", ["swap-database", "swap-documents", "swap-release"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_at_a_record_it_goes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, when: str) -> None:
    site, _ = stage(tmp_path)
    journal = _journal(tmp_path)
    write = Journal.write

    def cut(self: Journal) -> None:
        last = self.steps[-1] if self.steps else None
        if last and last.name == name and (last.ended is None) == (when == "before"):
            if when == "before":
                write(self)
            raise Killed
        write(self)

    monkeypatch.setattr(Journal, "write", cut)
    with pytest.raises(Killed):
        site.promote(journal, "next", "before", NEW)
    monkeypatch.undo()
    kept = Journal.read(journal.file)
    assert kept is not None
    site.revert(kept)
    assert shape(site) == SERVED


def test_a_killed_rename_of_documents_goes_back(tmp_path: Path) -> None:
    site, _ = stage(tmp_path)
    journal = _journal(tmp_path)
    site.promote(journal, "next", "before", NEW)
    # Between its two renames.
    site.places.documents("live").rename(site.places.documents("next"))
    site.revert(journal)
    assert shape(site) == SERVED


def test_what_was_kept_before_is_not_taken_for_this_operation_s(tmp_path: Path) -> None:
    """Killed before anything was moved, an older copy of the same name must stay where it is."""
    site, server = stage(tmp_path)
    server.databases["norte$before"] = {"older": 9}
    site.places.documents("before").mkdir()
    site.revert(_journal(tmp_path))
    assert shape(site) == SERVED
    assert server.databases["norte$before"] == {"older": 9}


def test_what_is_served_is_never_forgotten(tmp_path: Path) -> None:
    site, _ = stage(tmp_path)
    with pytest.raises(StageError):
        site.forget("live")
    assert shape(site) == SERVED


def test_a_copy_that_is_not_whole_is_refused(tmp_path: Path) -> None:
    site, server = stage(tmp_path)
    site.make("next")
    dump = tmp_path / "dump"
    rows = server.dump("norte", dump)
    server.databases["norte$next"] = {"c": -1}
    server.load = lambda database, file: None  # type: ignore[method-assign]
    with pytest.raises(StageError, match=r"does not hold .* a \(missing of 1\), b \(missing of 2\), c \(-1 of 3\)"):
        site.fill_database("next", dump, rows)


def test_linked_documents_are_copied_beside_where_they_are(tmp_path: Path) -> None:
    site, _ = stage(tmp_path)
    disk = tmp_path / "disk/data"
    disk.parent.mkdir()
    site.places.documents("live").rename(disk)
    (site.places.home / "documents").symlink_to(disk)
    site.places.documents("next")
    assert site.places.documents("next") == disk.with_name("data.next")
    disk.with_name("data.next").mkdir()
    (disk.with_name("data.next") / "invoice.pdf").write_text("new")
    site.promote(_journal(tmp_path), "next", "before", NEW)
    assert (site.places.home / "documents").is_symlink()
    assert shape(site) == UPGRADED


def test_what_a_copy_is_goes_with_it(tmp_path: Path) -> None:
    site, _ = stage(tmp_path)
    site.remember("next", {"version": "22.0.4"})
    assert site.remembered("next") == {"version": "22.0.4"}
    (site.places.work / "next-conf.php").touch()
    site.forget("next")
    assert site.remembered("next") == {}
    assert list(site.places.work.iterdir()) == []


def test_where_the_database_is_on_another_server_nothing_is_begun_and_nothing_has_to_be_taken_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site, server = stage(tmp_path)
    server.login = Login("norte", "norte", host="db.example.org")

    def drop(_database: str) -> None:
        raise EngineError("on another server nothing is taken away")

    monkeypatch.setattr(server, "drop", drop)
    with pytest.raises(
        EngineError, match=r"A second copy of the site takes .* that of 'norte' on db\.example\.org ends"
    ):
        site.check()
    # As a recovery does: it would never come to its end.
    site.forget("next")
    assert not site.places.documents("next").exists()
