# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a snapshot says of itself, and what is proven by it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.life import manifest as life_manifest
from ansible_collections.miclinik.hosting.plugins.module_utils.life.manifest import Manifest, ManifestError

BEGAN = 2_000_000_000_000_000_000


def manifest(**more: Any) -> Manifest:  # noqa: ANN401 (any field)
    known: dict[str, Any] = {"site": "norte", "sign": "a" * 64, "url": "", "version": "22.0.4", "release": "22.0.4-x"}
    known |= {"php": "8.2", "engine": "mariadb", "engine_version": "10.11.6", "collection": "0.1.0"}
    known |= {"began_ns": BEGAN, "documents_folder": "/d", "owner": 999, "rows": {"a": 1}, "modules": []}
    return Manifest(**(known | {"documents": {}} | more))


def _write(folder: Path, name: str, text: str, mtime_ns: int = BEGAN - 10**9) -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    os.utime(file, ns=(mtime_ns, mtime_ns))
    return file


def test_it_is_read_as_it_was_written() -> None:
    said = manifest(documents={"a\udce9 [1]*.txt": [1, 2, "x"], "l": ["link", "a"]}, restless=["b"])
    assert Manifest.read(said.text()) == said
    assert Manifest.read(said.text().encode()) == said


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"format": 1}'])
def test_what_is_none_is_refused(text: str) -> None:
    with pytest.raises(ManifestError, match="cannot be understood"):
        Manifest.read(text)


def test_a_newer_one_is_refused() -> None:
    with pytest.raises(ManifestError, match=r"made by a newer version of miclinik.hosting \(9.0.0\)"):
        Manifest.read(manifest(format=2, collection="9.0.0").text())


def test_digests(tmp_path: Path) -> None:
    folder, cache = tmp_path / "documents", tmp_path / "cache"
    _write(folder, "a/b.txt", "b")
    (folder / "link").symlink_to("a/b.txt")
    os.mkfifo(folder / "pipe")
    (folder / os.fsdecode(b"caf\xe9")).write_text("")
    found = life_manifest.digests(folder, cache)
    assert sorted(found) == ["a/b.txt", "caf\udce9", "link"]
    assert found["link"] == ["link", "a/b.txt"]
    assert found["a/b.txt"][0] == 1
    assert found["a/b.txt"][2] == "3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d"
    assert life_manifest.digests(folder, cache) == found


def test_only_what_has_changed_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, cache = tmp_path / "documents", tmp_path / "cache"
    for name in ("a", "b"):
        _write(folder, name, name)
    life_manifest.digests(folder, cache)
    _write(folder, "b", "c")
    read: list[str] = []

    def digest(path: str) -> str:
        read.append(Path(path).name)
        return "new"

    monkeypatch.setattr(life_manifest, "_digest", digest)
    assert life_manifest.digests(folder, cache)["b"][2] == "new"
    # Same size, and the time that somebody gave it: the time of its change of state betrays it.
    assert read == ["b"]


def test_a_cache_that_cannot_be_read_costs_time_only(tmp_path: Path) -> None:
    _write(tmp_path, "d/a", "a")
    (tmp_path / "cache").write_text("{")
    assert sorted(life_manifest.digests(tmp_path / "d", tmp_path / "cache")) == ["a"]


def _proven(tmp_path: Path) -> tuple[Path, Manifest]:
    folder = tmp_path / "documents"
    for name in ("a", "b", "sub/c"):
        _write(folder, name, name)
    (folder / "link").symlink_to("a")
    return folder, manifest(documents=life_manifest.digests(folder))


def test_what_is_as_it_was_is_proven(tmp_path: Path) -> None:
    folder, said = _proven(tmp_path)
    assert life_manifest.prove(said, folder) == []


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (lambda folder: (folder / "a").unlink(), "1 of 4 documents .*: a (missing)"),
        (lambda folder: _write(folder, "sub/c", "other"), "sub/c (other content)"),
        # One flipped bit, and the time that it had.
        (lambda folder: _write(folder, "b", "c"), "b (other content)"),
        (lambda folder: ((folder / "link").unlink(), (folder / "link").symlink_to("b")), "link (other content)"),
        (lambda folder: ((folder / "a").unlink(), (folder / "a").mkdir()), "a (missing)"),
    ],
)
def test_what_differs_is_named(tmp_path: Path, harm: Any, told: str) -> None:  # noqa: ANN401
    folder, said = _proven(tmp_path)
    harm(folder)
    with pytest.raises(ManifestError) as caught:
        life_manifest.prove(said, folder)
    assert told.rpartition(": ")[2] in str(caught.value)


def test_what_was_written_meanwhile_may_differ_and_is_told(tmp_path: Path) -> None:
    folder, said = _proven(tmp_path)
    _write(folder, "b", "longer than it was", BEGAN + 1)
    _write(folder, "new", "", BEGAN + 1)
    assert life_manifest.prove(said, folder) == ["b"]


def test_what_was_seen_to_change_may_be_gone(tmp_path: Path) -> None:
    folder, said = _proven(tmp_path)
    (folder / "a").unlink()
    assert life_manifest.prove(manifest(documents=said.documents, restless=["a"]), folder) == ["a"]


def test_many_losses_are_counted(tmp_path: Path) -> None:
    said = manifest(documents={f"f{number}": [1, 1, "x"] for number in range(9)})
    with pytest.raises(ManifestError, match=r"9 of 9 documents .* f4 \(missing\) and 4 more"):
        life_manifest.prove(said, tmp_path)


def test_what_a_snapshot_does_not_have(tmp_path: Path) -> None:
    documents: dict[str, Any] = {"a": [1, 5, "x"], "caf\udce9": [1, 5, "x"], "l": ["link", "a"], "gone": [1, 5, "x"]}
    documents["grown"], documents["touched"] = [1, 5, "x"], [1, 5, "x"]
    said = manifest(documents=documents)
    listing = {"a": (1, 5), "caf\ufffd": (1, 5), "l": (0, 9), "grown": (2, 5), "touched": (2, BEGAN)}
    assert life_manifest.not_kept(said, listing) == ["gone", "grown"]
    assert life_manifest.not_kept(manifest(documents=documents, restless=["gone"]), listing) == ["grown"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1970-01-01T00:00:01Z", 1_000_000_000),
        ("1970-01-01T00:00:00.5Z", 500_000_000),
        ("1970-01-01T01:00:00.000000001+01:00", 1),
        ("2026-11-27T01:38:44.156826127Z", 1795743524156826127),
    ],
)
def test_times_of_restic(text: str, expected: int) -> None:
    assert life_manifest.nanoseconds(text) == expected


MARIADB = b"""INSERT INTO `llx_const` VALUES
(1,'MAIN_MODULE_API',0,'1','chaine',1,'','2026-11-27 01:36:00'),
(2,'MAIN_MODULE_SOCIETE',1,'1','chaine',0,'x',NULL),
(3,'MAIN_MODULE_SOCIETE_CSS',1,'1','chaine',0,'x',NULL),
(4,'MAIN_MODULE_STOCK',1,'0','chaine',0,'x',NULL);
"""
POSTGRESQL = b"""COPY public.llx_const (rowid, name, entity, value, type) FROM stdin;
1\tMAIN_MODULE_API\t0\t1\tchaine
2\tMAIN_MODULE_SOCIETE\t1\t1\tchaine
3\tMAIN_MODULE_STOCK\t1\t0\tchaine
\\.
"""


@pytest.mark.parametrize("dump", [MARIADB, POSTGRESQL], ids=["mariadb", "postgresql"])
def test_modules_are_read_in_the_dump(tmp_path: Path, dump: bytes) -> None:
    (tmp_path / "d.sql").write_bytes(dump)
    assert life_manifest.modules_in(tmp_path / "d.sql") == ["api", "societe"]
