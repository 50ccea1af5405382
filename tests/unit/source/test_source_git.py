# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Git repositories as sources, on repositories made for the test."""

from __future__ import annotations

import base64
import functools
import os
import subprocess
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.plugin_utils.source import fetch as source_fetch
from ansible_collections.miclinik.hosting.plugins.plugin_utils.source.tree import SourceError, Tree

from tests import application_tree

pytestmark = pytest.mark.usefixtures("cache")


class Repository:
    """A repository with an application in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = application_tree.make(folder)
        self.git("init", "--quiet", "--initial-branch=main")
        self.git("config", "uploadpack.allowFilter", "true")
        self.first = self.commit("22.0.3")

    def git(self, *arguments: str) -> str:
        identity = {
            f"GIT_{role}_{part}": value
            for role in ("AUTHOR", "COMMITTER")
            for part, value in (("NAME", "Test"), ("EMAIL", "test@example.org"))
        }
        environment = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")} | identity
        done = subprocess.run(
            ["git", "-C", str(self.folder), *arguments], check=True, capture_output=True, text=True, env=environment
        )
        return done.stdout.strip()

    def commit(self, version: str) -> str:
        (self.folder / "filefunc.inc.php").write_text(f"<?php\ndefine('DOL_VERSION', '{version}');\n")
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", version)
        return self.git("rev-parse", "HEAD")

    def resolve(self, version: str) -> Tree:
        return source_fetch.resolve(
            {"type": "git", "url": f"file://{self.folder}", "version": version}, Path("/nowhere")
        )

    def error(self, version: str) -> SourceError:
        with pytest.raises(SourceError) as caught:
            self.resolve(version)
        return caught.value


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "repository")


def test_a_tag(repository: Repository) -> None:
    repository.git("tag", "22.0.3")
    repository.commit("22.0.4")
    tree = repository.resolve("22.0.3")
    assert tree.version == "22.0.3"
    assert "htdocs/index.php" in [entry.name for entry in tree.entries()]


def test_an_annotated_tag(repository: Repository) -> None:
    repository.git("tag", "--annotate", "--message", "x", "v22")
    assert repository.resolve("v22").version == "22.0.3"


@pytest.mark.parametrize("length", [40, 12, 7])
def test_a_commit(repository: Repository, length: int) -> None:
    repository.commit("22.0.4")
    assert repository.resolve(repository.first[:length]).version == "22.0.3"


def test_nothing_of_git_is_in_the_release(repository: Repository) -> None:
    tree = repository.resolve(repository.first)
    assert [entry.name for entry in tree.entries() if ".git" in entry.name] == []


def test_a_path_of_the_controller(repository: Repository) -> None:
    given = {"type": "git", "url": str(repository.folder), "version": repository.first}
    assert source_fetch.resolve(given, Path("/nowhere")).version == "22.0.3"


def test_a_tag_that_came_later(repository: Repository) -> None:
    repository.resolve(repository.first)
    repository.commit("22.0.4")
    repository.git("tag", "22.0.4")
    assert repository.resolve("22.0.4").version == "22.0.4"


def test_a_commit_that_came_later(repository: Repository) -> None:
    repository.resolve(repository.first)
    assert repository.resolve(repository.commit("22.0.4")).version == "22.0.4"


def test_what_was_fetched_needs_no_repository_any_more(repository: Repository, tmp_path: Path) -> None:
    tree = repository.resolve(repository.first)
    repository.folder.rename(tmp_path / "away")
    assert repository.resolve(repository.first) == tree


def test_two_versions_beside_each_other(repository: Repository) -> None:
    second = repository.commit("22.0.4")
    one, two = repository.resolve(repository.first), repository.resolve(second)
    assert (one.version, two.version) == ("22.0.3", "22.0.4")
    assert one.top != two.top
    assert (one.top / "index.php").is_file()


@pytest.mark.parametrize("version", ["main", "feature", "22.0.9", "HEAD", "0000000", "--all", "a b"])
def test_what_is_no_tag_and_no_commit(repository: Repository, version: str) -> None:
    repository.git("branch", "feature")
    error = repository.error(version)
    assert (error.key, error.seen, error.mend) == (
        "source.version",
        f"{version!r} is no tag or commit of file://{repository.folder}",
        "Name one: a branch moves",
    )


def test_a_repository_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        source_fetch.resolve({"type": "git", "url": f"file://{tmp_path}/none", "version": "1"}, tmp_path)
    assert caught.value.key == "source.url"
    assert caught.value.seen.startswith("git: ")
    assert caught.value.mend == "Check address and access"


def test_an_address_that_looks_like_an_option(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        source_fetch.resolve({"type": "git", "url": "--upload-pack=touch pwned", "version": "1"}, tmp_path)
    assert caught.value.key == "source.url"
    assert not Path("pwned").exists()


def test_a_password_in_the_address_is_not_repeated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # No prompt may come up either: without an answer the play would stand still.
    monkeypatch.setenv("GIT_ASKPASS", "/bin/false")
    url = "http://me:correct-horse-battery@127.0.0.1:1/erp.git"
    with pytest.raises(SourceError) as caught:
        source_fetch.resolve({"type": "git", "url": url, "version": "1"}, tmp_path)
    assert "correct-horse-battery" not in str(caught.value)
    assert "127.0.0.1" in str(caught.value)


def test_an_interrupted_clone_is_made_anew(repository: Repository, cache: Path) -> None:
    repository.resolve(repository.first)
    (clone,) = (path for path in cache.glob("git-*") if path.is_dir() and len(path.name) == 20)
    part = clone.with_name(f".{clone.name}.part")
    clone.rename(part)
    (part / ".git" / "HEAD").unlink()
    assert repository.resolve(repository.commit("22.0.4")).version == "22.0.4"
    assert not part.exists()


def test_a_repository_without_the_application(repository: Repository) -> None:
    repository.git("rm", "--quiet", "filefunc.inc.php")
    repository.git("commit", "--quiet", "--message", "x")
    error = repository.error(repository.git("rev-parse", "HEAD"))
    assert "holds no application" in error.seen


class Guarded(SimpleHTTPRequestHandler):
    """Serves files to who knows name and password."""

    def do_GET(self) -> None:
        """Answer."""
        if self.headers["Authorization"] == f"Basic {base64.b64encode(b'me@home:p@ss:word').decode()}":
            super().do_GET()
        else:
            self.send_error(401)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def address(repository: Repository) -> Iterator[str]:
    """Return host, port and path of a server that has the repository."""
    repository.git("tag", "v22")
    repository.git("update-server-info")
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Guarded, directory=repository.folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{server.server_address[1]}/.git"
    server.shutdown()
    server.server_close()


def test_name_and_password_are_in_no_argument_and_in_no_file(
    address: str, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    real = subprocess.run

    def run(words: list[str], **more: Any) -> Any:  # noqa: ANN401 (whatever it takes)
        seen.extend(words)
        return real(words, **more)

    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "advice.detachedHead")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "false")
    given = {"type": "git", "url": f"http://me%40home:p%40ss%3Aword@{address}", "version": "v22"}
    assert source_fetch.resolve(given, Path("/nowhere")).version == "22.0.3"
    assert f"http://{address}" in seen
    assert not [word for word in seen if "ss%3Aword" in word]
    assert not [file for file in cache.rglob("config") if b"ss%3Aword" in file.read_bytes()]


def test_a_wrong_password_is_not_repeated(address: str) -> None:
    with pytest.raises(SourceError) as caught:
        source_fetch.resolve(
            {"type": "git", "url": f"http://me:wrong-one@{address}", "version": "v22"}, Path("/nowhere")
        )
    assert caught.value.key == "source.url"
    assert "wrong-one" not in str(caught.value)
