# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the role ``baseline`` would find out too late."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.miclinik.hosting.plugins.plugin_utils.baseline import rules

OPEN = "baseline_firewall_open"
REBOOT = "baseline_upgrades_reboot"
SPARED = "baseline_upgrades_never_restart"


@pytest.mark.parametrize(
    "given",
    [
        {},
        {OPEN: [], REBOOT: "", SPARED: []},
        {OPEN: [{"port": 9100}, {"port": "60000-60010", "protocol": "udp", "from": ["192.0.2.7", "2001:db8::/32"]}]},
        *({REBOOT: time} for time in ("04:30", "23:59", "00:00")),
        {SPARED: ["postfix", "postgresql@15-main.service"]},
    ],
)
def test_what_is_right_passes(given: dict[str, Any]) -> None:
    assert list(rules.check(given)) == []


@pytest.mark.parametrize(
    ("given", "key", "seen"),
    [
        ({OPEN: 9100}, OPEN, "is 9100, no list"),
        ({OPEN: "9100"}, OPEN, "is '9100', no list"),
        ({OPEN: [9100]}, OPEN, "has 9100"),
        ({OPEN: [{"ports": 1}]}, OPEN, "has {'ports': 1}"),
        ({OPEN: [{"protocol": "tcp"}]}, OPEN, "has {'protocol': 'tcp'}"),
        *(
            ({OPEN: [{"port": port}]}, OPEN, f"has the port {port!r}")
            for port in (0, 65536, "http", "20-10", "10-10", "1-70000", "1-2-3", "", "22; drop")
        ),
        ({OPEN: [{"port": 1, "protocol": "sctp"}]}, OPEN, "has the protocol 'sctp'"),
        ({OPEN: [{"port": 1, "from": "192.0.2.7"}]}, f"{OPEN}.from", "is '192.0.2.7', no list"),
        (
            {OPEN: [{"port": 1, "from": ["clinic"]}]},
            f"{OPEN}.from[0]",
            "'clinic' does not appear to be an IPv4 or IPv6 network",
        ),
        *(({REBOOT: time}, REBOOT, f"is {time!r}") for time in ("24:00", "4:30", "now", 870, True)),
        ({SPARED: "postfix"}, SPARED, "is 'postfix', no list"),
        ({SPARED: ["a b"]}, SPARED, "has 'a b', which is no name of a service"),
    ],
)
def test_what_is_wrong_is_named_with_its_mend(given: dict[str, Any], key: str, seen: str) -> None:
    ((found, said, mend),) = rules.check(given)
    assert (found, said) == (key, seen)
    assert mend.startswith("Write ")
