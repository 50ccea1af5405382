# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which sites have a jail of fail2ban's, over which logs and ports, and who is never shut out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from ansible_collections.miclinik.hosting.plugins.module_utils.site.site import Site
from ansible_collections.miclinik.hosting.plugins.plugin_utils.web import servers

#: The host itself.
_LOOPBACK = ("127.0.0.0/8", "::1")
#: Networks in which one address may stand for many clients: a router's, a tunnel's, a container's, a provider's (RFC
#: 6598), and those of a link.
_PRIVATE = (
    *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16"),
    *("fc00::/7", "fe80::/10"),
)


class Jail(TypedDict):
    """A jail: ``never`` are the addresses and networks that it lets alone, ``logs`` names in the server's folder."""

    name: str
    logs: list[str]
    ports: list[int]
    never: list[str]


def of(sites: Sequence[Site], *, never: Sequence[str] = (), private: bool = False) -> list[Jail]:
    """Return the jails of ``sites``; ``private`` has clients with private addresses shut out as well.

    Packets of a site behind a trusted proxy come from the proxy, and all sites share the host's addresses: what one of
    them trusts none may shut out.
    """
    trusted = [address for site in sites for address in (*site["proxy"]["trusted"], *site["api"]["allowed_ips"])]
    spared = list(dict.fromkeys([*_LOOPBACK, *(() if private else _PRIVATE), *trusted, *never]))
    return [
        {
            # A jail of that name alone may be somebody else's: `sshd` is.
            "name": f"miclinik-{site['name']}",
            "logs": [site["logs"]["access"], site["logs"]["api"]],
            "ports": sorted(port for kind in servers.ports([site]).values() for port in kind),
            "never": spared,
        }
        for site in sites
        if not site["proxy"]["trusted"]
    ]
