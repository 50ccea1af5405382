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


@pytest.mark.parametrize(
    "complaint",
    [
        # MariaDB 10.11: the statement, whatever is in it, and what is wrong with it.
        "--------------\nINSERT INTO llx_scan VALUES (0xC0FFEE)\n--------------\n\nERROR 2006 (HY000) at line 3: gone",
        # PostgreSQL
        'psql:/d.sql:7: ERROR:  value too long\nCONTEXT:  COPY llx_scan, line 1, column a: "C0FFEE"\nDETAIL:  (C0FFEE)',
        "mariadb-dump: Got error: 1049: \"Unknown database 'x'\" when selecting the database",
        "pg_dump: error: connection to server failed\n",
    ],
)
def test_what_failed_is_said_without_the_row_that_was_in_it(complaint: str) -> None:
    """Seen: 18 MB of a scan in the journal, and on the terminal, where one row was too long for the server."""
    said = engine.failure("reading", 1, complaint)
    assert "C0FFEE" not in said
    assert any(words in said for words in ("gone", "value too long", "Unknown database", "connection to server failed"))
    assert len(engine.failure("reading", 1, "x" * 10000)) < 400


def test_many_complaints_are_no_standstill(tmp_path: Path) -> None:
    words = ["sh", "-c", "seq 100000 >&2; echo 1; echo broken >&2; exit 3"]
    with pytest.raises(EngineError, match=r"reading failed: .*broken"):
        engine.written(words, tmp_path / "dump", "reading", _lines)
