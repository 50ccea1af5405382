# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What an inventory may say to the role ``baseline``, which would find out when the sites are there already."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import addresses as site_addresses
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site.addresses import Rest

_OPEN = "baseline_firewall_open"
_REBOOT = "baseline_upgrades_reboot"
_SPARED = "baseline_upgrades_never_restart"
#: Those that are looked at.
NAMES = (_OPEN, _REBOOT, _SPARED)
_KEYS = ("port", "protocol", "from")
_PROTOCOLS = ("tcp", "udp")
_HIGHEST = 65535
_UNIT = re.compile(r"[\w@.:-]+")


def check(variables: Mapping[str, Any]) -> Iterator[Rest]:
    """Yield what is wrong with those of the role's variables that the inventory has."""
    yield from _openings(variables.get(_OPEN))
    time = variables.get(_REBOOT)
    # YAML reads 04:30 without quotes as a number of minutes.
    if time not in (None, "") and not re.fullmatch(r"(?:[01]\d|2[0-3]):[0-5]\d", str(time)):
        yield _REBOOT, f"is {time!r}", 'Write a time of day in quotes, as in "04:30", or leave it empty'
    units = variables.get(_SPARED)
    if units is not None and not isinstance(units, list):
        yield _SPARED, f"is {units!r}, no list", "Write a list of services"
    for unit in units if isinstance(units, list) else ():
        if not _UNIT.fullmatch(str(unit)):
            yield _SPARED, f"has {unit!r}, which is no name of a service", "Write it as systemctl does, as in postfix"


def _openings(given: object) -> Iterator[Rest]:
    if given is not None and not isinstance(given, list):
        yield _OPEN, f"is {given!r}, no list", "Write a list, as in [{port: 9100, from: [192.0.2.10]}]"
    for entry in given if isinstance(given, list) else ():
        yield from _opening(entry)


def _opening(entry: object) -> Iterator[Rest]:
    if not isinstance(entry, Mapping) or set(entry) - set(_KEYS) or "port" not in entry:
        yield _OPEN, f"has {entry!r}", f"Write port, and where needed protocol and from: {', '.join(_KEYS)}"
        return
    if not _is_range(str(entry["port"])):
        yield (
            _OPEN,
            f"has the port {entry['port']!r}",
            f"Write a number from 1 to {_HIGHEST}, or two, as in 60000-60010",
        )
    if entry.get("protocol", "tcp") not in _PROTOCOLS:
        yield _OPEN, f"has the protocol {entry['protocol']!r}", f"Write one of {', '.join(_PROTOCOLS)}"
    sources = entry.get("from", [])
    if isinstance(sources, list):
        yield from site_addresses.networks(f"{_OPEN}.from", [str(source) for source in sources])
    else:
        yield f"{_OPEN}.from", f"is {sources!r}, no list", "Write a list of addresses and networks"


def _is_range(text: str) -> bool:
    if not re.fullmatch(r"\d+(?:-\d+)?", text):
        return False
    ports = [int(part) for part in text.split("-")]
    return 0 < ports[0] <= ports[-1] <= _HIGHEST and (len(ports) == 1 or ports[0] < ports[1])
