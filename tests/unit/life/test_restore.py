# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A snapshot comes back whole, or nothing has changed."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.application import release_files
from ansible_collections.miclinik.hosting.plugins.module_utils.life import (
    backup,
    choice,
    definers,
    door,
    engines,
    operations,
    proof,
    restic,
    restore,
    units,
    within,
)
from ansible_collections.miclinik.hosting.plugins.module_utils.life.backup import Run, Settings
from ansible_collections.miclinik.hosting.plugins.module_utils.life.journal import Journal
from ansible_collections.miclinik.hosting.plugins.module_utils.life.manifest import ManifestError
from ansible_collections.miclinik.hosting.plugins.module_utils.life.proof import ProofError
from ansible_collections.miclinik.hosting.plugins.module_utils.life.restic import Repository, ResticError
from ansible_collections.miclinik.hosting.plugins.module_utils.life.stage import Stage, StageError

from . import backed_up
from .sites import OLD, Server, shape

THEN = ({"a": 1, "b": 2, "c": 3}, "old", OLD)


class Site:
    """A site, its snapshot, and what was written since."""

    def __init__(self, root: Path, repository: Repository) -> None:
        self.stage, self.server = backed_up.site(root)
        self.repository = repository
        self.snapshot = Run(self.stage.places, self.server, Settings(), repository).take().snapshot
        self.server.databases["norte"] |= {"a": 7, "new": 1}
        self.document.write_text("newer")

    @property
    def document(self) -> Path:
        return self.stage.places.documents("live") / "invoice.pdf"

    def restore(self, **order: str) -> Journal:
        journal = Journal.begin(self.stage.places.work / "journal.json", "restore", "1", {})
        restore.restore(self.stage, journal, order)
        return journal


@pytest.fixture
def site(tmp_path: Path, repository: Repository, monkeypatch: pytest.MonkeyPatch) -> Site:
    """Have PHP and the web server be out of it."""
    for name in ("close", "start", "open_"):
        monkeypatch.setattr(door, name, lambda *_words: None)
    monkeypatch.setattr(proof, "prove", lambda *_words: {})
    monkeypatch.setattr(restic, "read_environment", lambda: dict(repository.environment))
    monkeypatch.setattr(backup.Settings, "read", classmethod(lambda cls: cls()))
    return Site(tmp_path / "root", repository)


def test_what_was_then_is_served_again_and_what_was_now_is_kept(site: Site) -> None:
    journal = site.restore()
    assert shape(site.stage) == THEN
    assert journal.facts["snapshot"] == site.snapshot
    assert journal.warnings == []
    # Aside on the host, and as a snapshot.
    assert site.server.databases["norte$undone"] == {"a": 7, "b": 2, "c": 3, "new": 1}
    assert (site.stage.places.documents("undone") / "invoice.pdf").read_text() == "newer"
    (kept,) = site.repository.snapshots("before-restore")
    assert str(kept["id"]).startswith(journal.facts["kept"])
    assert "norte$next" not in site.server.databases
    assert [one.name for one in site.stage.places.home.iterdir() if "fetched" in one.name] == []


def test_what_was_made_by_the_way_is_never_the_latest(site: Site) -> None:
    site.restore()
    chosen = choice.choose(site.repository, site.stage.places, "latest")
    assert chosen.snapshot == site.snapshot
    kept = str(site.repository.snapshots("before-restore")[0]["id"])
    assert choice.choose(site.repository, site.stage.places, kept[:8]).manifest.rows["new"] == 1


def test_a_snapshot_of_another_layout(site: Site) -> None:
    """Dump and manifest are where the snapshot has them, and not where one would have them today."""
    file = next(Path(site.repository.environment["RESTIC_REPOSITORY"]).glob("snapshots/*.json"))
    data = Path(site.repository.environment["RESTIC_REPOSITORY"]) / "data" / file.stem
    folder = str(backup.folder_of(site.stage.places))
    older = "/var/lib/older/norte/backup"
    (data / "var/lib/older/norte").mkdir(parents=True)
    (data / folder.lstrip("/")).rename(data / older.lstrip("/"))
    file.write_text(file.read_text().replace(folder, older))
    site.restore()
    assert shape(site.stage) == THEN


def test_a_point_in_time(site: Site) -> None:
    places = site.stage.places
    second = Run(places, site.server, Settings(), site.repository).take().snapshot
    assert choice.choose(site.repository, places, "latest").snapshot == second
    assert choice.choose(site.repository, places, "latest", "2026-11-27T01:00:01.9").snapshot == site.snapshot
    assert choice.choose(site.repository, places, "latest", "2026-11-27T02:00:01.9+01:00").snapshot == site.snapshot
    assert choice.choose(site.repository, places, "latest", "2027-01-01").snapshot == second


@pytest.mark.parametrize(
    ("order", "words"),
    [
        ({"snapshot": "ffff"}, "no snapshot of 'norte' called ffff: miclinikctl norte backup list"),
        ({"snapshot": "0"}, "no snapshot of 'norte' called 0"),
        ({"at": "2020-01-01"}, "there is no snapshot of 'norte' from before 2020-01-01"),
        ({"at": "yesterday"}, "'yesterday' is no time: write 2026-11-27T01:30"),
    ],
)
def test_a_snapshot_that_is_not_there(site: Site, order: dict[str, str], words: str) -> None:
    now = shape(site.stage)
    with pytest.raises(StageError, match=words):
        site.restore(**order)
    assert shape(site.stage) == now


def test_a_site_without_snapshots(site: Site) -> None:
    shutil.rmtree(Path(site.repository.environment["RESTIC_REPOSITORY"]) / "snapshots")
    with pytest.raises(StageError, match="has no snapshot of a site 'norte'"):
        site.restore()


def _of_another_site(site: Site) -> None:
    _change(site.stage.places.state / "secrets.json", instance_unique_id="ff" * 32)


def _other_engine(site: Site) -> None:
    conf = site.stage.places.conf
    conf.write_text(conf.read_text().replace("mysqli", "pgsql"))


def _older_php(site: Site) -> None:
    _change(site.stage.places.facts, php="/usr/bin/php7.4")


def _change(file: Path, **more: Any) -> None:  # noqa: ANN401 (what JSON holds)
    file.write_text(json.dumps(json.loads(file.read_text()) | more))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_of_another_site, "is of another site that is called 'norte' as well"),
        (
            _other_engine,
            "is of mariadb, and the site's is on postgresql: data is not moved from one engine to the other",
        ),
        (_older_php, "holds version 16.0.3, which ran on PHP 8.2, and this host has PHP 7.4, on which it does not run"),
    ],
)
def test_a_snapshot_that_does_not_fit(site: Site, change: Any, words: str) -> None:  # noqa: ANN401
    now = shape(site.stage)
    change(site)
    with pytest.raises(StageError, match=words):
        site.restore()
    assert shape(site.stage) == now
    assert sorted(site.server.databases) == ["norte"]


@pytest.mark.parametrize(("here", "fits"), [("15.14", False), ("17.1", True), ("18.0", True)])
def test_a_dump_is_read_by_a_server_that_is_not_older(
    site: Site, monkeypatch: pytest.MonkeyPatch, here: str, fits: bool
) -> None:
    said = choice.choose(site.repository, site.stage.places, "latest").manifest
    monkeypatch.setattr(Server, "version", lambda _self: here)
    restore.require_server(site.stage, replace(said, engine_version="17.6"))  # MariaDB
    monkeypatch.setattr(Server, "name", "postgresql")
    if fits:
        restore.require_server(site.stage, replace(said, engine_version="17.6"))
    else:
        with pytest.raises(StageError, match=r"is of PostgreSQL 17\.6, and this host has 15\.14, which does not read"):
            restore.require_server(site.stage, replace(said, engine_version="17.6"))


def test_a_newer_php_that_is_known_runs_it(site: Site) -> None:
    _change(site.stage.places.facts, php="/usr/bin/php8.4")
    site.restore()
    assert shape(site.stage) == THEN


def test_a_full_disk(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: shutil._ntuple_diskusage(1, 1, 1000))
    with pytest.raises(StageError, match=r"has 0 MiB free, and what is restored takes .* make room"):
        site.restore()
    assert shape(site.stage)[1] == "newer"


def test_a_wrong_password(site: Site) -> None:
    Path(site.repository.environment["RESTIC_PASSWORD_FILE"]).write_text("no\n")
    with pytest.raises(ResticError, match="does not open the repository"):
        site.restore()


def _stored(site: Site, name: str) -> Path:
    store = Path(site.repository.environment["RESTIC_REPOSITORY"]) / "data"
    (found,) = (file for file in store.rglob(name) if site.snapshot in str(file))
    return found


@pytest.mark.parametrize(
    ("name", "words"),
    [("invoice.pdf", r"1 of 2 documents .* invoice.pdf \(other content\)"), ("database.sql", "does not hold what")],
)
def test_what_comes_back_otherwise_is_not_served(site: Site, name: str, words: str) -> None:
    file = _stored(site, name)
    seen = file.stat()
    file.write_text("bad" if name == "invoice.pdf" else '{"a": 1, "b": 2, "c": 2}')
    os.utime(file, ns=(seen.st_atime_ns, seen.st_mtime_ns))
    with pytest.raises((ManifestError, StageError), match=words):
        site.restore()
    assert shape(site.stage) == ({"a": 7, "b": 2, "c": 3, "new": 1}, "newer", OLD)


def test_what_does_not_work_goes_back(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_words: object) -> dict[str, Any]:
        raise ProofError("PHP does not answer")

    monkeypatch.setattr(proof, "prove", broken)
    monkeypatch.setattr(door, "stop", lambda *_words: None)
    monkeypatch.setattr(within, "end", lambda _site: None)
    monkeypatch.setattr(units, "start_server", lambda _engine: None)
    monkeypatch.setattr(engines, "of", lambda _places: site.server)
    order: dict[str, Any] = {}
    with pytest.raises(operations.OperationError, match="restore failed at 'prove': PHP does not answer"):
        operations.carry_out(
            site.stage.places, "restore", lambda stage, journal: restore.restore(stage, journal, order)
        )
    assert shape(site.stage) == ({"a": 7, "b": 2, "c": 3, "new": 1}, "newer", OLD)
    assert sorted(site.server.databases) == ["norte", "norte$undone"] or sorted(site.server.databases) == ["norte"]


def test_a_release_that_is_not_here_any_more(site: Site) -> None:
    places = site.stage.places
    newer = places.releases / "22.0.4-bbbbbbbbbbbb"
    (newer / "htdocs").mkdir(parents=True)
    (newer / "htdocs/filefunc.inc.php").write_text("<?php define('DOL_VERSION', '22.0.4');")
    places.current.unlink()
    places.current.symlink_to("releases/22.0.4-bbbbbbbbbbbb")
    shutil.rmtree(places.releases / OLD)
    (places.releases / f".{OLD}.files").unlink()
    site.restore()
    assert shape(site.stage) == THEN
    assert (places.releases / OLD / "htdocs/filefunc.inc.php").is_file()
    # By whatever name the site was called then, its release leads to where it is now.
    links = {name: os.readlink(places.releases / OLD / name) for name in ("htdocs/conf/conf.php", "documents")}
    assert links == {"htdocs/conf/conf.php": places.usual["conf"], "documents": places.usual["documents"]}
    assert release_files.look(places.releases / OLD, places.releases / f".{OLD}.files")["changed"] == {}
    assert (places.releases / f".{OLD}.files").is_file()


def test_a_site_that_is_too_broken_for_a_snapshot_is_restored_all_the_same(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_run: Run) -> None:
        raise backup.BackupError("no dump")

    monkeypatch.setattr(Run, "take", broken)
    journal = site.restore()
    assert shape(site.stage) == THEN
    assert journal.warnings == [
        "no snapshot could be made of what was served (no dump); it is kept aside on the host",
    ]


def test_keys_that_callers_have_now_stay(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    class Spy:
        def __init__(self, name: str) -> None:
            assert name == "norte"

        def batch(self, orders: Any, _check: bool) -> list[Any]:  # noqa: ANN401
            asked.extend(orders)
            return []

    monkeypatch.setattr(restore, "Bridge", Spy)
    users = {"integration": {"key": "k2"}, "same": {"key": "k3"}}
    _change(site.stage.places.state / "secrets.json", users=users)
    assert restore._set_keys(site.stage.places, {"integration": "k1", "same": "k3"}) == []
    assert asked == [{"command": "key set", "args": {"login": "integration", "key": "k2"}}]


def test_triggers_belong_to_the_user_that_the_site_has_now(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    conf = site.stage.places.conf
    conf.write_text(conf.read_text() + "$dolibarr_main_db_user='then';\n")
    Run(site.stage.places, site.server, Settings(), site.repository).take()
    asked: list[tuple[str, str, str]] = []
    monkeypatch.setattr(definers, "rewrite", lambda dump, old, new: asked.append((dump.name, old, new)))
    site.restore()
    assert asked == [("database.sql", "then", "norte")]


def test_what_a_kill_leaves_is_taken_away_with_the_copy(site: Site) -> None:
    landing = site.stage.landing("next")
    landing.mkdir()
    (landing / "a").write_text("fetched")
    site.stage.forget("next")
    assert not landing.exists()


def test_a_test_leaves_nothing(site: Site) -> None:
    now, there = shape(site.stage), sorted(site.stage.places.home.iterdir())
    chosen = restore.test(site.stage, site.repository)
    assert chosen.snapshot == site.snapshot
    assert (shape(site.stage), sorted(site.server.databases)) == (now, ["norte"])
    assert sorted(site.stage.places.home.iterdir()) == there


def test_a_test_that_fails_leaves_nothing_either(site: Site) -> None:
    _stored(site, "database.sql").write_text('{"a": 1}')
    with pytest.raises(StageError, match="does not hold what was written"):
        restore.test(site.stage, site.repository)
    assert sorted(site.server.databases) == ["norte"]
    assert [
        one.name for one in site.stage.places.home.iterdir() if "fetched" in one.name or "scratch" in one.name
    ] == []


def test_stages_are_typed(site: Site) -> None:
    assert isinstance(site.stage, Stage)
    assert isinstance(site.server, Server)
