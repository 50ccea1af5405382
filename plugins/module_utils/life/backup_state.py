# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What became of a site's backups: on record for people and the smoke test, and as metrics for Prometheus.

https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.host import atomic_file
from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout
from ansible_collections.miclinik.hosting.plugins.module_utils.text import plain
from ansible_collections.miclinik.hosting.plugins.module_utils.text.metrics import metric

FILE = "backup.json"
BACKUP, CHECK, TEST = "backup", "check", "restore_test"
#: What is told of each, by the name of the metric's end.
_METRICS = {
    BACKUP: {
        "ok": ("ok", "Whether the site's last backup went well"),
        "ended": ("last_run_timestamp_seconds", "When the site's last backup ended, well or not"),
        "succeeded": ("last_success_timestamp_seconds", "When a backup of the site last went well"),
        "seconds": ("seconds", "Seconds that the site's last backup took"),
        "bytes": ("size_bytes", "Size of what is in the site's last snapshot"),
        "added": ("added_bytes", "What the site's last snapshot added to the repository"),
        "every": ("every_seconds", "Seconds from one backup of the site to the next"),
    },
    CHECK: {
        "ok": ("check_ok", "Whether the last check of the repository found nothing wrong"),
        "ended": ("check_timestamp_seconds", "When the repository was last checked"),
    },
    TEST: {
        "ok": ("restore_test_ok", "Whether the site's last snapshot could be restored for a test"),
        "ended": ("restore_test_timestamp_seconds", "When a snapshot of the site was last restored for a test"),
        "seconds": ("restore_test_seconds", "Seconds that the test took"),
    },
}

State = dict[str, dict[str, Any]]


def file_of(site: str, root: Path = Path("/")) -> Path:
    """Return where the record of a site is."""
    return layout.below(root, f"{layout.WORK}/{site}/{FILE}")


def read(site: str, root: Path = Path("/")) -> State:
    """Return what is on record, nothing where there is none."""
    try:
        kept = json.loads(file_of(site, root).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return kept if isinstance(kept, dict) else {}


def write(site: str, kind: str, news: Mapping[str, Any], metrics: Path | None, root: Path = Path("/")) -> None:
    """Put ``news`` of one ``kind`` on record, and write the metrics. Raises OSError.

    What the news do not say stays: of a failed backup when the last good one was.
    """
    state = read(site, root)
    state[kind] = {**state.get(kind, {}), **news}
    file = file_of(site, root)
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    atomic_file.replace(file, json.dumps(state, indent=1))
    if metrics and metrics.is_dir():
        atomic_file.replace(metrics / f"miclinik-backup-{site}.prom", text(site, state))


def ended(problem: str, began: float) -> dict[str, Any]:
    """Return the news of something that has ended now."""
    now = time.time()
    news: dict[str, Any] = {"ok": not problem, "problem": problem, "ended": now, "seconds": round(now - began, 1)}
    return news if problem else news | {"succeeded": now}


def sentence(state: State, now: float) -> str:
    """Return what became of a site's backups in a line: last success, its age and size, and what failed since."""
    kept = state.get(BACKUP, {})
    if kept.get("succeeded") is None:
        said = "none has been made yet"
    else:
        when = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(kept["succeeded"]))
        said = f"the last good one is of {when}, {_age(now - kept['succeeded'])} ago"
        if kept.get("bytes") is not None:
            said += f", {kept['bytes'] / 2**20:.1f} MiB"
    failed = [
        f"; the last {kind.replace('_', ' ')} failed: {' '.join(str(news.get('problem', '')).split())}"
        for kind, news in state.items()
        if kind in _METRICS and news.get("ok") is False
    ]
    return plain.plain(said + "".join(failed))


def _age(seconds: float) -> str:
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size:.0f} {unit}"
    return "less than a minute"


def text(site: str, state: State) -> str:
    """Return the metrics of a site."""
    return "".join(
        metric(name, about, [({"site": site}, float(value))], "backup")
        for kind, known in _METRICS.items()
        for key, (name, about) in known.items()
        if (value := state.get(kind, {}).get(key)) is not None
    )
