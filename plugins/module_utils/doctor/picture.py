# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The picture of a host: what it looked like when it was last proven to work. Runs on the host.

It is generic: no fault is listed in it. ``playbooks/site.yml`` takes it at its end, when every check has passed;
whoever reads takes it again, and compares.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.doctor import (
    picture_database,
    picture_files,
    picture_host,
    told,
)
from ansible_collections.miclinik.hosting.plugins.module_utils.host import atomic_file, limits

FILE = f"{told.FOLDER}/picture.json"
#: Of another form nothing is concluded.
FORM = 1
_UNITS = {"mariadb": "mariadb", "postgresql": "postgresql@*"}
#: Seconds for a part: it is left out after that, and nothing is concluded from it.
PATIENCE = 6

Picture = dict[str, Any]


def take(sites: Sequence[Mapping[str, Any]], *, php_version: str, web_server: str, engine: str) -> Picture:
    """Return ``parts``, by section a mapping or None where it could not be asked, and which ``releases`` are served."""
    local = [site for site in sites if site["database_local"]]
    parts: dict[str, Callable[[], dict[str, Any] | None]] = {
        "files": lambda: picture_files.look(sites, php_version, web_server),
        "units": lambda: picture_host.units(sites, web_server, _UNITS[engine]),
        "packages": picture_host.packages,
        "php": lambda: picture_host.php(php_version),
        "sockets": picture_host.sockets,
        "firewall": picture_host.firewall,
        "mounts": picture_host.mounts,
        "accounts": lambda: picture_host.accounts(sites),
    }
    # Threads that end with the process: those of an executor are waited for, and a disk may hang.
    asked = {name: partial(_or_nothing, ask) for name, ask in parts.items()} | {
        f"database {site['name']}": partial(
            _or_nothing, partial(picture_database.look, engine, site["database_name"], site["database_user"])
        )
        for site in local
    }
    answers, _ = limits.Answers(asked).until(time.monotonic() + PATIENCE)
    found: dict[str, Any] = {name: answers.get(name) for name in parts}
    for site in local:
        for section, values in (answers.get(f"database {site['name']}") or {}).items():
            found[f"database {section}" if section == "server" else f"database {section} {site['name']}"] = values
    releases = {site["name"]: os.path.realpath(site["current"]) for site in sites}
    return {"form": FORM, "parts": found, "releases": releases}


def _or_nothing(ask: Callable[[], Any]) -> Any:  # noqa: ANN401 (of any part)
    try:
        return ask()
    except Exception:  # a part that fails says nothing, and must not take the others with it
        return None


def keep(picture: Picture, path: Path = Path(FILE)) -> bool:
    """Write the picture where only root reads it; return whether it differs from the last one.

    A part that could not be asked this time stays as it was.
    """
    before = read(path)
    last = before.get("parts", {})
    picture = picture | {
        "parts": {name: last.get(name) if part is None else part for name, part in picture["parts"].items()}
    }
    if {name: before.get(name) for name in picture} == picture and path.stat().st_mode & 0o077 == 0:
        return False
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    text = json.dumps(picture | {"time": time.time()}, sort_keys=True)
    atomic_file.replace(path, text, atomic_file.PRIVATE)
    return True


def read(path: Path = Path(FILE)) -> Picture:
    """Return the last picture; empty where there is none that can be read, or of another form."""
    found: Picture = told.read(path)
    return found if found.get("form") == FORM else {}
