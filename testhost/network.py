"""Addresses and networks of the hosts: one bridge for each /24, made when its first host starts."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection

from testhost import bridges
from testhost.errors import HostError

# Tried in this order until one is free on the machine; the last two are for one whose 10.0.0.0/8 is taken.
SUBNETS = tuple(
    ipaddress.IPv4Network(text)
    for text in (*(f"10.213.{third}.0/24" for third in range(77, 85)), "172.29.213.0/24", "192.168.213.0/24")
)
# The first ten addresses are for hosts that ask for theirs by --ip, so that these are never given away.
FIRST_AUTOMATIC = 11


def subnet_of(address: str) -> ipaddress.IPv4Network:
    """Return the /24 around `address`. Raises HostError when it cannot be a host's address."""
    try:
        parsed = ipaddress.IPv4Address(address)
    except ValueError as error:
        raise HostError("an IPv4 address", address, "for example --ip 10.213.77.5") from error
    subnet = ipaddress.IPv4Network(f"{address}/24", strict=False)
    if not parsed.is_private or parsed in {subnet[0], subnet[1], subnet[-1]}:
        raise HostError(
            "a private address that is not the network's own, its gateway (.1) or its broadcast address",
            address,
            "for example --ip 10.213.77.5",
        )
    return subnet


def free_address(subnet: ipaddress.IPv4Network, used: Collection[str]) -> str | None:
    """Return the lowest automatic address of `subnet` that is not in `used`, or None."""
    for number in range(FIRST_AUTOMATIC, subnet.num_addresses - 1):
        if str(subnet[number]) not in used:
            return str(subnet[number])
    return None


def _in_use(subnet: ipaddress.IPv4Network, used: Collection[str]) -> bool:
    return any(ipaddress.IPv4Address(address) in subnet for address in used)


def assign(wanted: str | None, used: Collection[str]) -> tuple[str, str]:
    """Return (network name, address) for a new host: `wanted`, or a free one.

    Call it with the machine's lock held. Raises HostError when the address or every subnet is taken.
    """
    if wanted is not None:
        subnet = subnet_of(wanted)
        if wanted in used:
            raise HostError(f"{wanted} to be free", "another test host has it", "python3 -m testhost list")
        name, complaint = bridges.ensure(subnet, in_use=_in_use(subnet, used))
        if complaint:
            raise HostError(
                f"a network {subnet} for {wanted}",
                complaint,
                "choose an address in another /24 (for the demo: make demo DEMO_IP=10.214.77.5)",
            )
        return name, wanted
    complaints = []
    for subnet in SUBNETS:
        address = free_address(subnet, used)
        if address is None:
            complaints.append(f"{subnet}: full")
            continue
        name, complaint = bridges.ensure(subnet, in_use=_in_use(subnet, used))
        if not complaint:
            return name, address
        complaints.append(f"{subnet}: {complaint}")
    raise HostError("a free subnet", "; ".join(complaints), "name an address with --ip")
