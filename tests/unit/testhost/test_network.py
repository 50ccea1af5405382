"""Addresses that hosts get."""

from __future__ import annotations

from ipaddress import IPv4Network

import pytest

from testhost import bridges, network
from testhost.errors import HostError

SUBNET = IPv4Network("10.213.77.0/24")


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A machine where 10.213.77.0/24 is taken by somebody else; returns the networks that were asked for."""
    asked: list[str] = []

    def ensure(subnet: IPv4Network, *, in_use: bool) -> tuple[str, str]:
        asked.append(f"{subnet}{' in use' if in_use else ''}")
        return ("", "the route overlaps it") if subnet == SUBNET else (f"name of {subnet}", "")

    monkeypatch.setattr(bridges, "ensure", ensure)
    return asked


@pytest.mark.parametrize("address", ["10.213.77.5", "192.168.3.200"])
def test_subnet_is_the_24_around_the_address(address: str) -> None:
    assert str(network.subnet_of(address)) == address.rsplit(".", 1)[0] + ".0/24"


@pytest.mark.parametrize("address", ["10.213.77.0", "10.213.77.1", "10.213.77.255", "8.8.8.8", "demo", "10.213.77", ""])
def test_addresses_that_no_host_can_have(address: str) -> None:
    with pytest.raises(HostError) as caught:
        network.subnet_of(address)
    assert caught.value.seen == address
    assert "--ip" in caught.value.mend


def test_lowest_free_address_leaves_the_first_ones_alone() -> None:
    assert network.free_address(SUBNET, set()) == "10.213.77.11"
    assert network.free_address(SUBNET, {"10.213.77.11", "10.213.77.13"}) == "10.213.77.12"


def test_a_full_subnet_has_none() -> None:
    assert network.free_address(SUBNET, {str(address) for address in SUBNET}) is None


@pytest.mark.usefixtures("made")
def test_a_taken_subnet_is_passed_over() -> None:
    assert network.assign(None, set()) == ("name of 10.213.78.0/24", "10.213.78.11")


@pytest.mark.usefixtures("made")
def test_a_wanted_address_in_a_taken_subnet_is_refused() -> None:
    with pytest.raises(HostError, match=r"the route overlaps it\n    mend: choose an address in another /24"):
        network.assign("10.213.77.5", set())


def test_a_wanted_address_makes_its_network(made: list[str]) -> None:
    assert network.assign("10.9.8.7", {"10.9.7.7"}) == ("name of 10.9.8.0/24", "10.9.8.7")
    assert network.assign("10.9.8.8", {"10.9.8.7"}) == ("name of 10.9.8.0/24", "10.9.8.8")
    assert made == ["10.9.8.0/24", "10.9.8.0/24 in use"]


def test_an_address_in_use_is_refused(made: list[str]) -> None:
    with pytest.raises(HostError, match=r"another test host has it"):
        network.assign("10.9.8.7", {"10.9.8.7"})
    assert made == []


def test_a_machine_where_all_is_taken(monkeypatch: pytest.MonkeyPatch, made: list[str]) -> None:
    monkeypatch.setattr(network, "SUBNETS", (SUBNET, IPv4Network("10.213.78.0/30")))
    with pytest.raises(HostError) as caught:
        network.assign(None, set())
    assert caught.value.seen == "10.213.77.0/24: the route overlaps it; 10.213.78.0/30: full"
    assert made == ["10.213.77.0/24"]


def test_the_subnets_lie_in_more_than_one_private_range() -> None:
    assert len({str(subnet).split(".")[0] for subnet in network.SUBNETS}) == 3
    assert all(subnet.is_private and subnet.prefixlen == 24 for subnet in network.SUBNETS)
