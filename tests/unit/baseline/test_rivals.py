# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which rules of others are a firewall, beside which ours would close what that one opens."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from ansible_collections.miclinik.hosting.plugins.module_utils.baseline import rivals

#: As nft 1.0.6 and 1.1.3 print them.
OURS = """table inet miclinik {
\tchain input {
\t\ttype filter hook input priority filter; policy drop;
\t\ttcp dport 22 accept comment "SSH"
\t}
}
"""
FAIL2BAN = """table inet f2b-table {
\tset addr-set-miclinik-norte {
\t\ttype ipv4_addr
\t\telements = { 203.0.113.9 }
\t}

\tchain f2b-chain {
\t\ttype filter hook input priority filter - 1; policy accept;
\t\ttcp dport { 80, 443 } ip saddr @addr-set-miclinik-norte reject with icmp port-unreachable
\t}
}
"""
#: fail2ban by iptables, whose chain is entered from the common one.
FAIL2BAN_IPTABLES = """table ip filter {
\tchain f2b-sshd {
\t\tip saddr 203.0.113.9 counter packets 0 bytes 0 reject
\t\tcounter packets 10 bytes 600 return
\t}

\tchain INPUT {
\t\ttype filter hook input priority filter; policy accept;
\t\tmeta l4proto tcp tcp dport 22 counter packets 10 bytes 600 jump f2b-sshd
\t}
}
"""
DOCKER = """table ip filter {
\tchain DOCKER-USER {
\t\tcounter packets 0 bytes 0 return
\t}

\tchain FORWARD {
\t\ttype filter hook forward priority filter; policy drop;
\t\tcounter packets 0 bytes 0 jump DOCKER-USER
\t}

\tchain INPUT {
\t\ttype filter hook input priority filter; policy accept;
\t}
}
"""
LIBVIRT = """table ip filter {
\tchain LIBVIRT_INP {
\t\tiifname "virbr0" udp dport 53 counter packets 0 bytes 0 accept
\t}

\tchain INPUT {
\t\ttype filter hook input priority filter; policy accept;
\t\tcounter packets 0 bytes 0 jump LIBVIRT_INP
\t}
}
"""
UFW = """table ip filter {
\tchain ufw-before-input {
\t\tct state invalid counter packets 0 bytes 0 drop
\t}

\tchain INPUT {
\t\ttype filter hook input priority filter; policy drop;
\t\tcounter packets 0 bytes 0 jump ufw-before-input
\t}
}
"""
FIREWALLD = """table inet firewalld {
\tchain filter_INPUT {
\t\ttype filter hook input priority filter + 10; policy accept;
\t\tct state { established, related } accept
\t\treject with icmpx admin-prohibited
\t}
}
"""
OWN = """table inet filter {
\tchain input {
\t\ttype filter hook input priority filter; policy accept;
\t\tgoto rest
\t}

\tchain rest {
\t\ttcp dport 23 reject
\t}
}
"""
#: What Debian's nftables.conf has as it comes.
DEBIAN = """table inet filter {
\tchain input {
\t\ttype filter hook input priority filter; policy accept;
\t}

\tchain forward {
\t\ttype filter hook forward priority filter; policy accept;
\t}
}
"""
COMMENT = """table inet filter {
\tchain input {
\t\ttype filter hook input priority filter; policy accept;
\t\ttcp dport 22 accept comment "drop me { never"
\t}
}
"""


def _read(ruleset: str, root: Path, legacy: str = "") -> list[str]:
    def run(command: Sequence[str]) -> str:
        return {"nft": ruleset, "iptables-legacy-save": legacy}.get(command[0], "")

    return rivals.read(run, root)


@pytest.mark.parametrize("others", ["", OURS, FAIL2BAN, FAIL2BAN_IPTABLES, DOCKER, LIBVIRT, DEBIAN, COMMENT])
def test_what_lets_everybody_in_is_no_firewall(tmp_path: Path, others: str) -> None:
    assert _read(OURS + others, tmp_path) == []


@pytest.mark.parametrize(
    ("others", "called"),
    [
        (UFW, "ufw"),
        (FIREWALLD, "firewalld"),
        (OWN, "the chain input of the table inet filter"),
        (
            DOCKER.replace("input priority filter; policy accept", "input priority filter; policy drop"),
            "the chain INPUT of the table ip filter",
        ),
    ],
)
def test_another_firewall_is_called_by_its_name(tmp_path: Path, others: str, called: str) -> None:
    assert _read(FAIL2BAN + OURS + others, tmp_path) == [called]


@pytest.mark.parametrize(
    ("rules", "found"),
    [
        (":INPUT DROP [0:0]\n", True),
        (":INPUT ACCEPT [0:0]\n-A INPUT -p tcp --dport 23 -j REJECT\n", True),
        (":INPUT ACCEPT [0:0]\n:own - [0:0]\n-A INPUT -j own\n-A own -j DROP\n", True),
        (":INPUT ACCEPT [0:0]\n:f2b-x - [0:0]\n-A INPUT -j f2b-x\n-A f2b-x -j REJECT\n", False),
        (":INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n", False),
        (':INPUT ACCEPT [0:0]\n-A INPUT -m comment --comment "drop it" -j ACCEPT\n', False),
    ],
)
def test_tables_of_the_older_kind_count_as_well(tmp_path: Path, rules: str, found: bool) -> None:
    """What iptables-legacy has nft does not see."""
    saved = f"*filter\n{rules}COMMIT\n"
    assert _read(OURS, tmp_path, saved) == []
    (tmp_path / "proc/net").mkdir(parents=True)
    (tmp_path / "proc/net/ip_tables_names").write_text("nat\nfilter\n")
    assert _read(OURS, tmp_path, saved) == (["the chain INPUT of the table iptables filter"] if found else [])


def test_chains_that_lead_to_each_other_come_to_an_end(tmp_path: Path) -> None:
    text = OWN.replace("tcp dport 23 reject", "jump rest")
    assert _read(text, tmp_path) == []


def test_a_program_that_is_not_there_says_nothing() -> None:
    assert rivals.run(["miclinik-no-such-program"]) == ""
    assert rivals.run(["false"]) == ""
