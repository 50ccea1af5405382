# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A second copy of a site beside the one that is served, taking its place, and the way back.

A copy has a database and documents. Nothing of what is served is touched before ``promote``, whose steps are on record
(see journal.py), and ``revert`` takes back whatever of them was done, from what is there and without the application.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.application import release as app_release
from ansible_collections.miclinik.hosting.plugins.module_utils.host import programs
from ansible_collections.miclinik.hosting.plugins.module_utils.life.engine import (
    Engine,
    EngineError,
    Rows,
    failure,
    refuse_elsewhere,
)
from ansible_collections.miclinik.hosting.plugins.module_utils.life.journal import Journal
from ansible_collections.miclinik.hosting.plugins.module_utils.life.places import Places
from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout

DATABASE, DOCUMENTS, RELEASE = "swap-database", "swap-documents", "swap-release"


class StageError(Exception):
    """A copy could not be made or put in place; the message says what was seen and what to do."""


@dataclass(frozen=True)
class Stage:
    """The copies of one site."""

    places: Places
    engine: Engine

    def database(self, part: str) -> str:
        """Return what the database of ``part`` is called."""
        return layout.database(self.engine.login.database, part)

    def check(self) -> None:
        """Raise StageError or EngineError where the site's parts cannot be given other names."""
        refuse_elsewhere(self.engine.login, "A second copy of the site")
        documents = self.places.documents(layout.LIVE)
        if documents.is_mount():
            raise StageError(
                f"{documents} is a file system of its own, whose place nothing can take in one step: mount it one level"
                f" higher and have {self.places.usual['documents']} be a link to a folder in it"
            )
        if not self.places.current.is_symlink():
            raise StageError(f"{self.places.current} is no link to a release: run site.yml")

    def make(self, part: str) -> None:
        """Have an empty database and an empty folder of documents, whatever an interrupted run has left there."""
        self.forget(part)
        self.engine.make(self.database(part), self.database(layout.LIVE))
        folder = self.places.documents(part)
        folder.mkdir(mode=0o700)
        live = self.places.documents(layout.LIVE).stat()
        os.chown(folder, live.st_uid, live.st_gid)
        folder.chmod(live.st_mode & 0o7777)

    def landing(self, part: str) -> Path:
        """Return where what is fetched for a copy lands: beside its documents, so that it needs no second copying."""
        folder = self.places.documents(part)
        return folder.with_name(f".{folder.name}.fetched")

    def forget(self, part: str) -> None:
        """Take a copy away, if there is one. Never what is served."""
        if part == layout.LIVE:
            raise StageError("what is served is not taken away")
        if self.engine.login.local:  # on another server none can have been made
            self.engine.drop(self.database(part))
        shutil.rmtree(self.landing(part), ignore_errors=True)
        shutil.rmtree(self.places.documents(part), ignore_errors=True)
        self._record(part).unlink(missing_ok=True)
        for file in self.places.work.glob(f"{part}-*"):
            file.unlink()
        if self.places.documents(part).exists():
            raise StageError(f"{self.places.documents(part)} cannot be taken away: see what is in it")

    def copy_documents(self, part: str) -> None:
        """Bring the documents of ``part`` to what is served; what is the same already is not copied again."""
        copy_folder(self.places.documents(layout.LIVE), self.places.documents(part), "--acls", "--xattrs")

    def fill_database(self, part: str, file: Path, rows: Rows) -> None:
        """Read ``file`` into the database of ``part``, which has to have ``rows`` then. Raises StageError."""
        self.engine.load(self.database(part), file)
        found = self.engine.rows(self.database(part))
        if found != rows:
            wrong = [name for name in sorted(rows.keys() | found.keys()) if rows.get(name) != found.get(name)]
            told = ", ".join(f"{name} ({found.get(name, 'missing')} of {rows.get(name, 0)})" for name in wrong[:5])
            raise StageError(f"'{self.database(part)}' does not hold what was written into {file.name}: {told}")
        if part == layout.NEXT:
            self.engine.admit_others(self.database(part), self.database(layout.LIVE))

    def remember(self, part: str, facts: dict[str, Any]) -> None:
        """Keep beside a copy what it is; who takes the copy away takes that with it."""
        self._record(part).write_text(json.dumps(facts), encoding="utf-8")

    def remembered(self, part: str) -> dict[str, Any]:
        """Return what a copy is, nothing where there is none."""
        try:
            kept: dict[str, Any] = json.loads(self._record(part).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        return kept if self.engine.there(self.database(part)) and self.places.documents(part).is_dir() else {}

    def _record(self, part: str) -> Path:
        return self.places.work / f"{part}.json"

    def served(self) -> str:
        """Return the name of the release that is served."""
        return app_release.name_of(self.places.current)

    def promote(self, journal: Journal, part: str, aside: str, release: str) -> None:
        """Put ``part`` in the place of what is served, which is called ``aside`` from then on, with ``release``."""
        if not (self.places.releases / release).is_dir():
            raise StageError(f"there is no release {release} in {self.places.releases}")
        self.forget(aside)
        live = self.database(layout.LIVE)
        journal.facts["swap"] = {
            "part": part,
            "aside": aside,
            "release": self.served(),
            "tables": self.engine.tables(live),
        }
        with journal.step(DATABASE, "put the new database in the place of the old one"):
            self.engine.move(live, self.database(aside))
            self.engine.move(self.database(part), live)
        with journal.step(DOCUMENTS, "put the new documents in the place of the old ones"):
            self.places.documents(layout.LIVE).rename(self.places.documents(aside))
            self.places.documents(part).rename(self.places.documents(layout.LIVE))
        with journal.step(RELEASE, f"serve {release}"):
            self._serve(release)

    def revert(self, journal: Journal) -> None:
        """Take back what ``promote`` has done, as far as it came. Can be called again after a kill."""
        swap = journal.facts.get("swap")
        if not swap:
            return
        if journal.has_begun(RELEASE):
            self._serve(swap["release"])
        if journal.has_begun(DOCUMENTS):
            self._documents_back(swap["part"], swap["aside"])
        if journal.has_begun(DATABASE):
            self._database_back(swap["part"], swap["aside"], set(swap["tables"]))

    def _documents_back(self, part: str, aside: str) -> None:
        live, old = self.places.documents(layout.LIVE), self.places.documents(aside)
        if not old.exists():
            return  # not moved yet, or back already
        if live.exists():
            live.rename(self.places.documents(part))
        old.rename(live)

    def _database_back(self, part: str, aside: str, tables: set[str]) -> None:
        live, new, old = (self.database(name) for name in (layout.LIVE, part, aside))
        for name in (live, new, old):
            self.engine.admit(name)
        kept = set(self.engine.tables(old)) if self.engine.there(old) else set()
        if tables and kept >= tables and self.engine.there(live) and self.engine.tables(live):
            self.engine.move(live, new)  # all old ones had gone, so these are new
        self.engine.move(old, live)
        if self.engine.there(old) and not self.engine.tables(old):
            self.engine.drop(old)
        missing = tables - set(self.engine.tables(live))
        if missing:
            raise EngineError(f"'{live}' lacks {len(missing)} tables that it had: {', '.join(sorted(missing)[:5])}")

    def _serve(self, release: str) -> None:
        app_release.link(self.places.current, f"releases/{release}")


def copy_folder(source: Path, target: Path, *options: str) -> None:
    """Bring ``target`` to what is in ``source``; ``options`` are more ones of rsync. Raises StageError."""
    words = ["rsync", "--archive", "--hard-links", "--numeric-ids", "--delete", *options]
    done = subprocess.run(
        [*words, f"{source}/", f"{target}/"],
        check=False,
        capture_output=True,
        text=True,
        errors="replace",
        env=programs.environment(),
    )
    if done.returncode:
        raise StageError(failure(f"copying {source} to {target}", done.returncode, done.stderr))
