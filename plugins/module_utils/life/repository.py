# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Has a host know its repository: password and environment on record, the repository made where there is none yet."""

from __future__ import annotations

import secrets
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from ansible_collections.miclinik.hosting.plugins.module_utils.host import atomic_file, programs
from ansible_collections.miclinik.hosting.plugins.module_utils.life import engine, restic
from ansible_collections.miclinik.hosting.plugins.module_utils.life.restic import Repository, ResticError

#: Of the repository that was made or found first, and where that was.
IDENTIFIER = "repository-id"
_HEAD = """\
# The repository of this host's backups, and what opens it. For a shell: set -a; . {file}; set +a
# Written by miclinik.hosting: what is changed here is lost on the next run.
"""


@dataclass
class Outcome:
    """What was done, or would be: names of files that changed, and what the operator has to be told."""

    identifier: str
    changed: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Wanted:
    """What the inventory says. Without a password the one on record is taken, or one is made."""

    repository: str
    password: str = field(default="", repr=False)
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    folder: Path = restic.FOLDER

    @property
    def file(self) -> Path:
        """Where the environment is."""
        return self.folder / restic.ENVIRONMENT.name

    @property
    def password_file(self) -> Path:
        """Where the password is."""
        return self.folder / restic.PASSWORD.name

    def assignments(self) -> dict[str, str]:
        """Return the environment of restic."""
        given = dict(self.environment)
        address = self.repository
        user, word = given.get("RESTIC_REST_USERNAME"), given.get("RESTIC_REST_PASSWORD")
        if address.startswith("rest:") and user and word:
            # restic 0.14 knows it in the address only.
            scheme, _, rest = address.partition("://")
            address = f"{scheme}://{quote(user, safe='')}:{quote(word, safe='')}@{rest}"
        usual = {"RESTIC_REPOSITORY": address, "RESTIC_PASSWORD_FILE": str(self.password_file)}
        return given | usual | {"RESTIC_CACHE_DIR": str(restic.CACHE)}

    def text(self) -> str:
        """Return the environment as a shell reads it."""
        lines = (f"{name}={shlex.quote(value)}\n" for name, value in sorted(self.assignments().items()))
        return _HEAD.format(file=self.file) + "".join(lines)


def ensure(wanted: Wanted, check: bool) -> Outcome:
    """Have password and environment on record and the repository there; raise ResticError, and change nothing, where

    it cannot be opened, or is another one than before, or is gone.
    """
    kept = _read(wanted.password_file)
    password = wanted.password or kept or _new_password()
    known, _, place = _read(wanted.folder / IDENTIFIER).partition(" ")
    outcome = Outcome(known)
    found = "" if check and not programs.there("restic") else _look(wanted, password, kept)
    if place == wanted.repository:
        _require_same(wanted, known, found)
    elif place:
        outcome.told.append(f"snapshots go to {wanted.repository} from now on; those in {place} stay there")
    files = {wanted.password_file: f"{password}\n", wanted.file: wanted.text()}
    outcome.changed = [path.name for path, content in files.items() if _differs(path, content)]
    if not found:
        outcome.changed.append("repository")
    if not kept and not wanted.password:
        outcome.told.append(
            f"the password of the repository {Repository(wanted.assignments()).place} was made, and is in"
            f" {wanted.password_file}, which root may read. Without it nothing can be restored: keep a copy of it"
            f" elsewhere now (ssh HOST sudo cat {wanted.password_file}), see docs/backup.md"
        )
    if check:
        return outcome
    wanted.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    wanted.folder.chmod(0o700)
    for path, content in files.items():
        # The password before the repository: one of which nobody knows the password is of no use.
        if path.name in outcome.changed:
            atomic_file.replace(path, content, atomic_file.PRIVATE, durable=True)
    for folder in (restic.CACHE, restic.WORK):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not found:
        with restic.alone():
            repository = Repository(restic.read_environment(wanted.file))
            repository.run("init")
            found = repository.identifier()
    if (known, place) != (found, wanted.repository):
        kept_id = f"{found} {wanted.repository}\n"
        atomic_file.replace(wanted.folder / IDENTIFIER, kept_id, atomic_file.PRIVATE, durable=True)
        outcome.identifier = found
    return outcome


def _look(wanted: Wanted, password: str, kept: str) -> str:
    """Return the id of the repository, empty where there is none. The password is tried before it is kept."""
    try:
        with engine.private_file(password) as name:
            return Repository(wanted.assignments() | {"RESTIC_PASSWORD_FILE": name}).identifier()
    except ResticError as error:
        if "does not open" not in str(error):
            raise
        place = Repository(wanted.assignments()).place
        if wanted.password:
            raise ResticError(
                f"miclinik_backup_password does not open the repository {place}. Give the one that it was made with, or"
                " name another repository"
            ) from error
        if kept:
            raise ResticError(
                f"the password in {wanted.password_file} does not open the repository {place}: it was made with another"
                " one. Set miclinik_backup_password to that"
            ) from error
        raise ResticError(
            f"there is a repository at {place} already, and this host does not know its password. Set"
            " miclinik_backup_password to it, or name another repository"
        ) from error


def _require_same(wanted: Wanted, known: str, found: str) -> None:
    if not known or known == found:
        return
    mend = f"If that is meant, take away {wanted.folder / IDENTIFIER}, and run it again"
    place = Repository(wanted.assignments()).place
    if found:
        raise ResticError(f"{place} is another repository ({found[:8]}) than before ({known[:8]}). {mend}")
    raise ResticError(
        f"the repository {known[:8]} is not at {place} any more, and no empty one is made in its place: is its disk"
        f" mounted, or was it moved? {mend}"
    )


def _new_password() -> str:
    """Return 40 letters and digits, none of which can be taken for another."""
    return "".join(secrets.choice("abcdefghijkmnpqrstuvwxyzACDEFGHJKLMNPQRTUVWXYZ234679") for _ in range(40))


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return ""


def _differs(path: Path, content: str) -> bool:
    try:
        return path.read_text(encoding="utf-8") != content or path.stat().st_mode & 0o777 != 0o600  # noqa: PLR2004
    except FileNotFoundError:
        return True
