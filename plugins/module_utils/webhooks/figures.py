# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How the relay is, for Prometheus and for the doctor. Holds no secret and no address."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.host import atomic_file
from ansible_collections.miclinik.hosting.plugins.module_utils.text.metrics import Sample, metric
from ansible_collections.miclinik.hosting.plugins.module_utils.webhooks.line import Line

STATUS, METRICS = "status.json", "metrics.prom"
#: Seconds after which what was written is no news of a relay that runs.
STALE = 60.0


def read(run: Path) -> dict[str, Any]:
    """Return how the relay said last that it is; nothing where it has not run since the host's start."""
    try:
        found = json.loads((run / STATUS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def write(run: Path, lines: Sequence[Line], now: float) -> None:
    """Write both. Raises OSError."""
    told = [_told(line) for line in lines]
    atomic_file.replace(run / STATUS, json.dumps({"time": now, "webhooks": told}))
    atomic_file.replace(run / METRICS, metrics(told, now))


def _told(line: Line) -> dict[str, Any]:
    own = line.figures
    return {
        "site": line.hook.site,
        "name": line.hook.name,
        "waiting": line.waiting,
        "oldest": line.oldest,
        "dead": len(line.spool.lies()),
        "gone": line.spool.gone,
        "delivered": own.delivered,
        "failed": own.failed,
        "lost": own.lost,
        "last_delivered": own.last_delivered,
        "last_failed": own.last_failed,
        "said": own.said,
    }


def metrics(told: Sequence[dict[str, Any]], now: float) -> str:
    """Return what Prometheus reads."""

    def each(value: Callable[[dict[str, Any]], float]) -> list[Sample]:
        return [({"site": one["site"], "webhook": one["name"]}, float(value(one))) for one in told]

    gauges: list[tuple[str, str, list[Sample]]] = [
        ("waiting", "Events that wait for their receiver", each(lambda one: one["waiting"])),
        ("oldest_waiting_seconds", "Since when the oldest of them waits", each(lambda one: _age(one["oldest"], now))),
        ("dead_letters", "Events that were given up, and are kept", each(lambda one: one["dead"])),
        ("gone", "Whether the receiver has answered 410", each(lambda one: one["gone"])),
        ("last_delivered_timestamp_seconds", "When one arrived last", each(lambda one: one["last_delivered"])),
        ("look_timestamp_seconds", "When the relay has written this", [({}, round(now, 3))]),
    ]
    counters = [
        ("delivered_total", "Events that have arrived since the relay was started", each(lambda one: one["delivered"])),
        ("failed_tries_total", "Tries that have failed since then", each(lambda one: one["failed"])),
        ("lost_total", "Events that could not be taken since then", each(lambda one: one["lost"])),
    ]
    return "".join(
        metric(name, about, samples, "webhook", kind)
        for kind, group in (("gauge", gauges), ("counter", counters))
        for name, about, samples in group
    )


def _age(since: float, now: float) -> float:
    return max(0.0, round(now - since, 3)) if since else 0.0
