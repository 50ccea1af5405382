# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Puts all that a site is into one restic snapshot, and looks whether it is all there. Runs on the host, as root."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.application import identity, release_files
from ansible_collections.miclinik.hosting.plugins.module_utils.life import manifest as life_manifest
from ansible_collections.miclinik.hosting.plugins.module_utils.life import restic, room
from ansible_collections.miclinik.hosting.plugins.module_utils.life.engine import Engine
from ansible_collections.miclinik.hosting.plugins.module_utils.life.manifest import DUMP, FILE, Manifest
from ansible_collections.miclinik.hosting.plugins.module_utils.life.places import Places
from ansible_collections.miclinik.hosting.plugins.module_utils.life.restic import Repository
from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout

SETTINGS = restic.FOLDER / "settings.json"
TAG = "miclinik"
#: What a snapshot is by: the timer or a person, which are kept as declared; or something that was about to be done with
#: the site, of which the last ones are kept, and which is never meant by "the latest".
TIMED, EXTRA = "timed", "extra"
KEPT_EXTRA = 10
#: How a mark begins that says what was about to be done.
BEFORE = "before-"
#: Times that a snapshot is made anew because something changed while restic read it.
ATTEMPTS = 3
_INCOMPLETE = 3
#: What has to be free beside the dump.
_SPARE = 256 * room.MIB

Say = Callable[[str], None]


def _nobody(_words: str) -> None:
    """Tell nobody."""


class BackupError(Exception):
    """No snapshot could be made, or one lacks something; the message says what was seen and what to do."""


@dataclass(frozen=True)
class Settings:
    """What the inventory says of the host's backups, as the role ``backup`` has written it."""

    keep: Mapping[str, int] = field(default_factory=dict)
    append_only: bool = False
    every_seconds: int = 86400
    metrics: str = ""
    collection: str = ""

    @classmethod
    def read(cls, file: Path = SETTINGS) -> Settings:
        """Return those on record. Raises BackupError where there are none."""
        try:
            return cls(**json.loads(file.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError) as error:
            raise BackupError(f"{file} cannot be read ({error}): set miclinik_backup, run site.yml") from error


@dataclass(frozen=True)
class Taken:
    """A snapshot that is whole."""

    snapshot: str
    total: int
    added: int
    manifest: Manifest


def folder_of(places: Places) -> Path:
    """Return where dump and manifest are made, and under which path a snapshot has them."""
    return places.work / "backup"


def tags_of(site: str, sign: str = "") -> tuple[str, ...]:
    """Return the tags by which the snapshots of a site are found; with ``sign`` not those of another of its name."""
    return (TAG, f"site={site}", *([f"sign={sign[:16]}"] if sign else []))


@dataclass(frozen=True)
class Run:
    """One run that makes a snapshot. Whoever starts it has the site, and the repository, for himself.

    ``marks`` are tags of one that is made because something else is about to be done.
    """

    places: Places
    engine: Engine
    settings: Settings
    repository: Repository
    marks: tuple[str, ...] = ()
    say: Say = _nobody

    def take(self) -> Taken:
        """Make it. Raises BackupError, ResticError, EngineError, ManifestError, VersionError and OSError."""
        folder = folder_of(self.places)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700, parents=True)
        _require_space(self.places, self.engine)
        restless: set[str] = set()
        wrong: list[str] = []
        unread: list[str] = []
        try:
            for _ in range(ATTEMPTS):
                taken, wrong = self._attempt(restless)
                if not wrong:
                    return taken
                # One that is there as it was, and not in the snapshot, cannot be read: it is no file that changes.
                folder_now = self.places.documents(layout.LIVE)
                unread = [name for name in wrong if life_manifest.is_as(taken.manifest, folder_now, name)]
                restless |= set(wrong) - set(unread)
                self.say(f"{len(wrong)} files changed while they were read, or cannot be read: once more")
        finally:
            # It is in the snapshot, and a whole database in the clear.
            shutil.rmtree(folder, ignore_errors=True)
        raise BackupError(
            f"documents of '{self.places.site}' are not in the snapshot as they are, {ATTEMPTS} times in a row; they"
            f" {'cannot be read' if unread else 'change all the time'}: {', '.join((unread or wrong)[:5])}"
        )

    def _attempt(self, restless: set[str]) -> tuple[Taken, list[str]]:
        """Return a snapshot, and the documents that it has otherwise than they were a moment before."""
        places, folder = self.places, folder_of(self.places)
        self.say("write the database into a file")
        began = life_manifest.now_ns()
        rows = self.engine.dump(self.engine.login.database, folder / DUMP)
        self.say("look at the documents")
        documents = life_manifest.digests(places.documents(layout.LIVE), places.work / "digests.json")
        said = life_manifest.build(
            places,
            self.engine,
            rows,
            dump=folder / DUMP,
            documents=documents,
            began_ns=began,
            collection=self.settings.collection,
            restless=restless,
        )
        (folder / FILE).write_text(said.text(), encoding="utf-8")
        paths = _paths(places)
        self.say("send it to the repository")
        summary = self._send(said, paths)
        snapshot = str(summary["snapshot_id"])[:8]
        self.say(f"see whether {snapshot} is whole")
        listing = {str(node["path"]): node for node in self.repository.listing(snapshot)}
        _require_whole(places, said, listing, paths)
        wrong = life_manifest.not_kept(said, _files_below(said.documents_folder, listing))
        return Taken(snapshot, int(summary["total_bytes_processed"]), int(summary["data_added"]), said), wrong

    def _send(self, said: Manifest, paths: Sequence[str]) -> Mapping[str, Any]:
        """Return what restic says of the snapshot that it has made."""
        kind = (EXTRA, *self.marks) if self.marks else (TIMED,)
        marks = (*tags_of(said.site, said.sign), f"version={said.version}", *kind)
        words = [word for tag in marks for word in ("--tag", tag)]
        # With 3 it has not read everything; what it lacks is looked at afterwards, whatever it says.
        out = self.repository.run("backup", "--json", *words, *paths, ok=(0, _INCOMPLETE), told=_progress(self.say))
        for line in reversed(out.splitlines()):
            if (summary := _json(line)).get("message_type") == "summary":
                return summary
        raise BackupError(f"restic made no snapshot and did not say why: {out[-300:]}")


def before(places: Places, engine: Engine, what: str, say: Say = _nobody) -> str:
    """Return the name of a snapshot that is made because ``what`` is about to be done with the site.

    Raises what ``Run.take`` does, and BackupError where no repository is declared.
    """
    settings, repository = Settings.read(), Repository(restic.read_environment())
    with restic.alone():
        return Run(places, engine, settings, repository, (f"{BEFORE}{what}",), say).take().snapshot


def _paths(places: Places) -> list[str]:
    """Return all that the site is: what a link leads to beside the link itself."""
    current = places.current.resolve()
    usual = layout.below(places.root, places.usual["documents"])
    found = [folder_of(places), places.documents(layout.LIVE), places.state, places.conf, places.current, current]
    found += [place for place in (usual, release_files.list_of(current)) if place not in found]
    if missing := [str(place) for place in found if not os.path.lexists(place)]:
        # restic itself goes on without what is not there, and says that all is well.
        optional = {str(release_files.list_of(current))}
        if lacking := sorted(set(missing) - optional):
            raise BackupError(f"{', '.join(lacking)} is not there: run playbooks/doctor.yml, which says what is lost")
    return [str(place) for place in found if os.path.lexists(place)]


def _require_whole(
    places: Places, said: Manifest, listing: Mapping[str, Mapping[str, Any]], paths: Sequence[str]
) -> None:
    """Raise BackupError where a snapshot lacks what it is made for."""
    lacking = [path for path in paths if path not in listing]
    for file in (folder_of(places) / DUMP, folder_of(places) / FILE):
        if int(listing.get(str(file), {}).get("size") or 0) != file.stat().st_size:
            lacking.append(str(file))
    root = places.current.resolve()
    below = f"{root}/"
    kept = sum(path.startswith(below) for path in listing)
    there = sum(len(folders) + len(files) for _, folders, files in os.walk(root))
    if kept != there:
        lacking.append(f"{there - kept} files of the release {said.release}")
    if lacking:
        raise BackupError(f"the snapshot of '{places.site}' is not whole, it lacks: {', '.join(lacking)}")


def _files_below(folder: str, listing: Mapping[str, Mapping[str, Any]]) -> dict[str, tuple[int, int]]:
    start = life_manifest.plain_name(f"{folder}/")
    return {
        path.removeprefix(start): (int(node.get("size") or 0), life_manifest.nanoseconds(str(node["mtime"])))
        for path, node in listing.items()
        if path.startswith(start) and node["type"] in ("file", "symlink")
    }


def _require_space(places: Places, engine: Engine) -> None:
    takes = engine.size(engine.login.database)
    if lack := room.lacking(places.work, takes, "the database written out takes up to", _SPARE):
        raise BackupError(lack)


def _progress(say: Say) -> restic.Told:
    def told(status: Mapping[str, Any]) -> None:
        done, total = int(status.get("bytes_done") or 0), int(status.get("total_bytes") or 0)
        if total:
            left = status.get("seconds_remaining")
            rest = f", {left} s left" if left else ""
            say(f"{100 * done // total} %, {done // 2**20} of {total // 2**20} MiB{rest}")

    return told


def _json(line: str) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def snapshots_of(places: Places, repository: Repository) -> list[dict[str, Any]]:
    """Return the snapshots of a site, the oldest first: by its name, and those that it made under another name.

    Raises ResticError.
    """
    found = {str(one["id"]): one for one in repository.snapshots(*tags_of(places.site))}
    if sign := identity.expected(places.state):
        found |= {str(one["id"]): one for one in repository.snapshots(TAG, f"sign={sign[:16]}")}
    return sorted(found.values(), key=lambda one: str(one["time"]))


def forget(sign: str, settings: Settings, repository: Repository) -> int:
    """Take away the snapshots that are not to be kept, and what only they hold; return how many they were.

    Those that the site made under another name count with the others.
    """
    if settings.append_only:
        return 0
    keep = [f"--keep-{name}={count}" for name, count in sorted(settings.keep.items()) if count]
    if not keep:
        return 0
    gone = 0
    for kind, rules in ((EXTRA, [f"--keep-last={KEPT_EXTRA}"]), (TIMED, keep)):
        tags = ",".join((TAG, f"sign={sign[:16]}", kind))
        out = repository.run("forget", "--json", "--prune", "--tag", tags, "--group-by", "", *rules)
        groups = next((found for line in out.splitlines() if (found := _list(line))), [])
        gone += sum(len(group.get("remove") or ()) for group in groups)
    return gone


def _list(line: str) -> list[dict[str, Any]]:
    try:
        found = json.loads(line)
    except ValueError:
        return []
    return found if isinstance(found, list) else []


def check(repository: Repository, part: str = "") -> None:
    """Have restic check the repository and read ``part`` of the data, all of it when empty. Raises ResticError."""
    repository.run("check", f"--read-data-subset={part}" if part else "--read-data")
