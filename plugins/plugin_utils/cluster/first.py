# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which member of a Galera cluster begins it. It fails closed: two beginnings would be two databases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

_NONE = "00000000-0000-0000-0000-000000000000"


class UnsureError(Exception):
    """Nobody can tell which member has the newest data."""


def first(names: Sequence[str], seen: Mapping[str, Mapping[str, Any]]) -> str:
    """Return which of the members ``names`` has to begin; empty where one is at work already.

    ``seen`` is what the module ``galera`` saw on each that answered.

    :raises UnsureError: with what was seen, and the mend.
    """
    foreign = [name for name in names if name in seen and seen[name]["foreign"]]
    if foreign:
        raise UnsureError(
            f"{', '.join(foreign)} has databases ({', '.join(seen[foreign[0]]['foreign'])}) of a server that is no"
            f" member of a cluster. Move them away first: playbooks/backup.yml there, and restore.yml afterwards"
        )
    if any(member["primary"] for member in seen.values()):
        return ""
    silent = [name for name in names if name not in seen]
    if silent:
        raise UnsureError(
            f"no member of miclinik_database is at work, and {', '.join(silent)} cannot be asked, which may have newer"
            f" data. Start it, and run this again. If it is lost for good, take it out of the inventory's groups"
        )
    holding = {name: seen[name] for name in names if seen[name]["uuid"] not in ("", _NONE)}
    if not holding:
        return names[0]
    if len({member["uuid"] for member in holding.values()}) > 1:
        told = ", ".join(f"{name}: {member['uuid']}" for name, member in holding.items())
        raise UnsureError(
            f"the members were parts of different clusters ({told}). Move /var/lib/mysql of the wrong one away"
        )
    unknown = [name for name, member in holding.items() if member["seqno"] < 0]
    if unknown:
        raise UnsureError(f"{', '.join(unknown)} does not say how far its data goes. See there: galera_recovery")
    return max(holding, key=lambda name: (holding[name]["seqno"], -names.index(name)))
