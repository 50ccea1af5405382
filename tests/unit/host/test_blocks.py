# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Lines of ours at the top of a file of others."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.host import blocks, rendered
from ansible_collections.miclinik.hosting.plugins.module_utils.host.rendered import RenderError, Wanted

BLOCK = "# BEGIN miclinik.hosting\na\nb\n# END miclinik.hosting\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", BLOCK),
        ("theirs\n", f"{BLOCK}theirs\n"),
        ("theirs, without an end", f"{BLOCK}theirs, without an end"),
        (f"{BLOCK}theirs\n", f"{BLOCK}theirs\n"),
        # An older one stays where it is, as blockinfile has it.
        ("first\n# BEGIN miclinik.hosting\nold\n# END miclinik.hosting\nlast\n", f"first\n{BLOCK}last\n"),
        # Half a block is none.
        (
            "# END miclinik.hosting\n# BEGIN miclinik.hosting\n",
            f"{BLOCK}# END miclinik.hosting\n# BEGIN miclinik.hosting\n",
        ),
        ("caf\xe9\r\n", f"{BLOCK}caf\xe9\r\n"),
    ],
)
def test_a_block(tmp_path: Path, before: str, after: str) -> None:
    file = tmp_path / "pg_hba.conf"
    file.write_bytes(before.encode("latin1"))
    file.chmod(0o640)
    wanted = Wanted.of({"dest": str(file), "kind": "block", "content": "a\nb", "mode": "0644"})
    for _ in range(2):
        paths, _ = rendered.apply([blocks.whole(wanted)], False, [])
        assert paths == ([file] if before != after else [])
        assert (file.read_bytes(), file.stat().st_mode & 0o777) == (after.encode("latin1"), 0o640)
        before = after


def test_a_block_in_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RenderError, match="has to be a file of its package, and there is absent in its place"):
        blocks.whole(Wanted(tmp_path / "none", "block"))


def test_other_kinds_stay_what_they_are(tmp_path: Path) -> None:
    wanted = Wanted(tmp_path, "folder")
    assert blocks.whole(wanted) is wanted
