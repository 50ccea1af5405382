"""The one exception that the command line turns into a message."""

from __future__ import annotations


class HostError(Exception):
    """Something expected was not so; carries what was expected, what was seen and the mend."""

    def __init__(self, expected: str, seen: str, mend: str) -> None:
        super().__init__(f"expected: {expected}\n    seen: {seen}\n    mend: {mend}")
        self.expected = expected
        self.seen = seen
        self.mend = mend
