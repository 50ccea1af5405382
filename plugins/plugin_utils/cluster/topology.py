# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which host does what, where an inventory has several of them for the same sites.

The inventory's groups say it. Without such a group, or with one host in all of them, every host is what it is by
itself, and there is no topology.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypedDict

from ansible_collections.miclinik.hosting.plugins.module_utils.text import lists as text_lists
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site.schema import Problem

#: What a host may be, and the inventory's group of such hosts.
GROUPS = {
    "balancer": "miclinik_balancer",
    "app": "miclinik_app",
    "database": "miclinik_database",
    "cache": "miclinik_cache",
    "storage": "miclinik_storage",
    "arbiter": "miclinik_arbiter",
}
#: Copies of the documents, the arbiter's among them: it has names alone.
COPIES = 3
#: Who votes on which copy of the sessions is written to.
SENTINELS = 3


class Member(TypedDict):
    """A host: its name in the inventory, and the address by which the others reach it."""

    name: str
    address: str


class Topology(TypedDict):
    """All members, then those of each part in the inventory's order, and which parts a host has."""

    members: list[Member]
    balancer: list[Member]
    app: list[Member]
    database: list[Member]
    cache: list[Member]
    storage: list[Member]
    arbiter: list[Member]
    here: list[str]


def hosts(groups: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Return the hosts of each part; nothing where every host is by itself."""
    found = {part: [str(host) for host in groups.get(group, ())] for part, group in GROUPS.items()}
    return found if len({host for part in found.values() for host in part}) > 1 else {}


def others(groups: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the hosts that have a part, and serve no site."""
    found = hosts(groups)
    return [host for host in _everybody(found) if host not in found["app"]]


def everybody(groups: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the hosts that have a part."""
    return _everybody(hosts(groups))


def _everybody(found: Mapping[str, Sequence[str]]) -> list[str]:
    return list(dict.fromkeys(host for part in found.values() for host in part))


def of(groups: Mapping[str, Sequence[str]], variables: Mapping[str, Mapping[str, Any]], host: str = "") -> Any:  # noqa: ANN401 (a Topology, or nothing)
    """Return the ``Topology`` as ``host`` sees it, with ``variables`` by host; nothing where there is none."""
    found = hosts(groups)
    if not found:
        return {}
    known: dict[str, Member] = {
        name: {"name": name, "address": _address(name, variables[name])} for name in everybody(groups)
    }
    parts = {part: [known[name] for name in names] for part, names in found.items()}
    return {"members": list(known.values()), **parts, "here": [part for part, names in found.items() if host in names]}


def _address(name: str, variables: Mapping[str, Any]) -> str:
    return str(variables.get("cluster_address") or variables.get("ansible_host") or name)


def problems(groups: Mapping[str, Sequence[str]], ours: Sequence[str]) -> list[Problem]:
    """Return what of the groups makes no cluster; ``ours`` are the hosts that the playbooks work on."""
    found = hosts(groups)
    return [Problem("inventory", *rest) for rest in _rules(found, ours)] if found else []


def refused(groups: Mapping[str, Sequence[str]]) -> list[Problem]:
    """Return why a playbook that knows sites of one host alone does nothing for a cluster."""
    found = [GROUPS[part] for part, names in hosts(groups).items() if names]
    if not found:
        return []
    seen = f"declares a cluster ({', '.join(found)}), and this playbook knows sites of one host alone: here it would do"
    mend = "Do not run it here: docs/cluster.md says what there is in its place"
    return [Problem("inventory", "groups", f"{seen} harm", mend)]


def _rules(found: Mapping[str, Sequence[str]], ours: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    strangers = [host for host in _everybody(found) if host not in ours]
    if strangers:
        seen = f"do not hold {text_lists.shortened(strangers)}, who has a part in the cluster"
        yield "the hosts of the playbooks", seen, "Put the groups of the cluster below the group miclinik"
    if len(found["app"]) < 2:  # noqa: PLR2004 (two are several)
        yield (
            GROUPS["app"],
            f"has {_count(found['app'])}, and other groups of the cluster have more",
            "Put at least two hosts into it, or remove the groups: a database elsewhere is database.host of a site",
        )
    for part in ("balancer", "database", "storage"):
        if not found[part]:
            yield GROUPS[part], "has no host", f"Put hosts into it, {_WHY[part]}"
    yield from _votes(found)
    if found["storage"] and len(found["storage"]) + len(found["arbiter"][:1]) != COPIES:
        seen = f"has {_count(found['storage'])} and {GROUPS['arbiter']} {_count(found['arbiter'])}"
        yield GROUPS["storage"], seen, f"Put two hosts and an arbiter into them, or {COPIES} hosts and no arbiter"
    if found["cache"] and len(found["cache"]) + len(found["arbiter"][:1]) != SENTINELS:
        seen = f"has {_count(found['cache'])} and {GROUPS['arbiter']} {_count(found['arbiter'])}"
        mend = (
            f"Put two hosts and an arbiter into them, or {SENTINELS} hosts and no arbiter; without it a session stays"
        )
        yield GROUPS["cache"], seen, f"{mend} with one host"


_WHY = {
    "balancer": "by which callers reach whoever is alive",
    "database": "three, or two and one into miclinik_arbiter",
    "storage": "on which the documents are that all application hosts see",
}


def _votes(found: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, str, str]]:
    database, arbiter = found["database"], found["arbiter"]
    both = [host for host in arbiter if any(host in found[part] for part in ("database", "cache", "storage"))]
    if both:
        seen = f"holds {text_lists.shortened(both)}, who has data as well: with that host two votes would be lost"
        yield GROUPS["arbiter"], seen, "Name another, small host"
    if len(arbiter) > 1:
        yield GROUPS["arbiter"], f"has {_count(arbiter)}", "Keep one: it is there to make the number of votes odd"
    if database and ((len(database) + len(arbiter)) % 2 == 0 or len(database) == 1):
        seen = f"has {_count(database)} and {GROUPS['arbiter']} {_count(arbiter)}: half of them is no majority"
        yield GROUPS["database"], seen, "Put three hosts into it, or two and one into miclinik_arbiter"


def _count(names: Sequence[str]) -> str:
    return f"{len(names)} host{'' if len(names) == 1 else 's'}"
