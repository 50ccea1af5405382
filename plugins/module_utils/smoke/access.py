# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Smoke checks of what clients do all day: read lists, in two ways of giving the key, and rely on status and date."""

from __future__ import annotations

import email.utils
import io
import re
import secrets
import time
from http import HTTPStatus
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.application import versions
from ansible_collections.miclinik.hosting.plugins.module_utils.site import expiry
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke.rest import Answer, RestError
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
#: A question as clients of the API ask it, and seconds between the parts of a body that comes from a slow line.
FILTER, PAUSE = "(t.ref:like:'smoke%') and (t.tms:>:'2020-01-01')", 0.05
#: By what a browser is known again; PHP gives another only to whom it does not know.
_SESSION = re.compile(r"(DOLSESSID_\w+)=([^;,\s]+)")
_DENIED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
_UNKNOWN = (HTTPStatus.NOT_IMPLEMENTED, HTTPStatus.NOT_FOUND)


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


class _InParts(io.BytesIO):
    """A body whose second half comes a moment later, as from a line that is not a local one."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self._rest = len(content) // 2

    def read(self, size: int | None = -1) -> bytes:
        """Return the next part; the pause comes once."""
        if self._rest and self.tell() >= self._rest:
            self._rest = 0
            time.sleep(PAUSE)
        return super().read(size)


def _carried(visit: Visit) -> None:
    """Whatever clients send gets as far as the application, which says that there is nothing of the name."""

    def call(method: str, **sent: Any) -> Answer:  # noqa: ANN401 (as the client takes it)
        return visit.client.api(method, f"/smoke{secrets.token_hex(6)}", key=visit.site.key, **sent)

    before = "what refuses it stands before the application: "
    for method, what, symptom, sent in (
        ("GET", f"with the question sqlfilters={FILTER}", "query-refused", {"params": {"sqlfilters": FILTER}}),
        ("PUT", "that changes something", "method-refused", {"body": {"note_private": "smoke"}}),
        ("DELETE", "that removes something", "method-refused", {}),
    ):
        answer = call(method, **sent)
        if answer.status not in _UNKNOWN:
            mend = f"{before}a rule of the web server's, a firewall for applications (ModSecurity), or a proxy"
            raise wrong(f"501 or 404 for a {method} {what}", answer, mend, symptom)
    size = min(BODY, _bytes(visit.site.upload_max) or SMALL)
    headers = {"Cookie": f"smoke={'x' * COOKIE}", "Content-Type": JSON}
    expected = f"501 or 404 for a request with {size // 1000} kB of body and {COOKIE // 1000} kB of cookies"
    mend = (
        f"{before}limits of the web server on methods, headers and bodies, and on the time that they may take"
        " (client_max_body_size, client_body_timeout, large_client_header_buffers, LimitRequest..., mod_reqtimeout),"
        " or PHP's post_max_size"
    )
    try:
        answer = call("POST", headers=headers, data=_InParts(b"{}" + b" " * size))
    except RestError as error:
        if error.kind != "closed":
            raise
        raise Mismatch(expected, str(error), mend, "size-refused") from None
    if answer.status not in _UNKNOWN:
        raise wrong(expected, answer, mend, "size-refused")


def uncached(visit: Visit) -> None:
    """What was just given for the key is not given without one: nobody keeps answers for everybody."""
    answer = visit.client.api("GET", "/status")
    if answer.status == HTTPStatus.OK:
        mend = (
            "something keeps answers and gives them to everybody: take the cache (fastcgi_cache, mod_cache, a proxy's,"
            " a CDN) away from PHP's answers, and empty it"
        )
        raise Mismatch("401 for the same call without the key", answer.describe(), mend, "cached")


def session(visit: Visit, page: Answer) -> None:
    """Whom the page has given a session it knows again; else nobody who logs in stays logged in."""
    expected = "a session that the next page knows"
    mend = (
        "see the site's folder sessions (owner, room, inodes), session.* in PHP's files, and what takes cookies away:"
        " the web server's configuration, or a proxy; run the role php"
    )
    given = _SESSION.search(page.headers.get("set-cookie", ""))
    if not given:
        raise Mismatch(expected, f"{page.describe()}, and no cookie of a session", mend, "session-lost")
    again = visit.client.page("/", headers={"Cookie": given[0]})
    other = _SESSION.search(again.headers.get("set-cookie", ""))
    if again.status != HTTPStatus.OK or (other and other[0] != given[0]):
        seen = f"another session for the same browser, {again.status}"
        raise Mismatch(expected, seen, mend, "session-lost")


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
