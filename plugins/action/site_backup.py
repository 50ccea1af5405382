# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Has the module ``site_backup`` start a snapshot, and shows on the terminal what is said of it until it is there."""

from __future__ import annotations

import time
from typing import Any

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.miclinik.hosting.plugins.module_utils.text import plain

MODULE = "miclinik.hosting.site_backup"
_PAUSE = 2.0
#: Seconds after which it is said that it goes on.
_SILENCE = 10.0


class ActionModule(ActionBase):  # type: ignore[misc]
    """The action behind ``miclinik.hosting.site_backup``."""

    _supports_check_mode = True

    def run(self, tmp: None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Start it, and watch."""
        variables = task_vars or {}
        result: dict[str, Any] = super().run(tmp, variables)
        given = dict(self._task.args)
        lines: list[str] = []
        began = told = time.monotonic()
        while True:
            answer = self._execute_module(MODULE, module_args=given, task_vars=variables)
            if answer.get("failed") or self._task.check_mode:
                return answer  # type: ignore[no-any-return]
            for line in answer["lines"]:
                self._say(given["site"], line)
            lines += answer["lines"]
            if answer["lines"]:
                told = time.monotonic()
            elif time.monotonic() - told > _SILENCE:
                told = time.monotonic()
                self._say(given["site"], f"{lines[-1] if lines else 'begin'}: for {told - began:.0f} s altogether")
            if not answer["running"]:
                return result | self._ended(given["site"], answer["problem"], plain.cleaned(lines))
            given |= {"since": answer["since"], "cursor": answer["cursor"]}
            time.sleep(_PAUSE)

    @staticmethod
    def _ended(site: str, problem: str, lines: list[str]) -> dict[str, Any]:
        if problem:
            return {"failed": True, "msg": plain.plain(f"site '{site}': backup failed: {problem}"), "lines": lines}
        return {"changed": True, "lines": lines}

    @staticmethod
    def _say(site: str, text: str) -> None:
        Display().display(plain.plain(f"  {site}: {text}"))
