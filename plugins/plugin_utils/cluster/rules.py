# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What sites have to say, and may not ask for, where several hosts serve them."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.site.site import Site
from ansible_collections.miclinik.hosting.plugins.plugin_utils.cluster.topology import Topology
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import rules as site_rules
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import sites
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site.addresses import Rest
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site.schema import Problem

#: Where the balancers listen.
FRONTS = (80, 443)


def check(topology: Topology | Mapping[str, Any], entries: Sequence[Mapping[str, Any]], engine: str) -> list[Problem]:
    """Return what of the sites does not fit the ``topology``."""
    if not topology:
        return [
            Problem(f"site '{entry['name']}'", *site_rules.NO_PASSWORD)
            for entry in entries
            if (database := entry.get("database") or {}).get("host") == sites.CLUSTER_DATABASE[0]
            and database.get("password") is None
        ]
    found = []
    if engine != "mariadb":
        mend = "Set it to mariadb, or use a server that somebody else runs, and no group miclinik_database"
        found.append(Problem("inventory", "miclinik_database_engine", f"is {engine}, and Galera is MariaDB's", mend))
    planned = sites.plan(entries, cluster=True)
    return found + [Problem(f"site '{site['name']}'", *rest) for site in planned for rest in _rules(site, topology)]


def _rules(site: Site, topology: Topology | Mapping[str, Any]) -> Iterator[Rest]:
    database = site["database"]
    host, port = sites.CLUSTER_DATABASE
    if (database["host"], database["port"]) != (host, port):
        seen = f"leads to {database['host']}:{database['port'] or '(usual port)'}, and no HAProxy of ours listens there"
        yield "database", seen, f"Write database: {{host: {host}, port: {port}}}"
    balancers = [member["address"] for member in topology["balancer"]]
    strange = [address for address in balancers if not _trusted(address, site["proxy"]["trusted"])]
    if strange:
        seen = f"does not hold {', '.join(strange)}, by which all calls come"
        yield "proxy.trusted", seen, f"Write [{', '.join(balancers)}]: these pass on who calls"
    fronts = {member["name"] for member in topology["balancer"]} & {member["name"] for member in topology["app"]}
    if fronts and site["listen"] in FRONTS:
        yield "port", f"is {site['listen']}, which the balancer has on the same hosts", "Write another one, 8080"
    if site["tls"]["mode"] == "acme":
        seen = "is acme, and certbot renews on one host, from which the balancers would not get the new certificate"
        yield "tls.mode", seen, "Write provided, and run site.yml with each new one, or selfsigned (docs/cluster.md)"
    if site["webhooks"]:
        seen = "are asked for, and their events wait on the host that took the call: they are lost with it"
        yield "webhooks", seen, "Remove them: they are not built for several hosts yet"


def _trusted(address: str, trusted: Sequence[str]) -> bool:
    try:
        asked = ipaddress.ip_address(address)
    except ValueError:
        return address in trusted
    return any(asked in ipaddress.ip_network(network, strict=False) for network in trusted)
