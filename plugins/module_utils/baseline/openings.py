# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ports of others that the firewall leaves open: what the file on a host remembers of them. Runs on the host."""

from __future__ import annotations

import re
from pathlib import Path

from ansible_collections.miclinik.hosting.plugins.module_utils.baseline.listeners import Listener

#: As templates/baseline/firewall.nft.j2 writes it.
_OPENED = re.compile(r'^\s*(tcp|udp) dport (\d+) accept comment "others: ([^"]*)"$', re.MULTILINE)


def remembered(file: Path) -> list[Listener] | None:
    """Return those that were found when the firewall came, None where there is none yet.

    A service that rests during a run finds its port open when it comes back.
    """
    if not file.is_file():
        return None
    return [
        Listener(protocol, int(port), name)
        for protocol, port, name in _OPENED.findall(file.read_text(encoding="utf-8"))
    ]
