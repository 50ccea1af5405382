"""Our podman networks and their bridges: each has an interface name of its own, and goes only where it is ours.

podman numbers its bridges (podman0, podman1 ...) by what its own storage knows. Ours has a storage of its own, so it
would choose names that the machine's podman has or will have: two networks on one bridge, of which one is dead.
"""

from __future__ import annotations

import ipaddress
import json
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from testhost import engine, places, privileged, surroundings, wayout
from testhost.errors import HostError
from testhost.surroundings import Link

# An interface's name has at most 15 characters.
PREFIX = "miclinik"


@dataclass(frozen=True)
class Network:
    """One of our networks, as its definition says."""

    name: str
    interface: str
    subnet: ipaddress.IPv4Network
    address: str  # of the bridge, which is the hosts' gateway

    @property
    def gateway(self) -> str:
        """The bridge's address with its prefix, as the bridge has it."""
        return f"{self.address}/{self.subnet.prefixlen}"

    @property
    def file(self) -> Path:
        """Where podman keeps the definition."""
        return places.NETWORKS / f"{self.name}.json"

    def owns(self, link: Link) -> bool:
        """Tell whether `link` is this network's bridge: netavark gives the address to no bridge but its own."""
        return link.kind == "bridge" and self.gateway in link.addresses


def defined() -> dict[ipaddress.IPv4Network, Network]:
    """Return our networks by subnet."""
    shown = json.loads(engine.podman("network", "ls", "--format=json").stdout or "[]")
    ours = [_network(entry) for entry in shown if entry["name"].startswith(places.PREFIX)]
    return {network.subnet: network for network in ours}


def _network(entry: dict[str, Any]) -> Network:
    subnet = entry["subnets"][0]
    return Network(
        entry["name"], entry["network_interface"], ipaddress.IPv4Network(subnet["subnet"]), subnet["gateway"]
    )


def ensure(subnet: ipaddress.IPv4Network, *, in_use: bool) -> tuple[str, str]:
    """Return the name of the network of `subnet`, and an empty string; or what stands against it as the second.

    One that no host uses is made anew: what it was made beside may have changed, and an earlier version let podman
    choose its interface. Call it with the machine's lock held.
    """
    known = defined()
    if subnet in known:
        if in_use:
            return known[subnet].name, ""
        drop(known.pop(subnet))
    around = surroundings.look()
    owner = around.owner(subnet)
    if owner:
        return "", f"{owner} overlaps it"
    taken = {*around.links, *around.interfaces, *(network.interface for network in known.values())}
    return _make(subnet, free_interface(taken))


def free_interface(taken: Collection[str]) -> str:
    """Return the first name of ours that is not in `taken`."""
    return next(name for name in (f"{PREFIX}{number}" for number in count()) if name not in taken)


def _make(subnet: ipaddress.IPv4Network, interface: str) -> tuple[str, str]:
    # A name that was never there: of one that was, podman may remember addresses of hosts that died with the machine.
    name = f"{places.PREFIX}{str(subnet.network_address).replace('.', '-')}-{secrets.token_hex(2)}"
    made = engine.podman("network", "create", f"--subnet={subnet}", name, check=False)
    if made.returncode != 0:
        return "", made.stderr.strip() or "podman does not make it, and says nothing"
    file = places.NETWORKS / f"{name}.json"
    # podman 4.3 has no option for it. Nothing has used the network yet, and nobody else reads this folder.
    definition = json.loads(privileged.run(["cat", str(file)]).stdout) | {"network_interface": interface}
    privileged.run(["tee", f"{file}.new"], stdin=json.dumps(definition, indent=2).encode())
    privileged.run(["mv", f"{file}.new", str(file)])
    return name, ""


def drop(network: Network) -> None:
    """Remove a network that no host uses, and of its bridge what is ours."""
    link = surroundings.links().get(network.interface)
    # The bridge goes with its last host, unless a run was killed.
    if link is not None and network.owns(link):
        if network.interface.startswith(PREFIX) or not link.ports:
            privileged.run(["ip", "link", "delete", network.interface])
        else:
            # Named by podman, as earlier versions let it: others' containers are in it.
            privileged.run(["ip", "address", "delete", network.gateway, "dev", network.interface])
    engine.podman("network", "rm", network.name)
    wayout.close(network.subnet)


def check(subnet: ipaddress.IPv4Network) -> None:
    """Raise HostError where the bridge of the network of `subnet` is another's: then its hosts cannot be reached."""
    network = defined().get(subnet)
    link = surroundings.links().get(network.interface) if network else None
    if network and link and not network.owns(link):
        raise HostError(
            f"the bridge {network.interface} to have the address {network.gateway}",
            f"it has {', '.join(sorted(link.addresses)) or 'none'}: another made it",
            "python3 -m testhost down --all, then start the hosts again: their network is made anew",
        )
