# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What an inventory may say to the role ``fail2ban``, which would find out when the sites are there already."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import addresses as site_addresses
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site.addresses import Rest

_TIMES = ("fail2ban_findtime", "fail2ban_bantime", "fail2ban_maxtime")
#: Those that are looked at.
_TRIES = ("fail2ban_maxretry", "fail2ban_maxretry_known")
NAMES = (*_TIMES, "fail2ban_never", *_TRIES)
_TIME = re.compile(r"[1-9]\d*(?:[smhdw]|mo|y)?")


def check(variables: Mapping[str, Any]) -> Iterator[Rest]:
    """Yield what is wrong with those of the role's variables that the inventory has."""
    never = variables.get("fail2ban_never")
    if isinstance(never, Sequence) and not isinstance(never, str):
        yield from site_addresses.networks("fail2ban_never", [str(address) for address in never])
    elif never is not None:
        yield "fail2ban_never", f"is {never!r}, no list", "Write a list of addresses and networks"
    for name in _TIMES:
        time = variables.get(name)
        if time is not None and not _TIME.fullmatch(str(time)):
            yield name, f"is {time!r}", "Write a number with s, m, h, d or w, as in 10m"
    for name in _TRIES:
        tries = variables.get(name)
        if tries is not None and not re.fullmatch(r"[1-9]\d*", str(tries)):
            yield name, f"is {tries!r}", "Write a number above 0"
