# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Looks at sites from outside and at their host from inside, at the same time. For actions, on the controller."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.miclinik.hosting.plugins.module_utils.host import limits
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke import runs as smoke_runs
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke import spec as smoke_spec
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke.runs import Result
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke.visit import Promised
from ansible_collections.miclinik.hosting.plugins.module_utils.text import plain
from ansible_collections.miclinik.hosting.plugins.plugin_utils.controller import name_service
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor import mends, reach, way
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor import notes as doctor_notes
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor import since as doctor_since
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor import verdicts as doctor_verdicts
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor import yellow as doctor_yellow
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.diagnosis import Case, Finding
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.web import RUN_ON_HOST

#: Seconds for the name server of the controller, beyond what the checks take.
_NAMES = 2.0
#: Runs the module `doctor_probe` with these arguments on the host and returns its answer.
Probe = Callable[[Mapping[str, Any]], Mapping[str, Any]]
#: Runs the smoke checks on the host, in place of here.
Checks = Callable[[Sequence[Promised]], list[Result]]
#: Says how Ansible reaches the host where HTTP goes another way, see `ssh_jump`; asked when nothing arrives.
OtherWay = Callable[[], str]

HOST_SPEC: dict[str, dict[str, Any]] = {
    "sites": {"type": "list", "elements": "dict", "required": True},
    "php_version": {"type": "str", "required": True},
    "web_server": {"type": "str", "default": "nginx"},
    "database_engine": {"type": "str", "choices": ["mariadb", "postgresql"], "default": "mariadb"},
    "writes": {"type": "bool", "default": False},
}
#: What the actions `smoke` and `doctor` take.
ARGUMENTS: dict[str, dict[str, Any]] = {
    "sites": smoke_spec.SITES,
    "run_on": {"type": "str", "choices": ["controller", "host"], "default": "controller"},
    "host": {"type": "dict", "options": HOST_SPEC},
    "timeout": {"type": "float", "default": 10.0},
    "settle": {"type": "float", "default": 3.0},
    "limit": {"type": "float", "default": 0.0},
    "report_dir": {"type": "path", "default": ""},
}


@dataclass(frozen=True)
class Examination:
    """What came of it: every check, the case of each site that was looked at inside, and the causes."""

    results: list[Result]
    cases: list[Case]
    findings: list[Finding]
    #: Whether the run that asks has written what is ours: that it differs from the picture is its own doing.
    renewing: bool = False

    def notes(self) -> list[str]:
        """What is to be told although nothing is wrong."""
        return [plain.plain(note) for note in doctor_notes.of(self.cases)]

    def yellow(self) -> list[dict[str, str]]:
        """What will break, as data, with ``line``, the same for people."""
        return [
            entry.report() | {"line": entry.line()} for entry in doctor_yellow.of(self.cases, written=self.renewing)
        ]

    def causes(self) -> list[dict[str, Any]]:
        """The causes as data."""
        return [
            entry.report() | {"way": way.shown(entry.layer), "changes": mends.changes(entry.mend)}
            for entry in self.findings
        ]

    def since(self) -> dict[str, str]:
        """Since when sites are as they are, in words, of those that are red."""
        first = {entry.site: entry for entry in reversed(self.findings)}
        return {
            case.site["name"]: doctor_since.told(case, first.get(case.site["name"]))
            for case in self.cases
            if case.failed()
        }

    def diagnosis(self) -> list[str]:
        """The causes for people."""
        lines = []
        for case in self.cases:
            lines += doctor_verdicts.told(case, [entry for entry in self.findings if entry.site == case.site["name"]])
        return lines


def examine(
    sites: Sequence[Promised],
    host: Mapping[str, Any] | None,
    probe: Probe,
    *,
    from_host: Checks | None = None,
    other_way: OtherWay = lambda: "",
    **patience: float,
) -> Examination:
    """Run the smoke checks and, where `host` says what to look at, the look inside.

    :param patience: `timeout`, `settle` and `limit` in seconds, see `smoke.check_site`.
    """
    asked = name_service.Question(_unasked(sites, host))
    with ThreadPoolExecutor(max_workers=2) as pool:
        # On the host one after the other: a connection runs one module at a time.
        made = from_host(sites) if from_host else None
        checked = pool.submit(smoke_runs.check_sites, sites, **patience) if made is None else None
        known = limits.Answers(_resolve(sites))
        look = _look(host, probe) if host else None
        results = checked.result() if checked else made or []
    resolved, _ = known.until(time.monotonic() + _NAMES)
    way = other_way() if any(entry.symptom == "connect" for entry in results) else ""
    if way:
        results = [_offered(entry, way) for entry in results]
    if host is None or look is None:
        return Examination(results, [], [])
    cases, findings, complete = [], [], []
    names = asked.answers()
    for site in sites:
        told = next((entry for entry in host["sites"] if entry["name"] == site.name), None)
        own = [entry for entry in results if entry.site == site.name]
        if told is None:
            complete += own
            continue
        controller: dict[str, Any] = {"offset": look.offset, "by_name": site.connect_to is None}
        controller |= {
            "resolved": resolved.get(site.name, []),
            "other_way": way,
            "called": site.connect_to,
            "names": names,
        }
        case = Case(
            told, (), look.evidence.get("host", {}), look.evidence.get("sites", {}).get(site.name, {}), controller
        )
        own.append(doctor_verdicts.inside(case, look.ms, look.problem))
        case = Case(told, own, case.host, case.here, controller)
        complete += own
        cases.append(case)
        findings += doctor_verdicts.diagnose(case)
    return Examination(complete, cases, findings)


def _unasked(sites: Sequence[Promised], host: Mapping[str, Any] | None) -> list[str]:
    """Return the names of which it is to be known where they lead, though the checks go elsewhere."""
    domains = {entry["name"]: entry["domain"] for entry in (host or {"sites": []})["sites"]}
    pairs = [(domains[site.name], site.connect_to) for site in sites if site.connect_to and site.name in domains]
    return [name for domain, called in pairs for name in (domain, reach.target(called))]


def _offered(result: Result, way: str) -> Result:
    """Say with a check that found no connection how there can be one."""
    if result.symptom != "connect":
        return result
    return replace(result, mend=f"Ansible reaches this host {way}, and the checks do not: {RUN_ON_HOST}")


@dataclass(frozen=True)
class _Look:
    evidence: Mapping[str, Any]
    problem: str
    ms: int
    offset: float | None


def _look(host: Mapping[str, Any], probe: Probe) -> _Look:
    before = time.time()
    answer = probe(host)
    after = time.time()
    evidence = answer.get("evidence") or {}
    problem = "" if evidence else str(answer.get("msg") or "the host gave no answer")
    return _Look(evidence, problem, round((after - before) * 1000), _offset(evidence, before, after))


def _offset(evidence: Mapping[str, Any], before: float, after: float) -> float | None:
    """Seconds that the host's clock is ahead at least; None when it was not asked."""
    if not evidence:
        return None
    stated = float(evidence["host"]["time"])
    return min(stated - before, 0.0) if stated < after else stated - after


def _resolve(sites: Sequence[Promised]) -> dict[str, limits.Question]:
    """Ask for the addresses of the sites that are called by name; a name server that hangs keeps nobody waiting."""
    return {site.name: partial(_addresses, site) for site in sites}


def _addresses(site: Promised) -> list[str]:
    if site.connect_to is not None:
        return []
    try:
        answers = socket.getaddrinfo(urlsplit(site.base_url).hostname, None, type=socket.SOCK_STREAM)
    except OSError:
        return []
    return sorted({str(entry[4][0]) for entry in answers})
