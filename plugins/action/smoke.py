# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Runs the smoke test on the controller and prints a line a check."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from ansible.module_utils.basic import missing_required_lib
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.miclinik.hosting.plugins.module_utils import rest, smoke
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke_site import Site
from ansible_collections.miclinik.hosting.plugins.plugin_utils import examination


class ActionModule(ActionBase):  # type: ignore[misc]
    """The action behind ``miclinik.hosting.smoke``."""

    _supports_check_mode = True

    def run(self, tmp: None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Check every site; fail with all that is wrong, and with why where the host was looked at."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        _, arguments = self.validate_argument_spec(examination.ARGUMENTS)
        if rest.REQUESTS_MISSING is not None:
            message = missing_required_lib("requests")
            return result | {"failed": True, "changed": False, "msg": message, "exception": rest.REQUESTS_MISSING}

        def probe(host: Mapping[str, Any]) -> Mapping[str, Any]:
            answer: dict[str, Any] = self._execute_module(
                "miclinik.hosting.doctor_probe", module_args=dict(host), task_vars=task_vars or {}
            )
            return answer

        sites = [
            Site(**{**entry, "modules": tuple(entry["modules"]), "reads": tuple(entry["reads"])})
            for entry in arguments["sites"]
        ]
        seen = examination.examine(
            sites, arguments["host"], probe, timeout=arguments["timeout"], settle=arguments["settle"]
        )
        return result | self.report(seen)

    def report(self, seen: examination.Examination) -> dict[str, Any]:
        """Print a line a check, and the causes when one failed; return the result."""
        lines = [entry.line() for entry in seen.results]
        problems = smoke.failures(seen.results)
        for line in lines:
            Display().display(line, color="green" if line.startswith("ok") else "red")
        diagnosis = seen.diagnosis() if problems else []
        for line in diagnosis:
            Display().display(line, color="yellow")
        result = {
            "changed": False,
            "lines": lines,
            "results": [dataclasses.asdict(entry) for entry in seen.results],
            "causes": [entry.report() for entry in seen.findings],
            "diagnosis": diagnosis,
        }
        if problems:
            failed = sum(not entry.ok for entry in seen.results)
            message = "\n".join([f"{failed} of {len(seen.results)} smoke checks failed:", problems, *diagnosis])
            return result | {"failed": True, "msg": message}
        return result | {"msg": f"{len(seen.results)} smoke checks passed"}
