# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Firewalls of others on a host, read from what the kernel has of theirs. Runs on the host.

A packet has to pass all of them: beside another firewall a table of ours would close what that one opens.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ansible_collections.miclinik.hosting.plugins.module_utils.host import programs

#: Those that shut out single addresses, and are no firewalls: fail2ban, CrowdSec, SSHGuard. And ours.
_NO_FIREWALL = re.compile(r"(?:f2b|fail2ban|crowdsec|sshguard|miclinik)", re.IGNORECASE)
_CLOSES = re.compile(r"\b(?:drop|reject)\b", re.IGNORECASE)
_LEADS = re.compile(r"\b(?:jump|goto)\s+(\S+)|-[jg] (\S+)")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
#: Programs that name their chains or tables after themselves, and what people call them.
_KNOWN = {"ufw": "ufw", "firewalld": "firewalld", "KUBE-": "Kubernetes", "ts-": "Tailscale", "shorewall": "Shorewall"}
#: Runs a command; returns what it prints, "" when it fails.
Runner = Callable[[Sequence[str]], str]


@dataclass
class _Chain:
    table: str
    name: str
    input: bool = False
    rules: list[str] = field(default_factory=list)


def run(command: Sequence[str]) -> str:
    """Return what ``command`` prints; nothing when it fails or is not there."""
    environment = programs.environment()
    if not shutil.which(command[0], path=environment["PATH"]):
        return ""
    done = subprocess.run(command, check=False, capture_output=True, text=True, errors="replace", env=environment)
    return done.stdout if done.returncode == 0 else ""


def read(runner: Runner = run, root: Path = Path("/")) -> list[str]:
    """Return what people call the firewalls that are there, beside ours."""
    chains = _of_nft(runner(["nft", "--stateless", "list", "ruleset"]))
    # The kernel names a table of the older kind only where somebody uses it.
    for family, tables in (("iptables", "ip_tables_names"), ("ip6tables", "ip6_tables_names")):
        names = root / "proc/net" / tables
        if names.is_file() and "filter" in names.read_text(encoding="ascii").split():
            chains += _of_legacy(family, runner([f"{family}-legacy-save", "-t", "filter"]))
    return sorted({_called(chain, chains) for chain in chains if chain.input and _closes(chain, chains)})


def _of_nft(text: str) -> list[_Chain]:
    chains: list[_Chain] = []
    table = ""
    for line in (_QUOTED.sub('""', line) for line in text.splitlines()):
        if found := re.match(r"table (\S+ \S+) \{", line):
            table = found[1]
        elif found := re.match(r"\tchain (\S+) \{", line):
            chains.append(_Chain(table, found[1]))
        elif line.startswith("\t\t") and chains and chains[-1].table == table:
            chains[-1].input |= " hook input " in line
            chains[-1].rules.append(line.strip())
    return chains


def _of_legacy(family: str, text: str) -> list[_Chain]:
    chains: dict[str, _Chain] = {}
    for line in text.splitlines():
        if found := re.match(r":(\S+) (\S+)", line):
            chains[found[1]] = _Chain(f"{family} filter", found[1], found[1] == "INPUT", [f"policy {found[2]}"])
        elif (found := re.match(r"-A (\S+) (.*)", line)) and found[1] in chains:
            chains[found[1]].rules.append(_QUOTED.sub('""', found[2]))
    return list(chains.values())


def _closes(chain: _Chain, chains: Sequence[_Chain]) -> bool:
    """Return whether packets end in ``chain``, or where it leads to."""
    return any(_CLOSES.search(rule) for found in _reached(chain, chains) for rule in found.rules)


def _reached(chain: _Chain, chains: Sequence[_Chain]) -> list[_Chain]:
    reached: list[_Chain] = []
    waiting = [chain]
    while waiting:
        one = waiting.pop()
        if one in reached or _NO_FIREWALL.search(f"{one.table} {one.name}"):
            continue
        reached.append(one)
        led = {name for rule in one.rules for pair in _LEADS.findall(rule) for name in pair if name}
        waiting += [other for other in chains if other.table == one.table and other.name in led]
    return reached


def _called(chain: _Chain, chains: Sequence[_Chain]) -> str:
    names = [f"{one.table} {one.name}" for one in _reached(chain, chains)]
    known = [words for part, words in _KNOWN.items() if any(part in name for name in names)]
    return known[0] if known else f"the chain {chain.name} of the table {chain.table}"
