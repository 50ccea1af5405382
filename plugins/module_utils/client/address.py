# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where the API of a site is, and whether a key may travel there."""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

from .errors import UsageError

API_PATH = "/api/index.php"


def api_url(url: str, *, allow_http: bool) -> str:
    """Return the address of the API, from that of the site or of the API.

    :raises UsageError: it is none, or the key would travel in the clear.
    """
    text = url.rstrip("/").removesuffix(API_PATH).rstrip("/") if isinstance(url, str) else ""
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise UsageError("the URL has to be https://domain[:port][/path]") from None
    if parts.scheme not in ("http", "https") or not host or re.search(r"[\s?#@\\]|/\.\.?(/|$)", text):
        raise UsageError("the URL has to be https://domain[:port][/path], without a login, query or fragment")
    if parts.scheme == "http" and not allow_http and not _is_here(host):
        say = "allow_http=True, or MICLINIK_ALLOW_HTTP=yes"
        raise UsageError(f"http://{host} would send the key in the clear: use https://, or say so ({say})")
    return text + API_PATH


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
