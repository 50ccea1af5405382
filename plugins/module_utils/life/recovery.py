# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Gives a host that has nothing of a site the secrets of a snapshot, so that the site comes back as itself."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from ansible_collections.miclinik.hosting.plugins.module_utils.application import identity
from ansible_collections.miclinik.hosting.plugins.module_utils.life.choice import Chosen
from ansible_collections.miclinik.hosting.plugins.module_utils.life.manifest import Manifest
from ansible_collections.miclinik.hosting.plugins.module_utils.life.places import Places
from ansible_collections.miclinik.hosting.plugins.module_utils.life.restic import Repository
from ansible_collections.miclinik.hosting.plugins.module_utils.life.restore import require_php
from ansible_collections.miclinik.hosting.plugins.module_utils.life.stage import StageError
from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout

#: What roles write anew by what the host is like, and a record by which a site would count as installed already.
_NOT_TAKEN = (identity.RECORD, "site.json")


def has_secrets(places: Places) -> bool:
    """Return whether the host knows who the site is."""
    return os.path.lexists(places.state / layout.SECRETS)


def is_installed(places: Places) -> bool:
    """Return whether the site was set up to its end, so that something can take its place."""
    return all(os.path.lexists(place) for place in (places.state / identity.RECORD, places.conf, places.current))


def require_same(places: Places, said: Manifest) -> None:
    """Raise StageError where the host has another site of that name."""
    if identity.expected(places.state) != said.sign:
        raise StageError(
            f"this host has another site that is called '{places.site}': its id in"
            f" {places.state / layout.SECRETS} is not that of the snapshot (of {said.url}). If nothing of the site on"
            " this host is to be kept, take it away first (playbooks/remove.yml), then restore: a site comes back with"
            " its own id where there is none of its name"
        )


def require_gone(places: Places, said: Manifest) -> None:
    """Raise StageError where the site of a snapshot is on this host under another name."""
    for file in sorted(places.state.parent.glob(f"*/{layout.SECRETS}")):
        if file.parent.name != places.site and identity.expected(file.parent) == said.sign:
            raise StageError(
                f"the snapshot is of the site that is called '{file.parent.name}' on this host: playbooks/rename.yml"
                f" gives it the name '{places.site}', playbooks/clone.yml makes a copy of it"
            )


def require_wanted(said: Manifest, *, engine: str, php: str, version: str) -> None:
    """Raise StageError where a snapshot is of something else than the inventory asks for, or the host can run."""
    if said.engine != engine:
        raise StageError(
            f"the snapshot's database is of {said.engine}, and miclinik_database_engine is {engine}: data is not moved"
            f" from one engine to the other. Set miclinik_database_engine: {said.engine}"
        )
    if version and said.version != version:
        raise StageError(
            f"the snapshot is of version {said.version}, and the site's source in the inventory holds {version}: name a"
            f" source of {said.version}, restore, and upgrade afterwards (playbooks/upgrade.yml)"
        )
    require_php(said, php)


def take_secrets(places: Places, repository: Repository, chosen: Chosen) -> list[str]:
    """Put what the snapshot has of the site's secrets and certificates in place; return the names of the files."""
    landing = places.work / "secrets"
    shutil.rmtree(landing, ignore_errors=True)
    landing.mkdir(mode=0o700, parents=True)
    state = chosen.places(places.root).state
    try:
        repository.run("restore", chosen.snapshot, "--target", str(landing), "--include", str(state))
        found = layout.below(landing, str(state))
        if not (found / layout.SECRETS).is_file():
            raise StageError(f"the snapshot {chosen.snapshot} does not hold {state / layout.SECRETS}")
        for name in _NOT_TAKEN:
            (found / name).unlink(missing_ok=True)
        for file in _files(found):
            os.chown(file, 0, 0)  # whom they were for has another number here; roles see to it
        places.state.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        # Secrets last: with them the host has the site's identity.
        names = sorted(_names(found), key=lambda name: name == layout.SECRETS)
        for name in names:
            target = places.state / name
            target.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
            (found / name).replace(target)
        return names
    finally:
        shutil.rmtree(landing, ignore_errors=True)


def _files(folder: Path) -> Iterable[Path]:
    return [place for place in folder.rglob("*") if not place.is_symlink()]


def _names(folder: Path) -> list[str]:
    return [str(place.relative_to(folder)) for place in folder.rglob("*") if place.is_file() or place.is_symlink()]
