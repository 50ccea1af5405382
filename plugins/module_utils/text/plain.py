# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Takes out of texts of others what does something where they are shown: whoever holds a site chooses what it answers.

An ESC moves a terminal's cursor and hides lines, a line break begins a line of its own, a bidirectional mark swaps what
is read. Whoever keeps such a text to show it passes it through here when it comes in, see `smoke.runs.Result`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: Shows that there was something.
MARK = "\ufffd"


def plain(text: str, keep: str = "") -> str:
    """Return ``text`` with a mark for each character that is not printed as itself, but for those in ``keep``."""
    # Controls, marks that nobody sees (direction, width), other ends of lines, halves of characters.
    return "".join(letter if letter.isprintable() or letter in keep else MARK for letter in text)


def cleaned(value: Any) -> Any:  # noqa: ANN401 (whatever JSON can hold)
    """Return ``value`` with every text in it, names in mappings as well, as ``plain`` gives it."""
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, Mapping):
        return {cleaned(key): cleaned(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(cleaned(item) for item in value)
    return value
