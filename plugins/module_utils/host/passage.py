# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether the users of sites and servers can get to the folders that they work in. Runs on the host."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

#: What stands above the folders of this collection and the sockets between the servers.
ON_THE_WAY = tuple(Path(name) for name in ("/etc", "/run", "/srv", "/usr/local/lib", "/var/lib"))
_NOBODY = 65534


def closed(folders: Iterable[Path] = ON_THE_WAY) -> list[str]:
    """Return those of ``folders``, and of what is above them, that a user without any rights cannot pass through.

    Tried, and not computed from modes: access lists count as well. Only root can try; others get an empty list.
    """
    if os.geteuid() != 0:
        return []
    there = [folder.resolve() for folder in folders if folder.exists()]
    every = sorted({str(above) for folder in there for above in (folder, *folder.parents)})
    return _refused(every)


def _refused(folders: Sequence[str]) -> list[str]:
    """Return the first of each way that is refused, as a child that is nobody finds it."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setgid(_NOBODY)
            os.setuid(_NOBODY)
            found = [folder for folder in folders if not os.access(folder, os.X_OK)]
            # What is below a closed folder cannot be told.
            first = [folder for folder in found if str(Path(folder).parent) not in found]
            os.write(writer, json.dumps(first).encode())
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as stream:
        said = stream.read()
    os.waitpid(child, 0)
    # Nothing was said where even root may not become somebody else: then it cannot be told.
    answer: list[str] = json.loads(said) if said else []
    return answer
