# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Has a module begin something on a host, and asks it again and again how far that has come, until it is over."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ansible.utils.display import Display
from ansible_collections.miclinik.hosting.plugins.module_utils.text import plain

_PAUSE = 2.0
#: Seconds after which it is said that something goes on.
_SILENCE = 10.0

Answer = Mapping[str, Any]


class Watch:
    """What is said on the terminal of one site, and when it last was."""

    def __init__(self, site: str) -> None:
        self._site = site
        self._last = time.monotonic()

    def say(self, text: str) -> None:
        """Say it."""
        self._last = time.monotonic()
        Display().display(plain.plain(f"  {self._site}: {text}"))

    def remind(self, text: str) -> None:
        """Say it where nothing was said for a while."""
        if time.monotonic() - self._last > _SILENCE:
            self.say(text)


def answers(ask: Callable[[dict[str, Any]], dict[str, Any]], carried: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    """Yield what ``ask`` answers, again and again, as long as somebody takes it.

    It is given what it has answered before under the names ``carried``.
    """
    given: dict[str, Any] = {}
    while True:
        answer = ask(given)
        yield answer
        given = {name: answer[name] for name in carried}
        time.sleep(_PAUSE)
