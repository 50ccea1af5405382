# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Why a playbook has no host to work on. Ansible itself says "no hosts matched", and ends well."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ansible_collections.miclinik.hosting.plugins.module_utils.text import lists as text_lists

#: In every inventory, whoever wrote it.
_BUILT_IN = frozenset({"all", "ungrouped"})
_VARIABLE = (
    "A playbook takes miclinik_hosts from the command line (-e), not from the inventory, whose variables it sees only"
    " once it has hosts"
)


@dataclass(frozen=True)
class Selection:
    """What an inventory holds and what of it was asked for.

    `matched` are the hosts of `pattern`, `left` those that are left of them by `limit` (empty without --limit).
    """

    pattern: str
    matched: Sequence[str]
    left: Sequence[str]
    limit: str
    groups: Mapping[str, Sequence[str]]
    sources: Sequence[str]


def problem(selection: Selection) -> str:
    """Return what is wrong and what mends it; nothing when there is a host to work on."""
    if selection.left:
        return ""
    if selection.matched:
        return (
            f"--limit {selection.limit} leaves none of the hosts of {selection.pattern!r}, which are"
            f" {text_lists.shortened(selection.matched)}. To mend: limit it to one of these, or leave --limit out"
        )
    where = f"The inventory ({', '.join(selection.sources) or 'none was named'})"
    hosts = selection.groups.get("all", ())
    if not hosts:
        return f"{where} holds no host. To mend: name an inventory that holds some, with -i"
    if selection.pattern in selection.groups:
        return (
            f"The group {selection.pattern!r} is empty. {where} holds the hosts"
            f" {text_lists.shortened(hosts)}. To mend: put those with miclinik_sites into the group"
        )
    own = sorted(name for name in selection.groups if name not in _BUILT_IN)
    known = (
        f"the groups {text_lists.shortened(own)}" if own else f"no group, and the hosts {text_lists.shortened(hosts)}"
    )
    near = _nearest(selection.pattern, own, hosts)
    return (
        f"No host matches {selection.pattern!r}. {where} holds {known}. To mend: call the group of hosts with"
        f" miclinik_sites {selection.pattern!r}, or name yours: -e miclinik_hosts={near}. {_VARIABLE}"
    )


def _nearest(pattern: str, groups: Sequence[str], hosts: Sequence[str]) -> str:
    """Return the group, or else the host, that was most probably meant."""
    for names in (groups, hosts):
        close = difflib.get_close_matches(pattern, names, n=1, cutoff=0.6)
        if close:
            return close[0]
    return groups[0] if len(groups) == 1 else "all" if not groups else "GROUP"
