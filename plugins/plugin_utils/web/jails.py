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
    """A jail: ``never`` are the addresses and networks that it lets alone, ``logs`` names in the server's folder.

    ``known`` is the folder with a file for each address from which somebody known has called, which it lets alone as
    well; none for the jail that looks at passwords alone, wherever they come from.
    """

    name: str
    filter: str
    known: str | None
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
    jailed = [site for site in sites if not site["proxy"]["trusted"]]
    found: list[Jail] = [
        {
            # A jail of that name alone may be somebody else's: `sshd` is.
            "name": f"miclinik-{site['name']}",
            "filter": "miclinik",
            "known": f"{site['signed_in']}/from",
            "logs": [site["logs"]["access"], site["logs"]["api"]],
            "ports": _ports([site]),
            "never": spared,
        }
        for site in jailed
    ]
    if found:
        # One for all of them, of which no site can have the name.
        logs = [log for jail in found for log in jail["logs"]]
        found.append(
            {
                "name": "miclinik_passwords",
                "filter": "miclinik-passwords",
                "known": None,
                "logs": logs,
                "ports": _ports(jailed),
                "never": spared,
            }
        )
    return found


def _ports(sites: Sequence[Site]) -> list[int]:
    return sorted({port for kind in servers.ports(sites).values() for port in kind})
