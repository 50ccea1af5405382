# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Stands in ``hosts:`` of every playbook, where nothing has been done yet, and refuses to do it for nothing."""

from __future__ import annotations

DOCUMENTATION = """
name: hosts
author: miclinik.hosting maintainers (@miclinik)
version_added: 0.1.0
short_description: Returns a pattern of hosts, and fails where no host matches it
description:
  - For C(hosts) of a play. Fails with what the inventory holds, where Ansible would skip the play and end well.
  - Where the pattern has hosts and C(--limit) leaves none of them, it fails for a playbook of this collection that is
    run by itself, and warns where another playbook imports it, since that may have been limited to hosts of its own.
  - Fails for a version of ansible-core that is too old.
  - Where the inventory declares a cluster, it fails for groups that make none, and leaves out hosts that serve no site.
options:
  _terms: {description: The pattern., type: list, elements: str, required: true}
  ground:
    description:
      - Whether the hosts of the cluster are asked for, those that serve no site among them. Without a cluster no host
        matches what is returned, and nothing is said of it.
    type: bool
    default: false
  alone:
    description: Whether the playbook knows sites of one host alone. Where the inventory declares a cluster it fails.
    type: bool
    default: false
"""
EXAMPLES = """
- name: Host miclinik with its REST API on
  hosts: "{{ lookup('miclinik.hosting.hosts', miclinik_hosts | default('miclinik')) }}"
"""
RETURN = """
_raw: {description: The pattern., type: list, elements: str}
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ansible import context
from ansible.errors import AnsibleLookupError
from ansible.inventory.manager import InventoryManager
from ansible.plugins.lookup import LookupBase
from ansible.release import __version__
from ansible.utils.display import Display
from ansible_collections.miclinik.hosting.plugins.plugin_utils.cluster import topology
from ansible_collections.miclinik.hosting.plugins.plugin_utils.controller import ansible_version, host_pattern

PLAYBOOKS = Path(__file__).resolve().parents[2] / "playbooks"
NAME = "miclinik.hosting."
#: Ways to run ansible-playbook that reach no host.
_LISTINGS = ("syntax", "listhosts", "listtasks", "listtags")


class LookupModule(LookupBase):  # type: ignore[misc]
    """The lookup ``miclinik.hosting.hosts``."""

    def run(self, terms: Sequence[str], variables: Mapping[str, Any] | None = None, **kwargs: object) -> list[str]:
        """Return the pattern."""
        refusal = ansible_version.refusal(__version__)
        if refusal:
            raise AnsibleLookupError(refusal)
        if not any(context.CLIARGS.get(name) for name in _LISTINGS):
            selection = self._selection(",".join(map(str, terms)), variables or {})
            problem = host_pattern.problem(selection)
            if problem and (not selection.matched or _asked_for()):
                raise AnsibleLookupError(problem)
            if problem:
                Display().warning(problem)
            wrong = topology.problems(selection.groups, selection.matched)
            if kwargs.get("alone"):
                wrong += topology.refused(selection.groups)
            if wrong:
                told = "\n".join(f"- {text}" for text in wrong)
                raise AnsibleLookupError(f"Nothing on the hosts was changed. To mend first:\n{told}")
        return _pattern(list(terms), (variables or {}).get("groups", {}), bool(kwargs.get("ground")))

    def _selection(self, pattern: str, variables: Mapping[str, Any]) -> host_pattern.Selection:
        """Return what the pattern and --limit leave of the inventory, by Ansible's own rules for patterns."""
        groups = {str(name): [str(host) for host in hosts] for name, hosts in variables["groups"].items()}
        inventory = InventoryManager(self._loader, parse=False)
        for name, hosts in groups.items():
            inventory.add_group(name)
            for host in hosts:
                inventory.add_host(host, group=name)
        matched = [host.name for host in inventory.get_hosts(pattern)]
        limit = variables.get("ansible_limit") or ""
        inventory.subset(limit or None)
        left = [host.name for host in inventory.get_hosts(pattern)]
        sources = [str(source) for source in variables.get("ansible_inventory_sources") or ()]
        return host_pattern.Selection(pattern, matched, left, limit, groups, sources)


def _pattern(terms: list[str], groups: Mapping[str, Sequence[str]], ground: bool) -> list[str]:
    """Return the pattern of the hosts with sites, or with ``ground`` that of all hosts of a cluster."""
    if not ground:
        return [*terms, *(f"!{host}" for host in topology.others(groups))]
    members = topology.everybody(groups)
    return [",".join(members), *(f"&{term}" for term in terms)] if members else ["all", "!all"]


def _asked_for() -> bool:
    """Tell whether a playbook of this collection was named on the command line, and not imported by another."""
    named = context.CLIARGS.get("args") or ()
    return any(
        str(name).startswith(NAME) or (Path(name).exists() and Path(name).resolve().parent == PLAYBOOKS)
        for name in named
    )
