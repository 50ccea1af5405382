# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the API's table of routes holds, and the record of the one that we had made. Runs on the host."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.host import atomic_file

#: It outlives a boot, as the table does.
RECORDS = Path("/var/lib/miclinik/routes")
#: Comments that the REST library writes above each path; it does in every version from 15 to 24.
_PATH = re.compile(r"^//==== v1 (\S+) ====$", re.MULTILINE)
_GET = re.compile(r"'GET' =>")
#: Public: it would be run, and wait a second for the password that it does not get.
_SKIPPED = {"*", "explorer", "login"}


def endpoints(text: str) -> dict[str, str]:
    """Return, for every endpoint in a table, a path that answers to GET, its parameters filled in."""
    heads = list(_PATH.finditer(text))
    ends = [head.start() for head in heads[1:]] + [len(text)]
    found: dict[str, str] = {}
    for head, end in zip(heads, ends, strict=False):
        path = head[1]
        name = path.split("/")[0]
        if name in _SKIPPED or name.startswith("{") or not _GET.search(text, head.end(), end):
            continue
        if name not in found or len(path) < len(found[name]):
            found[name] = path
    return {name: re.sub(r"\{[^}]*\}", "0", path) for name, path in sorted(found.items())}


def inputs(current: str, modules: list[str]) -> str:
    """Return a digest of what a whole table is made from: the release that is served, and the modules that are on."""
    link = Path(current)
    release = str(link.readlink()) if link.is_symlink() else ""
    return _digest(json.dumps([release, sorted(modules)]))


def digest(table: Path) -> str:
    """Return a digest of the table, empty when there is none."""
    try:
        return hashlib.sha256(table.read_bytes()).hexdigest()
    except OSError:
        return ""


def recorded(name: str, records: Path = RECORDS) -> Mapping[str, Any] | None:
    """Return ``inputs`` and ``table`` (digests) of the table that was made last; None when nothing is on record."""
    try:
        found = json.loads((records / f"{name}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def record(name: str, made_from: str, table: str, records: Path = RECORDS) -> None:
    """Put on record which table was made from what."""
    for folder in (records.parent, records):
        folder.mkdir(mode=0o755, exist_ok=True)
    atomic_file.replace(records / f"{name}.json", json.dumps({"inputs": made_from, "table": table}))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
