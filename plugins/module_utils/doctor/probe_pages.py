# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether pages work for those who have logged in, whose pool of PHP no check reaches from outside. Runs on the host.

The same page is asked for at the pool of those who are unknown: where that fails as well, other questions say why.
"""

from __future__ import annotations

import re
import struct
import time
from collections.abc import Mapping
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.services import fastcgi

_SECONDS = 2.5
_MOST_BYTES = 256 * 1024
_STATUS = re.compile(r"^Status:\s*(\d{3})", re.MULTILINE | re.IGNORECASE)
_ERROR = 500


def look(site: Mapping[str, Any]) -> str:
    """Return how the first page fails in the pool of those who have logged in; empty where not, or unknown."""
    sockets = {pool["role"]: pool["socket"] for pool in site["pools"]}
    if not {"web", "quarantine"} <= set(sockets):
        return ""
    said = _ask(site, sockets["web"])
    return said if said and _ask(site, sockets["quarantine"]) == "" else ""


def _ask(site: Mapping[str, Any], path: str) -> str | None:
    """Return what is wrong with the answer; None where there is none, as of a pool that is busy."""
    page = f"{site['prefix']}/index.php"
    parameters = {
        "SCRIPT_FILENAME": f"{site['root']}/index.php",
        "SCRIPT_NAME": page,
        "REQUEST_URI": page,
        "DOCUMENT_ROOT": str(site["root"]),
        "REQUEST_METHOD": "GET",
        "QUERY_STRING": "",
        "SERVER_NAME": str(site["domain"]),
        "HTTP_HOST": str(site["host"]),
        "HTTP_USER_AGENT": "miclinik.hosting doctor",
        "REMOTE_ADDR": "127.0.0.1",
        "SERVER_PROTOCOL": "HTTP/1.1",
        **({"HTTPS": "on"} if site["encrypted"] else {}),
    }
    try:
        answer = fastcgi.call(path, parameters, time.monotonic() + _SECONDS, _MOST_BYTES)
    except (OSError, ValueError, struct.error):
        return None
    head, _, body = answer.decode("utf-8", "replace").partition("\r\n\r\n")
    found = _STATUS.search(head)
    status = int(found[1]) if found else 200
    if status >= _ERROR or (not found and not body.strip()):
        return f"{status}, {len(body)} bytes" if body.strip() else f"{status}, with nothing in it"
    return "" if head else None
