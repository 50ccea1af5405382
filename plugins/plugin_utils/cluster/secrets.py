# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which sites' secrets a host takes from another. They are made once, and are the same on all application hosts."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

#: What Ansible's module stat registers for each site: ``item``, the site, and ``stat``.
Looked = Sequence[Mapping[str, Any]]


def to_fetch(here: Looked, elsewhere: Mapping[str, Looked], lacking: bool = False) -> list[dict[str, str]]:
    """Return ``name``, ``file`` and ``host`` of the secrets that a host takes from the first ``elsewhere`` with them.

    With ``lacking`` only those that it has not at all, otherwise those that differ as well.
    """
    found = []
    for own in here:
        name, mine = own["item"]["name"], own["stat"]
        for host, looked in elsewhere.items():
            (theirs,) = (one["stat"] for one in looked if one["item"]["name"] == name)
            if theirs["exists"]:
                if not mine["exists"] or not (lacking or mine["checksum"] == theirs["checksum"]):
                    found.append({"name": name, "file": own["item"]["secrets_file"], "host": host})
                break
    return found


def of_cache(key: str, sites: Iterable[str]) -> dict[str, str]:
    """Return the password of everybody whom the sessions' store knows, by name, as they follow from one ``key``.

    ``replica`` copies, ``sentinel`` votes and tells the store, ``vote`` is how voters know each other.
    """
    names = ["replica", "sentinel", "vote", *(f"site-{name}" for name in sites)]
    return {name: hmac.new(key.encode(), name.encode(), hashlib.sha256).hexdigest() for name in names}
