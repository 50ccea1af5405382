# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a host was told of its sites when it was last proven to work: by it the host can be looked at from itself.

It holds what the sites promise and where their things are, and no secret. It lies beside the picture of the host.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.host import atomic_file

#: Of root alone; completion imports this file, so that it imports little.
FOLDER = "/var/lib/miclinik-picture"
FILE = f"{FOLDER}/told.json"
#: ``sites``, ``php_version``, ``web_server`` and ``engine`` as ``picture.take`` has them, and ``checks``, what the
#: smoke test is to look for, as ``smoke/watch.py`` reads it.
Told = dict[str, Any]


def keep(told: Mapping[str, Any], path: Path = Path(FILE)) -> bool:
    """Write it where only root reads it; return whether it differs from what is there. Raises OSError."""
    if read(path) == dict(told) and path.stat().st_mode & 0o077 == 0:
        return False
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    atomic_file.replace(path, json.dumps(told, sort_keys=True), atomic_file.PRIVATE)
    return True


def read(path: Path = Path(FILE)) -> Told:
    """Return it; empty where the host was never proven to work, or the file cannot be read."""
    try:
        found: Told = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
