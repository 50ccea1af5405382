# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The API keys that a web server knows callers by."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

#: What can stand in the files of both servers as it is. Whoever has another key is served with the unknown ones.
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+/=-]*")
#: Words of Nginx's own in a map: https://nginx.org/en/docs/http/ngx_http_map_module.html
_WORDS = frozenset({"default", "hostnames", "include", "volatile"})


def of_sites(secrets: Mapping[str, Mapping[str, Any]]) -> dict[str, list[str]]:
    """Return by site the keys on record in ``secrets``, as the module ``site_secrets`` returns them."""
    return {name: _of(record) for name, record in secrets.items()}


def _of(record: Mapping[str, Any]) -> list[str]:
    keys = {str(user.get("key") or "") for user in record.get("users", {}).values()}
    return sorted(key for key in keys if _PLAIN.fullmatch(key) and key not in _WORDS)
