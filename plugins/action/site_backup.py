# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Has the module ``site_backup`` start a snapshot, and shows on the terminal what is said of it until it is there."""

from __future__ import annotations

import time
from typing import Any

from ansible.plugins.action import ActionBase
from ansible_collections.miclinik.hosting.plugins.module_utils.text import plain
from ansible_collections.miclinik.hosting.plugins.plugin_utils.life import watching

MODULE = "miclinik.hosting.site_backup"


class ActionModule(ActionBase):  # type: ignore[misc]
    """The action behind ``miclinik.hosting.site_backup``."""

    _supports_check_mode = True

    def run(self, tmp: None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Start it, and watch."""
        variables = task_vars or {}
        result: dict[str, Any] = super().run(tmp, variables)
        given = dict(self._task.args)
        watch, began = watching.Watch(given["site"]), time.monotonic()
        lines: list[str] = []

        def ask(more: dict[str, Any]) -> dict[str, Any]:
            answer: dict[str, Any] = self._execute_module(MODULE, module_args={**given, **more}, task_vars=variables)
            return answer

        for answer in watching.answers(ask, ("since", "cursor")):
            if answer.get("failed") or self._task.check_mode:
                break
            for line in answer["lines"]:
                watch.say(line)
            lines += answer["lines"]
            if not answer["running"]:
                return result | self._ended(given["site"], answer["problem"], plain.cleaned(lines))
            watch.remind(f"{lines[-1] if lines else 'begin'}: for {time.monotonic() - began:.0f} s altogether")
        return answer

    @staticmethod
    def _ended(site: str, problem: str, lines: list[str]) -> dict[str, Any]:
        if problem:
            return {"failed": True, "msg": plain.plain(f"site '{site}': backup failed: {problem}"), "lines": lines}
        return {"changed": True, "lines": lines}
