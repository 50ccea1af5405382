# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A quick look at a site from its own host, for people: what is well, what is not, and what to do."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.command_line import calls
from ansible_collections.miclinik.hosting.plugins.module_utils.command_line.host import Host
from ansible_collections.miclinik.hosting.plugins.module_utils.database import connections
from ansible_collections.miclinik.hosting.plugins.module_utils.doctor import database_kinds
from ansible_collections.miclinik.hosting.plugins.module_utils.host import programs
from ansible_collections.miclinik.hosting.plugins.module_utils.life import backup_state
from ansible_collections.miclinik.hosting.plugins.module_utils.life.journal import RUNNING, Journal, JournalError
from ansible_collections.miclinik.hosting.plugins.module_utils.life.places import Places
from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout
from ansible_collections.miclinik.hosting.plugins.module_utils.web.servers import SERVERS

_LITTLE = 0.05
_SOON = 14 * 24 * 3600


@dataclass(frozen=True)
class Look:
    """One thing that was looked at; ``mend`` is empty where it is well."""

    name: str
    seen: str
    mend: str = ""

    @property
    def well(self) -> bool:
        """Whether there is nothing to do."""
        return not self.mend


def all_of(host: Host, site: str) -> list[Look]:
    """Look at everything."""
    said = calls.ask(host, site, ["status"])
    closed = Places(site, host.root).closed.exists()
    return [
        *_units(site, closed),
        *_application(site, said.data),
        *_life(host, site, closed),
        *_disk(host, site),
        *_certificate(host, site),
    ]


def _state(unit: str) -> str:
    words = ["systemctl", "is-active", unit]
    try:
        return subprocess.run(
            words, capture_output=True, text=True, check=False, env=programs.environment()
        ).stdout.strip()
    except OSError:
        return "not asked: there is no systemctl"


def _units(site: str, closed: bool) -> Iterator[Look]:
    usual = layout.of(site)
    states = {server.unit: _state(server.unit) for server in SERVERS.values()}
    web = [unit for unit, state in states.items() if state == "active"]
    yield Look(
        "web server",
        f"{', '.join(web)} runs" if web else ", ".join(f"{unit}: {state}" for unit, state in states.items()),
        "" if web else "journalctl -u nginx -u apache2; run playbooks/site.yml",
    )
    state = _state(usual["fpm_unit"])
    mend = f"journalctl -u {usual['fpm_unit']}; systemctl start {usual['fpm_unit']}"
    # Of a site that is closed it is to be stopped.
    yield Look("PHP", f"{usual['fpm_unit']} is {state}", "" if state == "active" or closed else mend)


def _application(site: str, told: Mapping[str, Any]) -> Iterator[Look]:
    if not told.get("ok"):
        error = told.get("error") or {}
        yield Look(
            "application",
            str(error.get("message", "the bridge gave no answer")),
            str(error.get("mend", "run site.yml")),
        )
        return
    database = told["database"]
    seen = f"{database['engine']} {database['version']}" if database["reachable"] else str(database["problem"])
    mend = "" if database["reachable"] else _of_database(site, seen)
    if database["read_only"]:
        seen, mend = f"{seen}, read only: {database['read_only']}", mend or database_kinds.READ_ONLY.mend
    yield Look("database", seen, mend)
    if not database["reachable"]:
        return  # nobody can tell what else there is
    state = told["schema"]["state"]
    reasons = "; ".join(told["schema"]["reasons"])
    yield Look(
        "application",
        f"{told['version']}, {state}{': ' + reasons if reasons else ''}",
        "" if state == "installed" else "run site.yml",
    )
    if told["upgrade_pending"]:
        yield Look("upgrade", "the code is newer than the database", "run playbooks/upgrade.yml")
    if told["identity"] != "ours":
        yield Look(
            "identity", f"the database's sign is {told['identity']}", "run playbooks/doctor.yml before anything writes"
        )
    yield Look("API", "on" if told["api"] else "off", "")


def _of_database(site: str, problem: str) -> str:
    """Return what to do about a database that does not let the application in."""
    known = database_kinds.kind("", problem)
    if known is database_kinds.PASSWORD:
        return f"miclinikctl {site} database-password rotate, or where another host has the database {known.mend}"
    # It reaches the server by PgBouncer alone.
    if known is database_kinds.DOWN and connections.POOLER_SOCKETS in problem:
        return "systemctl start pgbouncer; journalctl -u pgbouncer"
    return known.mend


def _life(host: Host, site: str, closed: bool) -> Iterator[Look]:
    places = Places(site, host.root)
    yield Look(
        "open", "nobody is let in" if closed else "people are let in", f"miclinikctl {site} open" if closed else ""
    )
    try:
        journal = Journal.read(places.journal)
    except JournalError as error:
        yield Look("operations", str(error), "see what is under way")
        journal = None
    if journal:
        mend = f"wait, or: miclinikctl {site} recover" if journal.state == RUNNING else ""
        yield Look("operations", f"the last one, {journal.operation}: {journal.state}", mend)
    state = backup_state.read(site, host.root)
    if state:
        yield Look(
            "backup",
            backup_state.sentence(state, time.time()),
            "" if state.get(backup_state.BACKUP, {}).get("ok") else f"miclinikctl {site} backup run",
        )


def _disk(host: Host, site: str) -> Iterator[Look]:
    place = layout.below(host.root, layout.of(site)["home"])
    if not place.exists():
        return
    room = shutil.disk_usage(place)
    yield Look(
        "disk",
        f"{room.free / 2**30:.1f} of {room.total / 2**30:.1f} GiB are free",
        "" if room.free > _LITTLE * room.total else "make room: old releases, logs, snapshots kept aside",
    )


def _certificate(host: Host, site: str) -> Iterator[Look]:
    file = layout.below(host.root, layout.of(site)["certificate"])
    if not file.is_file():
        return
    # Here, and not above: completion imports this file, and has no time for it.
    import ssl  # noqa: PLC0415

    words = ["openssl", "x509", "-noout", "-enddate", "-in", str(file)]
    try:
        done = subprocess.run(words, capture_output=True, text=True, check=False, env=programs.environment())
        told = done.stdout.strip().removeprefix("notAfter=")
        left = ssl.cert_time_to_seconds(told) - time.time()
    except (OSError, ValueError):
        return
    yield Look(
        "certificate", f"good until {told}", "" if left > _SOON else "run playbooks/site.yml; journalctl -u certbot"
    )
