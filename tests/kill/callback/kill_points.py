# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Writes down when each task begins and ends, one JSON a line, and can hold a run before one of them."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: kill_points
type: aggregate
short_description: Writes down when each task begins and ends
description:
  - Into the file of E(MICLINIK_KILL_POINTS). The run waits for ever before the task number E(MICLINIK_KILL_BEFORE).
"""


class CallbackModule(CallbackBase):  # type: ignore[misc]
    """Counts tasks as they begin on the one host of the run."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "kill_points"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        super().__init__()
        self._count = 0
        self._file = Path(os.environ["MICLINIK_KILL_POINTS"])
        self._held = int(os.environ.get("MICLINIK_KILL_BEFORE", "0"))

    def v2_runner_on_start(self, _host: Any, task: Any) -> None:  # noqa: ANN401 (Ansible's own types)
        """Note a task that begins."""
        self._count += 1
        self._note("begin", task.get_name())
        while self._held == self._count:
            time.sleep(1)

    def v2_runner_on_ok(self, result: Any) -> None:  # noqa: ANN401
        """Note a task that has been done."""
        self._note("changed" if result.result.get("changed") else "ok", "")

    def v2_runner_on_failed(self, _result: Any, ignore_errors: bool = False) -> None:  # noqa: ANN401
        """Note a task that has failed."""
        self._note("ignored" if ignore_errors else "failed", "")

    def v2_runner_on_skipped(self, _result: Any) -> None:  # noqa: ANN401
        """Note a task that was not for this host."""
        self._note("skipped", "")

    def _note(self, what: str, name: str) -> None:
        line = json.dumps({"number": self._count, "what": what, "name": name, "at": time.time()})
        with self._file.open("a", encoding="utf-8") as stream:
            stream.write(f"{line}\n")
