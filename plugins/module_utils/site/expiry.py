# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The day after which a user's API key is dead. It is that of UTC, so that controller and host agree on it."""

from __future__ import annotations

import datetime
import math
import time
from collections.abc import Mapping
from typing import Any

#: Of a user, in the inventory and in the secrets.
NAME = "expires"
_DAY = 86400


def ends(user: Mapping[str, Any]) -> float | None:
    """Return when the key of ``user`` dies, in seconds since 1970; None where no day is given, or no such day is."""
    try:
        day = datetime.date.fromisoformat(str(user.get(NAME) or ""))
    except ValueError:
        return None
    return datetime.datetime(day.year, day.month, day.day, tzinfo=datetime.UTC).timestamp() + _DAY


def is_over(user: Mapping[str, Any], now: float | None = None) -> bool:
    """Return whether the key of ``user`` is dead by its day."""
    end = ends(user)
    return end is not None and end <= (time.time() if now is None else now)


def days_left(user: Mapping[str, Any], now: float | None = None) -> int | None:
    """Return for how many days more the key is good, the one of today among them; None for always."""
    end = ends(user)
    return None if end is None else math.ceil((end - (time.time() if now is None else now)) / _DAY)


def told(login: str, user: Mapping[str, Any]) -> str:
    """Return that the key of ``login`` has died by its day; empty where it has not."""
    return f"the key of {login} has died with {user[NAME]} (api.users, {NAME})" if is_over(user) else ""
