# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Names the causes of what is wrong with sites."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from ansible.utils.display import Display
from ansible_collections.miclinik.hosting.plugins.action import smoke
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke.visit import Promised
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.examination import ARGUMENTS, Examination


class ActionModule(smoke.ActionModule):
    """The action behind ``miclinik.hosting.doctor``: the smoke test's examination, told by causes."""

    arguments = ARGUMENTS | {"notes": {"type": "list", "elements": "str", "default": []}}

    def report(self, sites: Sequence[Promised], seen: Examination) -> dict[str, Any]:
        """Print the causes; return them. It does not fail: to have found something is what a doctor is for."""
        diagnosis = seen.diagnosis()
        healthy = not seen.findings and all(entry.ok for entry in seen.results)
        # First, since red is read from its end.
        notes = smoke.tell([*self.notes, *seen.notes()])
        ahead = smoke.tell_ahead(seen)
        # At once, so that what is said of several hosts is not mixed.
        Display().display("\n".join(diagnosis), color="green" if healthy else "yellow")
        return {
            "changed": False,
            "healthy": healthy,
            "causes": seen.causes(),
            "diagnosis": diagnosis,
            "notes": notes,
            "yellow": ahead,
            "results": [dataclasses.asdict(entry) for entry in seen.results],
            "lines": [entry.line() for entry in seen.results],
            "msg": "nothing is wrong" if healthy else f"{len(seen.findings)} causes found",
        }
