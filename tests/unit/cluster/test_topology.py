# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which groups make a cluster, and what is said of those that make none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from ansible_collections.miclinik.hosting.plugins.plugin_utils.cluster import ports, topology

AB = ["a", "b"]
SMALL: dict[str, list[str]] = {
    "miclinik_balancer": AB,
    "miclinik_app": AB,
    "miclinik_database": AB,
    "miclinik_storage": AB,
    "miclinik_arbiter": ["c"],
}
LARGE = {
    "miclinik_balancer": ["l1", "l2"],
    "miclinik_app": AB,
    "miclinik_database": ["d1", "d2", "d3"],
    "miclinik_storage": ["d1", "d2", "d3"],
}
VARIABLES: dict[str, dict[str, str]] = {
    "a": {"ansible_host": "192.0.2.1"},
    "b": {"ansible_host": "10.0.0.2", "cluster_address": "192.0.2.2"},
    "c": {},
}


def _problems(groups: Mapping[str, Sequence[str]]) -> dict[str, str]:
    ours = [host for names in groups.values() for host in names]
    return {problem.key: problem.seen for problem in topology.problems(groups, ours)}


@pytest.mark.parametrize("groups", [{}, {"miclinik": AB}, {key: ["a"] for key in SMALL}, {"miclinik_app": ["a"]}])
def test_every_host_is_by_itself(groups: dict[str, list[str]]) -> None:
    assert topology.of(groups, {}, "a") == {}
    assert topology.problems(groups, []) == []
    assert (topology.others(groups), topology.everybody(groups)) == ([], [])
    assert topology.refused(groups) == []
    assert ports.opened(topology.of(groups, {}, "a")) == []


@pytest.mark.parametrize(
    "groups", [SMALL, LARGE, SMALL | {"miclinik_cache": AB}, LARGE | {"miclinik_cache": ["d1", "d2", "d3"]}]
)
def test_what_makes_a_cluster(groups: dict[str, list[str]]) -> None:
    assert _problems(groups) == {}


def test_what_a_host_knows() -> None:
    seen = topology.of(SMALL, VARIABLES, "b")
    assert seen["here"] == ["balancer", "app", "database", "storage"]
    assert seen["database"] == [{"name": "a", "address": "192.0.2.1"}, {"name": "b", "address": "192.0.2.2"}]
    assert seen["members"][2] == {"name": "c", "address": "c"}
    assert topology.others(SMALL) == ["c"]
    assert topology.everybody(SMALL) == ["a", "b", "c"]
    opened = ports.opened(topology.of(SMALL, VARIABLES | {"c": {"ansible_host": "192.0.2.3"}}, "c"))
    assert opened[0] == {"port": 4567, "from": ["192.0.2.1", "192.0.2.2", "192.0.2.3"]}


@pytest.mark.parametrize(("host", "more"), [("a", {6379, 26379}), ("c", {26379})])
def test_ports_of_the_sessions(host: str, more: set[int]) -> None:
    def _open(groups: dict[str, list[str]]) -> set[object]:
        return {entry["port"] for entry in ports.opened(topology.of(groups, VARIABLES, host))}

    assert _open(SMALL | {"miclinik_cache": AB}) - _open(SMALL) == more


@pytest.mark.parametrize(
    ("change", "key", "seen"),
    [
        ({"miclinik_arbiter": []}, "miclinik_database", "has 2 hosts and miclinik_arbiter 0 hosts: half of them is no"),
        ({"miclinik_database": ["a"]}, "miclinik_database", "has 1 host and miclinik_arbiter 1 host"),
        ({"miclinik_database": ["a", "b", "d"]}, "miclinik_database", "has 3 hosts and miclinik_arbiter 1 host"),
        ({"miclinik_database": []}, "miclinik_database", "has no host"),
        ({"miclinik_balancer": []}, "miclinik_balancer", "has no host"),
        ({"miclinik_storage": []}, "miclinik_storage", "has no host"),
        ({"miclinik_storage": ["a"]}, "miclinik_storage", "has 1 host and miclinik_arbiter 1 host"),
        ({"miclinik_app": ["a"]}, "miclinik_app", "has 1 host, and other groups"),
        ({"miclinik_app": []}, "miclinik_app", "has 0 hosts, and other groups"),
        ({"miclinik_arbiter": ["b"]}, "miclinik_arbiter", "holds b, who has data as well"),
        ({"miclinik_cache": ["a"]}, "miclinik_cache", "has 1 host and miclinik_arbiter 1 host"),
        ({"miclinik_cache": ["a", "b", "d"]}, "miclinik_cache", "has 3 hosts and miclinik_arbiter 1 host"),
        ({"miclinik_cache": ["a", "c"]}, "miclinik_arbiter", "holds c, who has data as well"),
    ],
)
def test_what_makes_none(change: dict[str, list[str]], key: str, seen: str) -> None:
    assert seen in _problems(SMALL | change)[key]


def test_hosts_that_the_playbooks_do_not_reach() -> None:
    (problem,) = topology.problems(SMALL, AB)
    assert str(problem) == (
        "inventory: the hosts of the playbooks: do not hold c, who has a part in the cluster. Put the groups of the"
        " cluster below the group miclinik."
    )


def test_a_playbook_that_knows_one_host() -> None:
    (problem,) = topology.refused(SMALL)
    assert str(problem).startswith(
        "inventory: groups: declares a cluster (miclinik_balancer, miclinik_app, miclinik_database, miclinik_storage,"
        " miclinik_arbiter), and this playbook knows sites of one host alone"
    )
