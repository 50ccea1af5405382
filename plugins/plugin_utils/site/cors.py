# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which pages of elsewhere may call the API (``api.cors``): what may be written, and how a browser writes it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.text import names as text_names
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site.addresses import Rest

#: Leaves it to the application.
EVERYBODY = "*"
#: Beside http and https those of apps that show pages of their own, as capacitor://localhost, and of extensions.
_ORIGIN = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<host>\[[^\]/]*\]|[^/:?#\s'\"\\]+)(?::(?P<port>\d{1,5}))?"
)
_HIGHEST = 65535
_USUAL = {"http": "80", "https": "443"}
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


def ruled(given: Mapping[str, Any]) -> bool:
    """Return whether the web server decides: not where everybody may."""
    return list(given["origins"]) != [EVERYBODY]


def canonical(origin: str) -> str:
    """Return ``origin`` as a browser sends it. Raises ValueError: its text says what is wrong, and the mend."""
    found = _ORIGIN.fullmatch(origin)
    if origin == "null":
        raise ValueError("is 'null', which any page may be that wants to", "Serve the page from an address of its own")
    if not found:
        raise ValueError(f"is {origin!r}", "Write scheme and host alone, as in https://app.example.org, and no path")
    scheme, host, port = found["scheme"].lower(), found["host"], found["port"]
    if EVERYBODY in host:
        raise ValueError(f"is {origin!r}, a pattern", "Name each origin by itself")
    if port is not None and not 1 <= int(port) <= _HIGHEST:
        raise ValueError(f"is {origin!r}, with a port", f"Write one between 1 and {_HIGHEST}, or none")
    if scheme in _USUAL:
        try:
            host = text_names.in_url(text_names.canonical(host.strip("[]")))
        except text_names.HostNameError as error:
            raise ValueError(f"is {origin!r}, whose host {error.seen}", error.mend) from None
    return f"{scheme}://{host}" + ("" if port is None or port == _USUAL.get(scheme) else f":{port}")


def check(given: Mapping[str, Any]) -> Iterator[Rest]:
    """Yield what is wrong; the types of its keys were checked before."""
    origins: Sequence[str] = [EVERYBODY] if given.get("origins") is None else given["origins"]
    yield from _origins(origins)
    for index, header in enumerate(given.get("headers") or []):
        if header == EVERYBODY or not _HEADER.fullmatch(header):
            yield f"api.cors.headers[{index}]", f"is {header!r}", "Write the name of a header, as in X-Request-Id"
    if (given.get("max_age") or 0) < 0:
        yield "api.cors.max_age", f"is {given['max_age']}", "Write a number of seconds, or 0"
    others = [key for key in ("headers", "max_age") if given.get(key)]
    if others and list(origins) == [EVERYBODY]:
        mend = "Name the origins, or leave it out"
        yield f"api.cors.{others[0]}", "is given, and api.cors.origins leaves it to the application", mend


def _origins(origins: Sequence[str]) -> Iterator[Rest]:
    if EVERYBODY in origins:
        if len(origins) > 1:
            yield "api.cors.origins", "names * beside others", "Name the others alone, or * alone"
        return
    for index, origin in enumerate(origins):
        try:
            canonical(origin)
        except ValueError as error:
            seen, mend = error.args
            yield f"api.cors.origins[{index}]", seen, mend
