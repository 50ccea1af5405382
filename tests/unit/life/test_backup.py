# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A snapshot is whole, or there is an error."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.application import identity
from ansible_collections.miclinik.hosting.plugins.module_utils.life import backup
from ansible_collections.miclinik.hosting.plugins.module_utils.life import manifest as life_manifest
from ansible_collections.miclinik.hosting.plugins.module_utils.life.backup import BackupError, Run, Settings
from ansible_collections.miclinik.hosting.plugins.module_utils.life.engine import EngineError
from ansible_collections.miclinik.hosting.plugins.module_utils.life.manifest import Manifest
from ansible_collections.miclinik.hosting.plugins.module_utils.life.restic import Repository

from . import backed_up
from .sites import OLD

KEEP = Settings(keep={"daily": 7, "weekly": 0}, collection="0.1.0")


def _with(repository: Repository, **more: str) -> Repository:
    return Repository({**repository.environment, **more})


def _run(tmp_path: Path, repository: Repository, *marks: str, said: list[str] | None = None) -> Run:
    stage, server = backed_up.site(tmp_path / "root")
    return Run(stage.places, server, KEEP, repository, marks, (said if said is not None else []).append)


def test_all_that_a_site_is(tmp_path: Path, repository: Repository) -> None:
    run = _run(tmp_path, repository)
    taken = run.take()
    places = run.places
    paths = {str(node["path"]) for node in repository.listing(taken.snapshot)}
    for place in (
        places.work / "backup/database.sql",
        places.work / "backup/manifest.json",
        places.documents("live") / "invoice.pdf",
        places.documents("live") / "[odd] *.txt",
        places.state / "secrets.json",
        places.conf,
        places.current,
        places.releases / OLD / "htdocs/filefunc.inc.php",
        places.releases / f".{OLD}.files",
    ):
        assert str(place) in paths
    said = Manifest.read(repository.bytes_of(taken.snapshot, str(places.work / "backup/manifest.json")))
    assert said == taken.manifest
    assert (said.site, said.version, said.release, said.php) == ("norte", "16.0.3", OLD, "8.2")
    assert (said.engine, said.engine_version, said.rows) == ("mariadb", "1", {"a": 1, "b": 2, "c": 3})
    assert said.sign == identity.sign(backed_up.IDENTIFIER)
    assert sorted(said.documents) == ["[odd] *.txt", "invoice.pdf"]
    assert backed_up.IDENTIFIER not in said.text()
    # A database in the clear is not left about.
    assert not (places.work / "backup").exists()


def test_tags(tmp_path: Path, repository: Repository) -> None:
    _run(tmp_path, repository).take()
    (one,) = repository.snapshots("miclinik", "site=norte")
    sign = identity.sign(backed_up.IDENTIFIER)[:16]
    assert one["tags"] == ["miclinik", "site=norte", f"sign={sign}", "version=16.0.3", "timed"]
    shutil.rmtree(tmp_path / "root")
    _run(tmp_path, repository, "before-restore").take()
    assert repository.snapshots("extra")[0]["tags"][-2:] == ["extra", "before-restore"]


def test_documents_behind_a_link(tmp_path: Path, repository: Repository) -> None:
    run = _run(tmp_path, repository)
    live = run.places.documents("live")
    live.rename(tmp_path / "disk")
    live.symlink_to(tmp_path / "disk")
    taken = run.take()
    paths = {str(node["path"]): node["type"] for node in repository.listing(taken.snapshot)}
    assert paths[str(live)] == "symlink"
    assert paths[str(tmp_path / "disk/invoice.pdf")] == "file"
    assert taken.manifest.documents_folder == str(tmp_path / "disk")


@pytest.mark.parametrize(
    ("skipped", "words"),
    [
        ("manifest.json", "is not whole, it lacks: .*manifest.json"),
        ("database.sql", "is not whole, it lacks: .*database.sql"),
        ("filefunc.inc.php", f"is not whole, it lacks: 1 files of the release {OLD}"),
        ("invoice.pdf", "not in the snapshot as they are, 3 times in a row; they cannot be read: invoice.pdf"),
    ],
)
def test_what_restic_leaves_out_is_missed(tmp_path: Path, repository: Repository, skipped: str, words: str) -> None:
    run = _run(tmp_path, _with(repository, FAKE_SKIP=skipped))
    with pytest.raises(BackupError, match=words):
        run.take()


def test_what_is_not_there_is_named(tmp_path: Path, repository: Repository) -> None:
    run = _run(tmp_path, repository)
    run.places.conf.rename(tmp_path / "conf.php")
    with pytest.raises((BackupError, KeyError)):
        run.take()


def test_a_dump_that_ends_too_early(tmp_path: Path, repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    run = _run(tmp_path, repository)

    def broken(_self: Any, _database: str, _file: Path) -> dict[str, int]:  # noqa: ANN401 (the server of sites.py)
        raise EngineError("reading the database 'norte' ended too early")

    monkeypatch.setattr(type(run.engine), "dump", broken)
    with pytest.raises(EngineError, match="ended too early"):
        run.take()
    assert repository.snapshots("miclinik") == []
    assert not (run.places.work / "backup").exists()


def test_a_document_that_changes_while_restic_reads(
    tmp_path: Path, repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    run = _run(tmp_path, repository, said=said)
    file = run.places.documents("live") / "invoice.pdf"
    times = iter([1, 2])
    true = life_manifest.digests

    def digests(folder: Path, cache: Path | None = None) -> dict[str, Any]:
        found = true(folder, cache)
        if next(times) == 1:
            file.unlink()  # after the look, before restic
        return found

    monkeypatch.setattr(life_manifest, "digests", digests)
    taken = run.take()
    assert "1 files changed while they were read, or cannot be read: once more" in said
    assert (sorted(taken.manifest.documents), taken.manifest.restless) == (["[odd] *.txt"], ["invoice.pdf"])


def test_a_full_disk_is_told_before_anything_is_written(
    tmp_path: Path, repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = _run(tmp_path, repository)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: shutil._ntuple_diskusage(1, 1, 1000))
    with pytest.raises(BackupError, match="has 0 MiB free, and the database written out takes up to 0 MiB, with 256"):
        run.take()
    assert repository.snapshots("miclinik") == []


def test_what_is_kept(tmp_path: Path, repository: Repository) -> None:
    run = _run(tmp_path, repository)
    assert backup.forget("a" * 64, KEEP, repository) == 2
    lines = (Path(repository.environment["RESTIC_REPOSITORY"]) / "forgotten").read_text().splitlines()
    sign = "a" * 16
    assert [json.loads(line)[3:] for line in lines] == [
        ["--tag", f"miclinik,sign={sign},extra", "--group-by", "", "--keep-last=10"],
        ["--tag", f"miclinik,sign={sign},timed", "--group-by", "", "--keep-daily=7"],
    ]
    assert run.places.site == "norte"


@pytest.mark.parametrize(
    "settings", [Settings(keep={"daily": 7}, append_only=True), Settings(), Settings(keep={"a": 0})]
)
def test_nothing_is_ever_taken_away(repository: Repository, settings: Settings) -> None:
    assert backup.forget("a" * 64, settings, repository) == 0
    assert not (Path(repository.environment["RESTIC_REPOSITORY"]) / "forgotten").exists()


@pytest.mark.parametrize(("part", "word"), [("", "--read-data"), ("3/10", "--read-data-subset=3/10")])
def test_checks_read_data(repository: Repository, part: str, word: str) -> None:
    backup.check(repository, part)
    kept = (Path(repository.environment["RESTIC_REPOSITORY"]) / "checked").read_text()
    assert json.loads(kept) == ["check", word]


def test_settings_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="set miclinik_backup"):
        Settings.read(tmp_path / "settings.json")


def test_progress_says_how_far_it_is() -> None:
    said: list[str] = []
    told = backup._progress(said.append)
    told({"total_bytes": 0})
    told({"total_bytes": 4 * 2**20, "bytes_done": 2**20, "seconds_remaining": 9})
    assert said == ["25 %, 1 of 4 MiB, 9 s left"]
