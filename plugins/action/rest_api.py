# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Gives the module ``rest_api`` the logos of companies, which are files on the controller."""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase
from ansible_collections.miclinik.hosting.plugins.plugin_utils.controller import paths
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import logos

MODULE = "miclinik.hosting.rest_api"


class ActionModule(ActionBase):  # type: ignore[misc]
    """The action behind ``miclinik.hosting.rest_api``."""

    _supports_check_mode = True

    def run(self, tmp: None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Read the files, and run the module."""
        variables = task_vars or {}
        result: dict[str, Any] = super().run(tmp, variables)
        given = dict(self._task.args)
        base = paths.base(variables, self._loader.get_basedir())
        try:
            given["sites"] = [logos.with_content(site, base) for site in given.get("sites") or []]
        except OSError as error:
            return result | {"failed": True, "msg": f"{error.filename} cannot be read: {error.strerror}"}
        done: dict[str, Any] = self._execute_module(MODULE, module_args=given, task_vars=variables)
        return result | done
