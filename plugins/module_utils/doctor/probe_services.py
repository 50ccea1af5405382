# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the doctor sees of the services of a host and its sites: whether they run, and what those said that do not."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.database import connections
from ansible_collections.miclinik.hosting.plugins.module_utils.disk import usage
from ansible_collections.miclinik.hosting.plugins.module_utils.doctor import probe_backup, probe_host, window
from ansible_collections.miclinik.hosting.plugins.module_utils.host import dpkg_status, server_packages
from ansible_collections.miclinik.hosting.plugins.module_utils.services import systemd_unit
from ansible_collections.miclinik.hosting.plugins.module_utils.web.servers import SERVERS

DATABASE_UNITS = {"mariadb": "mariadb", "postgresql": "postgresql@*"}
#: Where Debian has the settings of PostgreSQL's clusters, by version and name.
CLUSTERS = Path("/etc/postgresql")
#: States of a package that is not there; one that is not set up has a cause of its own.
_GONE = ("config-files", "not-installed")
#: A site as ``plugin_utils/doctor/sites.py`` tells of it.
Told = Mapping[str, Any]


def look(
    sites: Sequence[Told], php_version: str, web_server: str, engine: str
) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """Return what is the host's, and by site the state of its own services."""
    wanted = {"web": (SERVERS[web_server].unit, SERVERS[web_server].package)}
    local = any(site["database_local"] for site in sites)
    if local:
        wanted["database"] = (DATABASE_UNITS[engine], server_packages.DATABASE[engine])
        if Path(connections.POOLER_SETTINGS).exists():
            wanted["pooler"] = ("pgbouncer", "pgbouncer")
    installed = {name for name, state in dpkg_status.states().items() if state not in _GONE}
    backups = {site["name"]: probe_backup.UNIT.format(site=site["name"]) for site in sites}
    # systemd lists no unit of a pattern that is masked and does not run.
    clusters = [f"postgresql@{path.parent.name}-{path.name}" for path in sorted(CLUSTERS.glob("*/*"))]
    php = {site["name"]: _php_unit(site) for site in sites}
    states = probe_host.units([*(name for name, _ in wanted.values()), *php.values(), *clusters, *backups.values()])
    host = {
        "time": time.time(),
        "units": {role: _unit(states, name, package, installed) for role, (name, package) in wanted.items()},
        "addresses": probe_host.addresses(),
        "loopback_up": probe_host.loopback_up(),
        "database_disk": probe_host.disk(usage.FOLDERS[engine]) if local else None,
        "log_disk": probe_host.disk(SERVERS[web_server].logs),
    }
    package = server_packages.php(php_version)
    own = {name: {"php": _unit(states, unit, package, installed)} for name, unit in php.items()}
    for name, unit in backups.items():
        # One that does not run is as it should be.
        if states.get(unit, {}).get("state", "").startswith("failed"):
            own[name]["backup"] = _unit(states, unit, "", installed)
    return host, own


def _php_unit(site: Told) -> str:
    return str(site["fpm_unit"]).removesuffix(".service")


def _unit(states: Mapping[str, Any], name: str, package: str, installed: set[str]) -> dict[str, Any]:
    # Of a pattern the first that there is.
    name = next((key for key in states if key == name or (name[-1] == "*" and key.startswith(name[:-1]))), name)
    state = states.get(name) or {"there": False, "active": False, "state": "not installed", "result": "", "loaded": 0.0}
    # systemd knows a service for a while, or for good, after its package is gone.
    lacking = "" if state["active"] or package in installed else package
    return dict(state) | {
        "name": name,
        "lacking": lacking,
        "unmet": "" if state["active"] or lacking or not package else dpkg_status.unmet(package),
        "log": [] if state["active"] or lacking else _said(name, state),
    }


def _said(name: str, state: Mapping[str, Any]) -> list[str]:
    """Return what there is to read of why a service is down."""
    since = float(state["loaded"])
    own: list[str] = []
    if since and name.startswith("postgresql@"):
        own = window.of_cluster(since - probe_host.ATTEMPTS)
    elif since and name == SERVERS["apache"].unit:
        own = window.of_apache(Path(SERVERS["apache"].logs), since - probe_host.ATTEMPTS)
    told = probe_host.distinct(own)
    return [*probe_host.kernel(name, since), *told, *probe_host.journal(name, since)]


def stopped(unit: str) -> bool:
    """Return whether a service does not run; one of which systemd says nothing is not known to be stopped."""
    try:
        return not systemd_unit.state(unit).active
    except systemd_unit.UnitError:
        return False
