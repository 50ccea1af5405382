# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is kept of an old site, how its files differ from those of a release, and its dump as a site can read it."""

from __future__ import annotations

import gzip
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from ansible_collections.miclinik.hosting.plugins.module_utils.application import release_files
from ansible_collections.miclinik.hosting.plugins.module_utils.database import connections
from ansible_collections.miclinik.hosting.plugins.module_utils.host import programs
from ansible_collections.miclinik.hosting.plugins.module_utils.life.engine import failure
from ansible_collections.miclinik.hosting.plugins.module_utils.life.foreign import Foreign
from ansible_collections.miclinik.hosting.plugins.module_utils.life.stage import StageError
from ansible_collections.miclinik.hosting.plugins.module_utils.text import lists as text_lists

#: Of its files, what is the installation's own. In the container comments are taken out of the installer's SQL.
_OWN = ("conf", "install.lock", "install/mysql")
_SHOWN = 12
#: The collation that MySQL 8 gives, and no MariaDB knows that is in Debian 12.
_OF_MYSQL, _INSTEAD = b"utf8mb4_0900_ai_ci", b"utf8mb4_unicode_ci"


def differences(old: Path, release: Path, documents: Path) -> tuple[list[str], list[str]]:
    """Return which files of ``old`` are others in ``release``, and which are not there; of a folder its name alone."""
    changed, more = [], []
    for name, path in _files(old, release, ""):
        if path.resolve() == documents:
            continue
        other = release / name
        if not other.exists():
            more.append(name)
        elif path.stat().st_size != other.stat().st_size or release_files.digest(str(path)) != release_files.digest(
            str(other)
        ):
            changed.append(name)
    return changed, more


def _files(folder: Path, release: Path, prefix: str) -> Iterator[tuple[str, Path]]:
    for item in sorted(folder.iterdir()):
        name = f"{prefix}{item.name}"
        if name in _OWN or item.name == ".git":
            continue
        if item.is_dir() and (release / name).is_dir():
            yield from _files(item, release, f"{name}/")
        elif item.exists():
            yield name, item


def some(names: list[str]) -> str:
    """Return so many names that it is known what it is about."""
    return text_lists.shortened(names, _SHOWN)


def made(folder: Path) -> Path:
    """Return the folder, which only root may enter."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def keep(old: Foreign, kept: Path) -> None:
    """Have the old site's files, and what is set there, in a folder that only root may enter."""
    made(kept)
    conf = kept / "conf.php"
    conf.touch(mode=0o600)
    conf.write_bytes(old.conf.file.read_bytes())
    inside = [f"--exclude=./{old.documents.relative_to(old.tree)}"] if old.tree in old.documents.parents else []
    words = ["tar", "--create", "--gzip", f"--file={kept / 'files.tar.gz'}", f"--directory={old.tree}", *inside, "."]
    done = subprocess.run(
        words, check=False, capture_output=True, text=True, errors="replace", env=programs.environment()
    )
    if done.returncode:
        raise StageError(failure(f"keeping the files of {old.tree}", done.returncode, done.stderr))
    (kept / "files.tar.gz").chmod(0o600)


def pack(file: Path, packed: Path) -> None:
    """Have a file compressed, for root alone."""
    packed.touch(mode=0o600)
    with file.open("rb") as plain, gzip.open(packed, "wb", compresslevel=4) as target:
        shutil.copyfileobj(plain, target)


def make_readable(dump: Path, old: Foreign) -> None:
    """Have MariaDB read what MySQL 8 has written. Raises StageError where nobody could read what is in it."""
    fresh = dump.with_name(f"{dump.name}.new")
    with dump.open("rb") as source, fresh.open("wb") as target:
        for line in source:
            if b"dolcrypt:" in line and not old.conf.instance_id:
                raise StageError(
                    f"its database holds encrypted values, and {old.conf.file} no id that opens them: write"
                    " $dolibarr_main_instance_unique_id into it, and store these values anew in the old site"
                )
            # Rows begin otherwise, and a line break within a text is written as two characters.
            if old.conf.engine == connections.MARIADB and not line.startswith((b"(", b"INSERT ")):
                line = line.replace(_OF_MYSQL, _INSTEAD)  # noqa: PLW2901
            target.write(line)
    fresh.replace(dump)
