# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a host may be like through its administrators, or other programs, and must not be for a run to go through."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.database import connections as database_connections
from ansible_collections.miclinik.hosting.plugins.module_utils.host import server_packages
from ansible_collections.miclinik.hosting.plugins.module_utils.site.site import Site
from ansible_collections.miclinik.hosting.plugins.module_utils.text import names as text_names
from ansible_collections.miclinik.hosting.plugins.module_utils.web.servers import SERVERS
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site.schema import Problem

_UNITS = {"mariadb": "mariadb", "postgresql": "postgresql"}
_MYSQL = re.compile(r"(?:mysql-(?:community-)?server|percona-server-server)(?:-[\d.]+)?$")

# What sudo says, and the mend.
_SUDO = (
    ("must have a tty", "Take requiretty out of the host's sudoers, or set ansible_pipelining: false"),
    ("password is required", "Call ansible-playbook with --ask-become-pass, or set ansible_become_password"),
    ("not in the sudoers file", "Let the user of ansible_user become root, or name another user"),
    ("not allowed to execute", "Let the user of ansible_user run any command as root: Ansible runs /bin/sh"),
)


def unanswered(failure: Mapping[str, Any]) -> str:
    """Return what to say of a host on which not even the look at it ran; ``failure`` is Ansible's result."""
    said = str(failure.get("module_stderr") or failure.get("module_stdout") or "").strip()
    if not said:
        return str(failure.get("msg", ""))
    mends = [mend for words, mend in _SUDO if words in said]
    mend = mends[0] if mends else "See what the user of ansible_user may do there, and that Python is there"
    return f"Nothing can be run as root on the host, which says: {said.splitlines()[-1].rstrip('.')}. {mend}."


def check(
    facts: Mapping[str, Any], planned: Sequence[Site], engine: str, server: str, pooler: str = "none"
) -> list[Problem]:
    """Return why nothing can be done on the host as it is."""
    problems = [
        Problem("host", folder, "is closed to other users, and the sites' users pass through it", f"chmod o+x {folder}")
        for folder in facts["closed"]
    ]
    units = {SERVERS[server].unit, *(site["fpm_unit"].removesuffix(".service") for site in planned)}
    units |= {_UNITS[engine]} if any(site["database"]["local"] for site in planned) else set()
    units |= {pooler} - {"none"}
    problems += [
        Problem("host", f"{unit}.service", "is masked, so that it cannot start", f"systemctl unmask {unit}")
        for unit in sorted(units & set(facts["masked"]))
    ]
    problems += [
        Problem(
            f"site '{site['name']}'",
            "upgrade",
            f"something is under way with the whole of it ({facts['under_way'][site['name']]})",
            f"Wait for its end (miclinikctl {site['name']} journal), or, if it was killed, have it taken back: "
            f"miclinikctl {site['name']} recover",
        )
        for site in planned
        if site["name"] in facts["under_way"]
    ]
    problems += [
        Problem(
            f"site '{site['name']}'",
            "host",
            "it is closed on this host, since it moves to another one perhaps, and this run would open it",
            f"Take it out of this host's miclinik_sites, or open it: miclinikctl {site['name']} open",
        )
        for site in planned
        if site["name"] in facts.get("shut", ())
    ]
    problems += [problem for site in planned for problem in _without_ipv6(facts, site)]
    return problems + _other_server(facts, planned, engine) + _other_pooler(facts, pooler)


def _without_ipv6(facts: Mapping[str, Any], site: Site) -> Iterator[Problem]:
    """Yield the IPv6 addresses that cannot be the host's, or be reached from it, since IPv6 is off there."""
    named = [("database.host", site["database"]["host"])]
    # Those that clients call are the proxy's, where there is one.
    if not site["proxy"]["trusted"]:
        named += [("domain", site["domain"]), *((f"aliases[{at}]", alias) for at, alias in enumerate(site["aliases"]))]
    for key, name in named:
        address = text_names.address(name)
        if address is None or address.version == 4:  # noqa: PLR2004
            continue
        there = set(facts["ipv6_interfaces"])
        if not (there if address.is_loopback else there - {"lo"}):
            seen = f"is {name}, and IPv6 is off on the host (no interface has an IPv6 address)"
            mend = "Write an IPv4 address or a host name, or switch IPv6 on (sysctl net.ipv6.conf.all.disable_ipv6=0)"
            yield Problem(f"site '{site['name']}'", key, seen, mend)


def _other_pooler(facts: Mapping[str, Any], pooler: str) -> list[Problem]:
    """The service of Debian's package is one, and other programs may come through it."""
    if pooler not in facts["running"] or facts["pooler"]:
        return []
    seen = f"is {pooler}, and one that is not this collection's runs here: its clients would be cut off"
    mend = f"Leave it out, or stop that one: systemctl disable --now {pooler}"
    return [Problem("host", "miclinik_database_pooler", seen, mend)]


def _other_server(facts: Mapping[str, Any], planned: Sequence[Site], engine: str) -> list[Problem]:
    """MySQL cannot be beside MariaDB, and must not be replaced by it."""
    if engine != database_connections.MARIADB or not any(site["database"]["local"] for site in planned):
        return []
    found = sorted(name for name in facts["packages"] if _MYSQL.match(name))
    mend = "Host miclinik elsewhere, or set database.host to a MariaDB on another host"
    return [
        Problem("host", "miclinik_database_engine", f"is mariadb, and {found[-1]} is installed here", mend)
        for _ in found[:1]
    ]


def server_to_look_at(facts: Mapping[str, Any], planned: Sequence[Site], engine: str) -> dict[str, Any]:
    """Return what the module ``database_server`` is to be told, where databases have yet to be made on this host.

    Empty where there is nothing to make, or no server yet.
    """
    new = [site for site in planned if site["database"]["local"] and site["name"] not in facts["releases"]]
    if not new or server_packages.DATABASE[engine] not in facts["packages"]:
        return {}
    if engine == database_connections.MARIADB and _UNITS[engine] not in facts["running"]:
        return {}  # the role starts it, and looks then
    known = database_connections.of_engine([site for site in planned if site["database"]["local"]], engine)
    return {"engine": engine, "ports": sorted({one["port"] for one in known}), "fail": False}


def server_complaints(complaints: Sequence[Sequence[str]]) -> list[Problem]:
    """Return what the module ``database_server`` found as problems."""
    return [Problem("host", key, seen, mend) for key, seen, mend in complaints]
