# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is packed on the controller, and what its cache spares the next host."""

from __future__ import annotations

import gzip
import json
import os
import tarfile
import threading
import time
from pathlib import Path

import pytest
from ansible_collections.miclinik.hosting.plugins.plugin_utils.source import pack as source_pack
from ansible_collections.miclinik.hosting.plugins.plugin_utils.source import tree as source_tree
from ansible_collections.miclinik.hosting.plugins.plugin_utils.source.tree import Tree

from tests import application_tree


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    top = application_tree.make(tmp_path / "app")
    (top / "run.sh").write_text("#!/bin/sh\n")
    (top / "run.sh").chmod(0o775)
    (top / "index.php").chmod(0o666)
    (top / "link").symlink_to("conf/../index.php")
    (top / "conf" / "conf.php").write_text("$dolibarr_main_db_pass = 'hunter2';")
    os.utime(top / "index.php", (1_700_000_000, 1_700_000_000))
    return source_tree.find(top)


def _members(pack: Path) -> dict[str, tarfile.TarInfo]:
    with tarfile.open(pack, "r:gz") as archive:
        return {member.name: member for member in archive.getmembers()}


def test_pack(tree: Tree, cache: Path) -> None:
    pack = source_pack.pack(tree, "0123456789ab")
    assert pack == cache / "22.0.4-0123456789ab.tar.gz"
    members = _members(pack)
    assert list(members) == [
        "htdocs",
        "htdocs/conf",
        "htdocs/conf/conf.php.example",
        "htdocs/filefunc.inc.php",
        "htdocs/index.php",
        "htdocs/link",
        "htdocs/run.sh",
    ]
    assert {(member.uid, member.gid) for member in members.values()} == {(0, 0)}
    index, link, run, folder = (members[f"htdocs/{name}"] for name in ("index.php", "link", "run.sh", "conf"))
    assert (index.mode, index.size, index.mtime) == (0o644, 25, 1_700_000_000)
    assert (link.issym(), link.linkname) == (True, "conf/../index.php")
    assert run.mode == 0o755
    assert (folder.isdir(), folder.mode) == (True, 0o755)


def test_no_secret_is_packed(tree: Tree, cache: Path) -> None:
    content = gzip.decompress(source_pack.pack(tree, "x").read_bytes())
    assert cache.is_dir()
    assert b"front page" in content
    assert b"hunter2" not in content


def test_a_pack_is_made_once(tree: Tree, cache: Path) -> None:
    first = source_pack.pack(tree, "0123456789ab")
    before = first.stat()
    assert source_pack.pack(tree, "0123456789ab") == first
    assert first.stat().st_ino == before.st_ino
    assert first.stat().st_mtime_ns == before.st_mtime_ns
    assert sorted(path.name for path in cache.iterdir()) == [
        "22.0.4-0123456789ab.tar.gz",
        "22.0.4-0123456789ab.tar.gz.lock",
    ]


def test_an_interrupted_pack_is_made_anew(tree: Tree, cache: Path) -> None:
    cache.mkdir()
    (cache / ".22.0.4-0123456789ab.tar.gz.part").write_bytes(b"half")
    assert "htdocs/index.php" in _members(source_pack.pack(tree, "0123456789ab"))


def test_the_cache_is_the_users_alone(cache: Path) -> None:
    assert source_pack.cache_folder() == cache
    assert cache.stat().st_mode & 0o777 == 0o700


def test_the_cache_without_xdg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert source_pack.cache_folder() == tmp_path / ".cache" / "miclinik-hosting"


def test_a_digest_is_computed_once(tree: Tree, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    digest = source_pack.digest(tree)
    assert digest == tree.digest()
    assert json.loads((cache / "digests.json").read_text()) == {tree.signature(): digest}

    def read_again(self: Tree) -> str:
        raise AssertionError("the files were read again")

    monkeypatch.setattr(Tree, "digest", read_again)
    assert source_pack.digest(tree) == digest


def test_a_change_is_seen(tree: Tree, cache: Path) -> None:
    before = source_pack.digest(tree)
    (tree.top / "index.php").write_text("<?php echo 'other page';\n")
    assert source_pack.digest(tree) == tree.digest() != before
    assert len(json.loads((cache / "digests.json").read_text())) == 2


def test_a_broken_memory_of_digests_is_made_anew(tree: Tree, cache: Path) -> None:
    cache.mkdir()
    (cache / "digests.json").write_text('{"half')
    assert source_pack.digest(tree) == tree.digest()
    assert json.loads((cache / "digests.json").read_text()) == {tree.signature(): tree.digest()}


@pytest.mark.usefixtures("cache")
def test_one_at_a_time() -> None:
    order = []
    inside = threading.Event()

    def first() -> None:
        with source_pack.locked("x"):
            inside.set()
            time.sleep(0.2)
            order.append("first")

    thread = threading.Thread(target=first)
    thread.start()
    assert inside.wait(5)
    with source_pack.locked("x"):
        order.append("second")
    thread.join()
    assert order == ["first", "second"]
