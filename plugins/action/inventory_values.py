# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Evaluates the inventory's variables on the controller."""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import inventory_values


class ActionModule(ActionBase):  # type: ignore[misc]
    """The action behind ``miclinik.hosting.inventory_values``."""

    _supports_check_mode = True
    _requires_connection = False

    def run(self, tmp: None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Evaluate all; fail with what cannot be."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        self.validate_argument_spec({})
        problems = [str(problem) for problem in inventory_values.unreadable(task_vars or {}, self._templar.template)]
        if problems:
            message = "Nothing on the host was changed. To mend first:\n" + "\n".join(f"- {text}" for text in problems)
            return result | {"failed": True, "changed": False, "msg": message, "problems": problems}
        return result | {"changed": False}
