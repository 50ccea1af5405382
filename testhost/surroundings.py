"""What the machine's network holds already: links, routes, and what other container engines have defined."""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from testhost import privileged

# Root's networks of podman (netavark, and CNI before it). A user's own live in a network namespace of theirs, and
# docker's are there as links and routes, in use or not.
FOREIGN_DEFINITIONS = ("/etc/containers/networks/*.json", "/etc/cni/net.d/*.conflist")
_SUBNET = re.compile(r'"subnet":\s*"([0-9.]+/[0-9]+)"')
_INTERFACE = re.compile(r'"(?:network_interface|bridge)":\s*"([^"]+)"')
# A wider route leads to many networks (a VPN's 10.0.0.0/8, a default route in two halves); ours goes before it.
NARROW = 16


@dataclass(frozen=True)
class Link:
    """A network interface; `addresses` are its IPv4 ones with their prefix, `ports` are the links in it."""

    name: str
    kind: str = ""
    addresses: frozenset[str] = frozenset()
    ports: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Surroundings:
    """What is there. `subnets` says of each whose it is; `interfaces` are names that somebody will want again."""

    links: Mapping[str, Link]
    subnets: Sequence[tuple[ipaddress.IPv4Network, str]]
    interfaces: frozenset[str]

    def owner(self, subnet: ipaddress.IPv4Network) -> str:
        """Return who has a part of `subnet`, or an empty string."""
        return next((owner for other, owner in self.subnets if other.overlaps(subnet)), "")


def parse_links(text: str) -> dict[str, Link]:
    """Return the links of `ip -json -details address show`."""
    # Some versions show an empty object for what they leave out.
    shown: list[dict[str, Any]] = [entry for entry in json.loads(text or "[]") if entry]
    ports: dict[str, set[str]] = {}
    for entry in shown:
        ports.setdefault(entry.get("master", ""), set()).add(entry["ifname"])
    return {
        entry["ifname"]: Link(
            entry["ifname"],
            entry.get("linkinfo", {}).get("info_kind", ""),
            frozenset(
                f"{address['local']}/{address['prefixlen']}"
                for address in entry.get("addr_info", [])
                if address.get("family") == "inet"
            ),
            frozenset(ports.get(entry["ifname"], ())),
        )
        for entry in shown
    }


def parse_routes(text: str) -> list[tuple[ipaddress.IPv4Network, str]]:
    """Return the subnets of `ip -json -4 route show table all`, with what to say of each."""
    found = []
    for route in json.loads(text or "[]"):
        if route["dst"] == "default" or route.get("type", "unicast") in {"local", "broadcast", "multicast"}:
            continue
        subnet = ipaddress.IPv4Network(route["dst"], strict=False)
        if subnet.prefixlen >= NARROW:
            found.append((subnet, f"the route {subnet} by {route.get('dev', route.get('type', 'another'))}"))
    return found


def parse_definitions(text: str) -> tuple[list[tuple[ipaddress.IPv4Network, str]], frozenset[str]]:
    """Return the subnets and the interfaces of other engines' definitions."""
    subnets = [
        (ipaddress.IPv4Network(found, strict=False), f"podman's network {found}") for found in _SUBNET.findall(text)
    ]
    return subnets, frozenset(_INTERFACE.findall(text))


def links() -> dict[str, Link]:
    """Return the links of this machine."""
    return parse_links(privileged.run(["ip", "-json", "-details", "address", "show"]).stdout)


def look() -> Surroundings:
    """Return what this machine has now."""
    routes = parse_routes(privileged.run(["ip", "-json", "-4", "route", "show", "table", "all"]).stdout)
    # A folder that is not there is no failure: then nobody has defined anything.
    definitions = privileged.run(["sh", "-c", f"cat {' '.join(FOREIGN_DEFINITIONS)} 2>/dev/null || true"])
    subnets, interfaces = parse_definitions(definitions.stdout)
    return Surroundings(links(), [*routes, *subnets], interfaces)
