# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Asks several questions at once, each of which may hang for good: what did not answer in time is itself an answer."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

Question = Callable[[], Any]


class Answers:
    """Questions under way. A thread that hangs, as at a network disk that is gone, ends with the process."""

    def __init__(self, questions: Mapping[str, Question]) -> None:
        self._found: dict[str, Any] = {}
        self._failed: dict[str, BaseException] = {}
        self._threads = {
            name: threading.Thread(target=self._ask, args=(name, question), daemon=True)
            for name, question in questions.items()
        }
        for thread in self._threads.values():
            thread.start()

    def _ask(self, name: str, question: Question) -> None:
        try:
            self._found[name] = question()
        except BaseException as error:  # raised again by whoever waits for it
            self._failed[name] = error

    def until(self, deadline: float) -> tuple[dict[str, Any], list[str]]:
        """Return the answers by name, and the names of what has given none by ``deadline`` (monotonic seconds).

        Raises what a question has raised.
        """
        for thread in self._threads.values():
            thread.join(max(0.0, deadline - time.monotonic()))
        for error in dict(self._failed).values():
            raise error
        found = dict(self._found)
        return found, [name for name in self._threads if name not in found]
