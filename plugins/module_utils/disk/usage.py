# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How much room a site takes: its documents, its database, its logs. Runs on the host, as root, and changes nothing."""

from __future__ import annotations

import os
import stat
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.host import programs

#: Seconds after which what was counted so far is told: more than a look may take, less than people wait.
PATIENCE = 20.0
_BLOCK = 512
#: Where the databases of an engine are.
FOLDERS = {"mariadb": "/var/lib/mysql", "postgresql": "/var/lib/postgresql"}


def of_site(site: Mapping[str, Any], logs: str, engine: str, patience: float = PATIENCE) -> dict[str, Any]:
    """Return the bytes of ``documents``, ``database`` and ``logs``, without what cannot be counted.

    ``whole`` says whether there was time to count all: otherwise it is at least so much. ``site`` is told by
    ``name``, ``documents``, ``database_name`` and ``database_local``; ``logs`` is the web server's folder.
    """
    until = time.monotonic() + patience
    database = _database(engine, str(site["database_name"]), until) if site["database_local"] else None
    documents, whole = below([Path(os.path.realpath(site["documents"]))], until)
    written, _ = below(sorted(Path(logs).glob(f"{site['name']}.*.log*")), until)
    found = {"documents": documents, "database": database, "logs": written}
    return {part: size for part, size in found.items() if size is not None} | {"whole": whole}


def places(site: Mapping[str, Any], logs: str, engine: str) -> dict[str, str]:
    """Return the folders that a site writes to, by part."""
    database = {"database": FOLDERS[engine]} if site["database_local"] else {}
    return {"documents": str(site["documents"]), **database, "logs": logs}


def wanted_mb(asked: int, size: int) -> int:
    """Return the MiB that should be free of ``size``: those that are asked for, or a twentieth, 1 GiB at most."""
    return asked or min(size // 20, 1024)


def below(paths: Iterable[Path], until: float) -> tuple[int, bool]:
    """Return the bytes that ``paths``, and all below those that are folders, take on disk; and whether all was seen."""
    total, waiting = 0, list(paths)
    while waiting:
        if time.monotonic() > until:
            return total, False
        path = waiting.pop()
        try:
            seen = path.lstat()
            total += seen.st_blocks * _BLOCK
            if not stat.S_ISDIR(seen.st_mode):
                continue
            with os.scandir(path) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(Path(entry.path))
                    else:
                        total += entry.stat(follow_symlinks=False).st_blocks * _BLOCK
        except OSError:  # it went while we looked
            continue
    return total, True


def _database(engine: str, name: str, until: float) -> int | None:
    """Return the bytes of a database of this host, whose name is of letters, digits and _ alone."""
    if engine == "mariadb":
        folder = Path(FOLDERS["mariadb"]) / name
        return below([folder], until)[0] if folder.is_dir() else None
    said = _psql(f"SELECT pg_database_size('{name}')").strip()
    return int(said) if said.isdecimal() else None


def _psql(query: str) -> str:
    command: Sequence[str] = ("runuser", "-u", "postgres", "--", "psql", "-XAtqc", query)
    try:
        done = subprocess.run(
            command, check=False, capture_output=True, text=True, cwd="/", timeout=5, env=programs.environment()
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 else ""
