# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a web server has to do for one site, in words that the template of every server can write down."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TypedDict

from ansible_collections.miclinik.hosting.plugins.module_utils.site import host_token, layout
from ansible_collections.miclinik.hosting.plugins.module_utils.site.site import Site
from ansible_collections.miclinik.hosting.plugins.module_utils.web import vhost
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import cors, sizes

_WORD = re.compile(r"[A-Za-z-]+")


class Header(TypedDict):
    """A header of every answer; one that is ``twice`` is sent by the application as well, and is to be there once.

    ``word``: the value needs no quotes, in whatever language.
    """

    name: str
    value: str
    word: bool
    twice: bool


class Refused(TypedDict):
    """Headers of callers that do not reach the application, as they are called in HTTP and in CGI, and why."""

    why: str
    headers: list[dict[str, str]]


class Cors(TypedDict):
    """Which pages of elsewhere may call the API, and what a browser is told of it."""

    #: Whether the web server decides, and not the application.
    ruled: bool
    origins: list[str]
    #: Names of the headers that say so, and which headers such a page may read.
    origin: str
    expose: str
    exposed: str
    #: Beside them for what a browser asks before a call (a preflight).
    preflight: list[Header]
    #: Headers of the application's that are taken away.
    hidden: list[str]


class Alive(TypedDict):
    """What balancers are told, where they ask: 200 while the host can serve the site, 404 while it is drained."""

    path: str
    program: str
    #: Where this file is, the host is drained.
    drained: str
    asked: bool


class Vhost(TypedDict):
    """What a web server has to do. Texts are alternatives of an expression, without the brackets around them."""

    denied: str
    included: str
    notes: str
    note_kinds: str
    static: str
    static_days: int
    compressed: list[str]
    headers: list[Header]
    #: Content-Security-Policy, where the application sends none; empty for none at all.
    policy: str
    #: Headers of the application's that are taken away: those of ours among them, which would be there twice.
    hidden: list[str]
    #: The one among them whose value belongs into the log.
    failed: str
    methods: str
    #: Beside what ``refused_headers`` returns.
    refused: list[Refused]
    cors: Cors
    alive: Alive
    #: Who may call the API: everybody where nobody is named.
    allowed: list[str]
    #: Whether the host itself may as well, where it shows its token.
    token: bool
    body_bytes: int
    #: Seconds.
    timeout: int


def of(site: Site) -> Vhost:
    """Return what is to be done for a site that the filter ``sites`` has completed."""
    allowed = site["api"]["allowed_ips"]
    return {
        "denied": "|".join(vhost.DENIED),
        "included": "|".join(vhost.INCLUDED),
        "notes": "|".join(vhost.NOTES),
        "note_kinds": "|".join(vhost.NOTE_KINDS),
        "static": "|".join(vhost.STATIC),
        "static_days": vhost.STATIC_DAYS,
        "compressed": list(vhost.COMPRESSED),
        "headers": _headers(site),
        "policy": site["content_security_policy"],
        "hidden": [*(name for name in vhost.HEADERS), *vhost.HIDDEN, vhost.FAILED],
        "failed": vhost.FAILED,
        "methods": "|".join(_methods(site)),
        "refused": [] if site["multicompany"] else _refused(vhost.ENTITY),
        "cors": _cors(site),
        "alive": {
            "path": f"{site['prefix']}{layout.ALIVE_PATH}",
            "program": layout.ALIVE_PROGRAM,
            "drained": layout.DRAINED,
            "asked": layout.ALIVE in site["sockets"],
        },
        "allowed": allowed,
        "token": host_token.is_asked_for(allowed),
        "body_bytes": sizes.request_bytes(site["php"]["upload_max_filesize"]),
        "timeout": site["php"]["max_execution_time"] + vhost.PATIENCE,
    }


def refused_headers(_sites: Iterable[Site]) -> list[Refused]:
    """Return the headers of callers that reach the application of none of the sites."""
    return _refused(vhost.REFUSED)


def _refused(table: Mapping[str, Sequence[str]]) -> list[Refused]:
    return [
        {"why": why, "headers": [{"name": name, "cgi": f"HTTP_{name.upper().replace('-', '_')}"} for name in names]}
        for why, names in table.items()
    ]


def _cors(site: Site) -> Cors:
    given = site["api"]["cors"]
    preflight = {
        vhost.CORS_METHODS: ", ".join(name for name in vhost.METHODS if name != "OPTIONS"),
        vhost.CORS_HEADERS: ", ".join([*vhost.CORS_SENT, *given["headers"]]),
        vhost.CORS_MAX_AGE: str(given["max_age"]),
    }
    return {
        "ruled": cors.ruled(given),
        "origins": given["origins"],
        "origin": vhost.CORS_ORIGIN,
        "expose": vhost.CORS_EXPOSED,
        "exposed": ", ".join(vhost.CORS_READ),
        "preflight": [_header(name, value, twice=False) for name, value in preflight.items()],
        "hidden": [vhost.CORS_ORIGIN, *vhost.CORS_HIDDEN],
    }


def _methods(site: Site) -> Sequence[str]:
    dav = "dav" in {name.lower() for name in site["modules"]}
    return (*vhost.METHODS, *vhost.METHODS_OF_DAV) if dav else vhost.METHODS


def _headers(site: Site) -> list[Header]:
    found = [_header(name, value, twice=True) for name, value in vhost.HEADERS.items()]
    seconds = site["tls"]["hsts"]
    # What nobody vouches for is no reason to keep browsers from plain HTTP: they would refuse it as well.
    if (site["encrypted"] or site["tls_ahead"]) and seconds and site["tls"]["mode"] != "selfsigned":
        found.append(_header(vhost.HSTS, f"max-age={seconds}", twice=False))
    return found


def _header(name: str, value: str, *, twice: bool) -> Header:
    return {"name": name, "value": value, "word": bool(_WORD.fullmatch(value)), "twice": twice}
