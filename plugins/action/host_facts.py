# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Refuses an Ansible that is too old before the module ``host_facts``, with which every role begins."""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase
from ansible.release import __version__
from ansible_collections.miclinik.hosting.plugins.plugin_utils.controller import ansible_version


class ActionModule(ActionBase):  # type: ignore[misc]
    """The action behind ``miclinik.hosting.host_facts``."""

    _supports_check_mode = True

    def run(self, tmp: None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Read the facts."""
        variables = task_vars or {}
        result: dict[str, Any] = super().run(tmp, variables)
        refusal = ansible_version.refusal(__version__)
        if refusal:
            return result | {"failed": True, "msg": refusal}
        done: dict[str, Any] = self._execute_module("miclinik.hosting.host_facts", task_vars=variables)
        return result | done
