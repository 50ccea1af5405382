# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which clusters of PostgreSQL a host has, and whether ours is where it has to be. Runs on the host."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

FOLDER = "etc/postgresql"
NAME = "main"
SOCKETS = ("/var/run/postgresql", "/run/postgresql")
_SETTING = re.compile(r"^\s*(\w+)\s*(?:=\s*|\s)('(?:[^']|'')*'|[^\s#]+)", re.MULTILINE)
_INCLUDES = "conf.d"

#: Key, what was seen, and the mend.
Complaint = tuple[str, str, str]


def settings(folder: Path, data: Path | None = None) -> dict[str, str]:
    """Return what a cluster was told, by its files: the main one, those beside it, and what ALTER SYSTEM wrote."""
    found = _read(folder / "postgresql.conf")
    if found.get("include_dir"):
        for file in sorted((folder / found["include_dir"]).glob("*.conf")):
            found |= _read(file)
    written = data or Path(found.get("data_directory", "/nowhere"))
    return found | _read(written / "postgresql.auto.conf")


def _read(file: Path) -> dict[str, str]:
    try:
        text = file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return {}
    return {name.lower(): value.strip("'").replace("''", "'") for name, value in _SETTING.findall(text)}


def look(version: str, ports: Sequence[int], root: Path = Path("/")) -> list[Complaint]:
    """Return why the sites' databases cannot be made in the cluster ``version``/main, on ``ports``; none without any.

    A host without a cluster gets one with the package.
    """
    there = {
        f"{file.parents[1].name}/{file.parent.name}": settings(file.parent)
        for file in sorted((root / FOLDER).glob("*/*/postgresql.conf"))
    }
    ours = f"{version}/{NAME}"
    if not there:
        return []
    if ours not in there:
        return [_missing(ours, sorted(there))]
    return _judged(ours, there[ours], ports, root)


def _missing(ours: str, others: Sequence[str]) -> Complaint:
    usable = [name.partition("/")[0] for name in others if name.endswith(f"/{NAME}")]
    choice = f"Set database_postgresql_version: '{usable[-1]}'" if usable else f"Make it (pg_createcluster {ours})"
    seen = f"PostgreSQL has no cluster {ours} on this host, but {', '.join(others)}"
    return "database_postgresql_version", seen, f"{choice}, or set database.host to another server"


def _judged(ours: str, told: Mapping[str, str], ports: Sequence[int], root: Path) -> list[Complaint]:
    found: list[Complaint] = []
    port = int(told["port"]) if told.get("port", "").isdigit() else 5432
    if any(wanted != port for wanted in ports):
        seen = f"the cluster {ours} listens on port {port}"
        found.append(("database.port", seen, f"Write database.port: {port} for each site of this host"))
    sockets = [folder.strip() for folder in told.get("unix_socket_directories", SOCKETS[0]).split(",")]
    if not any(folder in SOCKETS for folder in sockets):
        seen = f"the cluster {ours} has its socket in {', '.join(sockets) or 'no folder'}"
        mend = f"Add {SOCKETS[0]} to its unix_socket_directories, and restart it"
        found.append(("database", seen, mend))
    folder = f"/{FOLDER}/{ours}"
    for key, name in (("hba_file", "pg_hba.conf"), ("ident_file", "pg_ident.conf")):
        if told.get(key, f"{folder}/{name}") != f"{folder}/{name}":
            found.append(("database", f"the cluster {ours} reads {told[key]}", f"Set its {key} to {folder}/{name}"))
    if told.get("include_dir") != _INCLUDES:
        seen = f"the cluster {ours} reads no settings from {folder}/{_INCLUDES}"
        found.append(("database", seen, f"Write include_dir = '{_INCLUDES}' into its postgresql.conf"))
    data = told.get("data_directory", "/nowhere")
    if (root / data.lstrip("/") / "standby.signal").exists():
        mend = "Set database.host to the server that it follows"
        found.append(("database", f"the cluster {ours} is the copy of another server", mend))
    return found
