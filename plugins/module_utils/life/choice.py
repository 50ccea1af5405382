# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which snapshot is meant: the last one, a named one, or the last one before a time."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.application import identity
from ansible_collections.miclinik.hosting.plugins.module_utils.life import backup
from ansible_collections.miclinik.hosting.plugins.module_utils.life import manifest as life_manifest
from ansible_collections.miclinik.hosting.plugins.module_utils.life.manifest import FILE, Manifest
from ansible_collections.miclinik.hosting.plugins.module_utils.life.places import Places
from ansible_collections.miclinik.hosting.plugins.module_utils.life.restic import Repository
from ansible_collections.miclinik.hosting.plugins.module_utils.life.stage import StageError

LATEST = "latest"
#: Fewer digits of a snapshot's name are no name.
_SHORTEST = 4
#: So many of them are named to somebody who has to choose.
_SHOWN = 4

Listed = Mapping[str, Any]


@dataclass(frozen=True)
class Chosen:
    """A snapshot, and what it says of itself; ``folder`` is where it has its dump and its manifest.

    ``newer`` tells of those that were made since because something was about to be done with the site.
    """

    snapshot: str
    time: str
    folder: str
    manifest: Manifest
    newer: tuple[str, ...] = ()

    @property
    def notes(self) -> list[str]:
        """What the operator should know of it."""
        since = ", ".join(self.newer)
        return [f"newer ones, made because something was about to be done with the site: {since}"] if since else []

    def places(self, root: Path) -> Places:
        """Return where the site had its parts, which may have been called otherwise then."""
        return Places(self.manifest.site, root)


def choose(repository: Repository, places: Places, which: str, at: str = "", *, renamed: bool = False) -> Chosen:
    """Return the snapshot that is named, the last one, or the last one before the time ``at``.

    On a host that does not know who the site is, one that is named may be of a site that was called otherwise then,
    where ``renamed`` says so. Raises StageError where there is none, ManifestError and ResticError.
    """
    found: list[Listed] = list(backup.snapshots_of(places, repository))
    own = identity.expected(places.state)
    if which and which != LATEST:
        if renamed and not own:
            found = list(repository.snapshots(backup.TAG))
        return _read(repository, places, _named(places.site, found, which))
    if not found:
        raise StageError(_none(repository, places.site))
    # Two hosts may have had a site of this name.
    found = [one for one in found if _tag(one, "sign") == own[:16]] or found if own else found
    if at:
        moment = _moment(at)
        before = [one for one in found if life_manifest.nanoseconds(str(one["time"])) <= moment]
        if not before:
            first = f"the first one is of {str(found[0]['time'])[:19]}"
            raise StageError(f"there is no snapshot of '{places.site}' from before {at}: {first}")
        found = before
    last = _last(places.site, found, own)
    newer = [_told(one) for one in found[found.index(last) + 1 :]]
    return _read(repository, places, last, tuple(newer))


def _last(site: str, found: Sequence[Listed], own: str) -> Listed:
    """Return the last one that was not made because something was about to be done with the site."""
    timed = [one for one in found if backup.EXTRA not in (one.get("tags") or ())]
    extra = [one for one in found if one not in timed]
    if not timed:
        raise StageError(
            f"all snapshots of '{site}' were made because something was about to be done with it, and none of them is"
            f" taken unless it is named: {_list(extra)}"
        )
    if own:
        return timed[-1]
    if len({_tag(one, "sign") for one in found}) > 1:
        last = {_tag(one, "sign"): one for one in found}.values()
        raise StageError(
            f"there were {len(last)} sites called '{site}'. Name a snapshot; their last ones: {_list(last)}"
        )
    if found[-1] in extra and f"{backup.BEFORE}remove" in found[-1]["tags"]:
        raise StageError(
            f"the last snapshot of '{site}' was made when it was taken away: {_told(found[-1])}. It is newer than the"
            f" one of {str(timed[-1]['time'])[:19]}: name the one that is meant, {_short(found[-1])} or"
            f" {_short(timed[-1])}"
        )
    return timed[-1]


def _named(site: str, found: Sequence[Listed], which: str) -> Listed:
    there = [one for one in found if str(one["id"]).startswith(which.lower()) and len(which) >= _SHORTEST]
    if len(there) != 1:
        several = "several snapshots" if there else "no snapshot"
        raise StageError(f"{several} of '{site}' called {which}: miclinikctl {site} backup list names them all")
    return there[0]


def _none(repository: Repository, site: str) -> str:
    others: dict[str, Listed] = {_tag(one, "site"): one for one in repository.snapshots(backup.TAG)}
    told = f"{repository.place} has no snapshot of a site '{site}'"
    if not others:
        return f"{told}, nor of another one"
    return f"{told}. Its last ones, one of which may be of when it was called otherwise: {_list(others.values())}"


def _list(found: Collection[Listed]) -> str:
    """Return the last of them in words."""
    some = list(found)[-_SHOWN:]
    return ", ".join(map(_told, some)) + (f", and {len(found) - _SHOWN} more" if len(found) > _SHOWN else "")


def _told(one: Listed) -> str:
    marks = [tag for tag in one.get("tags") or () if tag.startswith(backup.BEFORE)]
    said = [f"site {_tag(one, 'site')}", f"host {one.get('hostname')}", *marks]
    return f"{_short(one)} of {str(one['time'])[:19]} ({', '.join(said)})"


def _short(one: Listed) -> str:
    return str(one["id"])[:8]


def _tag(one: Listed, name: str) -> str:
    return next((tag.partition("=")[2] for tag in one.get("tags") or () if tag.startswith(f"{name}=")), "")


def _read(repository: Repository, places: Places, one: Listed, newer: tuple[str, ...] = ()) -> Chosen:
    # Not where a snapshot would have it today: another version may have called it otherwise.
    ends = f"/{_tag(one, 'site') or places.site}/backup"
    folder = next((path for path in one["paths"] if path.endswith(ends)), str(backup.folder_of(places)))
    said = Manifest.read(repository.bytes_of(str(one["id"]), f"{folder}/{FILE}"))
    return Chosen(_short(one), str(one["time"]), folder, said, newer)


def _moment(text: str) -> int:
    try:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        raise StageError(f"{text!r} is no time: write 2026-11-27T01:30 (UTC), or with +01:00 behind") from None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 10**9)
