# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is measured. A new figure is a function here and an entry in `FIGURES`; `make bench` can choose groups."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from tests.bench import load, relay
from tests.bench.host import Served
from tests.bench.setups import Bench
from tests.bench.table import Round

SECONDS = 4
CONNECTIONS = 4
#: Connections, and the share of the top rate, for what the slowest calls take.
PACED, SHARE = 20, 0.8
#: Longer than a worker waits for its next call (`php_idle_seconds`).
IDLE_SECONDS = 35.0


@dataclass(frozen=True)
class Figure:
    """``measure`` takes the bench and the name of a set-up, ``ours`` or ``usual``.

    What is not ``compared`` there is of ours only, which is then measured twice.
    """

    name: str
    group: str
    unit: str
    measure: Callable[[Bench, str], float]
    less_is_better: bool = False
    compared: bool = True
    rounds: int = 5

    def round(self, bench: Bench) -> Round:
        """Measure once, and the same thing twice."""
        twice = "usual" if self.compared else "ours"
        before = self.measure(bench, twice)
        ours = self.measure(bench, "ours") if self.compared else None
        return Round((before, self.measure(bench, twice)), ours)


def _calls(path: str, bench: Bench, setup: str) -> float:
    return load.run(bench.served[setup], path, seconds=SECONDS, connections=CONNECTIONS).per_second


def _slowest(path: str, bench: Bench, setup: str) -> float:
    """Return the 99th percentile by the median, at four fifths of the most that the set-up answers."""
    served = bench.served[setup]
    top = load.run(served, path, seconds=SECONDS, connections=CONNECTIONS)
    pause = PACED * 1000 / (SHARE * top.per_second) - top.median_ms
    paced = load.run(served, path, seconds=SECONDS, connections=PACED, pause_ms=pause)
    return paced.p99_ms / paced.median_ms


def _after_idle(bench: Bench, setup: str) -> float:
    """Return the first call's time after nobody has called for longer than a worker waits, by that of later ones."""
    served = bench.served[setup]
    time.sleep(IDLE_SECONDS)
    first, *later = (_seconds(served) for _ in range(21))
    return first / statistics.median(later)


def _seconds(served: Served) -> float:
    started = time.monotonic()
    served.call("/status")
    return time.monotonic() - started


def _unchanged_run(delay_ms: float, bench: Bench, _setup: str) -> float:
    with relay.to(bench.host.ip, 22, delay_ms) as port:
        # The smoke test goes by HTTP, and would follow the address of SSH.
        there = {"ansible_host": "127.0.0.1", "ansible_port": port, "smoke_connect_to": bench.host.ip}
        words = ["--extra-vars", json.dumps(there)] if delay_ms else []
        started = time.monotonic()
        if bench.playbook(*words) != 0:
            raise SystemExit("a run over a host that is as it should be has changed something")
        return time.monotonic() - started


#: Paths of the API that are called, one of each kind: no database, one record, much JSON.
PATHS = ("/status", "/products/1", "/setup/modules")
FIGURES = (
    *(Figure(f"GET {path}", "calls", "1/s", partial(_calls, path)) for path in PATHS),
    *(
        Figure(f"p99 by median, {path}", "slowest", "x", partial(_slowest, path), less_is_better=True, rounds=3)
        for path in PATHS
    ),
    Figure("first call after idle", "slowest", "x", _after_idle, less_is_better=True, rounds=2),
    *(
        Figure(name, "runs", "s", partial(_unchanged_run, delay), less_is_better=True, compared=False, rounds=1)
        for name, delay in (("unchanged run", 0), ("the same, 20 ms away", 20))
    ),
)
GROUPS = tuple(dict.fromkeys(figure.group for figure in FIGURES))
