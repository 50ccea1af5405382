# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Has the module ``site_change`` give its order, and shows each step on the terminal until it is over."""

from __future__ import annotations

import time
from typing import Any

from ansible.plugins.action import ActionBase
from ansible_collections.miclinik.hosting.plugins.module_utils.life.journal import DONE
from ansible_collections.miclinik.hosting.plugins.module_utils.text import plain
from ansible_collections.miclinik.hosting.plugins.plugin_utils.life import watching

MODULE = "miclinik.hosting.site_change"
#: So often a change that failed is tried to be taken back, every few seconds, before nobody watches any more.
_TRIES = 30


class ActionModule(ActionBase):  # type: ignore[misc]
    """The action behind ``miclinik.hosting.site_change``."""

    _supports_check_mode = True

    def run(self, tmp: None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Give the order, and watch."""
        variables = task_vars or {}
        result: dict[str, Any] = super().run(tmp, variables)
        given = dict(self._task.args)
        watch, shown, obstacle = watching.Watch(given["site"]), 0, ""

        def ask(more: dict[str, Any]) -> dict[str, Any]:
            answer: dict[str, Any] = self._execute_module(MODULE, module_args={**given, **more}, task_vars=variables)
            return answer

        for answer in watching.answers(ask, ("since",)):
            if answer.get("failed") or self._task.check_mode or not answer["changed"]:
                break
            steps = answer["steps"]
            for step in steps[shown:]:
                watch.say(f"{step['name']}: {step['about']}")
            shown = len(steps)
            if answer["obstacle"] and answer["obstacle"] != obstacle:
                obstacle = answer["obstacle"]
                watch.say(f"taking it back, try {answer['tries']}: {obstacle}")
            if not answer["running"] or answer["tries"] > _TRIES:
                return result | self._ended(given, answer)
            watch.remind(self._waiting(steps))
        return answer

    @staticmethod
    def _waiting(steps: list[dict[str, Any]]) -> str:
        if not steps:
            return "waits until what else is done with the site is over: a snapshot, perhaps"
        return f"{steps[-1]['name']}: for {time.time() - steps[-1]['began']:.0f} s"

    @staticmethod
    def _ended(given: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
        kept = {name: answer[name] for name in ("steps", "seconds", "notes")}
        if answer["state"] == DONE:
            return {"changed": True, "warnings": plain.cleaned(answer["notes"]), **kept}
        site = given["site"]
        problem = answer["problem"] or f"it did not begin: journalctl -u miclinik-change@{site}"
        msg = f"site '{site}': {given['operation']} failed at {problem}. {answer['outcome']}"
        return {"failed": True, "msg": plain.plain(msg), **kept}
