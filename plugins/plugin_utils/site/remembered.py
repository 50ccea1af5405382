# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Remembers what was made of a list of sites: a run asks for the same a hundred times, and each time costs every site.

What is remembered is handed out again as it is, so nobody may change it.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from typing import Any, Generic, TypeVar

#: Lists of sites that are kept; a list of many sites takes some hundred KiB.
MOST = 16


Made = TypeVar("Made")


class Remembered(Generic[Made]):
    """``make``, which is called once for the same content."""

    def __init__(self, make: Callable[[Any], Made]) -> None:
        self._make = make
        self._kept: OrderedDict[Hashable, Made] = OrderedDict()

    def __call__(self, value: object) -> Made:
        """Return what ``make`` returns; what it raises is raised, and made anew the next time."""
        content = frozen(value)
        if content not in self._kept:
            self._kept[content] = self._make(value)
            if len(self._kept) > MOST:
                self._kept.popitem(last=False)
        return self._kept[content]


def frozen(value: object) -> Hashable:
    """Return all that is in ``value``, with its kinds: 1, 1.0, true and "1" are four things.

    By its own iteration, in which what Ansible holds as an expression is evaluated.
    """
    if isinstance(value, Mapping):
        return ("mapping", *((frozen(key), frozen(item)) for key, item in value.items()))
    if isinstance(value, (list, tuple)):
        return ("list", *(frozen(item) for item in value))
    for kind in (str, bool, int, float):
        if isinstance(value, kind):
            return (kind.__name__, kind(value))
    return (type(value).__name__, repr(value))
