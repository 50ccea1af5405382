# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Sources that somebody has to have signed, with real keys of GnuPG, real git and a server that is not trusted."""

from __future__ import annotations

import functools
import hashlib
import http.server
import os
import shutil
import subprocess
import tarfile
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.plugin_utils.source import fetch as source_fetch
from ansible_collections.miclinik.hosting.plugins.plugin_utils.source.tree import SourceError, Tree

from tests import application_tree

pytestmark = pytest.mark.usefixtures("cache")
MEND = "Get it again from its publisher, or name the key of who has signed it in source.signed_by"
CHANGED = "the signature does not belong to what is there: one of both was changed"
OLD = ("--faked-system-time", "20200101T000000")


@dataclass
class Signers:
    """A keyring with secret keys, by a word in their names."""

    home: Path

    def gpg(self, *words: str, given: bytes = b"") -> bytes:
        environment = os.environ | {"GNUPGHOME": str(self.home)}
        command = ["gpg", "--batch", "--quiet", "--passphrase", "", "--pinentry-mode", "loopback", *words]
        return subprocess.run(command, input=given, check=True, capture_output=True, env=environment).stdout

    def make(self, name: str, *more: str, ends: str = "never") -> None:
        self.gpg(*more, "--quick-generate-key", f"{name} <{name}@example.org>", "ed25519", "sign", ends)

    def fingerprint(self, name: str) -> str:
        listed = self.gpg("--with-colons", "--list-keys", f"{name}@example.org").decode()
        return next(line.split(":")[9] for line in listed.splitlines() if line.startswith("fpr:"))

    def key(self, folder: Path, *names: str) -> str:
        file = folder / f"{'-'.join(names)}.asc"
        file.write_bytes(self.gpg("--armor", "--export", *(f"{name}@example.org" for name in names)))
        return str(file)

    def sign(self, file: Path, *names: str, more: tuple[str, ...] = ()) -> str:
        signature = file.with_name(f"{file.name}.sig")
        signers = [word for name in names for word in ("--local-user", f"{name}@example.org")]
        self.gpg(*more, "--yes", "--output", str(signature), *signers, "--detach-sign", str(file))
        return str(signature)


@pytest.fixture(scope="module")
def signers() -> Iterator[Signers]:
    """Return publisher, stranger, and one whose key has ended. Not below pytest's folder: a socket's path is short."""
    home = Path(tempfile.mkdtemp(prefix="gpg"))
    made = Signers(home)
    made.make("publisher")
    made.make("stranger")
    made.make("ended", *OLD, ends="1y")
    yield made
    subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "all"], check=True)
    shutil.rmtree(home)


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Return an archive with the application."""
    application_tree.make(tmp_path / "app")
    file = tmp_path / "app.tar.gz"
    with tarfile.open(file, "w:gz") as packed:
        packed.add(tmp_path / "app", arcname="app")
    return file


def _resolve(archive: Path, signature: str, signed_by: str) -> Tree:
    given = {"type": "archive", "path": str(archive), "signature": signature, "signed_by": signed_by}
    return source_fetch.resolve(given, archive.parent)


def _refused(given: dict[str, Any] | tuple[Path, str, str]) -> tuple[str, str, str]:
    with pytest.raises(SourceError) as caught:
        _resolve(*given) if isinstance(given, tuple) else source_fetch.resolve(given, Path("/nowhere"))
    return caught.value.key, caught.value.seen, caught.value.mend


def _not_vouched(why: str) -> tuple[str, str, str]:
    seen = f"app.tar.gz.sig does not vouch for the archive: {why}; nothing of it is used"
    return "source.signature", seen, MEND


def test_an_archive_that_its_publisher_has_signed(signers: Signers, archive: Path) -> None:
    signature = signers.sign(archive, "publisher")
    assert _resolve(archive, signature, signers.key(archive.parent, "publisher")).version == "22.0.4"
    # One of several keys, and one of several signatures, is enough.
    assert _resolve(archive, signature, signers.key(archive.parent, "stranger", "publisher")).version == "22.0.4"
    signature = signers.sign(archive, "stranger", "publisher")
    assert _resolve(archive, "app.tar.gz.sig", "publisher.asc").version == "22.0.4"


def test_a_fingerprint_is_looked_up_in_the_operators_keyring(
    signers: Signers, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    signature, name = signers.sign(archive, "publisher"), signers.fingerprint("publisher")
    other = signers.fingerprint("stranger")
    monkeypatch.setenv("GNUPGHOME", str(signers.home))
    grouped = " ".join(name[start : start + 4] for start in range(0, 40, 4))
    for written in (name, name.lower(), f"0x{name}", grouped):
        assert _resolve(archive, signature, written).version == "22.0.4"
    # All keys are in that keyring: only the one that is named counts.
    assert _refused((archive, signature, other)) == _not_vouched("it is signed by another key")
    missing = "A" * 40
    mend = "Import it (`gpg --import`), or name a file that holds it"
    assert _refused((archive, signature, missing)) == (
        "source.signed_by",
        f"the key {missing} is not in your keyring",
        mend,
    )


def test_what_does_not_vouch_for_an_archive(signers: Signers, archive: Path, cache: Path) -> None:
    key = signers.key(archive.parent, "publisher")
    signature = signers.sign(archive, "stranger")
    assert _refused((archive, signature, key)) == _not_vouched("it is signed by another key")
    Path(signature).write_bytes(b"no signature")
    assert _refused((archive, signature, key)) == _not_vouched("it is not signed")
    signers.sign(archive, "ended", more=OLD)
    ended = signers.key(archive.parent, "ended")
    assert _refused((archive, signature, ended)) == _not_vouched("the key that signed it has expired")
    signers.sign(archive, "publisher")
    with archive.open("ab") as stream:
        stream.write(b"\0")
    assert _refused((archive, signature, key)) == _not_vouched(CHANGED)
    assert list(cache.glob("archive-*")) == []


def test_keys_and_signatures_that_are_not_there(signers: Signers, archive: Path) -> None:
    signature, folder = signers.sign(archive, "publisher"), archive.parent
    key = signers.key(folder, "publisher")
    assert _refused((archive, "none.sig", key)) == (
        "source.signature",
        f"{folder}/none.sig is not a file on the controller",
        "Name the detached signature",
    )
    assert _refused((archive, signature, "none.asc")) == (
        "source.signed_by",
        f"{folder}/none.asc cannot be read: No such file or directory",
        "Name the file of the public key",
    )
    (folder / "empty.asc").write_text("no key")
    assert _refused((archive, signature, "empty.asc")) == (
        "source.signed_by",
        "empty.asc holds no OpenPGP key",
        "Name a file that `gpg --export` has written",
    )


def test_without_gnupg(signers: Signers, archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    signature, key = signers.sign(archive, "publisher"), signers.key(archive.parent, "publisher")
    monkeypatch.setenv("PATH", "/nowhere")
    assert _refused((archive, signature, key)) == (
        "source.signed_by",
        "needs gpg, which is not on the controller",
        "Install gpg",
    )


def test_a_signature_from_the_web_is_kept_once_it_vouches(signers: Signers, archive: Path, tmp_path: Path) -> None:
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=tmp_path))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_address[1]}"
    key = signers.key(tmp_path, "publisher")
    checksum = f"sha256:{hashlib.sha256(archive.read_bytes()).hexdigest()}"
    given = {"type": "archive", "url": f"{address}/app.tar.gz", "checksum": checksum, "signed_by": key}
    given["signature"] = f"{address}/app.tar.gz.sig"
    assert _refused(given)[:2] == (
        "source.signature",
        f"{address}/app.tar.gz.sig cannot be fetched: HTTP Error 404: File not found",
    )
    signers.sign(archive, "stranger")
    assert "does not vouch for the archive: it is signed by another key" in _refused(given)[1]
    signers.sign(archive, "publisher")
    assert source_fetch.resolve(given, Path("/nowhere")).version == "22.0.4"
    server.shutdown()
    server.server_close()
    assert source_fetch.resolve(given, Path("/nowhere")).version == "22.0.4"
    given["signed_by"] = signers.key(tmp_path, "stranger")
    assert "it is signed by another key" in _refused(given)[1]


class Repository:
    """A repository with an application, whose commits and tags somebody signs."""

    def __init__(self, folder: Path, signers: Signers) -> None:
        self.folder, self.signers = application_tree.make(folder), signers
        self.git("init", "--quiet", "--initial-branch=main")
        self.git("config", "uploadpack.allowFilter", "true")

    def git(self, *arguments: str, key: str = "publisher") -> str:
        who = {
            f"GIT_{role}_{part}": f"{key}@example.org" for role in ("AUTHOR", "COMMITTER") for part in ("NAME", "EMAIL")
        }
        environment = os.environ | who | {"GNUPGHOME": str(self.signers.home)}
        words = ["git", "-C", str(self.folder), "-c", f"user.signingkey={key}@example.org", *arguments]
        return subprocess.run(words, check=True, capture_output=True, text=True, env=environment).stdout.strip()

    def commit(self, version: str, *sign: str, key: str = "publisher") -> str:
        (self.folder / "filefunc.inc.php").write_text(f"<?php\ndefine('DOL_VERSION', '{version}');\n")
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", version, *sign, key=key)
        return self.git("rev-parse", "HEAD")

    def source(self, version: str, signed_by: str) -> dict[str, Any]:
        return {"type": "git", "url": f"file://{self.folder}", "version": version, "signed_by": signed_by}


@pytest.fixture
def repository(tmp_path: Path, signers: Signers) -> Repository:
    """Return a repository without a commit."""
    return Repository(tmp_path / "repository", signers)


def _no_signature(version: str, commit: str, why: str) -> tuple[str, str, str]:
    seen = f"{version!r} (commit {commit[:12]}) has no signature that counts: {why}; nothing of it is used"
    return "source.version", seen, MEND


def test_signed_commits_and_tags(repository: Repository, signers: Signers, tmp_path: Path) -> None:
    key = signers.key(tmp_path, "publisher")
    plain, signed = repository.commit("22.0.3"), repository.commit("22.0.4", "--gpg-sign")
    repository.git("tag", "--sign", "--message", "x", "v3", plain)
    repository.git("tag", "light", signed)
    repository.git("tag", "--annotate", "--message", "x", "unsigned", plain)
    for version, expected in ((signed, "22.0.4"), ("light", "22.0.4"), ("v3", "22.0.3")):
        assert source_fetch.resolve(repository.source(version, key), Path("/nowhere")).version == expected
    # What is asked for by the tag was signed, and by its own name it was not.
    assert _refused(repository.source(plain, key)) == _no_signature(plain, plain, "it is not signed")
    assert _refused(repository.source("unsigned", key)) == _no_signature("unsigned", plain, "it is not signed")


def test_signed_by_somebody_else(repository: Repository, signers: Signers, tmp_path: Path, cache: Path) -> None:
    commit = repository.commit("22.0.4", "--gpg-sign", key="stranger")
    repository.git("tag", "--sign", "--message", "x", "v4", key="stranger")
    for version in (commit, "v4"):
        given = repository.source(version, signers.key(tmp_path, "publisher"))
        assert _refused(given) == _no_signature(version, commit, "it is signed by another key")
    # Nothing was checked out.
    assert [path.name for path in cache.glob("git-*-*") if path.is_dir()] == []
    given = repository.source("v4", signers.key(tmp_path, "stranger"))
    assert source_fetch.resolve(given, Path("/nowhere")).version == "22.0.4"


def test_an_old_signed_tag_is_not_taken_for_a_new_one(repository: Repository, signers: Signers, tmp_path: Path) -> None:
    old = repository.commit("22.0.3")
    repository.git("tag", "--sign", "--message", "x", "22.0.3")
    repository.git("update-ref", "refs/tags/22.0.4", repository.git("rev-parse", "refs/tags/22.0.3"))
    key = signers.key(tmp_path, "publisher")
    assert source_fetch.resolve(repository.source("22.0.3", key), Path("/nowhere")).version == "22.0.3"
    assert _refused(repository.source("22.0.4", key)) == _no_signature("22.0.4", old, "it is not signed")


def test_a_signature_of_ssh_that_the_operator_trusts_does_not_count(
    repository: Repository, signers: Signers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "id")], check=True)
    (tmp_path / "allowed").write_text(f"publisher@example.org {(tmp_path / 'id.pub').read_text()}")
    settings = {"gpg.format": "ssh", "gpg.ssh.allowedSignersFile": str(tmp_path / "allowed")}
    monkeypatch.setenv("GIT_CONFIG_COUNT", str(len(settings)))
    for index, (name, value) in enumerate(settings.items()):
        monkeypatch.setenv(f"GIT_CONFIG_KEY_{index}", name)
        monkeypatch.setenv(f"GIT_CONFIG_VALUE_{index}", value)
    repository.git("config", "user.signingkey", str(tmp_path / "id"))
    commit = repository.commit("22.0.4")
    repository.git(
        "-c", f"user.signingkey={tmp_path / 'id'}", "commit", "--quiet", "--amend", "--no-edit", "--gpg-sign"
    )
    commit = repository.git("rev-parse", "HEAD")
    repository.git("verify-commit", commit)  # git says yes
    given = repository.source(commit, signers.key(tmp_path, "publisher"))
    assert _refused(given) == _no_signature(commit, commit, "it is not signed")
