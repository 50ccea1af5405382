# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Networks that are cut between hosts, in both directions, while both go on."""

from __future__ import annotations

import time

from testhost import hosts
from tests.cluster.jobs import inside
from tests.cluster.load import Load
from tests.cluster.power import Names, whole

#: Seconds for which a network is cut.
LASTS = 60
_TABLE = """
add table inet cut
add chain inet cut in {{ type filter hook input priority -300; }}
add chain inet cut out {{ type filter hook output priority -300; }}
add rule inet cut in ip saddr {{ {others} }} drop
add rule inet cut out ip daddr {{ {others} }} drop
"""


def cut(names: Names, load: Load) -> None:
    """Cut each host off from the others in turn, and the first two from each other, while ``load`` goes on."""
    first, second, third = names.all
    for one, others in ((first, [second]), (first, [second, third]), (second, [first, third])):
        began = time.monotonic()
        table = _TABLE.format(others=", ".join(hosts.get(name).ip for name in others))
        inside(one, "nft", table)
        time.sleep(LASTS)
        inside(one, "nft", "delete table inet cut")
        spent = whole(names, f"{one} after the cut")
        time.sleep(10)
        now = time.monotonic()
        gap, failed = load.seen.gap(began, now), load.seen.failures(began, now)
        print(f"{one} and {' and '.join(others)} cut for {LASTS} s: longest gap {gap:.1f} s, failed {failed};", end=" ")
        print(f"whole {spent:.0f} s after it", flush=True)
