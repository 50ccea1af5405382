# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Debian's own PHP-FPM, which is not the sites': what is left in it, and whether somebody uses it. Runs on the host.

Its pool ``www`` runs as the web server's user, who may open the socket of every site.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout
from ansible_collections.miclinik.hosting.plugins.module_utils.web import ours

#: What web servers read in which a socket of PHP-FPM may be named.
_CALLERS = (
    "etc/nginx/nginx.conf",
    "etc/nginx/conf.d/*.conf",
    "etc/nginx/sites-enabled/*",
    "etc/apache2/apache2.conf",
    "etc/apache2/conf-enabled/*.conf",
    "etc/apache2/sites-enabled/*",
    "etc/apache2/mods-enabled/*.conf",
    "etc/lighttpd/conf-enabled/*.conf",
    "etc/lighttpd/lighttpd.conf",
    "etc/caddy/Caddyfile",
)


@dataclass(frozen=True)
class Seen:
    """``remove`` are files of an earlier layout that nothing needs any more; ``used`` shows that somebody else does."""

    remove: list[str]
    used: list[str]


def look(version: str, sites: Collection[str], root: Path = Path("/")) -> Seen:
    """Look at the PHP-FPM of this version of PHP; ``sites`` are those that have one of their own.

    It is needed for a pool beside ``www``, a ``www`` that is not as it came, a web server that names its socket, and
    pools of an earlier layout to which a vhost still hands calls, or whose site is in no inventory any more.
    """
    folder = root / f"etc/php/{version}/fpm"
    files = sorted(folder.glob("pool.d/*.conf"))
    pools = {path: layout.site_of_pool_file(path) for path in files if ours.is_ours(path)}
    callers = "\n".join(_calls(root))
    needed = [
        path for path, name in pools.items() if name and (name not in sites or layout.old_sockets(name) in callers)
    ]
    used = [path for path in files if path not in pools and (path.name != "www.conf" or not _as_it_came(root, path))]
    named = re.findall(rf"\S*/php(?:{re.escape(version)})?-fpm\.sock", callers)
    # What was for all of our pools goes with the last of them.
    common = [path for path, name in pools.items() if not name] + list(folder.glob("conf.d/90-miclinik.ini"))
    remove = [path for path, name in pools.items() if name and path not in needed] + ([] if needed else common)
    return Seen([_told(root, path) for path in remove], [_told(root, path) for path in [*needed, *used]] + named)


def is_bare(version: str, root: Path = Path("/")) -> bool:
    """Return whether nothing of an earlier layout is left in the PHP-FPM of this version of PHP."""
    folder = root / f"etc/php/{version}/fpm"
    return not any(map(ours.is_ours, folder.glob("pool.d/*.conf"))) and not any(folder.glob("conf.d/90-miclinik.ini"))


def _told(root: Path, path: Path) -> str:
    return f"/{path.relative_to(root)}"


def _calls(root: Path) -> Iterator[str]:
    """Yield the lines of web servers' files that are no comments."""
    for pattern in _CALLERS:
        for path in sorted(root.glob(pattern)):
            if path.is_file():
                lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
                yield from (line for line in lines if not line.lstrip().startswith("#"))


def _as_it_came(root: Path, path: Path) -> bool:
    status = root / "var/lib/dpkg/status"
    text = status.read_text(encoding="utf-8", errors="replace") if status.is_file() else ""
    digest = hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
    return f" {_told(root, path)} {digest}" in text
