# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is otherwise on a host than its upgrades were asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_OFF = frozenset({"0", "false", "no", ""})
_NEEDED = ("APT::Periodic::Enable", "APT::Periodic::Update-Package-Lists", "APT::Periodic::Unattended-Upgrade")
_REBOOT = "Unattended-Upgrade::Automatic-Reboot"


def told(seen: Mapping[str, Any], *, reboot: str = "") -> list[str]:
    """Return what an operator should hear of the host that ``seen`` describes, as ``baseline_facts`` returns it."""
    return list(_told(seen["upgrades"], reboot))


def _told(upgrades: Mapping[str, Any], reboot: str) -> Iterator[str]:
    settings = upgrades["settings"]
    off = [name for name in _NEEDED if settings.get(name, "1") in _OFF]
    if off:
        yield f"The host does not upgrade itself: a file of its own in /etc/apt/apt.conf.d sets {', '.join(off)} to 0."
    if upgrades["masked"]:
        yield f"The host does not upgrade itself: somebody has masked {', '.join(upgrades['masked'])}."
    boots = settings.get(_REBOOT, "false").lower() not in _OFF
    time = settings.get(f"{_REBOOT}-Time", "now")
    if boots and time != reboot:
        yield f"The host boots by itself after upgrades (at: {time}): a file of its own in /etc/apt/apt.conf.d says so."
    if reboot and settings.get(_REBOOT, "true").lower() in _OFF:
        yield f"The host does not boot by itself at {reboot}: a file of its own in /etc/apt/apt.conf.d forbids it."
    if upgrades["reboot"]:
        yield "An upgrade waits for the host to be booted (/run/reboot-required)."
