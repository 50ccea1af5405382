# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How much room a site takes, counted on files that there are."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.disk import usage

SOON = 60.0


def _file(path: Path, kib: int) -> int:
    """Write a file, and return what it takes on disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(os.urandom(kib * 1024))
    return _taken(path)


def _taken(*paths: Path) -> int:
    return sum(path.lstat().st_blocks * 512 for path in paths)


def test_all_below_a_folder_counts_and_what_links_lead_to_does_not(tmp_path: Path) -> None:
    wanted = _file(tmp_path / "a/b/one", 64) + _file(tmp_path / "a/two", 8)
    _file(tmp_path / "elsewhere/three", 512)
    (tmp_path / "a/link").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "a/b/file").symlink_to(tmp_path / "elsewhere/three")
    folders = _taken(tmp_path / "a", tmp_path / "a/b", tmp_path / "a/link", tmp_path / "a/b/file")
    assert usage.below([tmp_path / "a"], time.monotonic() + SOON) == (wanted + folders, True)


def test_where_there_is_no_time_it_is_at_least_so_much(tmp_path: Path) -> None:
    _file(tmp_path / "one", 64)
    assert usage.below([tmp_path], time.monotonic() - 1) == (0, False)


def test_what_is_not_there_takes_nothing(tmp_path: Path) -> None:
    assert usage.below([tmp_path / "none"], time.monotonic() + SOON) == (0, True)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    monkeypatch.setitem(usage.FOLDERS, "mariadb", str(tmp_path / "mysql"))
    _file(tmp_path / "documents/one", 64)
    return {"name": "norte", "documents": str(tmp_path / "documents"), "database_name": "norte", "database_local": True}


def test_a_sites_parts(tmp_path: Path, site: dict[str, object]) -> None:
    database = _file(tmp_path / "mysql/norte/llx_user.ibd", 128)
    logs = sum(_file(tmp_path / "log" / f"norte.{name}", 16) for name in ("access.log", "api.log.1", "error.log.2.gz"))
    # Another site's, another database's, and the server's own.
    for other in ("log/norte-2.access.log", "log/access.log", "mysql/norte_2/llx_user.ibd"):
        _file(tmp_path / other, 256)
    found = usage.of_site(site, str(tmp_path / "log"), "mariadb")
    assert found == {
        "documents": _taken(tmp_path / "documents", tmp_path / "documents/one"),
        "database": database + _taken(tmp_path / "mysql/norte"),
        "logs": logs,
        "whole": True,
    }


def test_documents_that_somebody_has_moved_are_counted_where_they_are(tmp_path: Path, site: dict[str, object]) -> None:
    moved = _file(tmp_path / "mnt/one", 64) + _taken(tmp_path / "mnt")
    (tmp_path / "link").symlink_to(tmp_path / "mnt")
    found = usage.of_site(site | {"documents": str(tmp_path / "link")}, str(tmp_path), "mariadb")
    assert found["documents"] == moved


def test_a_database_elsewhere_is_left_out(tmp_path: Path, site: dict[str, object]) -> None:
    assert set(usage.of_site(site, str(tmp_path), "mariadb")) == {"documents", "logs", "whole"}
    (tmp_path / "mysql/norte").mkdir(parents=True)
    found = usage.of_site(site | {"database_local": False}, str(tmp_path), "mariadb")
    assert set(found) == {"documents", "logs", "whole"}


@pytest.mark.parametrize(("said", "size"), [("8192\n", 8192), ("", None), ("ERROR", None)])
def test_postgresql_is_asked(
    tmp_path: Path, site: dict[str, object], monkeypatch: pytest.MonkeyPatch, said: str, size: int | None
) -> None:
    answers = {"SELECT pg_database_size('norte')": said}
    monkeypatch.setattr(usage, "_psql", answers.__getitem__)
    assert usage.of_site(site, str(tmp_path), "postgresql").get("database") == size


@pytest.mark.parametrize(
    ("asked", "size", "wanted"), [(0, 1000, 50), (0, 20480, 1024), (0, 2_000_000, 1024), (2048, 1000, 2048)]
)
def test_what_should_be_free(asked: int, size: int, wanted: int) -> None:
    assert usage.wanted_mb(asked, size) == wanted
