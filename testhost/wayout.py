"""The hosts' way out of the machine: the kernel forwards, and netavark's rules let their subnet through.

netavark makes both when a host starts. Other programs take them away while it runs: `iptables -F`, a reload of nftables
or firewalld, `sysctl --system`. A machine that dies leaves rules behind whose host is gone.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from pathlib import Path

from testhost import engine, privileged

FORWARDING = Path("/proc/sys/net/ipv4/ip_forward")
# One of the two is what netavark uses.
RULES = "iptables-save 2>/dev/null; nft list ruleset 2>/dev/null || true"


def is_open(subnet: ipaddress.IPv4Network) -> bool:
    """Tell whether packets of `subnet` leave the machine."""
    forwards = FORWARDING.read_text(encoding="utf-8").strip() == "1"
    return forwards and str(subnet) in privileged.run(["sh", "-c", RULES]).stdout


def keep_open(subnet: ipaddress.IPv4Network, containers: Sequence[str]) -> None:
    """Have podman lay the network of the running `containers` of `subnet` again where the way out is gone."""
    if containers and not is_open(subnet):
        engine.podman("network", "reload", *containers)


def close(subnet: ipaddress.IPv4Network) -> None:
    """Remove netavark's rules for `subnet`, which has no host any more; netavark removed them unless it was killed."""
    for table in ("filter", "nat"):
        shown = privileged.run(["iptables", "-t", table, "-S"], check=False)  # fails where the kernel has no iptables
        for rule in stale(shown.stdout, subnet):
            # A rule inside a chain that went before, just below, is gone already: hence no check.
            privileged.run(["iptables", "-t", table, "-D", *rule], check=False)
            if rule[0] == "POSTROUTING":
                privileged.run(["iptables", "-t", table, "-F", rule[-1]])
                privileged.run(["iptables", "-t", table, "-X", rule[-1]])


def stale(rules: str, subnet: ipaddress.IPv4Network) -> list[list[str]]:
    """Return those of `iptables -S` that netavark made for `subnet`, without the leading -A."""
    words = [line.split() for line in rules.splitlines()]
    return [
        rule[1:]
        for rule in words
        if rule[0] == "-A" and str(subnet) in rule and any(word.startswith("NETAVARK") for word in (rule[1], rule[-1]))
    ]
