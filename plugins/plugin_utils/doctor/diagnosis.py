# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From what was seen of a site, outside and inside, to the causes of what is wrong. Pure functions, no I/O.

A rule looks for one cause and speaks only when the evidence shows it: a healthy site has no finding, and two faults
have two. The most likely cause comes first: what was seen itself before what was concluded, and what many checks fail
of before what few do.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.smoke.runs import UNASKED, Result
from ansible_collections.miclinik.hosting.plugins.module_utils.text import plain

#: How sure the doctor is: it saw the cause; it saw what only this cause brings; it saw what this cause may bring.
CERTAIN, LIKELY, POSSIBLE = "certain", "likely", "possible"
SURE = (CERTAIN, LIKELY, POSSIBLE)


def moment(seconds: float) -> str:
    """A time for people, of whichever zone they are."""
    return time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(seconds))


@dataclass(frozen=True)
class Finding:
    """A cause, in the words of who runs the site: what it is, what shows it, and what mends it.

    ``run`` are the mend's commands, for root on the host, where it is no more than these.
    """

    id: str
    cause: str
    evidence: tuple[str, ...]
    mend: str
    confidence: str = CERTAIN
    site: str = ""
    run: tuple[str, ...] = ()
    #: Where on a request's way it lies (see `way`), since when it is so (seconds since 1970; 0 where nothing shows it),
    #: and the cause that it only follows from.
    layer: str = ""
    since: float = 0.0
    follows: str = ""

    def __post_init__(self) -> None:
        """Take out what would move a cursor or begin a line: lines of logs and settings may be anybody's."""
        for name in ("cause", "evidence", "mend"):
            object.__setattr__(self, name, plain.cleaned(getattr(self, name)))

    def report(self) -> dict[str, Any]:
        """As data."""
        return asdict(self) | {"evidence": list(self.evidence), "run": list(self.run)}

    def lines(self, number: int) -> list[str]:
        """For people."""
        sure = "" if self.confidence == CERTAIN else f" ({self.confidence})"
        return [
            f"{number}. {self.site}: {self.cause}{sure} [{self.id}]",
            *([f"   since: {moment(self.since)}"] if self.since else []),
            *(f"   seen: {text}" for text in self.evidence),
            f"   to do: {self.mend}",
            *(f"   command: {command}" for command in self.run),
        ]


@dataclass(frozen=True)
class Case:
    """One site: what it promises (filter ``doctor_sites``), its smoke results, and the evidence.

    ``host`` and ``here`` are the host's and the site's part of what ``doctor_probe`` returns; both are empty when the
    host could not be looked at. ``controller``: ``offset`` (seconds that the host's clock is ahead), ``resolved``
    (addresses that the controller finds for the domain) and ``connect_to``.
    """

    site: Mapping[str, Any]
    results: Sequence[Result] = ()
    host: Mapping[str, Any] = field(default_factory=dict)
    here: Mapping[str, Any] = field(default_factory=dict)
    controller: Mapping[str, Any] = field(default_factory=dict)

    def failed(self, *checks: str) -> list[Result]:
        """The failed checks among these, or all that failed."""
        red = [entry for entry in self.results if not entry.ok and entry.symptom != UNASKED]
        return [entry for entry in red if not checks or entry.check in checks]

    def shown(self, *symptoms: str) -> list[Result]:
        """The failed checks that show one of these symptoms."""
        return [entry for entry in self.failed() if entry.symptom in symptoms]

    def unit(self, role: str) -> Mapping[str, Any]:
        """State of the service of a role, the site's own or the host's; empty when it was not looked at."""
        found: Mapping[str, Any] = {**self.host.get("units", {}), **self.here.get("units", {})}.get(role, {})
        return found

    @property
    def application(self) -> Mapping[str, Any]:
        """What the bridge said."""
        found: Mapping[str, Any] = self.here.get("application", {})
        return found

    @property
    def status(self) -> Mapping[str, Any]:
        """The bridge's status; empty when there is none."""
        found: Mapping[str, Any] = self.application.get("status") or {}
        return found

    @property
    def database_answers(self) -> bool:
        """Whether what the application keeps in its database could be read."""
        return bool(self.status.get("database", {}).get("reachable"))

    def constant(self, name: str) -> str:
        """Value of a setting of the application; empty when it is not set, is 0, or is unknown."""
        value = str(self.application.get("constants", {}).get(name) or "")
        return "" if value == "0" else value


Rule = Callable[[Case], Iterator[Finding]]


def quote(results: Iterable[Result], limit: int = 2) -> tuple[str, ...]:
    """What the smoke test saw, as evidence."""
    return tuple(f"smoke check {entry.check}: {entry.seen}" for entry in list(results)[:limit])


def examine(case: Case, rules: Sequence[Rule]) -> list[Finding]:
    """The findings of one site, the most likely first; a cause is named once."""
    found: dict[str, Finding] = {}
    for rule in rules:
        for finding in rule(case):
            found.setdefault(finding.id, finding)
    named = [Finding(**(asdict(entry) | {"site": case.site["name"]})) for entry in found.values()]
    return sorted(named, key=lambda entry: SURE.index(entry.confidence))


def unknown(case: Case) -> str:
    """What to say when something is wrong and no rule knows it: what was looked at, and what was not."""
    failed = ", ".join(entry.check for entry in case.failed())
    looked = "services, configuration, files, disks, database, modules, settings, users, certificates and names"
    if not case.here:
        return f"no cause found for: {failed}. The host itself could not be looked at, only what it answers."
    return (
        f"no cause found for: {failed}. {looked.capitalize()} are as they should be."
        " Read the checks' own words above, and the web server's and PHP-FPM's logs."
    )
