# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Runs the smoke test on the controller and prints a line a check."""

from __future__ import annotations

import dataclasses
from typing import Any

from ansible.module_utils.basic import missing_required_lib
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.miclinik.hosting.plugins.module_utils import rest, smoke
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke_site import Site

SITE_SPEC: dict[str, dict[str, Any]] = {
    "name": {"type": "str", "required": True},
    "base_url": {"type": "str", "required": True},
    "connect_to": {"type": "str"},
    "validate_certs": {"type": "bool", "default": True},
    "ca_path": {"type": "path"},
    "ca_content": {"type": "str"},
    "plain": {"type": "bool", "default": False},
    "tls_mend": {"type": "str"},
    "login": {"type": "str"},
    "password": {"type": "str", "no_log": True},
    "key": {"type": "str", "no_log": True},
    "modules": {"type": "list", "elements": "str", "default": []},
    "expected_version": {"type": "str"},
    "explorer": {"type": "bool", "default": True},
    "login_enabled": {"type": "bool", "default": True},
    "api_enabled": {"type": "bool", "default": True},
}


class ActionModule(ActionBase):  # type: ignore[misc]
    """The action behind ``miclinik.hosting.smoke``."""

    _supports_check_mode = True

    def run(self, tmp: None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Check every site; fail with all that is wrong."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        _, arguments = self.validate_argument_spec(
            {
                "sites": {
                    "type": "list",
                    "elements": "dict",
                    "required": True,
                    "options": SITE_SPEC,
                    "required_together": [("login", "password")],
                    "mutually_exclusive": [("ca_path", "ca_content")],
                },
                "timeout": {"type": "float", "default": 10.0},
                "settle": {"type": "float", "default": 3.0},
            }
        )
        if rest.REQUESTS_MISSING is not None:
            message = missing_required_lib("requests")
            return result | {"failed": True, "changed": False, "msg": message, "exception": rest.REQUESTS_MISSING}
        sites = [Site(**{**entry, "modules": tuple(entry["modules"])}) for entry in arguments["sites"]]
        results = smoke.check_sites(sites, timeout=arguments["timeout"], settle=arguments["settle"])
        lines = [entry.line() for entry in results]
        for line in lines:
            Display().display(line, color="green" if line.startswith("ok") else "red")
        result |= {
            "changed": False,
            "lines": lines,
            "results": [dataclasses.asdict(entry) for entry in results],
        }
        problems = smoke.failures(results)
        if problems:
            failed = sum(not entry.ok for entry in results)
            message = f"{failed} of {len(results)} smoke checks failed:\n{problems}"
            return result | {"failed": True, "msg": message}
        return result | {"msg": f"{len(results)} smoke checks passed"}
