# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether a host upgrades itself, by all that its files say. Runs on the host."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.baseline.rivals import Runner, run
from ansible_collections.miclinik.hosting.plugins.module_utils.services import systemd_unit

TIMERS = ("apt-daily.timer", "apt-daily-upgrade.timer")
#: Settings of apt that say whether it happens, and when the host boots for it.
_SETTINGS = (
    "APT::Periodic::Enable",
    "APT::Periodic::Update-Package-Lists",
    "APT::Periodic::Unattended-Upgrade",
    "Unattended-Upgrade::Automatic-Reboot",
    "Unattended-Upgrade::Automatic-Reboot-Time",
)


def read(runner: Runner = run, root: Path = Path("/")) -> dict[str, Any]:
    """Return apt's ``settings``, and the timers that are ``off`` or ``masked``.

    ``reboot`` says whether one is due, ``outdated`` whether systemd has yet to read what is on disk.
    """
    dump = dict(re.findall(r'^(\S+) "(.*)";$', runner(["apt-config", "dump"]), re.MULTILINE))
    masked = [name for name in TIMERS if _is_masked(root / "etc/systemd/system" / name)]
    states = {name: systemd_unit.state(name) for name in TIMERS if name not in masked}
    return {
        "settings": {name: dump[name] for name in _SETTINGS if name in dump},
        "masked": masked,
        "off": [
            {"unit": name} for name, state in states.items() if state.there and not (state.active and state.enabled)
        ],
        "outdated": systemd_unit.state("apt-daily-upgrade.service").outdated,
        "reboot": (root / "run/reboot-required").exists(),
    }


def _is_masked(unit: Path) -> bool:
    return unit.is_symlink() and str(unit.readlink()) == "/dev/null"
