# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a snapshot says of itself, by which a restore is proven: versions, rows, digests; no secret."""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.application import identity, tree_version
from ansible_collections.miclinik.hosting.plugins.module_utils.application import release as app_release
from ansible_collections.miclinik.hosting.plugins.module_utils.database import connections
from ansible_collections.miclinik.hosting.plugins.module_utils.life.engine import Engine, Rows
from ansible_collections.miclinik.hosting.plugins.module_utils.life.places import Places
from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout

#: Of the manifest: a newer one is not understood.
FORMAT = 1
FILE, DUMP = "manifest.json", "database.sql"
#: Size, time of change in nanoseconds, and SHA-256 of a file; or "link" and where it leads.
Traits = list[Any]
_PHP = re.compile(r"(\d+\.\d+)$")
#: In a dump of either engine: name, entity and value of a constant.
_MODULE = re.compile(rb"\bMAIN_MODULE_([A-Z0-9]+)(?:',|\t)\d+(?:,'|\t)1\b")
_SURROGATE = re.compile("[\udc80-\udcff]")
_SHOWN = 5


class ManifestError(Exception):
    """A manifest that cannot be used, or what it does not agree with; the message says what was seen."""


@dataclass(frozen=True)
class Manifest:
    """One snapshot's. ``documents`` holds names below the folder; ``owner`` is the number of the site's user."""

    site: str
    sign: str
    url: str
    version: str
    release: str
    php: str
    engine: str
    engine_version: str
    collection: str
    began_ns: int
    documents_folder: str
    owner: int
    rows: Rows
    modules: list[str]
    documents: dict[str, Traits]
    #: Names that changed while an attempt before this one was under way.
    restless: list[str] = field(default_factory=list)
    format: int = FORMAT

    def text(self) -> str:
        """Return it as JSON."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def read(cls, text: str | bytes) -> Manifest:
        """Return the one that ``text`` holds. Raises ManifestError."""
        try:
            kept = json.loads(text)
            if kept["format"] > FORMAT:
                raise ManifestError(
                    f"the snapshot was made by a newer version of miclinik.hosting ({kept.get('collection')}): use it"
                )
            return cls(**kept)
        except (ValueError, TypeError, KeyError) as error:
            raise ManifestError(f"the snapshot's {FILE} cannot be understood ({error})") from error


def build(
    places: Places,
    engine: Engine,
    rows: Rows,
    *,
    dump: Path,
    documents: dict[str, Traits],
    began_ns: int,
    collection: str = "",
    restless: Iterable[str] = (),
) -> Manifest:
    """Return the manifest of what is served. Raises OSError, EngineError and ManifestError."""
    sign = identity.expected(places.state)
    if not sign:
        raise ManifestError(f"{places.state / layout.SECRETS} holds no instance id: run playbooks/site.yml")
    facts = json.loads(places.facts.read_text(encoding="utf-8"))
    php = _PHP.search(str(facts.get("php", "")))
    return Manifest(
        site=places.site,
        sign=sign,
        url=str(facts.get("base_url", "")),
        version=tree_version.read(places.current.resolve() / "htdocs"),
        release=app_release.name_of(places.current),
        php=php[1] if php else "",
        engine=connections.ENGINES[identity.conf_values(places.conf)["db_type"]],
        engine_version=engine.version(),
        collection=collection,
        began_ns=began_ns,
        documents_folder=str(places.documents(layout.LIVE)),
        owner=places.documents(layout.LIVE).stat().st_uid,
        rows=rows,
        modules=modules_in(dump),
        documents=documents,
        restless=sorted(restless),
    )


def modules_in(dump: Path) -> list[str]:
    """Return the modules that a dump says are on: to read it there asks nothing of the application."""
    found: set[str] = set()
    with dump.open("rb") as lines:
        for line in lines:
            if b"MAIN_MODULE_" in line:
                found |= {name.decode().lower() for name in _MODULE.findall(line)}
    return sorted(found)


def walk(folder: Path, prefix: str = "") -> Iterator[tuple[str, str, os.stat_result]]:
    """Yield name, path and status of each file and link below ``folder``; what goes meanwhile is left out."""
    try:
        with os.scandir(folder) as found:
            items = sorted(found, key=lambda item: item.name)
    except FileNotFoundError:
        return
    for item in items:
        try:
            seen = item.stat(follow_symlinks=False)
        except FileNotFoundError:
            continue
        if stat.S_ISDIR(seen.st_mode):
            yield from walk(Path(item.path), f"{prefix}{item.name}/")
        elif stat.S_ISREG(seen.st_mode) or stat.S_ISLNK(seen.st_mode):
            yield prefix + item.name, item.path, seen


def digests(folder: Path, cache: Path | None = None) -> dict[str, Traits]:
    """Return the traits of all files below ``folder``; what has not changed since ``cache`` is not read again.

    Unchanged is what has size, number and both times of then, as restic decides it as well.
    """
    known = _cached(cache)
    found: dict[str, Traits] = {}
    fresh: dict[str, list[Any]] = {}
    for name, path, seen in walk(folder):
        if stat.S_ISLNK(seen.st_mode):
            found[name] = ["link", os.readlink(path)]
            continue
        mark = [seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns, seen.st_ino]
        before = known.get(name, [[], ""])
        try:
            digest = before[1] if before[0] == mark else _digest(path)
        except FileNotFoundError:
            continue
        found[name] = [seen.st_size, seen.st_mtime_ns, digest]
        fresh[name] = [mark, digest]
    if cache:
        cache.write_text(json.dumps(fresh), encoding="utf-8")
    return found


def _cached(cache: Path | None) -> dict[str, list[Any]]:
    try:
        kept = json.loads(cache.read_text(encoding="utf-8")) if cache else {}
    except (OSError, ValueError):
        kept = {}  # read everything, then
    return kept if isinstance(kept, dict) else {}


def _digest(path: str) -> str:
    with open(path, "rb") as stream:  # noqa: PTH123 - many files, and Path costs as much as reading a small one
        return hashlib.file_digest(stream, "sha256").hexdigest()


def not_kept(manifest: Manifest, listing: Mapping[str, tuple[int, int]]) -> list[str]:
    """Return the names of documents that a snapshot does not have as the manifest says.

    :param listing: size and time of each file below the folder of documents, as restic lists them.
    """
    wrong = []
    for name, traits in manifest.documents.items():
        kept = listing.get(plain_name(name))
        if kept is None or (
            traits[0] != "link" and kept != (traits[0], traits[1]) and not _is_newer(manifest, kept[1])
        ):
            wrong.append(name)
    return sorted(set(wrong) - set(manifest.restless))


def is_as(manifest: Manifest, folder: Path, name: str) -> bool:
    """Return whether a document is there still, with size and time as the manifest says."""
    try:
        seen = (folder / name).lstat()
    except OSError:
        return False
    traits = manifest.documents[name]
    return traits[0] == "link" or [seen.st_size, seen.st_mtime_ns] == list(traits[:2])


def prove(manifest: Manifest, folder: Path) -> list[str]:
    """Compare the documents in ``folder``, which were restored, with ``manifest``; return what changed meanwhile.

    What was written while the snapshot was made may differ. Raises ManifestError where anything else does.
    """
    found = digests(folder)
    restless = set(manifest.restless)
    meanwhile, wrong = [], []
    for name, traits in manifest.documents.items():
        now = found.get(name)
        if now is not None and (now[0], now[-1]) == (traits[0], traits[-1]):
            continue
        if name in restless or (now is not None and now[0] != "link" and _is_newer(manifest, now[1])):
            meanwhile.append(name)
        else:
            wrong.append(f"{name} ({'missing' if now is None else 'other content'})")
    if wrong:
        more = f" and {len(wrong) - _SHOWN} more" if len(wrong) > _SHOWN else ""
        raise ManifestError(
            f"{len(wrong)} of {len(manifest.documents)} documents are not as the snapshot's {FILE} says:"
            f" {', '.join(wrong[:_SHOWN])}{more}"
        )
    return meanwhile


def _is_newer(manifest: Manifest, mtime_ns: int) -> bool:
    return mtime_ns >= manifest.began_ns


def plain_name(name: str) -> str:
    """Return a file's name as restic's JSON has it: what is no UTF-8 is a mark for each byte."""
    return _SURROGATE.sub("\ufffd", name)


def nanoseconds(text: str) -> int:
    """Return the time that restic writes, such as ``2026-11-27T01:38:44.15612+01:00``, in nanoseconds since 1970."""
    whole, fraction, zone = re.fullmatch(r"([^.]+?)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)", text).groups()  # type: ignore[union-attr]
    second = datetime.fromisoformat(f"{whole}{'+00:00' if zone == 'Z' else zone}")
    return int(second.timestamp()) * 10**9 + int((fraction or "").ljust(9, "0")[:9])


def now_ns() -> int:
    """Return the time, as file systems give it to files: a tick of the kernel's clock may be behind."""
    return time.time_ns() - 20_000_000
