# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Causes that lie with the host: services, sockets, disks, clock, the database server."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor import databases
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.diagnosis import (
    LIKELY,
    Case,
    Finding,
    Rule,
    quote,
)
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.packages import KEEP

#: Less than this is full for the application: one generated document takes some.
LOW_MB = 20
LOW_INODES = 200
#: Seconds by which a clock may be wrong before signatures, sessions and dates suffer.
CLOCK_TOLERANCE = 30.0
#: Processes that are named.
_SHOWN = 5
_SERVERS = ("postgresql@", "mariadb", "mysql")
_SHORT = 40


def web_server(case: Case) -> Iterator[Finding]:
    """The web server does not run."""
    unit = case.unit("web")
    if unit and not unit["active"]:
        yield _missing("web-server", "The web server", unit) or Finding(
            "web-server-down", "The web server is down", (_state(unit), *unit["log"]), _restart(unit), run=_start(unit)
        )


def php(case: Case) -> Iterator[Finding]:
    """The site's PHP-FPM, or one of its pools, is down."""
    unit = case.unit("php")
    if not unit:
        return
    if not unit["active"]:
        cause = "PHP-FPM is down: nothing answers calls of PHP"
        yield _missing("php", "PHP-FPM", unit) or Finding(
            "php-down", cause, (_state(unit), *unit["log"]), _restart(unit), run=_start(unit)
        )
        return
    php = case.here.get("php") or {"problem": "", "pools": {}}
    for pool in case.site["pools"]:
        # A host of an earlier layout has fewer.
        if who := case.here.get("strangers", {}).get(pool["role"]):
            again = f"systemctl restart {case.site['fpm_sockets']} {case.site['fpm_unit']}"
            yield Finding(
                "socket-foreign",
                f"Another program listens at PHP's socket {pool['socket']}",
                (f"{pool['socket']}: {who}",),
                f"see what that is and stop it, or it takes the socket again; then {again}, which takes it back",
                run=(again,),
            )
            continue
        looked = pool["role"] in case.here["sockets"]
        reason = case.here["sockets"].get(pool["role"], "")
        # systemd holds the socket of a pool that is not there as well: calls wait in it for nobody.
        missing = looked and not php["problem"] and php["pools"] and pool["name"] not in php["pools"]
        if reason or missing:
            yield Finding(
                f"{pool['role']}-pool-down",
                f"The PHP pool of {pool['about']} is down",
                (
                    f"{pool['socket']}: {reason}"
                    if reason
                    else f"{pool['file']} is not there, or has no pool {pool['name']}",
                ),
                f"run the role php, or: systemctl restart {case.site['fpm_sockets']} {case.site['fpm_unit']}",
                run=() if missing else (f"systemctl restart {case.site['fpm_sockets']} {case.site['fpm_unit']}",),
            )


def pages(case: Case) -> Iterator[Finding]:
    """Pages fail in the pool of those who have logged in, and work in the one of everybody else."""
    if said := case.here.get("pages"):
        pool = next(pool for pool in case.site["pools"] if pool["role"] == "web")
        cause = "Pages fail for those who have logged in: their pool of PHP is another than everybody else's"
        mend = f"see {pool['file']} and the site's log of PHP; run the role php, which writes it"
        yield Finding("web-pool-broken", cause, (f"{pool['socket']}: {said}",), mend)


def stopped(case: Case) -> Iterator[Finding]:
    """Processes of a service are held (SIGSTOP): it runs for systemd, and answers nobody."""
    for role, name, what in (
        ("web", "web-server", "The web server"),
        ("php", "php", "PHP-FPM"),
        ("database", "database", "The database server"),
        ("pooler", "pooler", "PgBouncer"),
    ):
        unit = case.unit(role)
        if held := unit.get("held", []) if unit else []:
            numbers = " ".join(map(str, held[:_SHOWN]))
            more = f" and {len(held) - _SHOWN} more" if len(held) > _SHOWN else ""
            yield Finding(
                f"{name}-stopped",
                f"{what} is held: its processes are stopped (SIGSTOP)",
                (f"of service {unit['name']} these are in state T: {numbers}{more}",),
                f"find out who holds them; systemctl kill --signal=SIGCONT {unit['name']} lets them go on",
            )


def another_database(case: Case) -> Iterator[Finding]:
    """The server with the site's data does not run, and one that is not it answers in its place."""
    unit = case.unit("database")
    if not unit or not unit["active"] or not case.failed():
        return
    for entry in case.host.get("changes", []):
        name = str(entry["subject"]).removesuffix(".service")
        ended = entry["is"] in ("", "inactive", "failed") and entry["what"] in ("", "ActiveState") and entry["was"]
        if entry["section"] == "units" and name.startswith(_SERVERS) and name != unit["name"] and ended:
            back = f"systemctl stop {unit['name']}; systemctl start {name}"
            yield Finding(
                "database-other-server",
                f"{name}, which the site worked with, is down: {unit['name']} answers in its place",
                (f"{name}: was '{entry['was'][:_SHORT]}', is '{entry['is'] or 'nothing'}'", _state(unit)),
                f"see who set {unit['name']} up; {back}; save nothing before",
                run=(back,),
            )
            return


def database(case: Case) -> Iterator[Finding]:
    """The database server is down, refuses the site, or takes no writes."""
    unit = case.unit("database")
    state = case.status.get("database", {})
    problem = str(state.get("problem") or "")
    if unit and case.site["database_local"] and not unit["active"]:
        yield _missing("database", "The database server", unit) or Finding(
            "database-down",
            "The database server is down",
            (_state(unit), *unit["log"]),
            _restart(unit),
            run=_start(unit),
        )
    elif (pooler := case.unit("pooler")) and case.site["database_local"] and not pooler["active"]:
        cause = "PgBouncer is down: the database server runs, and the application does not reach it"
        yield _missing("pooler", "PgBouncer", pooler) or Finding(
            "pooler-down", cause, (_state(pooler), *pooler["log"]), _restart(pooler), run=_start(pooler)
        )
    elif problem and "extension is missing" in problem:
        yield Finding("php-extension", "PHP lacks the extension of the database", (problem,), "run the role php")
    elif problem and not (case.here.get("database") or {}).get("faults") and not unit.get("held"):
        yield replace(databases.finding(case, "", problem), evidence=(problem,))
    if state.get("read_only"):
        yield Finding(
            "database-read-only",
            "The database takes no writes: what people enter is lost",
            (f"the server says: {state['read_only']}",),
            "is this a replica? Then point the site to the primary; else SET GLOBAL read_only = 0, and look for why",
        )


def absent(unit: Mapping[str, Any]) -> bool:
    """Return whether a service's package is not there, or one that it needs."""
    return bool(unit.get("lacking") or unit.get("unmet"))


def _missing(name: str, what: str, unit: Mapping[str, Any]) -> Finding | None:
    """A service cannot be started whose package is not there, or one that it needs."""
    if needed := unit.get("unmet"):
        install = f"{KEEP} --fix-broken {shlex.quote(needed)}"
        return Finding(
            f"{name}-missing",
            f"{what} lacks a package that it needs: {needed}",
            (f"the package {needed} is not installed", _state(unit)),
            f"apt-get update; {install}; then run playbooks/site.yml, which writes what went with the package",
            run=("apt-get update -q", install, *_start(unit)),
        )
    if not unit.get("lacking"):
        return None
    seen = f"the package {unit['lacking']} is not installed"
    return Finding(f"{name}-missing", f"{what} is not installed", (seen,), "run playbooks/site.yml, which installs it")


#: What says more than that something was begun or ended.
_REASON = re.compile(r"\[ERROR\]|\b(?:FATAL|PANIC|ERROR|ALERT):|\[emerg\]|\bAH\d{5}:|[Ff]atal [Ee]rror")


def _state(unit: Mapping[str, Any]) -> str:
    # The first that failed: what comes behind it follows.
    why = next((text for text in unit["log"] if _REASON.search(text)), "") if unit["result"] != "success" else ""
    return f"service {unit['name']} is {unit['state']}, result {unit['result']}{f': {why}' if why else ''}"


def _start(unit: Mapping[str, Any]) -> tuple[str, ...]:
    return (f"systemctl reset-failed {unit['name']}; systemctl start {unit['name']}",)


def _restart(unit: Mapping[str, Any]) -> str:
    first = "mend what it says; then " if ": " in _state(unit) else ""
    return f"{first}systemctl reset-failed {unit['name']}; systemctl start {unit['name']}; journalctl -u {unit['name']}"


def disks(case: Case) -> Iterator[Finding]:
    """A file system is full, or can only be read."""
    for name, disk, what in (
        ("disk-full", case.here.get("disk"), "documents"),
        ("database-full", case.host.get("database_disk"), "the database"),
    ):
        if not disk:
            continue
        room = f"{disk['path']}: {disk['free_mb']} MiB of {disk['size_mb']} and {disk['free_inodes']} inodes are free"
        starved = bool(disk["inodes"]) and disk["free_inodes"] < LOW_INODES
        if disk["free_mb"] < LOW_MB or starved:
            mend = f"make room on the file system of {disk['path']}, or enlarge it" + (
                ": it has no inodes left, so many small files are what to remove" if starved else ""
            )
            yield Finding(name, f"The disk under {what} is full", (room,), mend)
        if disk["read_only"]:
            mend = f"see the kernel's log for why {disk['path']} was mounted read-only, then mount it again"
            yield Finding(
                f"{name.split('-')[0]}-mount-read-only", f"The disk under {what} takes no writes", (room,), mend
            )


def clock(case: Case) -> Iterator[Finding]:
    """Host and controller disagree about the time."""
    offset = case.controller.get("offset")
    shown = case.shown("clock")
    if offset is not None and abs(offset) > CLOCK_TOLERANCE:
        way = "ahead of" if offset > 0 else "behind"
        yield Finding(
            "clock",
            f"The host's clock is {abs(offset):.0f} s {way} the controller's",
            (f"compared while the host was looked at; tolerated are {CLOCK_TOLERANCE:.0f} s", *quote(shown)),
            "start systemd-timesyncd or chrony on the host (timedatectl); then check the controller's clock too",
        )
    elif shown:
        mend = "restart the web server if it was started before the clock was set; check both clocks (timedatectl)"
        yield Finding("clock", "The web server's clock is wrong", quote(shown), mend, LIKELY)
    own = case.here.get("php_offset")
    if own is not None and abs(own) > CLOCK_TOLERANCE:
        cause = f"PHP's clock is {abs(own):.0f} s {'ahead of' if own > 0 else 'behind'} the host's"
        seen = "PHP-FPM's own status, beside the time of the host: log-ins end at once, and dates are wrong"
        unit = case.site["fpm_unit"]
        mend = f"see what gives PHP another time (systemctl cat {unit}: Environment), and restart the unit"
        yield Finding("php-clock", cause, (seen,), mend)


def loopback(case: Case) -> Iterator[Finding]:
    """Without it a host does not reach itself: its own calls, and what listens at 127.0.0.1."""
    if not case.host.get("loopback_up", True):
        up = "ip link set lo up"
        cause = "The host's loopback interface is down: nothing on it reaches 127.0.0.1"
        mend = f"{up}; see who took it down (journalctl -k, /etc/network/interfaces, systemd-networkd)"
        yield Finding("loopback-down", cause, ("/sys/class/net/lo/flags: not up",), mend, run=(up,))


RULES: tuple[Rule, ...] = (loopback, web_server, stopped, php, pages, another_database, database, disks, clock)
