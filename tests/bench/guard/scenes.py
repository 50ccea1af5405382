# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which floods there are, and who belongs on the site meanwhile."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

from tests.bench.host import TestHost

SITE = "norte"
DOMAIN = f"{SITE}.example.org"
#: Two programs with a key each, who may ask who they are.
LOGINS = ("integration", "second")
#: Those who ask again as soon as they are answered (0), or every so many seconds.
EVERY = {"integration": 0.0, "second": 0.1, "person": 0.2}
#: The first is what the others are compared with: it reaches no PHP, and shares the cores as they do.
STATIC = "static"
KINDS = (STATIC, "half-open", "wrong key", "no key", "wrong login", "page")
CONNECTIONS = (10, 50, 200, 1000)
ADDRESSES = (1, 50)
SPACE = "miclinik-bench"
#: Of a network that is nobody's (RFC 2544). The one that those who belong there share comes first in every flood.
HERE, CROWD = "198.18.0.1", [f"198.18.1.{number}" for number in range(1, 51)]
#: Where they are while fail2ban shuts the flood out.
ELSEWHERE = "198.18.2.1"


def neighbour(host: TestHost) -> None:
    """Give the host a network of strangers, of which packets really come from elsewhere."""
    addresses = " ".join([*CROWD, ELSEWHERE])
    host.run(f"""
        ip netns add {SPACE}
        ip link add bench0 type veth peer name bench1 netns {SPACE}
        ip addr add {HERE}/15 dev bench0
        ip link set bench0 up
        ip -n {SPACE} link set bench1 up
        for address in {addresses}; do ip -n {SPACE} addr add "$address/15" dev bench1; done
        ip netns exec {SPACE} sysctl -qw net.ipv4.ip_local_port_range='10000 65000'
    """)


def variables(source: str, server: str, engine: str, *, ban: bool) -> dict[str, Any]:
    """Return the inventory of the site. Its users may ask who they are, and nothing else."""
    site = {
        "name": SITE,
        "domain": DOMAIN,
        "source": {"type": "directory", "path": source} if source else {"type": "sandbox"},
        # Without these two an administrator is led to the set-up.
        "company": {"name": "Norte", "country": "ES"},
        "modules": ["societe", "product"],
        "api": {"users": [{"login": login, "rights": ["user.self.creer"]} for login in LOGINS]},
    }
    return {
        "miclinik_sites": [site],
        "miclinik_web_server": server,
        "miclinik_database_engine": engine,
        "fail2ban_enabled": ban,
    }


def floods(kinds: Sequence[str], connections: Sequence[int], addresses: Sequence[int]) -> list[dict[str, Any]]:
    """Return the scenes, each number and each spread of connections with all kinds, the one to compare with first."""
    return [
        {"kind": kind, "connections": number, "addresses": CROWD[:spread]}
        for number, spread, kind in itertools.product(connections, addresses, kinds)
        if number >= spread
    ]


def plan(
    secrets: Mapping[str, Any], scenes: Sequence[Mapping[str, Any]], seconds: float, own: str = CROWD[0]
) -> dict[str, Any]:
    """Return what the program on the host reads; ``own`` is the address of those who belong there."""
    return {
        "target": HERE,
        "port": 80,
        "domain": DOMAIN,
        "own": dict.fromkeys(EVERY, own),
        "every": EVERY,
        "keys": {login: secrets["users"][login]["key"] for login in LOGINS},
        "password": secrets["admin_password"],
        "seconds": seconds,
        "settle": 1.0,
        "scenes": scenes,
    }
