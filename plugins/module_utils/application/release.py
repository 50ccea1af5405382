# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Puts releases in place on a host: unpacked beside the others, complete or not there at all, served through a link."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.application import release_files
from ansible_collections.miclinik.hosting.plugins.module_utils.host import folders, programs
from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout

CONF = "htdocs/conf/conf.php"


class ReleaseError(Exception):
    """A release that cannot be put in place; the message says what was seen and what to do."""


def state(site: Mapping[str, Any]) -> dict[str, Any]:
    """Return whether ``site['release']`` is unpacked, and which release ``current`` points at (None for none)."""
    current = Path(site["current"])
    return {"unpacked": _folder(site).is_dir(), "current": name_of(current) if current.is_symlink() else None}


def name_of(current: Path) -> str:
    """Return the name of the release that the link ``current`` points at. Raises OSError where it is no link."""
    # People's links may end in a slash.
    return os.readlink(current).rstrip("/").rsplit("/", 1)[-1]


def prunable(site: Mapping[str, Any], keep: int, work: Path = Path(layout.WORK)) -> list[str]:
    """Return the releases that are not wanted any more: all but the ``keep`` that were unpacked last.

    The one that is served, and those that a roll-back would go to, are never among them; with 0 nothing is.
    """
    folder = Path(site["releases"])
    if not keep or not folder.is_dir():
        return []
    needed = {state(site)["current"], site["release"]} | _kept_for_a_way_back(work / str(site["name"]))
    there = [place for place in folder.iterdir() if place.is_dir() and not place.name.startswith(".")]
    latest = sorted(there, key=lambda place: place.stat().st_mtime, reverse=True)[:keep]
    return sorted(place.name for place in there if place not in latest and place.name not in needed)


def _kept_for_a_way_back(work: Path) -> set[str]:
    """Return the releases of what an upgrade or a roll-back has kept; see module_utils/life."""
    found = set()
    for part in layout.PARTS:
        try:
            found.add(str(json.loads((work / f"{part}.json").read_text(encoding="utf-8")).get("release", "")))
        except FileNotFoundError:
            continue
        except (OSError, ValueError, AttributeError) as error:
            raise ReleaseError(f"{work / part}.json cannot be read ({error}): see which release it needs") from error
    return found


def prune(site: Mapping[str, Any], keep: int, work: Path = Path(layout.WORK)) -> list[str]:
    """Take the releases away that are ``prunable``; return their names. Raises ReleaseError."""
    gone = prunable(site, keep, work)
    for name in gone:
        folder = Path(site["releases"]) / name
        try:
            # What is killed here is no release any more.
            part = folder.with_name(f".{name}.part")
            folder.rename(part)
            shutil.rmtree(part)
            release_files.list_of(folder).unlink(missing_ok=True)
        except OSError as error:
            raise _refused(site, error) from error
    return gone


def unpack(site: Mapping[str, Any], pack: str) -> bool:
    """Unpack ``pack`` (a tar on the host) as the site's release; return whether that changed anything.

    The folder gets its name only when it is complete. Raises ReleaseError.
    """
    try:
        return _unpack(site, pack)
    except OSError as error:
        raise _refused(site, error) from error


def _unpack(site: Mapping[str, Any], pack: str) -> bool:
    folder = _folder(site)
    if folder.is_dir():
        return False
    part = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)  # what an interrupted run left
    folders.make(part)
    options = ["--no-same-owner", "--no-same-permissions"] if os.geteuid() != 0 else ["--same-owner", "--numeric-owner"]
    done = subprocess.run(
        ["tar", "--extract", "--file", pack, "--directory", str(part), *options],
        check=False,
        capture_output=True,
        text=True,
        env=programs.environment(),
    )
    if done.returncode:
        shutil.rmtree(part, ignore_errors=True)
        last = done.stderr.strip().splitlines()
        raise ReleaseError(
            f"site '{site['name']}': tar could not unpack the release into {part}:"
            f" {last[-1] if last else 'no message'}. Is the disk full (df -h {folder.parent}; df -i {folder.parent})?"
        )
    lead(part, site)
    part.chmod(0o755)
    release_files.record(part, release_files.list_of(folder))
    part.rename(folder)
    return True


def lead(folder: Path, site: Mapping[str, Any]) -> bool:
    """Have a release lead to what is the site's own; return whether it led elsewhere. Raises OSError."""
    # The installer's first page looks for its lock at ../../documents as seen from itself, wherever documents are
    # (measured on Dolibarr 22.0.4): this link leads it to the real one.
    wanted = {folder / CONF: str(site["conf"]), folder / "documents": str(site["documents"])}
    wrong = [path for path, target in wanted.items() if not path.is_symlink() or os.readlink(path) != target]
    for path in wrong:
        link(path, wanted[path])
    return bool(wrong)


def serve(site: Mapping[str, Any]) -> bool:
    """Point ``current`` at the release in one step; return whether it pointed elsewhere. Raises ReleaseError."""
    if state(site)["current"] == site["release"]:
        return False
    try:
        link(Path(site["current"]), f"releases/{site['release']}")
    except OSError as error:
        raise _refused(site, error) from error
    return True


def _refused(site: Mapping[str, Any], error: OSError) -> ReleaseError:
    paths = " -> ".join(str(path) for path in (error.filename, error.filename2) if path)
    return ReleaseError(
        f"site '{site['name']}': the release {site['release']} could not be put in place: {paths}: {error.strerror}."
        " What was served before is served still. Look at what is there, then run again."
    )


def _folder(site: Mapping[str, Any]) -> Path:
    return Path(site["releases"]) / str(site["release"])


def link(path: Path, target: str) -> None:
    """Have ``path`` be a link to ``target``, in one step. Raises OSError."""
    folders.make(path.parent)
    fresh = path.with_name(f".{path.name}.new")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(target)
    try:
        fresh.replace(path)
    except OSError:
        fresh.unlink()
        raise
