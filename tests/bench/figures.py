# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is measured. A new figure is a function here and an entry in `FIGURES`; `make bench` can choose groups."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from tests.bench import load
from tests.bench.setups import Bench
from tests.bench.table import Round

SECONDS = 4
CONNECTIONS = 4


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


def _unchanged_run(bench: Bench, _setup: str) -> float:
    started = time.monotonic()
    if bench.playbook() != 0:
        raise SystemExit("a run over a host that is as it should be has changed something")
    return time.monotonic() - started


#: Paths of the API that are called, one of each kind: no database, one record, much JSON.
PATHS = ("/status", "/products/1", "/setup/modules")
FIGURES = (
    *(Figure(f"GET {path}", "calls", "1/s", partial(_calls, path)) for path in PATHS),
    Figure("unchanged run", "runs", "s", _unchanged_run, less_is_better=True, compared=False, rounds=1),
)
GROUPS = tuple(dict.fromkeys(figure.group for figure in FIGURES))
