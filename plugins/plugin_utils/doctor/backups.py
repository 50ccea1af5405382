# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Backups that failed, or that are not made any more: nothing else of a site shows it until they are needed."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.diagnosis import Case, Finding, Rule

_HOUR = 3600


def failed(case: Case) -> Iterator[Finding]:
    """The last backup, or what proves the backups, did not go well."""
    known = case.here.get("backup") or {}
    name = case.site["name"]
    state = known.get("state", {})
    unit = case.unit("backup")
    last = _part(state, "backup")
    if unit and last.get("ok", True) and last.get("ended", 0) < unit["loaded"]:
        # Killed, it could write nothing down.
        seen = (f"service {unit['name']} is {unit['state']}, result {unit['result']}", *unit["log"])
        yield Finding("backup-failed", "The site's last backup was killed", seen, _again(name))
    for part, cause, id_, mend in (
        ("backup", "The site's last backup failed", "backup-failed", _again(name)),
        (
            "check",
            "The repository with the backups is damaged, or cannot be checked",
            "backup-damaged",
            f"miclinikctl {name} backup check --all; see docs/backup.md for a damaged repository",
        ),
        (
            "restore_test",
            "The site's last snapshot could not be restored for a test",
            "backup-not-restored",
            f"miclinikctl {name} backup test; then make a new one: miclinikctl {name} backup run",
        ),
    ):
        news = _part(state, part)
        if not news.get("ok", True):
            yield Finding(id_, cause, (f"{_day(news.get('ended', 0))}: {news.get('problem', '')}",), mend)


def old(case: Case) -> Iterator[Finding]:
    """No backup went well for twice the time in which there should be one."""
    known = case.here.get("backup") or {}
    if not known or "time" not in case.host:
        return
    name = case.site["name"]
    last = _part(known["state"], "backup").get("succeeded")
    age = case.host["time"] - (last or known["since"])
    if age > 2 * known["every"]:
        seen = f"the last that went well is of {_day(last)}" if last else f"none since {_day(known['since'])}"
        yield Finding(
            "backup-old",
            f"The site has no backup of the last {round(2 * known['every'] / _HOUR)} hours",
            (f"{seen}; one is made every {round(known['every'] / _HOUR)} hours",),
            f"systemctl status miclinik-backup@{name}.timer; {_again(name)}",
        )


def _part(state: Mapping[str, Any], part: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = state.get(part) or {}
    return found


def _again(name: str) -> str:
    return f"miclinikctl {name} backup run; journalctl -u miclinik-backup@{name}"


def _day(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(seconds))


RULES: tuple[Rule, ...] = (failed, old)
