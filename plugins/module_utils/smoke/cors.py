# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The smoke check of what browsers are told of pages of elsewhere, where the web server is to decide (``api.cors``)."""

from __future__ import annotations

from http import HTTPStatus

from ansible_collections.miclinik.hosting.plugins.module_utils.smoke.rest import Answer
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke.visit import Check, Mismatch, Promised, Visit

#: Leaves it to the application.
EVERYBODY = ("*",)
#: A page that nobody has named: that top-level domain is nobody's (RFC 2606).
STRANGER = "https://smoke.invalid"
MEND = (
    "run the role of the web server; what stands before it (a proxy, a CDN) has to hand OPTIONS on, and to add no"
    " header Access-Control-* of its own"
)


def pages(visit: Visit) -> str:
    """Pages that were named may call and read what they are answered, errors too; others may not."""
    origins = visit.site.cors_origins
    for origin in origins:
        first = _asked(visit, origin)
        sent = first.headers.get("access-control-allow-headers", "").lower()
        if first.status != HTTPStatus.NO_CONTENT or _told(first) != origin or "dolapikey" not in sent:
            raise _wrong(f"204 for what a browser asks first for {origin}, which may call with a key", first)
        # An answer without a key, which is an error; of two headers the client makes one, which no browser takes.
        answer = visit.client.api("GET", "/status", headers={"Origin": origin})
        if _told(answer) != origin:
            raise _wrong(f"an answer that {origin} may read", answer)
    for answer in (_asked(visit, STRANGER), visit.client.api("GET", "/status", headers={"Origin": STRANGER})):
        if _told(answer):
            raise _wrong("nothing for pages that were not named", answer)
    return f"may call: {', '.join(origins)}" if origins else "no page may call"


def _asked(visit: Visit, origin: str) -> Answer:
    """Ask as a browser does before a page's call."""
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type,dolapikey",
    }
    return visit.client.api("OPTIONS", "/status", headers=headers)


def _told(answer: Answer) -> str:
    return answer.headers.get("access-control-allow-origin", "")


def _wrong(expected: str, answer: Answer) -> Mismatch:
    seen = f"{answer.describe()}, Access-Control-Allow-Origin: {_told(answer) or 'none'}"
    return Mismatch(expected, seen, MEND)


def checks(site: Promised) -> list[Check]:
    """The check, where somebody else than the application decides."""
    if tuple(site.cors_origins) == EVERYBODY:
        return []
    return [Check("cors", "browsers let the pages call the API that were named, and no others", pages)]
