"""Addresses that hosts get."""

from __future__ import annotations

import subprocess
from ipaddress import IPv4Network

import pytest

from testhost import engine, network
from testhost.errors import HostError

SUBNET = IPv4Network("10.213.77.0/24")


@pytest.fixture
def podman(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A podman without networks, on a machine where 10.213.77.0/24 is taken by somebody else; returns its calls."""
    calls: list[str] = []

    def answer(*arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        calls.append(" ".join(arguments))
        failed = arguments[1] == "exists" or "--subnet=10.213.77.0/24" in arguments
        return subprocess.CompletedProcess(arguments, int(failed), "", "subnet is in use" if failed else "")

    monkeypatch.setattr(engine, "podman", answer)
    return calls


@pytest.mark.parametrize("address", ["10.213.77.5", "192.168.3.200"])
def test_subnet_is_the_24_around_the_address(address: str) -> None:
    assert str(network.subnet_of(address)) == address.rsplit(".", 1)[0] + ".0/24"


@pytest.mark.parametrize("address", ["10.213.77.0", "10.213.77.1", "10.213.77.255", "8.8.8.8", "demo", "10.213.77", ""])
def test_addresses_that_no_host_can_have(address: str) -> None:
    with pytest.raises(HostError) as caught:
        network.subnet_of(address)
    assert caught.value.seen == address
    assert "--ip" in caught.value.mend


def test_name_is_ours() -> None:
    assert network.name_of(SUBNET) == "miclinik-10-213-77"


def test_lowest_free_address_leaves_the_first_ones_alone() -> None:
    assert network.free_address(SUBNET, set()) == "10.213.77.11"
    assert network.free_address(SUBNET, {"10.213.77.11", "10.213.77.13"}) == "10.213.77.12"


def test_a_full_subnet_has_none() -> None:
    assert network.free_address(SUBNET, {str(address) for address in SUBNET}) is None


@pytest.mark.usefixtures("podman")
def test_a_taken_subnet_is_passed_over() -> None:
    assert network.assign(None, set()) == ("miclinik-10-213-78", "10.213.78.11")


@pytest.mark.usefixtures("podman")
def test_a_wanted_address_in_a_taken_subnet_is_refused() -> None:
    with pytest.raises(HostError, match=r"subnet is in use"):
        network.assign("10.213.77.5", set())


def test_a_wanted_address_makes_its_network(podman: list[str]) -> None:
    assert network.assign("10.9.8.7", set()) == ("miclinik-10-9-8", "10.9.8.7")
    assert podman[-1] == "network create --subnet=10.9.8.0/24 miclinik-10-9-8"


def test_an_address_in_use_is_refused(podman: list[str]) -> None:
    with pytest.raises(HostError, match=r"another test host has it"):
        network.assign("10.9.8.7", {"10.9.8.7"})
    assert podman == []
