"""Our networks on a machine that has others: names of our own, and nothing goes that is not ours."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass, field
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

import pytest

from testhost import bridges, engine, places, privileged, surroundings
from testhost.errors import HostError
from testhost.surroundings import Link, Surroundings

SUBNET = IPv4Network("10.213.77.0/24")
PODMAN = {"name": "podman", "network_interface": "podman0", "subnets": [{"subnet": "10.88.0.0/16"}]}


@dataclass
class Machine:
    """A machine without a host: its links, what others have, podman's definitions of ours, and what was done."""

    links: dict[str, Link] = field(default_factory=dict)
    subnets: list[tuple[IPv4Network, str]] = field(default_factory=list)
    interfaces: frozenset[str] = frozenset()
    refused: str = ""
    done: list[str] = field(default_factory=list)

    def add(self, interface: str, *, name: str = "miclinik-10-213-77", subnet: IPv4Network = SUBNET) -> None:
        """Define a network of ours, as podman does."""
        subnets = [{"subnet": str(subnet), "gateway": str(subnet[1])}]
        content = {"name": name, "id": "1f", "network_interface": interface, "subnets": subnets}
        (places.NETWORKS / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")

    def definitions(self) -> list[dict[str, Any]]:
        """Return what podman reads."""
        return [json.loads(file.read_text(encoding="utf-8")) for file in sorted(places.NETWORKS.glob("*.json"))]

    def podman(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Stand for podman."""
        answer, code = "", 0
        if words[1] == "ls":
            answer = json.dumps([PODMAN, *self.definitions()])
        elif words[1] == "create":
            subnet = IPv4Network(words[2].removeprefix("--subnet="))
            self.add("podman1", name=words[3], subnet=subnet)
            code = int(bool(self.refused))
        else:
            self.done.append(" ".join(words))
            (places.NETWORKS / f"{words[2]}.json").unlink()
        return subprocess.CompletedProcess(words, code, answer, self.refused)

    def run(self, words: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        """Stand for root."""
        if words[0] == "ip":
            self.done.append(" ".join(words))
        if words[0] in {"ip", "iptables"}:
            return subprocess.CompletedProcess(words, 0, "", "")
        given = _.get("stdin")
        return subprocess.run(words, input=given.decode() if isinstance(given, bytes) else None, capture_output=True,
                              text=True, check=True)  # fmt: skip


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Machine:
    there = Machine()
    monkeypatch.setattr(places, "NETWORKS", tmp_path)
    monkeypatch.setattr(engine, "podman", there.podman)
    monkeypatch.setattr(privileged, "run", there.run)
    monkeypatch.setattr(surroundings, "links", lambda: there.links)
    monkeypatch.setattr(surroundings, "look", lambda: Surroundings(there.links, there.subnets, there.interfaces))
    return there


def _bridge(name: str, *addresses: str, ports: tuple[str, ...] = ()) -> dict[str, Link]:
    return {name: Link(name, "bridge", frozenset(addresses), frozenset(ports))}


def test_a_new_network_has_an_interface_of_its_own(machine: Machine) -> None:
    name, complaint = bridges.ensure(SUBNET, in_use=False)
    (made,) = machine.definitions()
    assert (complaint, made["name"]) == ("", name)
    assert name.startswith("miclinik-10-213-77-0-")
    assert (made["network_interface"], made["id"]) == ("miclinik0", "1f")
    assert list(places.NETWORKS.iterdir()) == [places.NETWORKS / f"{name}.json"]


def test_the_interface_is_free_on_the_machine_and_in_all_definitions(machine: Machine) -> None:
    machine.links = _bridge("miclinik0", "192.168.1.1/24")
    machine.interfaces = frozenset({"miclinik1"})
    machine.add("miclinik2", name="miclinik-10-213-78-0-abcd", subnet=IPv4Network("10.213.78.0/24"))
    name, _ = bridges.ensure(SUBNET, in_use=False)
    assert {entry["name"]: entry["network_interface"] for entry in machine.definitions()}[name] == "miclinik3"


def test_names_fit_into_the_kernels_15_characters() -> None:
    assert len(bridges.free_interface({f"miclinik{number}" for number in range(9999)})) <= 15


def test_a_network_in_use_is_kept_whatever_its_interface(machine: Machine) -> None:
    machine.add("podman1")
    machine.subnets = [(SUBNET, "the route 10.213.77.0/24 by podman1")]
    assert bridges.ensure(SUBNET, in_use=True) == ("miclinik-10-213-77", "")
    assert machine.done == []


def test_a_network_that_no_host_uses_is_made_anew(machine: Machine) -> None:
    machine.add("podman1")
    name, complaint = bridges.ensure(SUBNET, in_use=False)
    assert (complaint, machine.done) == ("", ["network rm miclinik-10-213-77"])
    assert [entry["network_interface"] for entry in machine.definitions()] == ["miclinik0"]
    assert name != "miclinik-10-213-77", "podman may remember addresses of that name's hosts"


def test_a_subnet_that_others_have_is_left_to_them(machine: Machine) -> None:
    machine.subnets = [(IPv4Network("10.213.0.0/16"), "the route 10.213.0.0/16 by tun0")]
    assert bridges.ensure(SUBNET, in_use=False) == ("", "the route 10.213.0.0/16 by tun0 overlaps it")
    assert machine.definitions() == []


@pytest.mark.parametrize("said", ["Error: subnet is in use", ""])
def test_what_podman_says_against_it(machine: Machine, said: str) -> None:
    machine.refused = said or " "
    assert bridges.ensure(SUBNET, in_use=False) == ("", said or "podman does not make it, and says nothing")


@pytest.mark.parametrize(
    ("interface", "links", "done"),
    [
        ("miclinik0", {}, []),
        # Left by a run that was killed.
        ("miclinik0", _bridge("miclinik0", "10.213.77.1/24", ports=("veth0",)), ["ip link delete miclinik0"]),
        ("podman1", _bridge("podman1", "10.213.77.1/24"), ["ip link delete podman1"]),
        # Somebody else's, of the same name.
        ("podman1", _bridge("podman1", "10.89.0.1/24", ports=("veth0",)), []),
        ("podman1", _bridge("podman1"), []),
        ("miclinik0", _bridge("miclinik0", "192.168.1.1/24"), []),
        ("miclinik0", {"miclinik0": Link("miclinik0", "veth", frozenset({"10.213.77.1/24"}))}, []),
        # Made by us, and joined by another engine's container.
        (
            "podman1",
            _bridge("podman1", "10.213.77.1/24", ports=("veth7",)),
            ["ip address delete 10.213.77.1/24 dev podman1"],
        ),
    ],
)
def test_of_a_bridge_goes_what_is_ours(
    machine: Machine, interface: str, links: dict[str, Link], done: list[str]
) -> None:
    machine.add(interface)
    machine.links = links
    (network,) = bridges.defined().values()
    bridges.drop(network)
    assert machine.done == [*done, "network rm miclinik-10-213-77"]


def test_a_bridge_that_is_anothers_is_named_at_once(machine: Machine) -> None:
    machine.add("podman1")
    machine.links = _bridge("podman1", "10.89.0.1/24")
    with pytest.raises(HostError) as caught:
        bridges.check(SUBNET)
    assert caught.value.expected == "the bridge podman1 to have the address 10.213.77.1/24"
    assert caught.value.seen == "it has 10.89.0.1/24: another made it"
    assert "down --all" in caught.value.mend


@pytest.mark.parametrize("links", [{}, _bridge("podman1", "10.213.77.1/24", ports=("veth0",))])
def test_a_bridge_that_is_ours_or_not_there_yet(machine: Machine, links: dict[str, Link]) -> None:
    machine.add("podman1")
    machine.links = links
    bridges.check(SUBNET)
