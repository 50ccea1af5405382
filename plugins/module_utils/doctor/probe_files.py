# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a site's Unix user may do with the site's files. Runs on the host, as root, and changes nothing."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.application import tree_version
from ansible_collections.miclinik.hosting.plugins.module_utils.host import permissions

_URL_ROOT = re.compile(r"""^\s*\$dolibarr_main_url_root\s*=\s*(['"])(?P<value>.*?)\1\s*;""", re.MULTILINE)
_READ, _WRITE = os.R_OK, os.W_OK | os.X_OK


def look(site: Mapping[str, Any]) -> dict[str, Any]:
    """``user`` (whether there is one), ``files`` by role, ``url_root`` and ``version`` as written in the files."""
    paths = {
        "conf": (site["conf"], _READ),
        "linked_conf": (f"{site['root']}/conf/conf.php", _READ),
        "code": (f"{site['root']}/filefunc.inc.php", _READ),
        "documents": (site["documents"], _WRITE),
        "api_temp": (f"{site['documents']}/api/temp", _WRITE),
        "sessions": (site["sessions"], _WRITE),
        "install_lock": (f"{site['documents']}/install.lock", _READ),
    }
    usable = permissions.allowed(site["user"], list(paths.values()))
    files = {
        role: describe(path) | {"usable": can} for (role, (path, _)), can in zip(paths.items(), usable, strict=True)
    }
    return {
        "user": usable != [None] * len(paths),
        "files": files,
        "url_root": _quoted(site["conf"], _URL_ROOT),
        "version": tree_version.find(Path(site["root"])),
        "release": os.path.realpath(site["current"]).rpartition("/")[2] if os.path.lexists(site["current"]) else "",
    }


def describe(path: str) -> dict[str, Any]:
    """``path``, ``there``, ``kind``, ``owner``, ``group`` and ``mode`` (octal) of a file, following links."""
    try:
        seen = Path(path).stat()
    except OSError as error:
        dangling = os.path.lexists(path)
        return {"path": path, "there": False, "kind": "dangling link" if dangling else "", "problem": error.strerror}
    return {
        "path": path,
        "there": True,
        "kind": "folder" if stat.S_ISDIR(seen.st_mode) else "file" if stat.S_ISREG(seen.st_mode) else "other",
    } | permissions.owners(seen)


def _quoted(path: str, expression: re.Pattern[str]) -> str | None:
    """One value out of a PHP file that is not run; None when it is not there. Nothing else is taken from it."""
    try:
        found = expression.search(Path(path).read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return None
    return found["value"] if found else None
