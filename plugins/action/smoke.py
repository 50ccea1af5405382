# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Runs the smoke test on the controller and prints a line a check."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleActionFail, AnsibleError
from ansible.module_utils.basic import missing_required_lib
from ansible.plugins.action import ActionBase
from ansible.utils.color import stringc
from ansible.utils.display import Display
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke import rest
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke import runs as smoke_runs
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke import spec as smoke_spec
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke.visit import Promised
from ansible_collections.miclinik.hosting.plugins.module_utils.text import plain
from ansible_collections.miclinik.hosting.plugins.plugin_utils.controller import ssh_jump
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor import examination, last_words
from ansible_collections.miclinik.hosting.plugins.plugin_utils.report import document as report
from ansible_collections.miclinik.hosting.plugins.plugin_utils.report import table as report_table


class ActionModule(ActionBase):  # type: ignore[misc]
    """The action behind ``miclinik.hosting.smoke``."""

    _supports_check_mode = True
    #: What is told of the host beside what was found of the sites.
    notes: Sequence[str] = ()
    arguments = examination.ARGUMENTS | {
        "not_called": {"type": "dict", "default": {}},
        "renewing": {"type": "bool", "default": False},
    }

    def run(self, tmp: None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Check every site; fail with all that is wrong, and with why where the host was looked at."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        _, arguments = self.validate_argument_spec(self.arguments)
        if rest.REQUESTS_MISSING is not None:
            message = missing_required_lib("requests")
            return result | {"failed": True, "changed": False, "msg": message, "exception": rest.REQUESTS_MISSING}

        def probe(host: Mapping[str, Any]) -> Mapping[str, Any]:
            answer: dict[str, Any] = self._execute_module(
                "miclinik.hosting.doctor_probe", module_args=dict(host), task_vars=task_vars or {}
            )
            return answer

        patience = {name: arguments[name] for name in ("timeout", "settle", "limit")}

        def from_host(sites: Sequence[Promised]) -> list[smoke_runs.Result]:
            given = {"sites": [smoke_spec.sent(site) for site in sites], **patience}
            answer = self._execute_module("miclinik.hosting.smoke_here", module_args=given, task_vars=task_vars or {})
            if answer.get("failed") or "results" not in answer:
                told = plain.plain(str(answer.get("msg") or answer))
                raise AnsibleActionFail(f"The checks could not be run on the host: {told}")
            return [smoke_runs.Result(**entry) for entry in answer["results"]]

        sites = smoke_spec.sites(arguments["sites"])
        started, start = time.time(), time.monotonic()
        seen = examination.examine(
            sites,
            arguments["host"],
            probe,
            from_host=from_host if sites and arguments["run_on"] == "host" else None,
            other_way=self._other_way,
            **patience,
        )
        seen = dataclasses.replace(seen, renewing=bool(arguments.get("renewing")))
        seconds = time.monotonic() - start
        self.notes = arguments.get("notes") or []
        result |= self.report(sites, seen)
        left_out = arguments.get("not_called") or {}
        if left_out:
            return result | _left_out(result, left_out)
        host = (task_vars or {}).get("inventory_hostname", "localhost")
        written, problem = _write(arguments["report_dir"], host, sites, seen, started=started, seconds=seconds)
        if problem:
            told = f"{result['msg']}\n{problem}"
            result |= {"failed": True, "msg": told, "verdict": told}
        return result | {"report": written}

    def _other_way(self) -> str:
        """Return how Ansible reaches the host, where it is not straight by SSH."""
        name = getattr(self._connection, "ansible_name", None) or self._connection.transport
        try:
            options = self._connection.get_options()
        except (AnsibleError, AttributeError, KeyError):
            options = {}
        return ssh_jump.other_way(name, options)

    def report(self, sites: Sequence[Promised], seen: examination.Examination) -> dict[str, Any]:
        """Print the table, and the causes when a check failed; return the result."""
        whole = Display().verbosity > 0
        explained = {entry.site for entry in seen.findings}
        table = report_table.lines(sites, seen.results, whole=whole, explained=explained)
        problems = smoke_runs.failures(seen.results)
        notes, ahead = tell(seen.notes()), tell_ahead(seen)
        # At once, so that the tables of hosts that are asked at the same time stay whole.
        Display().display("\n".join(stringc(line.text, "green" if line.ok else "red") for line in table))
        diagnosis = seen.diagnosis() if problems else []
        for words in diagnosis if whole else []:
            Display().display(words, color="yellow")
        result = {
            "changed": False,
            "lines": [line.text for line in table],
            "notes": notes,
            "yellow": ahead,
            "results": [dataclasses.asdict(entry) for entry in seen.results],
            "causes": seen.causes(),
            "diagnosis": diagnosis,
        }
        if problems:
            failed = sum(not entry.ok for entry in seen.results)
            message = "\n".join([f"{failed} of {len(seen.results)} smoke checks failed:", *last_words_of(sites, seen)])
            return result | {"failed": True, "msg": message, "verdict": message}
        return result | {"verdict": "", "msg": f"{len(seen.results)} smoke checks passed"}


def last_words_of(sites: Sequence[Promised], seen: examination.Examination) -> list[str]:
    """Return what is broken, for each site in five lines at most."""
    cases = {case.site["name"]: case for case in seen.cases}
    words = (last_words.of(site.name, seen.results, seen.findings, cases.get(site.name)) for site in sites)
    return [line for lines in words for line in lines]


def tell(notes: Sequence[str]) -> list[str]:
    """Print what is to be told although nothing is wrong, and return it so."""
    lines = [f"note: {plain.plain(words)}" for words in notes]
    for line in lines:
        Display().display(line, color="yellow")
    return lines


def tell_ahead(seen: examination.Examination) -> list[str]:
    """Print what will break, and return it so."""
    lines = [f"yellow: {entry['line']}" for entry in seen.yellow()]
    for line in lines:
        Display().display(line, color="yellow")
    return lines


def _left_out(result: Mapping[str, Any], reasons: Mapping[str, str]) -> dict[str, Any]:
    """Tell which sites were not called. No report is written: one that lacks a site would look like a success."""
    lines = [f"none {name}: not called: {why}" for name, why in reasons.items()]
    for line in lines:
        Display().display(line, color="yellow")
    told = result["msg"] if result["results"] else "no smoke check was made"
    message = f"{told}; not called, since this is not done yet: {', '.join(reasons)}"
    return {"lines": [*result["lines"], *lines], "not_called": dict(reasons), "msg": message, "report": []}


def _write(
    folder: str, host: str, sites: Sequence[Promised], seen: examination.Examination, **when: float
) -> tuple[list[str], str]:
    """Write the report where one is wanted, in check mode too: it is output, like what is printed.

    Return the paths, and what is wrong.
    """
    if not folder:
        return [], ""
    try:
        told = report.document(
            host, sites, seen.results, seen.causes(), since=seen.since(), yellow=seen.yellow(), **when
        )
        paths = report.write(Path(folder) / host, told)
    except OSError as error:
        return [], f"the report cannot be written: {error}. Name a folder that you may write to in report_dir"
    return [str(path) for path in paths], ""
