# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which ports of a host are open, to whom, and why."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

from ansible_collections.miclinik.hosting.plugins.module_utils.site.site import Site
from ansible_collections.miclinik.hosting.plugins.plugin_utils.web import servers

#: Of the operator's openings: those names that say nothing.
_WHY = "baseline_firewall_open"


class Rule(TypedDict):
    """A port that is open: ``source`` as nft writes it (``ip saddr 192.0.2.0/24``), empty for everybody."""

    protocol: str
    port: str
    source: str
    why: str


def rules(
    sites: Sequence[Site],
    seen: Mapping[str, Any],
    *,
    declared: Sequence[Mapping[str, Any]] = (),
    members: Sequence[Mapping[str, Any]] = (),
    keep: bool = True,
) -> list[Rule]:
    """Return what is open on the host that ``seen`` describes, as the module ``baseline_facts`` returns it.

    ``declared`` are openings of the operator's, ``members`` those for the other hosts of a cluster. With ``keep`` what
    others listen on when the firewall comes stays open, for good; whoever listens later has to be declared.
    """
    ports = {port for some in servers.ports(sites).values() for port in some}
    ours = [
        *(_rule("tcp", port, "SSH") for port in seen["ssh_ports"]),
        *(_rule("tcp", port, "sites") for port in sorted(ports)),
        *(
            _rule(entry.get("protocol") or "tcp", entry["port"], _WHY, source)
            for entry in declared
            for source in (entry.get("from") or [""])
        ),
    ]
    inner = [_rule("tcp", entry["port"], "cluster", source) for entry in members for source in (entry["from"] or [""])]
    taken = {(rule["protocol"], rule["port"]) for rule in ours}
    others = [rule for rule in _others(seen) if keep and (rule["protocol"], rule["port"]) not in taken]
    # Who listens within a range of the cluster's is one of its parts.
    return ours + inner + [rule for rule in others if not any(_covers(one, rule) for one in inner)]


def _others(seen: Mapping[str, Any]) -> list[Rule]:
    found = seen["listeners"] if seen["remembered"] is None else seen["remembered"]
    return [_rule(entry["protocol"], entry["port"], f"others: {_plain(entry['name'])}") for entry in found]


def _plain(name: str) -> str:
    """Return the name of a process as it may stand in a comment of nft's: a process calls itself what it likes."""
    return "".join(letter for letter in name if letter.isascii() and (letter.isalnum() or letter in "-_./: ")) or "?"


def _rule(protocol: str, port: object, why: str, source: str = "") -> Rule:
    if not source:
        return {"protocol": protocol, "port": str(port), "source": "", "why": why}
    network = ipaddress.ip_network(source, strict=False)
    family = "ip" if network.version == 4 else "ip6"  # noqa: PLR2004 - the version
    return {"protocol": protocol, "port": str(port), "source": f"{family} saddr {network}", "why": why}


def told(seen: Mapping[str, Any], opened: Sequence[Rule]) -> list[str]:
    """Return what an operator should hear: what is left alone, and what of others is open."""
    if seen["rivals"]:
        return [
            f"There is another firewall: {', '.join(seen['rivals'])}. Packets have to pass all that are there, so none"
            " is added; that one has to let in what docs/baseline.md lists."
        ]
    words = []
    kept = [
        f"{rule['port']}/{rule['protocol']} ({rule['why'].removeprefix('others: ')})"
        for rule in opened
        if rule["why"].startswith("others: ")
    ]
    if kept:
        words.append(f"Open for others, who listened when the firewall came: {', '.join(kept)}.")
    closed = [
        f"{entry['port']}/{entry['protocol']} ({_plain(entry['name'])})"
        for entry in seen["listeners"]
        if not any(_covers(rule, entry) for rule in opened)
    ]
    if closed:
        words.append(f"Closed, though somebody listens: {', '.join(closed)}. What clients need goes into {_WHY}.")
    return words


def _covers(rule: Rule, entry: Mapping[str, Any]) -> bool:
    """Return whether ``rule``, for a port or a range of them, says who may reach the port of ``entry``."""
    first, _, last = rule["port"].partition("-")
    return rule["protocol"] == entry["protocol"] and int(first) <= int(entry["port"]) <= int(last or first)
