# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ties a source to who has signed it, by OpenPGP keys in a keyring of their own: no other key of the operator counts.

What GnuPG and git exit with is not enough: git takes a signature of SSH or X.509 as well, where the operator's own
settings trust some. What counts is GnuPG's status line that names the key, see doc/DETAILS of GnuPG.
"""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.miclinik.hosting.plugins.plugin_utils.controller import paths
from ansible_collections.miclinik.hosting.plugins.plugin_utils.source.tree import SourceError

#: A key by its fingerprint, which people write in groups of four.
FINGERPRINT = re.compile(r"(0x)?([0-9A-Fa-f]{40}|[0-9A-Fa-f]{64})")
_KEY = "source.signed_by"
_STATUS = "[GNUPG:] "
_UNSIGNED = "it is not signed"
#: The signature was made by a key that is there, and still does not count.
_REFUSED = {
    "BADSIG": "the signature does not belong to what is there: one of both was changed",
    "EXPSIG": "the signature has expired",
    "EXPKEYSIG": "the key that signed it has expired",
    "REVKEYSIG": "the key that signed it was revoked",
    "ERRSIG": "it is signed by another key",
}
_GPG = (
    "gpg",
    "--batch",
    "--no-tty",
    "--no-options",
    "--no-autostart",
    "--no-auto-key-retrieve",
    "--trust-model",
    "always",
)


@dataclass(frozen=True)
class Keyring:
    """A folder of GnuPG's with nothing but the keys that may sign, and their fingerprints."""

    home: Path
    fingerprints: frozenset[str]

    def check_file(self, file: Path, signature: Path) -> str:
        """Return why ``signature`` does not vouch for ``file``; empty where it does."""
        return self._verdict(_run([*_GPG, "--status-fd", "1", "--verify", str(signature), str(file)], self.home)[0])

    def check_git(self, folder: Path, commit: str, tag: str) -> str:
        """Return why neither ``tag``, empty for none, nor ``commit`` is signed; empty where one is."""
        git = ["git", "-C", str(folder), "-c", "gpg.program=gpg", "-c", "gpg.openpgp.program=gpg"]
        told = []
        if tag and _names_itself(folder, tag):
            told.append(self._verdict(_run([*git, "verify-tag", "--raw", f"refs/tags/{tag}"], self.home)[1]))
        if "" not in told:
            told.append(self._verdict(_run([*git, "verify-commit", "--raw", commit], self.home)[1]))
        return "" if "" in told else next((words for words in told if words != _UNSIGNED), _UNSIGNED)

    def _verdict(self, output: str) -> str:
        """Return why no signature of GnuPG's ``output`` counts. There may be several, one of our keys is enough."""
        signatures: list[dict[str, list[str]]] = [{}]
        for line in output.splitlines():
            if line.startswith(_STATUS):
                word, *rest = line.removeprefix(_STATUS).split()
                signatures += [{}] if word == "NEWSIG" else []
                signatures[-1][word] = rest
        told = [why for signature in signatures if (why := self._refusal(signature)) != _UNSIGNED]
        return "" if "" in told else next(iter(told), _UNSIGNED)

    def _refusal(self, found: Mapping[str, Sequence[str]]) -> str:
        refused = next((why for word, why in _REFUSED.items() if word in found), "")
        valid = found.get("VALIDSIG")
        if refused or not valid or "GOODSIG" not in found:
            return refused or _UNSIGNED
        # The last one is the primary key's, whose subkey may have signed.
        return "" if valid[-1] in self.fingerprints else _REFUSED["ERRSIG"]


@contextlib.contextmanager
def keyring(signed_by: str, base: paths.Base) -> Iterator[Keyring]:
    """Lend the keys that ``signed_by`` names: a file with public keys, or a fingerprint in the operator's own keyring.

    :raises SourceError: there are none.
    """
    with tempfile.TemporaryDirectory(prefix="miclinik-gpg-") as folder:
        home = Path(folder)
        imported = _run([*_GPG, "--status-fd", "1", "--import"], home, given=_keys(signed_by, base))[0]
        fingerprints = frozenset(re.findall(r"^\[GNUPG:\] IMPORT_OK \d+ ([0-9A-F]+)$", imported, re.MULTILINE))
        if not fingerprints:
            raise SourceError(_KEY, f"{signed_by} holds no OpenPGP key", "Name a file that `gpg --export` has written")
        yield Keyring(home, fingerprints)


def verify_archive(file: Path, signature: Path, signed_by: str, base: paths.Base) -> None:
    """Raise SourceError where ``signature`` does not vouch for the archive ``file`` by a key of ``signed_by``."""
    with keyring(signed_by, base) as keys:
        if problem := keys.check_file(file, signature):
            raise _not_vouched("source.signature", f"{signature.name} does not vouch for the archive: {problem}")


def verify_git(folder: Path, commit: str, version: str, signed_by: str, base: paths.Base) -> None:
    """Raise SourceError where neither the tag ``version`` nor the ``commit`` is signed by a key of ``signed_by``."""
    with keyring(signed_by, base) as keys:
        tag = version if _is_tag(folder, version) else ""
        if problem := keys.check_git(folder, commit, tag):
            raise _not_vouched(
                "source.version", f"{version!r} (commit {commit[:12]}) has no signature that counts: {problem}"
            )


def _not_vouched(key: str, seen: str) -> SourceError:
    mend = "Get it again from its publisher, or name the key of who has signed it in source.signed_by"
    return SourceError(key, f"{seen}; nothing of it is used", mend)


def _keys(signed_by: str, base: paths.Base) -> bytes:
    bare = signed_by.replace(" ", "")
    if found := FINGERPRINT.fullmatch(bare):
        exported = _process([*_GPG, "--export", found[2]], None).stdout
        if not exported:
            mend = "Import it (`gpg --import`), or name a file that holds it"
            raise SourceError(_KEY, f"the key {signed_by} is not in your keyring", mend)
        return exported
    file = paths.find(base, signed_by)
    try:
        return file.read_bytes()
    except OSError as error:
        raise SourceError(
            _KEY, f"{file} cannot be read: {error.strerror}", "Name the file of the public key"
        ) from error


def _is_tag(folder: Path, version: str) -> bool:
    done = _process(["git", "-C", str(folder), "cat-file", "-t", f"refs/tags/{version}"], None)
    return done.stdout.strip() == b"tag"


def _names_itself(folder: Path, tag: str) -> bool:
    """Return whether the tag was signed under this name: that of an older version can be handed out as another."""
    text = _process(["git", "-C", str(folder), "cat-file", "tag", f"refs/tags/{tag}"], None).stdout
    return f"\ntag {tag}\n".encode() in text.partition(b"\n\n")[0] + b"\n"


def _run(words: Sequence[str], home: Path, given: bytes = b"") -> tuple[str, str]:
    done = _process(words, {"GNUPGHOME": str(home)}, given)
    return done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")


def _process(
    words: Sequence[str], more: Mapping[str, str] | None, given: bytes = b""
) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "LC_ALL": "C.UTF-8", **(more or {})}
    try:
        return subprocess.run(words, check=False, capture_output=True, input=given, env=environment)
    except FileNotFoundError as error:
        raise SourceError(_KEY, f"needs {words[0]}, which is not on the controller", f"Install {words[0]}") from error
