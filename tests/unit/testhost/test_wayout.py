"""The hosts' way out of the machine, when other programs have taken it away, and what a dead machine leaves of it."""

from __future__ import annotations

import subprocess
from ipaddress import IPv4Network
from pathlib import Path

import pytest

from testhost import engine, privileged, wayout

SUBNET = IPv4Network("10.213.77.0/24")
NAT = """\
-P POSTROUTING ACCEPT
-N NETAVARK-1C0C7689332E6
-A POSTROUTING -j NETAVARK-HOSTPORT-MASQ
-A POSTROUTING -s 10.89.0.0/24 -j NETAVARK-8D153F2FF7A2C
-A POSTROUTING -s 10.213.77.0/24 -j NETAVARK-1C0C7689332E6
-A POSTROUTING -s 10.213.77.0/24 -o eth0 -j MASQUERADE
-A NETAVARK-1C0C7689332E6 -d 10.213.77.0/24 -j ACCEPT
-A NETAVARK-1C0C7689332E6 ! -d 224.0.0.0/4 -j MASQUERADE
"""
FILTER = """\
-A FORWARD -m comment --comment "netavark firewall plugin rules" -j NETAVARK_FORWARD
-A NETAVARK_FORWARD -d 10.213.77.0/24 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A NETAVARK_FORWARD -s 10.213.77.0/24 -j ACCEPT
-A NETAVARK_FORWARD -s 10.89.0.0/24 -j ACCEPT
-A FORWARD -s 10.213.77.0/24 -j DROP
"""


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """A machine that forwards and has these rules; returns what changes it."""
    calls: list[str] = []

    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        if command[0] != "sh" and "-S" not in command:
            calls.append(" ".join(command))
        return subprocess.CompletedProcess(command, 0, NAT if "nat" in command else FILTER, "")

    (tmp_path / "ip_forward").write_text("1\n", encoding="utf-8")
    monkeypatch.setattr(wayout, "FORWARDING", tmp_path / "ip_forward")
    monkeypatch.setattr(privileged, "run", run)
    monkeypatch.setattr(engine, "podman", lambda *words: calls.append(" ".join(words)))
    return calls


def test_an_open_way_is_left_alone(done: list[str]) -> None:
    wayout.keep_open(SUBNET, ["miclinik-a"])
    assert done == []


@pytest.mark.usefixtures("done")
def test_a_way_without_rules_is_closed() -> None:
    assert wayout.is_open(SUBNET)
    assert not wayout.is_open(IPv4Network("10.213.78.0/24"))


def test_a_kernel_that_does_not_forward(done: list[str]) -> None:
    wayout.FORWARDING.write_text("0\n", encoding="utf-8")
    wayout.keep_open(SUBNET, ["miclinik-a", "miclinik-b"])
    assert done == ["network reload miclinik-a miclinik-b"]


def test_without_a_host_there_is_nothing_to_open(done: list[str]) -> None:
    wayout.keep_open(IPv4Network("10.213.78.0/24"), [])
    assert done == []


def test_rules_of_a_network_without_a_host_go_and_no_others(done: list[str]) -> None:
    wayout.close(SUBNET)
    assert done == [
        "iptables -t filter -D NETAVARK_FORWARD -d 10.213.77.0/24 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
        "iptables -t filter -D NETAVARK_FORWARD -s 10.213.77.0/24 -j ACCEPT",
        "iptables -t nat -D POSTROUTING -s 10.213.77.0/24 -j NETAVARK-1C0C7689332E6",
        "iptables -t nat -F NETAVARK-1C0C7689332E6",
        "iptables -t nat -X NETAVARK-1C0C7689332E6",
        "iptables -t nat -D NETAVARK-1C0C7689332E6 -d 10.213.77.0/24 -j ACCEPT",
    ]
