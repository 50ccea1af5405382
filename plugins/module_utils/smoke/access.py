# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Smoke checks of what clients do all day: read lists, in two ways of giving the key, and rely on status and date."""

from __future__ import annotations

import email.utils
import secrets
import time
from http import HTTPStatus

from ansible_collections.miclinik.hosting.plugins.module_utils.application import versions
from ansible_collections.miclinik.hosting.plugins.module_utils.site import expiry
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke.rest import Answer
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke.visit import (
    Mismatch,
    Visit,
    decoded,
    member,
    wrong,
)

JSON = "application/json"
#: Seconds by which the Date header may be off, beside the time that the request took.
CLOCK_TOLERANCE = 30.0
#: A document and the cookies of a browser, in bytes: more than nginx takes where nobody told it to.
BODY, COOKIE = 1_200_000, 6_000
#: Where it is not known how much the site takes.
SMALL = 10_000
_DENIED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)


def record(visit: Visit) -> str:
    """The site's secrets are on record; without them what needs a login cannot be checked."""
    if f", {expiry.NAME})" in visit.site.record:
        mend = "give it a later day, or another user the first place in api.users, and run playbooks/site.yml"
        raise Mismatch("a key that is good", visit.site.record, mend, "key-expired")
    raise Mismatch(
        "every secret that the inventory asks for",
        visit.site.record,
        "run playbooks/site.yml, which takes lost secrets back from conf.php and from the application, or says where "
        "they can be found",
        "record",
    )


def reads(visit: Visit) -> str:
    """Each promised list is given; an empty one is a list, or 404 with a sentence (16.0.3 and older)."""
    counts = []
    for name in visit.site.reads:
        answer = visit.client.api("GET", f"/{name}", key=visit.site.key, params={"limit": 1})
        content = decoded(answer)
        if answer.status == HTTPStatus.OK and isinstance(content, list):
            counts.append(f"{name} {'some' if content else 'none'}")
        elif answer.status == HTTPStatus.NOT_FOUND and _told(answer) not in ("", "Not Found"):
            counts.append(f"{name} none")
        else:
            raise wrong(f"the list /{name}", answer, *_reason(answer, name))
    return ", ".join(counts)


def _told(answer: Answer) -> str:
    """The error's message, without the code that the application puts before it."""
    text = str(member(decoded(answer), "error", "message") or "")
    return text.removeprefix("Not Found:").strip() if text != "Not Found" else text


def _reason(answer: Answer, name: str) -> tuple[str, str]:
    """What mends a refused list, and the symptom."""
    if answer.status in _DENIED and answer.mime == JSON:
        return f"give the API user the right to read, and see that the module of /{name} is on", "denied"
    if answer.status == HTTPStatus.NOT_IMPLEMENTED:
        return "is the module on, and does API_ENDPOINT_RULES hide it?", "endpoint-hidden"
    return "see the web server's and PHP-FPM's logs", ""


def bearer(visit: Visit) -> str:
    """The key in the other header that clients use."""
    version = visit.version or visit.site.expected_version or "unknown"
    if not versions.has(version, "bearer"):
        return f"not asked for: version {version} does not take it"
    answer = visit.client.api("GET", "/status", headers={"Authorization": f"Bearer {visit.site.key}"})
    if answer.status != HTTPStatus.OK or member(decoded(answer), "success", "code") != HTTPStatus.OK.value:
        mend = "let the web server pass the header Authorization on (Apache: CGIPassAuth On)"
        raise wrong("200 as JSON for /status with Authorization: Bearer", answer, mend, "bearer-unseen")
    return "200 as JSON with Authorization: Bearer"


def unknown_endpoint(visit: Visit) -> str:
    """The status tells that there is no such endpoint, and does not say that all is well."""
    answer = visit.client.api("GET", f"/smoke{secrets.token_hex(6)}", key=visit.site.key)
    found = answer.status == HTTPStatus.NOT_IMPLEMENTED or (
        answer.status == HTTPStatus.NOT_FOUND and answer.mime == JSON
    )
    if not found:
        mend = "PHP sends the status before the application sets it: output_buffering of the pool has to be 4096, not 0"
        raise wrong("501 or 404 for an endpoint that does not exist", answer, mend, "status-lost")
    _carried(visit)
    return f"{answer.status} for what does not exist"


def _carried(visit: Visit) -> None:
    """A long header and a large body get as far as the application, which says that there is nothing of the name."""
    size = min(BODY, _bytes(visit.site.upload_max) or SMALL)
    headers = {"Cookie": f"smoke={'x' * COOKIE}", "Content-Type": JSON}
    answer = visit.client.api(
        "POST", f"/smoke{secrets.token_hex(6)}", key=visit.site.key, headers=headers, data=b"{}" + b" " * size
    )
    if answer.status not in (HTTPStatus.NOT_IMPLEMENTED, HTTPStatus.NOT_FOUND):
        mend = (
            "what refuses it stands before the application: limits of the web server on methods, headers and bodies"
            " (client_max_body_size, large_client_header_buffers, LimitRequest...), or PHP's post_max_size"
        )
        expected = f"501 or 404 for a request with {size // 1000} kB of body and {COOKIE // 1000} kB of cookies"
        raise wrong(expected, answer, mend, "size-refused")


def _bytes(size: str) -> int:
    """A size as PHP writes it."""
    units = {"K": 1024, "M": 1024**2, "G": 1024**3}
    number = size.rstrip("KMGkmg")
    return int(number) * units.get(size[-1:].upper(), 1) if number.isdecimal() else 0


def clock(visit: Visit) -> str:
    """The Date header agrees with the clock of who asks."""
    before = time.time()
    answer = visit.client.api("GET", "/status")
    stated = answer.headers.get("date", "")
    try:
        shown = email.utils.parsedate_to_datetime(stated).timestamp()
    except ValueError:
        raise Mismatch("a Date header", f"Date: {stated or 'missing'}", "is this the site's own web server?") from None
    after = time.time()
    # The header has whole seconds.
    offset = 0.0 if before - 1 <= shown <= after else shown - (before if shown < before else after)
    if abs(offset) > CLOCK_TOLERANCE:
        mend = "start systemd-timesyncd or chrony on the host (timedatectl); then check the controller's clock too"
        expected = f"a Date header within {CLOCK_TOLERANCE:.0f} s of the controller's clock"
        raise Mismatch(expected, f"{abs(offset):.0f} s {'ahead' if offset > 0 else 'behind'}", mend, "clock")
    return f"within {max(1, round(abs(offset)))} s of the controller's"
