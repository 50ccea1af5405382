# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether a host is one of several that serve the same sites. What knows one host alone would do harm there."""

from __future__ import annotations

from pathlib import Path

#: The role ``cluster`` writes it.
FILE = Path("/etc/haproxy/miclinik-members")


def refusal(what: str, file: Path | None = None) -> str:
    """Return why ``what`` is not done on this host; nothing where it serves its sites by itself."""
    file = file or FILE
    if not file.exists():
        return ""
    return (
        f"{what} knows one host alone, and this one is of several that serve the site (docs/cluster.md): nothing was"
        f" done. Where it is by itself by now, take {file} away"
    )
