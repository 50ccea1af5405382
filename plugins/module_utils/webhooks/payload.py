# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the application sends, without what it should have kept to itself.

Up to 16 it writes its connection to the database into each object, the last statement with it; of users every version
sends the API key and hashes of passwords (webhooks USER_CREATE, USER_MODIFY and USER_NEW_PASSWORD).
"""

from __future__ import annotations

import json
import re
from typing import Any

#: Names of the application's properties that go to nobody.
CUT = frozenset(
    {"db", "pass", "pass_crypted", "pass_indatabase", "pass_indatabase_crypted", "pass_temp", "password", "api_key"}
)
UNKNOWN = "?"
_CODE = re.compile(r"[A-Za-z0-9_.-]{1,128}")


def cleaned(body: bytes) -> tuple[str, bytes]:
    """Return the code of the event, and what is sent: the very bytes where there is nothing to take out.

    What is no JSON (16 sends such where an object has text that is no UTF-8) is sent as it is: a receiver that is told
    of something can ask.
    """
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return UNKNOWN, body
    code = told.get("triggercode") if isinstance(told, dict) else None
    shown = code if isinstance(code, str) and _CODE.fullmatch(code) else UNKNOWN
    if not _holds(told):
        return shown, body
    return shown, json.dumps(_without(told), ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _holds(value: Any) -> bool:  # noqa: ANN401 (whatever JSON can hold)
    if isinstance(value, dict):
        return any(name in CUT or _holds(item) for name, item in value.items())
    return isinstance(value, list) and any(map(_holds, value))


def _without(value: Any) -> Any:  # noqa: ANN401 (whatever JSON can hold)
    if isinstance(value, dict):
        return {name: _without(item) for name, item in value.items() if name not in CUT}
    return [_without(item) for item in value] if isinstance(value, list) else value
