# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Scheduled jobs: a timer that does not run is a fault of the host's, a job that fails is the site's own matter."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.diagnosis import Case, Finding, Rule

MODULE = "cron"
#: So many jobs are enough to know what it is about.
_SHOWN = 3
#: Seconds for which what is due may wait besides two looks for it: a run before may take long.
_PATIENCE = 3600


def stopped(case: Case) -> Iterator[Finding]:
    """The timer is there and does not run, or not after the next boot."""
    timer = case.here.get("timer") or {}
    if not timer.get("there") or (timer["active"] and timer["enabled"]):
        return
    unit = layout.cron_timer(case.site["name"])
    state = "does not run" if not timer["active"] else "does not start when the host does"
    mend = f"systemctl enable --now {unit}; where it does not stay so: journalctl -u {unit}"
    yield Finding("cron-timer", "The site's scheduled jobs do not run", (f"{unit} {state}",), mend)


def ahead(case: Case) -> Iterator[tuple[str, str]]:
    """Yield what people have to see to, with the mend: it turns nothing red."""
    timer, name = case.here.get("timer") or {}, case.site["name"]
    jobs = case.here.get("jobs") or []
    if case.site["clone"]:
        return
    if not case.site["cron"]["enabled"] and MODULE in case.status.get("modules", []):
        yield "its module cron is on, and nothing runs its jobs", "add cron to its `modules`, and run site.yml"
    elif timer and not timer["there"]:
        yield "its module cron is on, and there is no timer yet", "run site.yml, or the role cron alone"
    failed = [job for job in jobs if job["failed"] and not job["running"]]
    if failed:
        more = f" and {len(failed) - _SHOWN} more" if len(failed) > _SHOWN else ""
        told = "; ".join(_told(job) for job in failed[:_SHOWN])
        yield f"scheduled jobs have failed: {told}{more}", f"miclinikctl {name} cron list"
    late = [job for job in jobs if _is_late(job, case)]
    if late:
        told = ", ".join(f"{job['label']} since {_moment(job['next'])}" for job in late[:_SHOWN])
        mend = f"miclinikctl {name} cron run, and see what it says; one that hangs is ended after an hour"
        yield f"scheduled jobs wait that were due: {told}", mend


def _is_late(job: dict[str, Any], case: Case) -> bool:
    patience = 2 * case.site["cron"]["seconds"] + _PATIENCE
    active = (case.here.get("timer") or {}).get("active")
    known = job["next"] and "time" in case.host
    return bool(active and known and job["due"] and not job["running"] and case.host["time"] - job["next"] > patience)


def _told(job: dict[str, Any]) -> str:
    return f"{job['label']} ({_moment(job['ended'])}): {job['output'] or job['result']}"


def _moment(seconds: float | None) -> str:
    return time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(seconds or 0))


RULES: tuple[Rule, ...] = (stopped,)
