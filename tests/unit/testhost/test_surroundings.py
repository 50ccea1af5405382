"""What the machine's network holds already, read from what its programs say."""

from __future__ import annotations

import json
import subprocess
from ipaddress import IPv4Network

import pytest

from testhost import privileged, surroundings
from testhost.surroundings import Link

LINKS = json.dumps(
    [
        {"ifname": "lo", "addr_info": [{"family": "inet", "local": "127.0.0.1", "prefixlen": 8}]},
        {
            "ifname": "podman1",
            "linkinfo": {"info_kind": "bridge"},
            "addr_info": [
                {"family": "inet", "local": "10.89.0.1", "prefixlen": 24},
                {"family": "inet6", "local": "fe80::1", "prefixlen": 64},
            ],
        },
        {"ifname": "veth0", "master": "podman1", "linkinfo": {"info_kind": "veth"}, "addr_info": []},
        {},
    ]
)
ROUTES = json.dumps(
    [
        {"dst": "default", "gateway": "192.0.2.1", "dev": "eth0"},
        {"dst": "192.0.2.0/24", "dev": "eth0", "scope": "link"},
        {"dst": "10.213.77.4", "dev": "tun0"},
        {"dst": "0.0.0.0/1", "dev": "tun0"},
        {"dst": "10.0.0.0/8", "dev": "tun0"},
        {"type": "unreachable", "dst": "172.29.0.0/16"},
        {"type": "local", "dst": "10.213.78.1", "dev": "lo", "table": "local"},
        {"type": "broadcast", "dst": "10.213.78.255", "dev": "lo", "table": "local"},
    ]
)
# Of podman 4 with netavark, and of podman 3 with CNI.
DEFINITIONS = """
{"name": "shop", "driver": "bridge", "network_interface": "podman1",
 "subnets": [{"subnet": "10.213.78.128/25", "gateway": "10.213.78.129"}, {"subnet": "fd00::/64"}]}
{"cniVersion": "0.4.0", "name": "old", "plugins": [{"type": "bridge", "bridge": "cni-podman3",
 "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.90.0.0/16"}]]}}]}
"""


def test_links() -> None:
    assert surroundings.parse_links(LINKS) == {
        "lo": Link("lo", "", frozenset({"127.0.0.1/8"})),
        "podman1": Link("podman1", "bridge", frozenset({"10.89.0.1/24"}), frozenset({"veth0"})),
        "veth0": Link("veth0", "veth"),
    }
    assert surroundings.parse_links("") == {}


def test_routes_that_a_network_of_ours_must_not_meet() -> None:
    assert surroundings.parse_routes(ROUTES) == [
        (IPv4Network("192.0.2.0/24"), "the route 192.0.2.0/24 by eth0"),
        (IPv4Network("10.213.77.4/32"), "the route 10.213.77.4/32 by tun0"),
        (IPv4Network("172.29.0.0/16"), "the route 172.29.0.0/16 by unreachable"),
    ]


def test_definitions_of_other_engines() -> None:
    subnets, interfaces = surroundings.parse_definitions(DEFINITIONS)
    assert subnets == [
        (IPv4Network("10.213.78.128/25"), "podman's network 10.213.78.128/25"),
        (IPv4Network("10.90.0.0/16"), "podman's network 10.90.0.0/16"),
    ]
    assert interfaces == {"podman1", "cni-podman3"}


@pytest.mark.parametrize(
    ("subnet", "owner"),
    [
        ("10.213.77.0/24", "the route 10.213.77.4/32 by tun0"),
        ("10.213.78.0/24", "podman's network 10.213.78.128/25"),
        ("172.29.213.0/24", "the route 172.29.0.0/16 by unreachable"),
        ("10.213.79.0/24", ""),
    ],
)
def test_whose_a_subnet_is(monkeypatch: pytest.MonkeyPatch, subnet: str, owner: str) -> None:
    answers = {"address": LINKS, "route": ROUTES, "sh": DEFINITIONS}

    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        said = next(text for word, text in answers.items() if word in command)
        return subprocess.CompletedProcess(command, 0, said, "")

    monkeypatch.setattr(privileged, "run", run)
    found = surroundings.look()
    assert found.owner(IPv4Network(subnet)) == owner
    assert sorted(found.links) == ["lo", "podman1", "veth0"]
    assert sorted(found.interfaces) == ["cni-podman3", "podman1"]
