# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Ends a host's run with what is broken there, told once, and with nothing after it."""

from __future__ import annotations

from typing import Any

from ansible import constants
from ansible.errors import AnsibleAction, AnsibleError
from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):  # type: ignore[misc]
    """The action behind ``miclinik.hosting.verdict``.

    Ansible prints a failure twice, as an error and as the task's result. The first line is told in one of them, and
    all lines in the other: in the result, which comes last, where that shows lines as such.
    """

    _supports_check_mode = True

    def run(self, tmp: None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Fail with the message."""
        super().run(tmp, task_vars)
        _, arguments = self.validate_argument_spec({"msg": {"type": "str", "required": True}})
        whole = arguments["msg"].rstrip("\n")
        first = whole.partition("\n")[0].rstrip(":")
        error, told = (first, whole) if _keeps_lines() else (whole, first)
        raise AnsibleAction(error, result={"changed": False, "msg": told})


def _keeps_lines() -> bool:
    """Whether results are shown as YAML, and not as JSON in one line."""
    name = str(constants.DEFAULT_STDOUT_CALLBACK).removeprefix("ansible.builtin.")
    try:
        shown = constants.config.get_config_value("result_format", plugin_type="callback", plugin_name=name)
    except (AnsibleError, KeyError):
        return False
    return bool(shown == "yaml")
