# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whoever looks after a host and is banned from its sites is told so, and not to look at firewalls."""

from __future__ import annotations

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.doctor import probe_bans
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.diagnosis import CERTAIN, POSSIBLE
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.verdicts import diagnose

from .cases import case, failed, stroke

BANNED = "[{'sshd': []}, {'miclinik': ['198.51.100.7', '2001:db8::7']}]\n"
SS = """ESTAB 0 0 192.0.2.10:22 198.51.100.7:51022 users:(("sshd-session",pid=7,fd=4),("sshd",pid=1,fd=4))
ESTAB 0      0      [2001:db8::1]:22   [2001:db8::9]:51022 users:(("sshd",pid=8,fd=4))
ESTAB 0      0 [::ffff:192.0.2.10]:22 [::ffff:198.51.100.8]:51022 users:(("sshd",pid=8,fd=4))
ESTAB 0      0         192.0.2.10:443    203.0.113.5:40000 users:(("nginx",pid=9,fd=4))
"""


def test_who_is_banned_and_who_is_here() -> None:
    assert probe_bans.banned(BANNED) == {"198.51.100.7": "miclinik", "2001:db8::7": "miclinik"}
    assert probe_bans.banned("ERROR  Failed to access socket path") == {}
    assert probe_bans.banned("") == {}
    assert probe_bans.visitors(SS) == ["198.51.100.7", "198.51.100.8", "2001:db8::9"]


@pytest.mark.parametrize(
    ("visitors", "sure", "run"),
    [
        (["198.51.100.7"], CERTAIN, ("fail2ban-client unban 198.51.100.7",)),
        (["198.51.100.9"], POSSIBLE, ()),
    ],
)
def test_a_caller_who_is_banned(visitors: list[str], sure: str, run: tuple[str, ...]) -> None:
    ill = stroke(case(failed("tls", "connect", "Connection refused")), "host:bans", {})
    stroke(ill, "host:bans", {"banned": probe_bans.banned(BANNED), "visitors": visitors})
    first = diagnose(ill)[0]
    assert (first.id, first.confidence, first.run, first.layer) == ("caller-banned", sure, run, "firewall")


def test_bans_are_no_news_where_the_checks_arrive_or_nobody_is_banned() -> None:
    known = {"banned": {"198.51.100.7": "miclinik"}, "visitors": ["198.51.100.7"]}
    assert diagnose(stroke(case(), "host:bans", known)) == []
    ill = stroke(case(failed("tls", "connect", "x")), "host:bans", {"banned": {}, "visitors": ["198.51.100.7"]})
    assert [entry.id for entry in diagnose(ill)] == ["firewall"]
