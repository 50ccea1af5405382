# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A site's scheduled jobs, for people and for Prometheus: ``miclinik-cron SITE list | run | told``. Runs on the host.

They run in the unit ``miclinik-cron@SITE``, which the bridge and nobody else does the work in.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.bridge.client import Bridge, BridgeError
from ansible_collections.miclinik.hosting.plugins.module_utils.host import atomic_file, programs
from ansible_collections.miclinik.hosting.plugins.module_utils.services import systemd_unit
from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout
from ansible_collections.miclinik.hosting.plugins.module_utils.text import plain
from ansible_collections.miclinik.hosting.plugins.module_utils.text.metrics import Sample, metric

SETTINGS = Path("/usr/local/lib/miclinik/cron/settings.json")
_WIDTH = 60

Job = Mapping[str, Any]


def main(arguments: Sequence[str], bridge: Callable[[str], Bridge] = Bridge, settings: Path = SETTINGS) -> int:
    """Do what is asked for; return an exit code: 0 done, 1 failed, 2 wrong usage."""
    parser = argparse.ArgumentParser(prog="miclinikctl SITE cron", allow_abbrev=False)
    parser.add_argument("site", metavar="SITE")
    verbs = parser.add_subparsers(dest="verb", required=True)
    listed = verbs.add_parser("list", help="what ran, when, what came of it, and when it runs next")
    listed.add_argument("--json", action="store_true", help="as data, for programs")
    verbs.add_parser("run", help="runs what is due now, as the timer does, and says what came of it")
    verbs.add_parser("told", help="writes the figures for Prometheus; for systemd")
    asked = parser.parse_args(arguments)
    try:
        if asked.verb == "run":
            return _run(asked.site)
        jobs = bridge(asked.site).call("cron list")["jobs"]
        if asked.verb == "told":
            _tell(asked.site, jobs, settings)
        else:
            print(json.dumps(jobs, indent=2, ensure_ascii=False) if asked.json else "\n".join(table(jobs)))
    except BridgeError as error:
        print(error, file=sys.stderr)
        return 1
    except (OSError, ValueError, KeyError, systemd_unit.UnitError) as error:
        print(f"site '{asked.site}': {plain.plain(str(error))}", file=sys.stderr)
        return 1
    return 0


def _run(site: str) -> int:
    unit = layout.cron_unit(site)
    if not systemd_unit.state(unit).there:
        print(f"{site} has no {unit}: add cron to its `modules` and run site.yml", file=sys.stderr)
        return 1
    if Path(layout.of(site)["closed_file"]).exists():
        print(f"{site} is closed, and its jobs wait until it is open again", file=sys.stderr)
        return 1
    began = time.strftime("@%s")
    done = subprocess.run(["systemctl", "start", unit], check=False, env=programs.environment())
    words = ["journalctl", "-q", "-t", f"miclinik-{site}-cron", "--since", began, "-o", "cat"]
    shown = subprocess.run(words, check=False, capture_output=True, text=True, env=programs.environment()).stdout
    lines = [line for line in shown.splitlines() if not line.startswith("{")]
    print("\n".join(map(plain.plain, lines)) or "nothing was due")
    return int(done.returncode != 0)


def table(jobs: Sequence[Job]) -> list[str]:
    """Return the jobs for people, a line or two each; those that are off come last, and are only named."""
    on = [job for job in jobs if job["enabled"]]
    off = [job for job in jobs if not job["enabled"]]
    lines = []
    for job in on:
        state = "runs" if job["running"] else "FAILED" if job["failed"] else "ok" if job["ended"] else "never ran"
        due = "due now" if job["due"] else f"next {_moment(job['next'])}"
        ended = f"last {_moment(job['ended'])}, {job['runs']} runs, " if job["ended"] else ""
        lines.append(f"{job['id']:>5}  {state:<9}  {plain.plain(job['label'])[:_WIDTH]}: {ended}{due}")
        if job["failed"]:
            lines.append(f"       {plain.plain(job['output'] or job['result'])}")
    if off:
        lines.append(f"off: {', '.join(plain.plain(job['label'])[:_WIDTH] for job in off)}")
    return lines or ["the site has no jobs"]


def _moment(seconds: float | None) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(seconds)) if seconds else "never"


def _tell(site: str, jobs: Sequence[Job], settings: Path) -> None:
    folder = Path(json.loads(settings.read_text(encoding="utf-8"))["metrics"])
    atomic_file.replace(folder / f"miclinik-cron-{site}.prom", figures(site, jobs, time.time()), 0o644)


def figures(site: str, jobs: Sequence[Job], now: float) -> str:
    """Return what Prometheus reads."""
    on = [job for job in jobs if job["enabled"]]
    own = {"site": site}

    def each(key: str) -> list[Sample]:
        return [(_label(site, job), float(job[key])) for job in on if job[key] is not None]

    return "".join(
        metric(name, about, samples, "cron")
        for name, about, samples in (
            ("last_run_timestamp_seconds", "When the site's jobs were looked through last", [(own, round(now, 3))]),
            ("jobs", "Jobs of the site that are on", [(own, float(len(on)))]),
            ("jobs_failed", "Jobs that are on and ended badly", [(own, float(sum(job["failed"] for job in on)))]),
            ("job_failed", "Whether the job ended badly the last time", each("failed")),
            ("job_ended_timestamp_seconds", "When the job ended the last time", each("ended")),
        )
    )


def _label(site: str, job: Job) -> dict[str, str]:
    return {"site": site, "job": str(job["id"]), "label": plain.plain(str(job["label"]))[:_WIDTH]}
