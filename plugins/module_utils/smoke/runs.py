# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Runs the smoke checks over sites, several at a time, and reports."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from ansible_collections.miclinik.hosting.plugins.module_utils.site import host_token
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke.checks import plan
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke.rest import RestClient, RestError
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke.symptoms import mend_unreachable, named
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke.visit import Check, Mismatch, Promised, Visit
from ansible_collections.miclinik.hosting.plugins.module_utils.text import plain

#: Sites checked at the same time.
PARALLEL_SITES = 4
#: Checks that are asked again until `settle` seconds are over: a reload of the web server is asynchronous.
SETTLING = ("tls", "web", "not-found", "api")
#: Without the first there is no connection, and the others could only repeat what they say, after as long a wait.
BEFORE_ALL = "tls"
FIRST = "web"
NO_ANSWER = ("connect", "closed")
#: These wait for others: the application answers a wrong key after a second of sleep, a proxy may be far away.
BESIDE = ("wrong-key", "proxy")
_PAUSE = 0.25
#: Whoever has given no answer once gets less time for the next, and after some it is asked no more.
IMPATIENT, MOST_SILENT = 1.5, 2
#: Seconds that a check gets at least.
_LEAST = 0.5
#: By how much the limit is longer while every check is answered, if slowly, as by a host that is busy.
_BUSY = 1.4
UNASKED = "unasked"
MEND_UNASKED = "mend what the checks before it show, and it is asked"


@dataclass(frozen=True)
class Result:
    """One check of one site. `ms`: milliseconds of its requests, waiting included. Empty `mend` when it is ok.

    `symptom` names what the answer is known to be a sign of, see `symptoms`; for no answer it is the error's kind.
    `facts` is what the check learnt, see `visit.Visit`.
    """

    site: str
    check: str
    about: str
    ok: bool
    ms: int
    seen: str
    expected: str = ""
    mend: str = ""
    symptom: str = ""
    facts: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Take out what a site may have answered to play with whoever reads it, in whatever form that is shown."""
        for name in ("seen", "expected", "mend", "symptom", "facts"):
            object.__setattr__(self, name, plain.cleaned(getattr(self, name)))

    def line(self) -> str:
        """One line for the operator."""
        return f"{'ok  ' if self.ok else 'FAIL'} {self.site} {self.check} {self.ms} ms: {self.seen}"

    def failure(self) -> str:
        """What was expected, seen, and what to do."""
        return f"{self.site} {self.check}: expected {self.expected}; seen {self.seen}; to do: {self.mend}"


def check_once(check: Check, visit: Visit) -> Result:
    """Run one check; whatever goes wrong in it is a result."""
    start = time.monotonic()
    visit.facts = {}

    def result(ok: bool, seen: str, expected: str = "", mend: str = "", symptom: str = "") -> Result:
        ms = round((time.monotonic() - start) * 1000)
        redact = visit.client.redact
        texts = {"seen": redact(seen), "expected": redact(expected), "mend": redact(named(mend, visit.site.name))}
        return Result(visit.site.name, check.name, check.about, ok, ms, **texts, symptom=symptom, facts=visit.facts)

    try:
        return result(True, check.run(visit))
    except Mismatch as wrong:
        return result(False, wrong.seen, wrong.expected, wrong.mend, wrong.symptom)
    except RestError as error:
        return result(False, str(error), "an answer", mend_unreachable(error), error.kind)


def check_site(site: Promised, *, timeout: float = 10.0, settle: float = 3.0, limit: float = 0.0) -> list[Result]:
    """All checks of one site, in order.

    :param timeout: seconds for one request.
    :param settle: seconds in which the first checks are repeated before their failure counts.
    :param limit: seconds after which no check is begun any more, if one was not answered; 0 sets none.
    """
    begun = time.monotonic()
    try:
        visit, beside = Visit(site, _client(site, timeout)), Visit(site, _client(site, timeout))
    except RestError as error:
        mend = mend_unreachable(error)
        return [Result(site.name, "web", "the site's address can be used", False, 0, str(error), "a usable URL", mend)]
    deadline = time.monotonic() + settle
    results: list[Result | Future[Result]] = []
    silent = 0
    with ThreadPoolExecutor(max_workers=1) as pool:
        for check in plan(site):
            if check.name in BESIDE:
                results.append(pool.submit(check_once, check, beside))
                continue
            left = begun + limit * (1 if silent else _BUSY) - time.monotonic() if limit else float("inf")
            if left <= 0 or silent >= MOST_SILENT:
                results.append(_unasked(site, check))
                continue
            visit.client.timeout = min(timeout if not silent else IMPATIENT, max(left, _LEAST))
            result = check_once(check, visit)
            if result.symptom == "timeout" and not silent and left < timeout:
                # It had what the others have left of the time, which is no fault of its.
                results.append(_unasked(site, check))
                continue
            silent += result.symptom == "timeout"
            while not result.ok and check.name in SETTLING and time.monotonic() < deadline:
                time.sleep(_PAUSE)
                result = check_once(check, visit)
            results.append(result)
            if not result.ok and (check.name == BEFORE_ALL or (check.name == FIRST and result.symptom in NO_ANSWER)):
                break
    visit.client.close()
    beside.client.close()
    return [result if isinstance(result, Result) else result.result() for result in results]


def _unasked(site: Promised, check: Check) -> Result:
    """The result of a check that was not begun: it would only have waited as those before it."""
    seen = "not asked, or not to the end: those before it waited too long for an answer"
    return Result(site.name, check.name, check.about, False, 0, seen, "an answer", MEND_UNASKED, UNASKED)


def _client(site: Promised, timeout: float) -> RestClient:
    return RestClient(
        site.base_url,
        connect_to=site.connect_to,
        verify=site.validate_certs,
        ca_path=site.ca_path,
        ca_content=site.ca_content,
        plain=site.plain,
        timeout=timeout,
        secrets=(site.password, site.key, site.host_token),
        headers=host_token.header({host_token.NAME: site.host_token}),
    )


def check_sites(
    sites: Sequence[Promised], *, timeout: float = 10.0, settle: float = 3.0, limit: float = 0.0
) -> list[Result]:
    """All checks of all sites, in the order of the sites."""
    if not sites:
        return []
    with ThreadPoolExecutor(max_workers=min(PARALLEL_SITES, len(sites))) as pool:
        runs = [pool.submit(check_site, site, timeout=timeout, settle=settle, limit=limit) for site in sites]
        return [result for run in runs for result in run.result()]


def failures(results: Iterable[Result]) -> str:
    """A message for every check that failed, one a line; empty when none did."""
    return "\n".join(result.failure() for result in results if not result.ok)
