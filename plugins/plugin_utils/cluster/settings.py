# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the inventory may say to the role ``cluster``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

_MEMORY = "cluster_cache_memory"
#: Variables that are looked at before anything changes.
NAMES = (_MEMORY,)
_SIZE = re.compile(r"[1-9][0-9]*(mb|gb)", re.IGNORECASE)


def check(variables: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield what is wrong: key, what was seen, mend."""
    memory = variables.get(_MEMORY)
    if memory is not None and not _SIZE.fullmatch(str(memory)):
        yield _MEMORY, f"is {memory!r}, and Redis takes it for no size or for few bytes", "Write it as in 128mb, or 1gb"
