# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A webhook's secret that another one takes over from: for a while both sign, so that its receiver can follow."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from typing import Any

#: Seconds for which a former secret signs along where nobody says another time.
GRACE = 86400


def replace(values: dict[str, Any], secret: str, grace: float = GRACE, now: float | None = None) -> None:
    """Give a webhook, of which ``values`` are recorded, another secret; the former signs along for so many seconds.

    With a grace of 0 no former one does, this one and those before it.
    """
    now = time.time() if now is None else now
    former = [*(values.get("former") or []), {"secret": values["secret"], "until": int(now + grace)}]
    values["former"] = [one for one in former if one["secret"] != secret]
    values["secret"] = secret
    _drop(values, now if grace else math.inf)


def drop_ended(record: Mapping[str, Any], now: float | None = None) -> list[str]:
    """Take former secrets that sign no more out of ``record``, a site's secrets; return whose they were."""
    now = time.time() if now is None else now
    known = sorted((record.get("webhooks") or {}).items())
    return [f"webhooks.{name}" for name, values in known if _drop(values, now)]


def _drop(values: dict[str, Any], now: float) -> bool:
    former = values.pop("former", [])
    kept = [one for one in former if one["until"] > now]
    if kept:
        values["former"] = kept
    return len(kept) < len(former)
