# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Folders, archives and downloads as sources, with everything that can be wrong with them."""

from __future__ import annotations

import hashlib
import http.server
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.plugin_utils.source import fetch as source_fetch
from ansible_collections.miclinik.hosting.plugins.plugin_utils.source import tree as source_tree
from ansible_collections.miclinik.hosting.plugins.plugin_utils.source.tree import SourceError, Tree

from tests import application_tree

pytestmark = pytest.mark.usefixtures("cache")
PASSWORD = "correct-horse-battery"


def _sum(file: Path) -> str:
    return f"sha256:{hashlib.sha256(file.read_bytes()).hexdigest()}"


def _error(given: dict[str, Any], base: Path) -> SourceError:
    with pytest.raises(SourceError) as caught:
        source_fetch.resolve(given, base)
    return caught.value


def test_directory_relative_and_absolute(tmp_path: Path) -> None:
    top = application_tree.make(tmp_path / "app")
    expected = Tree(top, False, "22.0.4")
    assert source_fetch.resolve({"type": "directory", "path": "app"}, tmp_path) == expected
    assert source_fetch.resolve({"type": "directory", "path": str(top)}, Path("/nowhere")) == expected


def test_a_source_of_several_sites_is_looked_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    application_tree.make(tmp_path / "app")
    asked: list[dict[str, Any]] = []
    resolve = source_fetch.resolve

    def watched(given: dict[str, Any], base: Path) -> Tree:
        asked.append(given)
        return resolve(given, base)

    monkeypatch.setattr(source_fetch, "resolve", watched)
    resolved = source_fetch.resolver(tmp_path)
    one, other = {"type": "directory", "path": "app"}, {"type": "directory", "path": str(tmp_path / "app")}
    assert resolved(one) == resolved(dict(one)) == resolved(other) == Tree(tmp_path / "app", False, "22.0.4")
    assert asked == [one, other]
    for _ in range(2):
        with pytest.raises(SourceError):
            resolved({"type": "directory", "path": "none"})


def test_directory_in_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    application_tree.make(tmp_path / "app")
    assert source_fetch.resolve({"type": "directory", "path": "~/app"}, Path("/nowhere")).top == tmp_path / "app"


def test_sandbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_fetch, "SANDBOX", application_tree.make(tmp_path / "sandbox", inner=True))
    assert source_fetch.resolve({"type": "sandbox"}, tmp_path) == Tree(tmp_path / "sandbox", True, "22.0.4")


def test_the_sandbox_of_this_repository_is_one() -> None:
    root = Path(__file__).parents[3]
    assert source_fetch.SANDBOX.resolve() == root / "sandbox"
    assert source_fetch.resolve({"type": "sandbox"}, root).major == 22


def _archive(tmp_path: Path, kind: str, top: str | None, *, inner: bool) -> Path:
    """Pack an application as ``kind``, in a folder called ``top`` when there is one."""
    content = application_tree.make(tmp_path / "content", inner=inner)
    (content / "run.sh").write_text("#!/bin/sh\n")
    (content / "run.sh").chmod(0o755)
    file = tmp_path / f"app.{kind}"
    if kind == "zip":
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
            for path in sorted(content.rglob("*")):
                packed.write(path, Path(top or "") / path.relative_to(content))
    else:
        mode: Any = f"w:{kind.partition('.')[2]}"
        with tarfile.open(file, mode) as packed_tar:
            for path in sorted(content.iterdir()):
                packed_tar.add(path, Path(top or "") / path.name)
    return file


@pytest.mark.parametrize("kind", ["tar", "tar.gz", "tar.xz", "tar.bz2", "zip"])
@pytest.mark.parametrize("top", [None, "miclinik-22.0.4"])
@pytest.mark.parametrize("inner", [False, True])
def test_archives(tmp_path: Path, cache: Path, kind: str, top: str | None, inner: bool) -> None:
    file = _archive(tmp_path, kind, top, inner=inner)
    tree = source_fetch.resolve({"type": "archive", "path": str(file), "checksum": _sum(file)}, tmp_path)
    folder = cache / f"archive-{_sum(file).removeprefix('sha256:')}"
    assert tree == Tree(folder / top if top else folder, inner, "22.0.4")
    names = {entry.name for entry in tree.entries()}
    assert {"htdocs/filefunc.inc.php", "htdocs/conf/conf.php.example"} <= names


def test_an_archive_with_htdocs_alone(tmp_path: Path) -> None:
    content = application_tree.make(tmp_path / "content", inner=True)
    with tarfile.open(tmp_path / "app.tar", "w") as packed:
        packed.add(content / "htdocs", "htdocs")
    assert source_fetch.resolve({"type": "archive", "path": "app.tar"}, tmp_path).inner is True


def test_what_git_adds_to_an_archive_is_no_second_folder(tmp_path: Path) -> None:
    content = application_tree.make(tmp_path / "content")
    (tmp_path / "pax_global_header").write_text("52 comment=0000\n")
    with tarfile.open(tmp_path / "app.tar", "w") as packed:
        packed.add(tmp_path / "pax_global_header", "pax_global_header")
        packed.add(content, "miclinik")
    assert source_fetch.resolve({"type": "archive", "path": "app.tar"}, tmp_path).top.name == "miclinik"


def test_an_archive_is_unpacked_once(tmp_path: Path, cache: Path) -> None:
    file = _archive(tmp_path, "tar.gz", None, inner=False)
    tree = source_fetch.resolve({"type": "archive", "path": str(file)}, tmp_path)
    (tree.top / "mark").write_text("")
    assert (source_fetch.resolve({"type": "archive", "path": str(file)}, tmp_path).top / "mark").exists()
    assert [path.name for path in cache.iterdir() if path.name.endswith(".part")] == []


def test_an_interrupted_unpacking_is_done_anew(tmp_path: Path, cache: Path) -> None:
    file = _archive(tmp_path, "tar.gz", None, inner=False)
    part = cache / f".archive-{_sum(file).removeprefix('sha256:')}.part"
    part.mkdir(parents=True)
    (part / "left-over").write_text("")
    tree = source_fetch.resolve({"type": "archive", "path": str(file)}, tmp_path)
    assert not (tree.top / "left-over").exists()
    assert not part.exists()


def test_no_archive_there(tmp_path: Path) -> None:
    assert str(_error({"type": "archive", "path": "none.tar.gz"}, tmp_path)) == (
        f"source.path: {tmp_path}/none.tar.gz is not a file on the controller. Name the archive."
    )


def test_another_archive_than_the_checksum_says(tmp_path: Path, cache: Path) -> None:
    file = _archive(tmp_path, "tar.gz", None, inner=False)
    stated = "sha256:" + "0" * 64
    error = _error({"type": "archive", "path": str(file), "checksum": stated}, tmp_path)
    assert (error.key, error.seen, error.mend) == (
        "source.checksum",
        f"is {stated}, but the archive's is {_sum(file)}",
        "Get the archive again, and compare it with what its publisher states",
    )
    assert not list(cache.glob("archive-*"))


def _corrupt(file: Path) -> None:
    content = bytearray(file.read_bytes())
    for position in range(len(content) // 3, len(content) // 3 + 40):
        content[position] ^= 0x5A
    file.write_bytes(bytes(content))


def _truncate(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def _replace_by_text(file: Path) -> None:
    file.write_text("<html>404</html>")


@pytest.mark.parametrize("kind", ["tar.gz", "tar.xz", "tar.bz2", "zip"])
@pytest.mark.parametrize("damage", [_corrupt, _truncate, _replace_by_text])
def test_a_broken_archive(tmp_path: Path, cache: Path, kind: str, damage: Any) -> None:  # noqa: ANN401 (a function)
    file = _archive(tmp_path, kind, None, inner=False)
    damage(file)
    error = _error({"type": "archive", "path": str(file)}, tmp_path)
    assert error.key == "source.path"
    assert error.seen.startswith(f"app.{kind} cannot be unpacked: ")
    assert error.mend == "Use a tar (gz, bz2, xz) or a zip"
    assert [path.name for path in cache.iterdir() if path.is_dir()] == []


def test_an_archive_that_writes_elsewhere(tmp_path: Path, cache: Path) -> None:
    (tmp_path / "evil").write_text("x")
    with tarfile.open(tmp_path / "app.tar", "w") as packed:
        packed.add(tmp_path / "evil", "../../evil")
    error = _error({"type": "archive", "path": "app.tar"}, tmp_path)
    assert error.seen.startswith("app.tar cannot be unpacked: ")
    assert not (cache.parent / "evil").exists()


def test_an_archive_of_something_else(tmp_path: Path) -> None:
    (tmp_path / "readme").write_text("x")
    with tarfile.open(tmp_path / "app.tar", "w") as packed:
        packed.add(tmp_path / "readme", "readme")
    error = _error({"type": "archive", "path": "app.tar"}, tmp_path)
    assert "holds no application: neither filefunc.inc.php nor htdocs/filefunc.inc.php is there" in error.seen


class _Files(http.server.SimpleHTTPRequestHandler):
    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        super().do_GET()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[str, list[str]]]:
    """Serve ``tmp_path``; give host and port, and the paths that were asked for."""
    asked: list[str] = []
    handler = type("Handler", (_Files,), {"asked": asked})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), lambda *a: handler(*a, directory=str(tmp_path))) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield f"127.0.0.1:{server.server_port}", asked
        server.shutdown()
        thread.join()


def test_download(tmp_path: Path, served: tuple[str, list[str]]) -> None:
    file = _archive(tmp_path, "tar.gz", "miclinik", inner=False)
    given = {"type": "archive", "url": f"http://{served[0]}/app.tar.gz?token=x", "checksum": _sum(file)}
    tree = source_fetch.resolve(given, tmp_path)
    assert (tree.version, tree.top.name) == ("22.0.4", "miclinik")
    file.unlink()
    assert source_fetch.resolve(given, tmp_path) == tree
    assert served[1] == ["/app.tar.gz?token=x"]


def test_a_download_with_another_checksum(tmp_path: Path, cache: Path, served: tuple[str, list[str]]) -> None:
    file = _archive(tmp_path, "tar.gz", None, inner=False)
    stated = "sha256:" + "0" * 64
    url = f"http://me:{PASSWORD}@{served[0]}/app.tar.gz?token={PASSWORD}#x"
    error = _error({"type": "archive", "url": url, "checksum": stated}, tmp_path)
    assert (error.key, error.seen, error.mend) == (
        "source.checksum",
        f"is {stated}, but http://{served[0]}/app.tar.gz gave {_sum(file)}",
        "Compare with what the publisher states; nothing was kept",
    )
    assert sorted(path.name for path in cache.iterdir() if path.suffix != ".lock") == []


@pytest.mark.parametrize("reason", ["missing", "refused", "bad-port"])
def test_a_download_that_fails(tmp_path: Path, served: tuple[str, list[str]], reason: str) -> None:
    host = {"missing": served[0], "refused": "127.0.0.1:1", "bad-port": "127.0.0.1:x"}[reason]
    url = f"http://me:{PASSWORD}@{host}/none.tar.gz?token={PASSWORD}"
    error = _error({"type": "archive", "url": url, "checksum": "sha256:" + "0" * 64}, tmp_path)
    assert error.key == "source.url"
    assert error.seen.startswith(f"http://{host}/none.tar.gz cannot be fetched: ")
    assert error.mend == "Check address and network"
    assert PASSWORD not in str(error)


def test_the_tree_is_found_as_in_a_folder(tmp_path: Path) -> None:
    file = _archive(tmp_path, "zip", None, inner=False)
    tree = source_fetch.resolve({"type": "archive", "path": str(file)}, tmp_path)
    assert tree == source_tree.find(tree.top)
