# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A file is there as a whole or not at all, and private from its first moment on where it has to be."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.host import atomic_file


@pytest.mark.parametrize("mode", [atomic_file.OPEN, atomic_file.PRIVATE])
@pytest.mark.parametrize("durable", [False, True])
def test_mode_and_content_whatever_the_umask(tmp_path: Path, mode: int, durable: bool) -> None:
    file = tmp_path / "file"
    file.write_text("old")
    # Left by a process of the same number that was killed.
    (tmp_path / f".file.new-{os.getpid()}").write_text("half")
    mask = os.umask(0o077)
    try:
        atomic_file.replace(file, "new", mode, durable=durable)
    finally:
        os.umask(mask)
    assert (file.read_text(), file.stat().st_mode & 0o777) == ("new", mode)
    assert list(tmp_path.iterdir()) == [file]


def test_what_is_private_is_so_before_it_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    chmod = os.fchmod

    def look(handle: int, mode: int) -> None:
        seen.append(os.fstat(handle).st_mode & 0o777)
        chmod(handle, mode)

    monkeypatch.setattr(os, "fchmod", look)
    atomic_file.replace(tmp_path / "file", "secret", atomic_file.PRIVATE)
    assert seen == [0o600]
