# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""By what a web server knows that a call from the host itself is root's, where `api.allowed_ips` keeps others out.

Every program of a host can call its loopback, the PHP of another site that somebody has taken over among them. So such
a call has to show a token that root alone can read. A site of an earlier version has none, and asks for none.
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout

#: In a site's secrets, and in requests.
NAME = "host_token"
HEADER = "X-Miclinik-Token"
LOOPBACK = "127.0.0.1"
_HERE = re.compile(r"(?:localhost|127(?:\.\d+){3}|\[?::1\]?)(?::\d+)?")


def headers(site: str, states: str = layout.STATES) -> dict[str, str]:
    """Return the headers of a call from the host to ``site``; none where there is no token, or it cannot be read."""
    try:
        record = json.loads((Path(states) / site / layout.SECRETS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return header(record) if isinstance(record, dict) else {}


def header(record: Mapping[str, Any]) -> dict[str, str]:
    """Return the same by ``record``, the secrets of a site."""
    token = record.get(NAME)
    return {HEADER: str(token)} if token else {}


def is_asked_for(allowed: list[str]) -> bool:
    """Return whether a site with these ``api.allowed_ips`` asks for it: not where all, or the loopback, may call."""
    here = ipaddress.ip_address(LOOPBACK)
    return bool(allowed) and not any(here in ipaddress.ip_network(address) for address in allowed)


def leads_here(address: str | None) -> bool:
    """Return whether ``address``, with a port or without, is the loopback's: a token goes nowhere else."""
    return bool(_HERE.fullmatch(address or ""))
