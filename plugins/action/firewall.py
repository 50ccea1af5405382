# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Has the module ``firewall`` load the table, and tells it over a new connection that the host can still be reached."""

from __future__ import annotations

import time
from typing import Any

from ansible.errors import AnsibleConnectionFailure
from ansible.plugins.action import ActionBase
from ansible.plugins.connection import ConnectionBase

MODULE = "miclinik.hosting.firewall"
SECONDS = 60
#: Until systemd has done it.
_MARGIN = 3


class ActionModule(ActionBase):  # type: ignore[misc]
    """The action behind ``miclinik.hosting.firewall``."""

    _supports_check_mode = True

    def run(self, tmp: None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Load it; come back as somebody new would, and keep it."""
        variables = task_vars or {}
        result: dict[str, Any] = super().run(tmp, variables)
        _, given = self.validate_argument_spec(
            {
                "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
                "because": {"type": "list", "elements": "str", "default": []},
                "seconds": {"type": "int", "default": SECONDS},
            }
        )
        began = time.monotonic()
        loaded: dict[str, Any] = self._execute_module(MODULE, module_args=given, task_vars=variables)
        if loaded.get("failed") or not loaded.get("armed"):
            return result | loaded
        try:
            # Where a connection is kept open, it goes on through any firewall, and proves nothing.
            if type(self._connection).reset is not ConnectionBase.reset:
                self._connection.reset()
            kept: dict[str, Any] = self._execute_module(
                MODULE, module_args=given | {"step": "confirm"}, task_vars=variables
            )
        except AnsibleConnectionFailure as error:
            time.sleep(max(0.0, given["seconds"] + _MARGIN - (time.monotonic() - began)))
            message = (
                f"With the firewall the host cannot be reached any more ({error}), so it was taken away again after"
                f" {given['seconds']} s, and does not come with the next boot. Name the port by which you come in, in"
                " baseline_firewall_open, or set baseline_firewall_enabled: false"
            )
            return result | {"failed": True, "msg": message}
        return result | (kept if kept.get("failed") else loaded)
