# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whom a site tells of its events: the key ``webhooks``. An endpoint is a secret: many have their key in the path."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import SplitResult, urlsplit

from ansible_collections.miclinik.hosting.plugins.module_utils.site.site import Site
from ansible_collections.miclinik.hosting.plugins.module_utils.text import names as text_names
from ansible_collections.miclinik.hosting.plugins.module_utils.webhooks import hooks, signing
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site.addresses import Rest

MODULE = "webhook"
#: What 24 wants of conf.php before it sends to an address of the own host, as 17 to 23 do without.
CONF = {"dolibarr_allow_localurl_for_webhooks": 1}
_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
_EVENT = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)+")
_ADDRESS = re.compile(r"[\x21-\x7e]{1,1000}")
_RETRY = re.compile(r"([1-9]\d{0,2})([hd])")
_SECONDS = {"h": 3600, "d": 86400}
_MOST = 30 * 86400
_ENDPOINT = "Write where it is sent, as in https://hooks.example.org/miclinik"


def completed(declared: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the webhooks with the seconds for which each is tried."""
    return [{**hook, "seconds": seconds(hook["retry_for"])} for hook in declared]


def seconds(text: str) -> int:
    """Return ``3d`` in seconds; raise ValueError where it is no such time."""
    found = _RETRY.fullmatch(text)
    if not found or (length := int(found[1]) * _SECONDS[found[2]]) > _MOST:
        raise ValueError(text)
    return length


def targets(site: Site, secrets: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """Return, for the bridge, to which tokens of the relay the application sends; None where a site never had any."""
    known = secrets.get("webhooks") or {}
    if not site["webhooks"] and not known:
        return None
    return hooks.targets(site["webhooks"], known)


def relayed(site: Site, secrets: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what the relay has to know: where it goes, and how it is signed."""
    known = secrets.get("webhooks") or {}
    return [
        {
            "name": hook["name"],
            "url": _canonical(own["endpoint"]),
            "token": own["token"],
            "secret": own["secret"],
            "retry_for": hook["seconds"],
            **({"former": own["former"]} if own.get("former") else {}),
            **({"declared": True} if f"webhooks.{hook['name']}.secret" in site["declared"] else {}),
        }
        for hook in site["webhooks"]
        if {"endpoint", "token", "secret"} <= set(own := known.get(hook["name"], {}))
    ]


def _canonical(endpoint: str) -> str:
    """Return the address with its host as DNS has it."""
    parts = urlsplit(endpoint)
    host = text_names.in_url(text_names.canonical(parts.hostname or ""))
    return parts._replace(netloc=f"{host}:{parts.port}" if parts.port else host).geturl()


def check(entry: Mapping[str, Any]) -> Iterator[Rest]:
    """Yield what is wrong with the key of an entry of ``miclinik_sites``; no endpoint and no secret is repeated."""
    declared = entry.get("webhooks") or []
    if not declared:
        return
    if entry.get("clone_of"):
        yield "webhooks", "are given for a clone, from which nothing may leave", "Leave them out"
        return
    if MODULE not in {str(name).lower() for name in entry.get("modules") or []}:
        yield "webhooks", "are given, and `modules` has no webhook", "Add webhook to modules"
    seen: set[str] = set()
    for index, hook in enumerate(declared):
        key = f"webhooks[{index}]"
        if not _NAME.fullmatch(hook["name"]):
            yield f"{key}.name", f"is {hook['name']!r}", "Write lower-case letters, digits and -, as in erp"
        elif hook["name"] in seen:
            yield f"{key}.name", f"is {hook['name']!r}, as another one's", "Give each webhook a name of its own"
        seen.add(hook["name"])
        yield from _endpoint(f"{key}.endpoint", hook["endpoint"], plain=bool(hook.get("allow_http")))
        yield from _events(f"{key}.events", hook["events"])
        yield from _rest(key, hook)


def _rest(key: str, hook: Mapping[str, Any]) -> Iterator[Rest]:
    if (given := hook.get("retry_for")) is not None:
        try:
            seconds(given)
        except ValueError:
            yield f"{key}.retry_for", f"is {given!r}", "Write hours or days, 1h to 30d, as in 3d"
    if (secret := hook.get("secret")) is not None:
        try:
            signing.key(secret)
        except ValueError:
            seen = "is not whsec_ and the base64 of 24 to 64 bytes, as Standard Webhooks has it"
            yield f"{key}.secret", seen, "Leave it out to have one generated, or write such a one"


def _endpoint(key: str, endpoint: str, *, plain: bool) -> Iterator[Rest]:
    try:
        parts = urlsplit(endpoint)
        _ = parts.port
    except ValueError:
        yield key, "is no address", _ENDPOINT
        return
    if parts.scheme not in ("http", "https") or not parts.hostname or not _printable(parts):
        yield key, "is no address that begins with https://", _ENDPOINT
        return
    try:
        text_names.canonical(parts.hostname)
    except text_names.HostNameError as error:
        yield key, f"names a host that {error.seen}", error.mend
    if "@" in parts.netloc:
        yield key, "has a name or password in it", "Leave them out: what is sent is signed"
    if parts.fragment:
        yield key, "has a # in it, and what follows is sent to nobody", "Leave that out"
    if parts.scheme == "http" and not plain:
        seen = "is http://, so that everybody on the way can read what is sent"
        yield key, seen, "Write https://, or allow_http: true on a private network"


def _printable(parts: SplitResult) -> bool:
    rest = parts._replace(netloc="x").geturl()
    return _ADDRESS.fullmatch(rest) is not None and " " not in parts.netloc


def _events(key: str, events: Sequence[str]) -> Iterator[Rest]:
    if not events:
        yield key, "is empty", "Name what is told, as in BILL_VALIDATE: docs/webhooks.md says where they are listed"
    for index, event in enumerate(events):
        if not _EVENT.fullmatch(event):
            yield f"{key}[{index}]", f"is {event!r}", "Write the code of a trigger, as in BILL_VALIDATE"
        elif event in events[:index]:
            yield f"{key}[{index}]", f"is {event!r}, as another one", "Name each once"
