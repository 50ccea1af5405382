# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which files of web servers and of PHP-FPM this collection has written. Runs on the host."""

from __future__ import annotations

from pathlib import Path

MARK = b"Written by miclinik.hosting"
_HEAD = 300
#: Files of ours beside the sites' own, for names that are no site's; no site may be called so.
FOR_ALL = frozenset({"miclinik-default", "000-miclinik"})


def is_ours(path: Path) -> bool:
    """Return whether ``path`` is a file that this collection has written."""
    if not path.is_file():
        return False
    with path.open("rb") as stream:
        return MARK in stream.read(_HEAD)


def site_of(path: Path, enabled: str) -> str:
    """Return the name of the site whose vhost ``path`` is; empty for what is not ours, or is no site's.

    ``enabled`` is the folder, below the root, in which vhosts are enabled as NAME.conf.
    """
    in_place = path.parent.match(enabled)
    return path.stem if in_place and path.stem not in FOR_ALL and is_ours(path) else ""
