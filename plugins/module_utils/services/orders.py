# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What modules are told of services, and having it done, one after the other. Runs on the host."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.services import processes, service
from ansible_collections.miclinik.hosting.plugins.module_utils.services.service import Service
from ansible_collections.miclinik.hosting.plugins.module_utils.services.systemd_unit import UnitError

_LIST = {"type": "list", "elements": "str", "default": []}
#: What is each service's own.
OWN: Mapping[str, Mapping[str, Any]] = {
    "unit": {"type": "str", "required": True},
    "sockets": {"type": "str", "default": ""},
    "reads": _LIST,
    "test": _LIST,
    "because": _LIST,
}
#: What may be said of several at once.
SHARED: Mapping[str, Mapping[str, Any]] = {
    "restart_for": _LIST,
    "kind": {"type": "str", "choices": list(processes.KINDS), "default": "other"},
    "user": {"type": "str", "default": ""},
    "enabled": {"type": "bool", "default": True},
    "start": {"type": "bool", "default": True},
}


@dataclass
class Done:
    """What was done, or would be in check mode: verbs by unit, what showed it, and what failed."""

    steps: dict[str, list[str]] = field(default_factory=dict)
    because: dict[str, list[str]] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)

    @property
    def result(self) -> dict[str, Any]:
        """What a module returns of it."""
        units = [unit for unit in self.steps if self.steps[unit]]
        return {
            "changed": bool(units),
            "units": units,
            "steps": [step for unit in units for step in self.steps[unit]],
            "because": [reason for reasons in self.because.values() for reason in reasons],
            "diff": [_diff(unit, self.steps[unit], self.because[unit]) for unit in units],
        }


def carry_out(services: Sequence[Service], *, check: bool) -> Done:
    """Have each service run what is on disk. One that fails leaves the others to be done."""
    done = Done()
    for ordered in services:
        try:
            seen = service.see(ordered)
            if not check:
                service.act(ordered, seen)
            done.steps[ordered.unit], done.because[ordered.unit] = seen.steps(ordered), seen.because
        except (UnitError, OSError) as error:
            done.failed.append(str(error))
    return done


def _diff(unit: str, steps: Sequence[str], because: Sequence[str]) -> dict[str, str]:
    return {
        "before_header": f"{unit}: not as on disk",
        "after_header": f"{unit}: loaded",
        "before": "".join(f"{line}\n" for line in because),
        "after": "".join(f"({step})\n" for step in steps),
    }
