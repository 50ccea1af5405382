# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A dump is written whole, or it is said what its program complained of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.life import engine
from ansible_collections.miclinik.hosting.plugins.module_utils.life.engine import EngineError, Rows


def _lines(lines: Iterable[bytes], rows: Rows) -> Iterator[bytes]:
    for line in lines:
        rows["a"] = rows.get("a", 0) + 1
        yield line


def test_what_is_written_and_how_it_ends(tmp_path: Path) -> None:
    file = tmp_path / "dump"
    words = ["sh", "-c", "seq 20; echo; echo ' the end '"]
    rows, last = engine.written(words, file, "reading", _lines)
    assert rows == {"a": 22}
    assert last == [b"14", b"15", b"16", b"17", b"18", b"19", b"20", b"the end"]
    assert file.read_bytes().count(b"\n") == 22


def test_many_complaints_are_no_standstill(tmp_path: Path) -> None:
    words = ["sh", "-c", "seq 100000 >&2; echo 1; echo broken >&2; exit 3"]
    with pytest.raises(EngineError, match=r"reading failed: .*broken"):
        engine.written(words, tmp_path / "dump", "reading", _lines)
