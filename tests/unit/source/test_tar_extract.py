# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A tar is unpacked below its folder and nowhere else, by Python's own means and without them."""

from __future__ import annotations

import io
import os
import tarfile
from pathlib import Path

import pytest
from ansible_collections.miclinik.hosting.plugins.plugin_utils.source import tar_extract


@pytest.fixture(params=["python's own", "ours"], autouse=True)
def _means(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "ours":
        monkeypatch.delattr(tarfile, "data_filter", raising=False)


def _member(name: str, kind: bytes = tarfile.REGTYPE, target: str = "", mode: int = 0o644) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname, member.mode, member.uid, member.uname = kind, target, mode, 4711, "somebody"
    member.size = len(b"text") if kind == tarfile.REGTYPE else 0
    return member


def _extract(folder: Path, *members: tarfile.TarInfo) -> Path:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as packed:
        for member in members:
            packed.addfile(member, io.BytesIO(b"text"))
    content.seek(0)
    target = folder / "target"
    target.mkdir()
    with tarfile.open(fileobj=content) as packed:
        tar_extract.extract(packed, target)
    return target


def test_files_folders_and_links(tmp_path: Path) -> None:
    target = _extract(
        tmp_path,
        _member("app", tarfile.DIRTYPE, mode=0o777),
        _member("app/run.sh", mode=0o777),
        _member("app/page.php", mode=0o666),
        _member("app/link", tarfile.SYMTYPE, "../app/page.php"),
        _member("app/same", tarfile.LNKTYPE, "app/page.php"),
    )
    assert (target / "app/page.php").read_text() == (target / "app/link").read_text() == "text"
    assert (target / "app/same").samefile(target / "app/page.php")
    modes = {name: (target / "app" / name).stat().st_mode & 0o777 for name in ("run.sh", "page.php")}
    assert modes == {"run.sh": 0o755, "page.php": 0o644}
    assert {path.lstat().st_uid for path in target.rglob("*")} == {os.geteuid()}


@pytest.mark.parametrize(
    "members",
    [
        [_member("../evil")],
        [_member("app/../../evil")],
        [_member("link", tarfile.SYMTYPE, "..")],
        [_member("link", tarfile.SYMTYPE, "/etc")],
        [_member("a", tarfile.SYMTYPE, "."), _member("b", tarfile.SYMTYPE, "a/.."), _member("b/evil")],
        [_member("same", tarfile.LNKTYPE, "../evil")],
        [_member("pipe", tarfile.FIFOTYPE)],
    ],
    ids=["name", "path", "link", "absolute link", "link by a link", "hard link", "pipe"],
)
def test_what_leads_out_is_refused(tmp_path: Path, members: list[tarfile.TarInfo]) -> None:
    (tmp_path / "evil").write_text("before")
    with pytest.raises(tarfile.TarError):
        _extract(tmp_path, *members)
    assert (tmp_path / "evil").read_text() == "before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["evil", "target"]
