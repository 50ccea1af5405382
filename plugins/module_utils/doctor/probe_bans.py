# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whom fail2ban keeps out, and who is here by SSH: who looks after a site may be one of them.

Runs on the host and changes nothing.
"""

from __future__ import annotations

import ast
import re
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.doctor.probe_host import run

#: The process that serves one connection is called sshd-session since OpenSSH 9.8.
_PEER = re.compile(r"\s\[?(?P<peer>[0-9a-fA-F.:]+?)\]?:\d+\s+users:.*\"sshd")


def look() -> dict[str, Any]:
    """Return ``banned``, the jail by address, and ``visitors``, the addresses that are here by SSH."""
    return {"banned": banned(run("fail2ban-client", "banned")), "visitors": visitors(run("ss", "-Htnp"))}


def banned(text: str) -> dict[str, str]:
    """Return the same from fail2ban's answer: a list of mappings from jails to addresses."""
    try:
        jails = ast.literal_eval(text.strip())
    except (SyntaxError, ValueError):
        return {}
    pairs = (
        [pair for jail in jails if isinstance(jail, dict) for pair in jail.items()] if isinstance(jails, list) else []
    )
    return {str(address): str(jail) for jail, addresses in pairs for address in addresses}


def visitors(text: str) -> list[str]:
    """Return the addresses at the other end of connections of sshd."""
    found = (_PEER.search(line) for line in text.splitlines() if line.startswith("ESTAB"))
    return sorted({match["peer"].removeprefix("::ffff:") for match in found if match})
