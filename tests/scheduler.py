# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Shares tests out among the processes of ``pytest -n`` by the groups of tests/lanes.py.

xdist's own groups (``--dist loadgroup``) are not used: xdist 3.8.0 does not see them with pytest 9.2
(pytest-dev/pytest-xdist#1386).
"""

from __future__ import annotations

from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

from tests import lanes


class Lanes(LoadScopeScheduling):
    """Gives each process one group after the other."""

    def _split_scope(self, nodeid: str) -> str:
        return lanes.group(nodeid)

    def _assign_work_unit(self, node: WorkerController) -> None:
        # A process is given its next group two tests before the end of the one that it is at. Where that may take
        # minutes, the next is something short, lest something long waits there while another process has nothing to do.
        under_way = [name for name, tests in self.assigned_work[node].items() if not all(tests.values())]
        if set(under_way) & set(lanes.LONGEST):
            short = [name for name in self.workqueue if name not in lanes.LONGEST]
            if short:
                # Of several as short the last, since it is at its turn last.
                least = min(reversed(short), key=lambda name: len(self.workqueue[name]))
                self.workqueue.move_to_end(least, last=False)
        super()._assign_work_unit(node)
