# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Decides whether a service runs what is on disk. Runs on the host.

A run may die between writing a file and the reload that should follow, and nothing is changed any more when the next
one comes. So what was on disk when a service was last (re)loaded is kept as digests, together with what marks that
load: a later one by somebody else does not bear the mark, and then times decide. When in doubt, the answer is no.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

#: Gone after a boot, as all that ran then.
RECORDS = Path("/run/miclinik/loaded")
FOLDER = "folder"


@dataclass(frozen=True)
class Mark:
    """What is at a path: a digest of it, and when it last changed."""

    digest: str
    changed: float


@dataclass(frozen=True)
class Record:
    """What a service has loaded: digests by path, when they were taken, the mark of the load, and its generation."""

    at: float
    mark: list[str]
    digests: dict[str, str] = field(default_factory=dict)
    generation: list[str] = field(default_factory=list)

    def is_of(self, mark: Sequence[str], generation: Sequence[str]) -> bool:
        """Return whether this is the load that runs now.

        A generation may have been looked at while its processes were still starting, and some of them may have been
        replaced since: one that both have in common is enough.
        """
        return self.mark == list(mark) and bool(
            set(self.generation) & set(generation) or not (self.generation or generation)
        )


def look(reads: Sequence[str], root: Path = Path("/")) -> dict[str, Mark]:
    """Return what is at the paths of ``reads``: files, links, folders with all that is in them, and patterns.

    Of a link its target counts, and the content of the file that it leads to. Hidden files are not read by a service.
    """
    marks: dict[str, Mark] = {}
    for pattern in reads:
        # Not by a pattern where none is given: that leaves out links whose target is gone.
        plain = root / pattern.lstrip("/")
        for path in sorted(root.glob(pattern.lstrip("/"))) if "*" in pattern else [plain]:
            for found in _below(path):
                mark = _mark(found)
                if mark is not None:
                    marks[f"/{found.relative_to(root)}"] = mark
    return marks


def _below(path: Path) -> Iterator[Path]:
    yield path
    if path.is_dir() and not path.is_symlink():
        for child in sorted(path.iterdir()):
            if not child.name.startswith("."):
                yield from _below(child)


def _mark(path: Path) -> Mark | None:
    try:
        status = path.lstat()
        if path.is_symlink():
            target = str(path.readlink())
            if not path.is_file():
                return Mark(_digest(target.encode()), status.st_ctime)
            return Mark(
                _digest(target.encode() + b"\0" + path.read_bytes()), max(status.st_ctime, path.stat().st_ctime)
            )
        if path.is_dir():
            # Its time tells of what was taken out of it; owners and modes are no service's concern.
            return Mark(FOLDER, status.st_mtime)
        return Mark(_digest(path.read_bytes()), status.st_ctime) if path.is_file() else None
    except FileNotFoundError:  # it went while we looked
        return None


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def stale(
    marks: Mapping[str, Mark],
    record: Record | None,
    mark: Sequence[str],
    last_load: float,
    generation: Sequence[str] = (),
) -> list[str]:
    """Return the paths of which the service may run something else than what is on disk; none when it is up to date.

    ``mark`` and ``generation`` are those of the load which runs now, ``last_load`` a time at which it had not begun to
    read its files.
    """
    known = record.digests if record else {}
    changed = {path for path in marks if marks[path].digest != known.get(path)}
    gone = set(known) - set(marks)
    if record is not None:
        if record.is_of(mark, generation):
            return sorted(changed | gone)
        changed |= {path for path in marks if marks[path].changed >= record.at}
    # Somebody else has (re)loaded it since, or nothing is on record.
    return sorted(
        [path for path in changed if marks[path].changed >= last_load]
        + [path for path in gone if _removed(path, marks) >= last_load]
    )


def _removed(path: str, marks: Mapping[str, Mark]) -> float:
    """Return when ``path`` may have gone: when its folder changed. What is not known is taken for now."""
    folder = marks.get(str(Path(path).parent))
    return folder.changed if folder else float("inf")


def load(unit: str, records: Path = RECORDS) -> Record | None:
    """Return what is on record of ``unit``; None when nothing, or nothing that can be read."""
    try:
        found = json.loads((records / f"{unit}.json").read_text(encoding="utf-8"))
        return Record(float(found["at"]), list(found["mark"]), dict(found["digests"]), list(found["generation"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def keep(unit: str, record: Record, records: Path = RECORDS) -> None:
    """Put ``record`` on record, whole or not at all. Raises OSError."""
    records.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = records / f".{unit}.new"
    new.write_text(json.dumps(asdict(record)), encoding="utf-8")
    new.chmod(0o600)
    new.replace(records / f"{unit}.json")


def digests(marks: Mapping[str, Mark]) -> dict[str, str]:
    """Return the digests alone."""
    return {path: mark.digest for path, mark in marks.items()}
