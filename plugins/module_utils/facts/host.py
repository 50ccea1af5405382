# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the roles must know of a host, read from its files. Runs on the host."""

from __future__ import annotations

import grp
import json
import os
import pwd
import re
import shlex
import subprocess
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.application import identity, places, tree_version
from ansible_collections.miclinik.hosting.plugins.module_utils.application import release as app_release
from ansible_collections.miclinik.hosting.plugins.module_utils.database import connections as database_connections
from ansible_collections.miclinik.hosting.plugins.module_utils.facts import debian_fpm, hosted
from ansible_collections.miclinik.hosting.plugins.module_utils.host import (
    apt_locks,
    dpkg_status,
    limits,
    passage,
    programs,
)
from ansible_collections.miclinik.hosting.plugins.module_utils.life.journal import RUNNING, Journal, JournalError
from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout
from ansible_collections.miclinik.hosting.plugins.module_utils.tls import facts as tls_facts
from ansible_collections.miclinik.hosting.plugins.module_utils.web import server_facts
from ansible_collections.miclinik.hosting.plugins.module_utils.web import survey as web_survey
from ansible_collections.miclinik.hosting.plugins.module_utils.webhooks import hooks

# Versions of PHP in the distributions' own archives: https://packages.debian.org/php, https://packages.ubuntu.com/php
PHP_VERSIONS = {"bookworm": "8.2", "trixie": "8.4", "jammy": "8.1", "noble": "8.3"}
# The folders that the module release makes.
_NAMED = re.compile(r"([0-9][0-9A-Za-z.-]*)-[0-9a-f]{12}")
# A control group without a limit states a number close to 2**63 (v1) or the word "max" (v2).
_MEMORY_LIMITS = ("sys/fs/cgroup/memory.max", "sys/fs/cgroup/memory/memory.limit_in_bytes")
MIB = 1024 * 1024
#: Seconds for what is on a disk that may hang.
_PATIENCE = 3.0
#: Where systemd keeps which timers are on.
_WANTED = "etc/systemd/system/timers.target.wants"
_BACKUP_TIMERS = ("miclinik-backup@*.timer", "miclinik-backup-check.timer", "miclinik-restore-test@*.timer")


def read(root: Path = Path("/"), survey: bool = False) -> dict[str, Any]:
    """Return the facts; ``root`` is another folder in tests. Raises OSError when the host is no Linux.

    With ``survey`` those that only preflight looks at are among them.
    """
    release = _os_release(root)
    # Not "*/current": that leaves out links whose release is gone.
    served = {
        link.parent.name: link
        for link in sorted(home / "current" for home in layout.below(root, layout.HOMES).glob("*"))
        if link.is_symlink()
    }
    sites = hosted.read(root)
    identities = _identities(root)
    units, php_version = _units(), PHP_VERSIONS.get(release.get("VERSION_CODENAME", ""), "")
    return {
        "distribution": release.get("ID", ""),
        "codename": release.get("VERSION_CODENAME", ""),
        "php_version": php_version,
        "memory_mb": _memory(root) // MIB,
        "cores": len(os.sched_getaffinity(0)),
        "free_mb": _free(root / "srv"),
        "closed": passage.closed(root / folder.relative_to("/") for folder in passage.ON_THE_WAY),
        "ipv6": (root / "proc/net/if_inet6").is_file(),
        "ipv6_interfaces": _ipv6_interfaces(root),
        "systemd": (root / "run/systemd/system").is_dir(),
        "packages": dpkg_status.installed(root / "var/lib/dpkg/status"),
        "apt_held_by": [
            str(holder) for holder in apt_locks.holders([root / lock.relative_to("/") for lock in apt_locks.LOCKS])
        ],
        "running": _running(units),
        "masked": _masked(root),
        "groups": {entry.gr_name: entry.gr_mem for entry in grp.getgrall()},
        "accounts": {entry.pw_name: entry.pw_dir for entry in pwd.getpwall()},
        "releases": {name: app_release.name_of(link) for name, link in served.items()},
        "versions": {name: _version(link) for name, link in served.items()},
        "layouts": {name: _layout(root, name) for name in served},
        "engines": _engines(sites),
        "identities": identities,
        "hosted": sites,
        "linked_documents": _linked_documents(root),
        "certificates": tls_facts.read(root),
        "lineages": tls_facts.lineages(root),
        "untrusted": tls_facts.untrusted(root),
        "web_servers": server_facts.read(root),
        "under_way": _under_way(root),
        "shut": sorted(file.parent.name for file in layout.below(root, layout.WORK).glob("*/shut.json")),
        "alert": (root / "usr/local/lib/miclinik/alert/miclinik-alert").exists(),
        "debian_fpm_rests": _at_rest(units, php_version) and debian_fpm.is_bare(php_version, root),
        "backup": (root / "etc/systemd/system/miclinik-backup@.timer").exists(),
        "backup_timers": sorted(link.name for name in _BACKUP_TIMERS for link in (root / _WANTED).glob(name)),
        "cron_timers": sorted(file.name for file in (root / "etc/systemd/system").glob("miclinik-cron@*.timer")),
        "webhook_relay": layout.below(root, f"/etc/systemd/system/{hooks.UNIT}").exists(),
        "webhook_sites": [file.parent.name for file in hooks.files(layout.below(root, layout.STATES))],
        "smoke_timer": (root / "etc/systemd/system/miclinik-smoke.timer").exists(),
        "exporters": _exporters(root),
        "pooler": layout.below(root, database_connections.POOLER_SETTINGS).exists(),
        **({"survey": web_survey.read(root), "places": _places(root, identities)} if survey else {}),
    }


def _under_way(root: Path) -> dict[str, str]:
    """Return by site what is done with the whole of it just now, or was killed, and how far it has come."""
    found = {}
    for file in sorted(layout.below(root, layout.WORK).glob("*/journal.json")):
        try:
            kept = Journal.read(file)
        except JournalError as error:
            found[file.parent.name] = str(error)
            continue
        if kept and kept.state == RUNNING:
            found[file.parent.name] = f"{kept.operation}, {kept.steps[-1].name if kept.steps else 'at its beginning'}"
    return found


def _version(link: Path) -> str:
    """Return the version of the code behind ``current``, "" when it cannot be told.

    A release's folder may have any name: somebody's own hotfix has one. Where the folder is gone, ours still say it.
    """
    named = _NAMED.fullmatch(app_release.name_of(link))
    return tree_version.find(link / "htdocs") or (named[1] if named else "")


def _layout(root: Path, site: str) -> int:
    """Return by which version of the layout a site was laid; 0 where there is no record of it."""
    try:
        record = json.loads(layout.below(root, layout.of(site)["facts_file"]).read_text(encoding="utf-8"))
        return int(record["layout"])
    except (OSError, ValueError, TypeError, KeyError):
        return 0


def _os_release(root: Path) -> dict[str, str]:
    values = {}
    for line in (root / "etc/os-release").read_text(encoding="utf-8").splitlines():
        key, found, value = line.partition("=")
        if found and not key.startswith("#"):
            values[key.strip()] = _unquoted(value)
    return values


def _unquoted(value: str) -> str:
    try:
        return "".join(shlex.split(value))
    except ValueError:  # a quote that nothing closes
        return value.strip().strip("'\"")


def _memory(root: Path) -> int:
    total = 0
    for line in (root / "proc/meminfo").read_text(encoding="ascii").splitlines():
        if line.startswith("MemTotal:"):
            total = int(line.split()[1]) * 1024
    for name in _MEMORY_LIMITS:
        limit = root / name
        if limit.is_file() and (text := limit.read_text(encoding="ascii").strip()).isdecimal():
            total = min(total, int(text))
    return total


def _ipv6_interfaces(root: Path) -> list[str]:
    """Return the interfaces that have an IPv6 address, be it a link's own: none but ``lo`` where IPv6 is off.

    ``net.ipv6.conf.all.disable_ipv6`` leaves the file there, without a line in it.
    """
    listed = root / "proc/net/if_inet6"
    return sorted({line.split()[-1] for line in listed.read_text().splitlines() if line}) if listed.is_file() else []


def _engines(sites: dict[str, dict[str, Any]]) -> dict[str, str]:
    """Return the database engine of every site that has its conf.php."""
    engines = {name: database_connections.ENGINES.get(site["database"].get("type", "")) for name, site in sites.items()}
    return {name: engine for name, engine in engines.items() if engine}


def _identities(root: Path) -> dict[str, dict[str, Any]]:
    """Return what is there of each site, and whether it belongs together; no secret, and no hash of one, leaves it."""
    return {
        site["name"]: asdict(identity.look(identity.Places.of(site)))
        for site in _folders(root)
        if site["home"].is_dir() or site["state"].is_dir()
    }


def _places(root: Path, identities: dict[str, dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Return what is wrong with the places of each site; nothing of one whose documents are on a disk that hangs."""
    silent = {name for name, known in identities.items() if known["documents"] == "silent"}
    return {site["name"]: [] if site["name"] in silent else places.look(site) for site in _folders(root)}


def _folders(root: Path) -> list[dict[str, Any]]:
    """Return ``name``, ``home`` and ``state`` of all that has an entry where sites have theirs, whatever it is."""
    homes, states = layout.below(root, layout.HOMES), layout.below(root, layout.STATES)
    names = {entry.name for place in (homes, states) for entry in place.glob("*")}
    return [{"name": name, "home": homes / name, "state": states / name} for name in sorted(names)]


def _linked_documents(root: Path) -> dict[str, str]:
    """Return where the documents of sites lie that somebody has moved and linked."""
    found: dict[str, str] = {}
    for home in layout.below(root, layout.HOMES).glob("*"):
        # By the folder's own entry: whoever looks at documents on a disk that hangs waits for ever.
        if home.is_dir():
            with os.scandir(home) as entries:
                linked = any(entry.name == "documents" and entry.is_symlink() for entry in entries)
            found |= {home.name: _end(home / "documents")} if linked else {}
    return found


def _end(link: Path) -> str:
    """Return where a link leads in the end; no further than it says itself where the disk behind it hangs."""
    found, _ = limits.Answers({"end": link.resolve}).until(time.monotonic() + _PATIENCE)
    return str(found.get("end") or os.path.normpath(link.parent / link.readlink()))


def _exporters(root: Path) -> list[str]:
    """Return the services of Debian's exporters that this collection has told what to do."""
    settings = (root / "etc/systemd/system").glob("prometheus-*-exporter.service.d/miclinik.conf")
    return sorted(file.parent.name.removesuffix(".service.d") for file in settings)


def _free(folder: Path) -> int:
    while not folder.exists():
        folder = folder.parent
    status = os.statvfs(folder)
    return status.f_bavail * status.f_frsize // MIB


def _masked(root: Path) -> list[str]:
    """Return the services that an administrator has forbidden to start."""
    units = (root / "etc/systemd/system").glob("*.service")
    return sorted(unit.stem for unit in units if unit.is_symlink() and os.readlink(unit) == os.devnull)


def _units() -> list[dict[str, str]]:
    """Return what systemd says of the services and timers that it has loaded."""
    try:
        shown = subprocess.run(
            ["systemctl", "show", "--property=Id,ActiveState,UnitFileState", "*.service", "*.timer"],
            check=False,
            capture_output=True,
            text=True,
            env=programs.environment(),
        ).stdout
    except FileNotFoundError:
        return []
    units = (dict(line.split("=", 1) for line in unit.splitlines() if "=" in line) for unit in shown.split("\n\n"))
    return [unit for unit in units if unit.get("Id")]


def _at_rest(units: Iterable[Mapping[str, str]], php_version: str) -> bool:
    """Return whether Debian's own PHP-FPM neither runs nor starts with the host: then it is not loaded, or is off."""
    name = f"{layout.debian_php_unit(php_version)}.service"
    return not any(
        unit.get("ActiveState") != "inactive" or unit.get("UnitFileState") == "enabled"
        for unit in units
        if unit["Id"] == name
    )


def _running(units: Iterable[Mapping[str, str]]) -> list[str]:
    """Return the services and timers that run now and will after a boot; a timer keeps its suffix."""
    return sorted(
        unit["Id"].removesuffix(".service")
        for unit in units
        if unit.get("ActiveState") == "active" and unit.get("UnitFileState") == "enabled"
    )
