# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Has the module ``site_change`` give its order, and shows each step on the terminal until it is over."""

from __future__ import annotations

import time
from typing import Any

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.miclinik.hosting.plugins.module_utils.life.journal import DONE
from ansible_collections.miclinik.hosting.plugins.module_utils.text import plain

MODULE = "miclinik.hosting.site_change"
_PAUSE = 2.0
#: Seconds after which a step that goes on is said once more.
_SILENCE = 10.0
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
        shown, told, obstacle = 0, time.monotonic(), ""
        while True:
            answer = self._execute_module(MODULE, module_args=given, task_vars=variables)
            if answer.get("failed") or self._task.check_mode or not answer["changed"]:
                return answer  # type: ignore[no-any-return]
            steps = answer["steps"]
            if len(steps) > shown:
                for step in steps[shown:]:
                    self._say(given["site"], f"{step['name']}: {step['about']}")
                shown, told = len(steps), time.monotonic()
            elif steps and time.monotonic() - told > _SILENCE:
                self._say(given["site"], f"{steps[-1]['name']}: for {time.time() - steps[-1]['began']:.0f} s")
                told = time.monotonic()
            if answer["obstacle"] and answer["obstacle"] != obstacle:
                obstacle = answer["obstacle"]
                self._say(given["site"], f"taking it back, try {answer['tries']}: {obstacle}")
            if not answer["running"] or answer["tries"] > _TRIES:
                return result | self._ended(given, answer)
            given["since"] = answer["since"]
            time.sleep(_PAUSE)

    @staticmethod
    def _ended(given: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
        kept = {name: answer[name] for name in ("steps", "seconds", "notes")}
        if answer["state"] == DONE:
            return {"changed": True, "warnings": plain.cleaned(answer["notes"]), **kept}
        site = given["site"]
        problem = answer["problem"] or f"it did not begin: journalctl -u miclinik-change@{site}"
        msg = f"site '{site}': {given['operation']} failed at {problem}. {answer['outcome']}"
        return {"failed": True, "msg": plain.plain(msg), **kept}

    @staticmethod
    def _say(site: str, text: str) -> None:
        Display().display(plain.plain(f"  {site}: {text}"))
