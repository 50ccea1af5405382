# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the web servers of a host have been told to serve, read from their files. Runs on the host."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.services import loaded
from ansible_collections.miclinik.hosting.plugins.module_utils.web import ours
from ansible_collections.miclinik.hosting.plugins.module_utils.web.server import Server
from ansible_collections.miclinik.hosting.plugins.module_utils.web.servers import SERVERS

WANTS = "etc/systemd/system/multi-user.target.wants"


def read(root: Path = Path("/")) -> dict[str, Any]:
    """Return what is known of every web server; ``root`` is another folder in tests.

    Each has ``alive`` (whether it runs or will after a boot), ``ours`` (paths that this collection wrote), ``foreign``
    (paths with sites of others; Debian's own default site does not count while it is as it came), ``lingering`` (paths
    that were there when we had it read its files last, and are not any more) and ``listens``.
    One that listens as its modules want it has ``modules`` as well, the names of those that are enabled.
    """
    pristine = _conffiles(root)
    return {name: _server(root, server, pristine) for name, server in SERVERS.items()}


def _server(root: Path, server: Server, pristine: dict[str, str]) -> dict[str, Any]:
    own = [path for path in _paths(root, (_pattern(server), *server.main, *server.other)) if ours.is_ours(path)]
    texts, foreign = [], []
    for path in _paths(root, (_pattern(server), *server.main)):
        if path in own or not path.is_file():
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        texts.append(text)
        is_site = path.match(_pattern(server)) or server.site.search(text)
        if is_site and not _is_pristine(root, path, pristine):
            foreign.append(path)
    return {
        "alive": _is_running(root, server) or (root / WANTS / f"{server.unit}.service").is_symlink(),
        "ours": [f"/{path.relative_to(root)}" for path in own],
        "foreign": [f"/{path.relative_to(root)}" for path in foreign],
        "lingering": _lingering(root, server.unit),
        "listens": server.ports(texts),
    } | ({"modules": server.modules(root)} if server.modules else {})


def _pattern(server: Server) -> str:
    """Read by the server, and there only for a site's sake."""
    return f"{server.enabled.lstrip('/')}/*"


def _lingering(root: Path, unit: str) -> list[str]:
    known = loaded.load(unit, root / loaded.RECORDS.relative_to("/"))
    paths = known.digests if known else {}
    return sorted(path for path in paths if not os.path.lexists(root / path.lstrip("/")))


def _paths(root: Path, patterns: Sequence[str]) -> Iterator[Path]:
    for pattern in patterns:
        yield from sorted(path for path in root.glob(pattern) if not path.is_dir())


def _is_pristine(root: Path, path: Path, known: dict[str, str]) -> bool:
    # Links of sites-enabled are relative or absolute; the package knows the file by its path in sites-available.
    real = path.parent.parent / "sites-available" / path.readlink().name if path.is_symlink() else path
    digest = known.get(f"/{real.relative_to(root)}")
    return digest == hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()


def _conffiles(root: Path) -> dict[str, str]:
    """Return the MD5 sums with which packages delivered the servers' files, as dpkg has them on record."""
    status = root / "var/lib/dpkg/status"
    text = status.read_text(encoding="utf-8", errors="replace") if status.is_file() else ""
    folders = "|".join(re.escape(server.folder) for server in SERVERS.values())
    return dict(re.findall(rf"^ ((?:{folders})/\S+) ([0-9a-f]{{32}})", text, re.MULTILINE))


def _is_running(root: Path, server: Server) -> bool:
    try:
        pid = (root / server.pid.lstrip("/")).read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return False
    return pid.isdecimal() and (root / "proc" / pid).is_dir()
