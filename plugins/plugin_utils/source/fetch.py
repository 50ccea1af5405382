# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Turns a site's ``source`` into an application tree on the controller."""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import lzma
import os
import re
import shutil
import stat
import subprocess
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from ansible_collections.miclinik.hosting.plugins.plugin_utils.controller import paths
from ansible_collections.miclinik.hosting.plugins.plugin_utils.source import pack as source_pack
from ansible_collections.miclinik.hosting.plugins.plugin_utils.source import signature as source_signature
from ansible_collections.miclinik.hosting.plugins.plugin_utils.source import tar_extract
from ansible_collections.miclinik.hosting.plugins.plugin_utils.source import tree as source_tree
from ansible_collections.miclinik.hosting.plugins.plugin_utils.source.tree import SourceError, Tree

SANDBOX = Path(__file__).resolve().parents[3] / "sandbox"
_DOWNLOAD_SECONDS = 60
_COMMIT = re.compile(r"[0-9a-f]{7,64}")
# RuntimeError is zipfile's word for a password, NotImplementedError (one of its kind) for a compression.
_BROKEN = (tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, RuntimeError, EOFError, OSError)


def resolve(source: Mapping[str, Any], base: paths.Base) -> Tree:
    """Return the tree of ``source``; relative paths are in a folder of ``base``.

    Raises SourceError when there is no application, or it cannot be fetched or unpacked.
    """
    folder = unpacked(source, base)
    return source_tree.find(_application(folder) if source["type"] == "archive" else folder)


def unpacked(source: Mapping[str, Any], base: paths.Base) -> Path:
    """Return the folder on the controller with all that ``source`` holds. Raises SourceError."""
    if source["type"] == "sandbox":
        return SANDBOX
    if source["type"] == "directory":
        return paths.find(base, source["path"])
    if source["type"] == "git":
        return _git(source, base)
    return _archive(source, base)


def resolver(base: paths.Base) -> Callable[[Mapping[str, Any]], Tree]:
    """Return ``resolve`` for one run: sites that share a source have it fetched and looked at once."""
    trees: dict[str, Tree] = {}

    def resolved(source: Mapping[str, Any]) -> Tree:
        name = json.dumps(source, sort_keys=True, default=str)
        if name not in trees:
            trees[name] = resolve(source, base)
        return trees[name]

    return resolved


def _archive(source: Mapping[str, Any], base: paths.Base) -> Path:
    key = "source.url" if source.get("url") else "source.path"
    if source.get("url"):
        file = _download(source["url"], source["checksum"])
    else:
        file = paths.find(base, source["path"])
        if not file.is_file():
            raise SourceError(key, f"{file} is not a file on the controller", "Name the archive")
    checksum = _sha256(file)
    if source.get("checksum") and source["checksum"] != f"sha256:{checksum}":
        raise SourceError(
            "source.checksum",
            f"is {source['checksum']}, but the archive's is sha256:{checksum}",
            "Get the archive again, and compare it with what its publisher states",
        )
    if source.get("signed_by"):
        _verify(source, file, checksum, base)
    folder = source_pack.cache_folder() / f"archive-{checksum}"
    with source_pack.locked(folder.name):
        if not folder.is_dir():
            part = _fresh(folder.with_name(f".{folder.name}.part"))
            _unpack(file, part, key)
            part.rename(folder)
    return folder


def _verify(source: Mapping[str, Any], file: Path, checksum: str, base: paths.Base) -> None:
    """Raise SourceError where the archive is not signed; a signature that was fetched is kept once it vouches."""
    given = source["signature"]
    if not re.match(r"https?://", given):
        signature = paths.find(base, given)
        if not signature.is_file():
            raise SourceError(
                "source.signature", f"{signature} is not a file on the controller", "Name the detached signature"
            )
        source_signature.verify_archive(file, signature, source["signed_by"], base)
        return
    name = hashlib.sha256(f"{given} {checksum}".encode()).hexdigest()[:16]
    kept = source_pack.cache_folder() / f"signature-{name}.asc"
    with source_pack.locked(kept.name):
        if not kept.is_file():
            _fetch(given, kept, "source.signature")
        try:
            source_signature.verify_archive(file, kept, source["signed_by"], base)
        except SourceError:
            kept.unlink()
            raise


def _application(folder: Path) -> Path:
    """Return the folder of the application in an unpacked archive, which may have one folder around everything."""
    inside = [item for item in folder.iterdir() if item.name != "pax_global_header"]
    return inside[0] if len(inside) == 1 and inside[0].is_dir() and inside[0].name != "htdocs" else folder


def _unpack(file: Path, folder: Path, key: str) -> None:
    try:
        if zipfile.is_zipfile(file):
            with zipfile.ZipFile(file) as archive:
                _require_inside(archive)
                archive.extractall(folder)  # noqa: S202 (what leads out of it was refused)
        else:
            with tarfile.open(file) as packed:
                tar_extract.extract(packed, folder)
    except _BROKEN as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise SourceError(
            key, f"{file.name} cannot be unpacked: {error}", "Use a tar (gz, bz2, xz) or a zip"
        ) from error


def _require_inside(archive: zipfile.ZipFile) -> None:
    """Raise BadZipFile at a member that leads out of the archive, which zipfile would put elsewhere, or at a link."""
    for member in archive.infolist():
        name = member.filename.replace("\\", "/")
        if name.startswith("/") or ".." in name.split("/") or re.match(r"[A-Za-z]:", name):
            raise zipfile.BadZipFile(f"{member.filename!r} leads out of the archive")
        if stat.S_ISLNK(member.external_attr >> 16):
            raise zipfile.BadZipFile(f"{member.filename!r} is a link, which a zip does not keep")


def _fetch(url: str, file: Path, key: str) -> None:
    # Ansible's own opener follows the controller's proxies and certificates.
    from ansible.module_utils import urls  # noqa: PLC0415 (hosts load this package without it)

    try:
        with urls.open_url(url, timeout=_DOWNLOAD_SECONDS) as answer, file.open("wb") as stream:
            shutil.copyfileobj(answer, stream)
    except (OSError, http.client.HTTPException, urls.ConnectionError) as error:
        file.unlink(missing_ok=True)
        raise SourceError(key, f"{_safe(url)} cannot be fetched: {error}", "Check address and network") from error


def _download(url: str, checksum: str) -> Path:
    target = source_pack.cache_folder() / f"download-{checksum.removeprefix('sha256:')}"
    with source_pack.locked(target.name):
        if not target.is_file():
            part = target.with_name(f".{target.name}.part")
            _fetch(url, part, "source.url")
            seen = _sha256(part)
            if checksum != f"sha256:{seen}":
                part.unlink()
                raise SourceError(
                    "source.checksum",
                    f"is {checksum}, but {_safe(url)} gave sha256:{seen}",
                    "Compare with what the publisher states; nothing was kept",
                )
            part.replace(target)
    return target


def _safe(url: str) -> str:
    """Return the address without a user's name and password and without its query, which may hold tokens."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()


def _git(source: Mapping[str, Any], base: paths.Base) -> Path:
    url, version = source["url"], source["version"]
    # Neither git's arguments, which all of the controller may read, nor the copy's settings hold name and password.
    whole, url = url, _without_login(url)
    folder = source_pack.cache_folder() / f"git-{hashlib.sha256(url.encode()).hexdigest()[:16]}"
    with source_pack.locked(folder.name):
        if not folder.is_dir():
            part = _fresh(folder.with_name(f".{folder.name}.part"))
            _run_git(["clone", "--quiet", "--no-checkout", "--filter=blob:none", "--", url, str(part)], whole)
            part.rename(folder)
        commit = _commit(folder, version)
        if not commit:
            _run_git([*_in(folder), "fetch", "--quiet", "--tags", "origin"], whole)
            commit = _commit(folder, version)
        if not commit:
            raise SourceError(
                "source.version", f"{version!r} is no tag or commit of {_safe(url)}", "Name one: a branch moves"
            )
        if source.get("signed_by"):
            source_signature.verify_git(folder, commit, version, source["signed_by"], base)
        work = folder.with_name(f"{folder.name}-{commit[:16]}")
        if not work.is_dir():
            part = _fresh(work.with_name(f".{work.name}.part"))
            _run_git([*_in(folder), "worktree", "prune"], whole)
            _run_git([*_in(folder), "worktree", "add", "--quiet", "--detach", str(part), commit], whole)
            part.rename(work)
    return work


def _in(folder: Path) -> list[str]:
    return ["-C", str(folder)]


def _commit(folder: Path, version: str) -> str:
    """Return the commit that ``version``, a tag or the beginning of a commit's name, stands for; empty for none.

    A branch is none: the copy of it that lies here would be served for ever, however far it has moved.
    """
    for name in [f"refs/tags/{version}"] + ([version] if _COMMIT.fullmatch(version) else []):
        done = subprocess.run(
            ["git", *_in(folder), "rev-parse", "--quiet", "--verify", f"{name}^{{commit}}"],
            check=False,
            capture_output=True,
            text=True,
        )
        if done.returncode == 0:
            return done.stdout.strip()
    return ""


def _without_login(url: str) -> str:
    """Return the address without name and password where they can be given in another way; SSH wants the name."""
    parts = urlsplit(url)
    web = parts.scheme in ("http", "https")
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl() if web else url


def _login(url: str) -> dict[str, str]:
    """Return the variables by which git sends name and password of ``url``, to that server alone."""
    parts, bare = urlsplit(url), _without_login(url)
    if bare == url:
        return {}
    pair = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}"
    given = os.environ.get("GIT_CONFIG_COUNT", "")
    index = int(given) if given.isdecimal() else 0  # settings that the operator's own environment brings stay
    return {
        "GIT_CONFIG_COUNT": str(index + 1),
        f"GIT_CONFIG_KEY_{index}": f"http.{bare}.extraHeader",
        f"GIT_CONFIG_VALUE_{index}": f"Authorization: Basic {base64.b64encode(pair.encode()).decode()}",
    }


def _run_git(arguments: list[str], url: str) -> None:
    # Nobody is there to answer: what would ask for a password or a host's key has to fail instead.
    quiet = {"GIT_TERMINAL_PROMPT": "0", "GIT_SSH_COMMAND": os.environ.get("GIT_SSH_COMMAND", "ssh -o BatchMode=yes")}
    done = subprocess.run(
        ["git", *arguments],
        check=False,
        capture_output=True,
        text=True,
        env=os.environ | quiet | _login(url),
        stdin=subprocess.DEVNULL,
    )
    if done.returncode:
        text = done.stderr.strip().replace(url, _safe(url)).replace(_without_login(url), _safe(url)).splitlines()
        raise SourceError("source.url", f"git: {text[-1] if text else 'failed'}", "Check address and access")


def _fresh(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
