# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""By which ports the members of a cluster reach each other, of which nobody else has a need, and callers all of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_PORTS: dict[str, list[int | str]] = {
    # The server, the agent, Galera's own talk, and the two ways in which a member gets what it lacks.
    "database": [3306, 9200, 4444, "4567-4568"],
    # HAProxy's own talk about who writes.
    "app": [10000],
    # The sessions, and who votes on which copy of them is written to.
    "cache": [6379, 26379],
    "storage": ["24007-24008", "49152-60999"],
    "arbiter": [4567, "24007-24008", "49152-60999"],
}
#: An arbiter's, where there are sessions to vote on.
_VOTE = 26379

#: Where callers come in.
_FRONT = (80, 443)


def opened(topology: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what the firewall of a host opens for the others, and a balancer for all; nothing for a host by itself."""
    if not topology:
        return []
    sources = sorted(member["address"] for member in topology["members"])
    wanted = dict.fromkeys(port for part in topology["here"] for port in _PORTS.get(part, ()))
    if topology.get("cache") and "arbiter" in topology["here"]:
        wanted[_VOTE] = None
    front = _FRONT if "balancer" in topology["here"] else ()
    return [{"port": port, "from": []} for port in front] + [{"port": port, "from": sources} for port in wanted]
