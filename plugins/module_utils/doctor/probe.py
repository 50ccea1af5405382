# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Collects on the host what the doctor reasons from: all sites at once, without a change and without a secret."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.application import losses, places, release_files
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import client
from ansible_collections.miclinik.hosting.plugins.module_utils.bridge.client import Bridge
from ansible_collections.miclinik.hosting.plugins.module_utils.disk import usage
from ansible_collections.miclinik.hosting.plugins.module_utils.doctor import (
    picture,
    picture_changes,
    picture_files,
    probe_ahead,
    probe_application,
    probe_backup,
    probe_bans,
    probe_certificate,
    probe_change,
    probe_counters,
    probe_custom,
    probe_database,
    probe_databases,
    probe_files,
    probe_host,
    probe_jobs,
    probe_loopback,
    probe_mail,
    probe_owners,
    probe_packages,
    probe_pages,
    probe_php,
    probe_runs,
    probe_services,
    probe_webhooks,
    probe_writes,
    unanswered,
    window,
)
from ansible_collections.miclinik.hosting.plugins.module_utils.host import (
    limits,
    programs,
)
from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke import pools
from ansible_collections.miclinik.hosting.plugins.module_utils.text.redaction import Redactor
from ansible_collections.miclinik.hosting.plugins.module_utils.web import rivals
from ansible_collections.miclinik.hosting.plugins.module_utils.web.servers import SERVERS

#: Seconds in which files have to be looked at, all questions have to be answered, and the logs read after them.
_FILES, _ANSWERS, _LOGS = 3.0, 7.0, 1.5
#: Seconds that the bridge may take for one call.
_BRIDGE = 6.0
#: Questions of which no answer is no evidence.
_ASIDE = ("changes", "proven", "ahead", "bans", "packages", "databases")

#: A site as ``plugin_utils/doctor/sites.py`` tells of it.
Told = Mapping[str, Any]


def collect(
    sites: Sequence[Told], *, php_version: str, web_server: str, engine: str, deep: bool = True, writes: bool = False
) -> dict[str, Any]:
    """Return ``host`` and, by name, ``sites``; see the module ``doctor_probe``. Shallow: without web server and PHP."""
    start, since = time.monotonic(), time.time() - window.BEFORE
    sites = [_as_laid(site, php_version) for site in sites]
    secrets = {site["name"]: probe_application.recorded(site["state"]) for site in sites}
    redact = Redactor(value for content in secrets.values() for value in _leaves(content))
    # Before there are others, since it forks.
    files, unseen = limits.Answers({"files": partial(_files, sites)}).until(start + _FILES)
    host, units = probe_services.look(sites, php_version, web_server, engine)
    questions: dict[str, limits.Question] = {}
    if deep:
        questions["php"] = partial(probe_php.look, php_version, sites)
        questions["vhosts"] = partial(vhosts, sites, web_server)
        questions["ahead"] = partial(probe_ahead.look, sites, web_server, engine, upgrades=writes)
        questions["bans"] = probe_bans.look
        if any(site["database_local"] for site in sites):
            questions["databases"] = partial(probe_databases.look, engine)
        questions["packages"] = probe_packages.look
        questions["proven"] = partial(probe_runs.look, [site["name"] for site in sites])
        questions["changes"] = partial(_changes, sites, php_version=php_version, web_server=web_server, engine=engine)
    for site in sites:
        own = _questions(site, secrets[site["name"]], units[site["name"]], engine, deep=deep, writes=writes)
        own["usage"] = partial(_usage, site, host, SERVERS[web_server].logs, engine)
        questions |= {f"{site['name']} {what}": question for what, question in own.items()}
    answers = limits.Answers(questions)
    sites_of = partial(_of_sites, sites, units, files)
    found, late = answers.until(start + _ANSWERS)
    read: dict[str, Any] = {}
    if deep:
        asked: dict[str, limits.Question] = {"lines": partial(window.look, sites, SERVERS[web_server].logs, since)}
        if any(_waits(entry) for entry in sites_of(found, late).values()):
            asked["holders"] = partial(probe_database.holders, engine)
        read = limits.Answers(asked).until(start + _ANSWERS + _LOGS)[0]
        # What a busy host has answered meanwhile.
        found, late = answers.until(start + _ANSWERS + _LOGS)
    host["late"] = [*unseen, *(name for name in late if " " not in name and name not in _ASIDE)]
    host["changes"] = found.get("changes", [])
    host |= {name: found.get(name, {}) for name in _ASIDE[1:]} | read
    evidence = {"host": host, "sites": sites_of(found, late)}
    cleaned: dict[str, Any] = _redacted(evidence, redact)
    return cleaned


def _of_sites(
    sites: Sequence[Told],
    units: Mapping[str, dict[str, Any]],
    files: Mapping[str, Any],
    found: Mapping[str, Any],
    late: Sequence[str],
) -> dict[str, dict[str, Any]]:
    """Return what was found of each site, by name, and what has given no answer."""
    told = {
        site["name"]: {
            what: found.get(f"{site['name']} {what}", missing) for what, missing in unanswered.ANSWER.items()
        }
        | {"late": [name.partition(" ")[2] for name in late if name.startswith(f"{site['name']} ")]}
        | {"units": units[site["name"]]}
        | (files["files"][site["name"]] if files else unanswered.FILES)
        | {
            "php": found["php"][site["name"]] if "php" in found else None,
            "vhost": found["vhosts"].get(site["name"]) if "vhosts" in found else None,
        }
        for site in sites
    }
    for here in told.values():
        here["custom"] = here["application"].get("custom")
    return told


def _files(sites: Sequence[Told]) -> dict[str, Any]:
    served = picture.read().get("releases", {})
    return {
        site["name"]: probe_files.look(site)
        | {"places": places.look(site), "hollow": _hollow(Path(site["current"]))}
        | {"recorded_release": _recorded(str(served.get(site["name"], "")))}
        for site in sites
    }


def _waits(here: Mapping[str, Any]) -> bool:
    """Return whether the site's database has somebody waited for."""
    return bool(here["database"]["faults"] or {"application", "database"} & set(here["late"])) or bool(
        _LATE in here["application"]["problem"]
    )


def _changes(sites: Sequence[Told], **host: str) -> list[picture_changes.Change]:
    """Return what differs from the host as it was when it was last proven to work; nothing where that is not known."""
    before = picture.read()
    return picture_changes.compare(before, picture.take(sites, **host), picture_files.since) if before else []


def _as_laid(site: Mapping[str, Any], php_version: str, root: Path = Path("/")) -> Mapping[str, Any]:
    """Return the site with its PHP where a host has it that an earlier version of this collection has laid."""
    earlier = layout.before(site["name"], php_version)
    old = all(layout.below(root, pool["file"]).is_file() for pool in earlier["pools"])
    laid = layout.below(root, layout.of(site["name"])["fpm_config"]).is_file()
    return {**site, **earlier} if old and not laid else site


def _questions(
    site: Told, secrets: Mapping[str, Any], units: Mapping[str, Any], engine: str, *, deep: bool, writes: bool
) -> dict[str, limits.Question]:
    """Return what is asked of one site, by the name of the answer."""
    first = next((user["login"] for user in site["users"]), "")
    key = secrets.get("users", {}).get(first, {}).get("key", "")
    asked: dict[str, limits.Question] = {
        # systemd starts what does not run for whoever connects, and this is to change nothing.
        "sockets": lambda: {
            pool["role"]: probe_host.listening(pool["socket"]) if units["php"]["active"] else ""
            for pool in site["pools"]
        },
        "strangers": lambda: probe_host.strangers({pool["role"]: pool["socket"] for pool in site["pools"]}),
        "disk": partial(probe_host.disk, site["documents"]),
        "newest_code": partial(_newest, site),
        "hosts_file": partial(probe_host.hosts_lines, site["domain"]),
        "resolved": partial(probe_host.resolved, site["domain"]),
        "identity": partial(losses.evidence, site),
        "release_files": lambda: _release_files(Path(site["current"])),
        "missing_programs": lambda: [name for name in site["programs"] if not programs.there(name)],
        "stopped_units": lambda: [unit for unit in site["needs"]["units"] if probe_services.stopped(unit)],
        "absent_programs": lambda: [name for name in site["needs"]["programs"] if not programs.there(name)],
        "certificate": lambda: probe_certificate.look(site) if site["encrypted"] else {},
        "routes": partial(probe_application.routes, site),
        "backup": partial(probe_backup.look, site["name"]),
        "change": partial(probe_change.look, site["name"]),
        "timer": partial(probe_jobs.timer, site),
        "webhooks": partial(probe_webhooks.relay, site),
        "application": partial(_application, site, secrets),
        "loopback": lambda: probe_loopback.call(site, key) if deep and key and site["api_enabled"] else "",
    }
    if deep:
        asked["database"] = partial(probe_database.look, site, writes)
        asked["jobs"] = partial(probe_jobs.jobs, site, Bridge(site["name"], _patient))
        asked["targets"] = partial(probe_webhooks.targets, site, secrets, Bridge(site["name"], _patient))
        asked["mail"] = partial(probe_mail.look, site, str(secrets.get("mail_password") or ""))
        asked["owners"] = partial(probe_owners.look, site)
        asked["counters"] = partial(probe_counters.look, site, engine)
        if units["php"]["active"]:
            asked["pages"] = partial(probe_pages.look, site)
            asked["php_offset"] = partial(pools.clock_offset, site["pools"][0]["status"])
    if writes:
        asked["writes"] = partial(probe_writes.look, site)
    return asked


def _recorded(folder: str) -> str:
    """Return the folder of the release that was served when the host was last proven to work, if it is there."""
    return folder if folder and Path(folder).is_dir() else ""


def _application(site: Told, secrets: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the bridge says, with ``custom``, what there is to say of its custom modules."""
    bridge = Bridge(site["name"], _patient)
    found = probe_application.look(site, secrets, bridge)
    modules = (found["status"] or {}).get("modules") or ()
    return found | {"custom": probe_custom.look(Path(site["root"]), modules, bridge)}


def _newest(site: Told) -> dict[str, Any]:
    root = site["root"]
    inside = (f"{root}/{name}" for name in ("filefunc.inc.php", "master.inc.php", "api/index.php"))
    path, when = probe_host.newest([site["current"], site["conf"], *inside])
    return {"path": path, "time": when}


_LATE = f"no answer within {_BRIDGE:g} s"


def _patient(words: Sequence[str], text: str) -> tuple[int, str, str]:
    """Run the bridge as it is run elsewhere, and wait for it no longer than for anything else."""
    try:
        return client.run(words, text, timeout=_BRIDGE)
    except subprocess.TimeoutExpired:
        return -1, "", _LATE


def _usage(site: Told, host: Mapping[str, Any], logs: str, engine: str) -> dict[str, Any]:
    """Return what a site takes, where it is to be compared with something: to count it takes a while."""
    disks = [disk for disk in (probe_host.disk(site["documents"]), host["database_disk"], host["log_disk"]) if disk]
    low = any(disk["free_mb"] < usage.wanted_mb(site["disk_free_mb"], disk["size_mb"]) for disk in disks)
    return usage.of_site(site, logs, engine) if site["disk_max_mb"] or low else {}


def vhosts(sites: Sequence[Told], web_server: str, root: Path = Path("/")) -> dict[str, Any]:
    """Return what the web server does with each site, and ``rivals``, the other servers that have a name of it.

    A rival is ``known`` where it is a site that is looked at as well.
    """
    survey = SERVERS[web_server].survey(root)
    shapes = SERVERS[web_server].shapes(sites, probe_host.run)
    known = {site["name"] for site in sites}
    for site in sites:
        # One who wrote in place of the site's own vhost has broken that one: its shape tells.
        own = rivals.own_file(site, web_server)
        found = [one for one in rivals.find(site, survey.get("servers", []), web_server) if one.file != own]
        shapes[site["name"]]["rivals"] = [asdict(rival) | {"known": rival.site in known} for rival in found]
        if any(rival.wins and rival.name == site["domain"] for rival in found):
            # What was looked at is not the site's own vhost.
            shapes[site["name"]]["problems"] = []
    return shapes


def _hollow(current: Path) -> list[str]:
    """What of the release that is served is missing or empty as a whole; nothing where there is none."""
    release = current.resolve()
    return release_files.hollow(release, release_files.list_of(release)) if current.is_symlink() else []


def _release_files(current: Path) -> dict[str, Any]:
    """What has become of the release that is served; nothing where there is none."""
    release = current.resolve()
    return release_files.look(release, release_files.list_of(release)) if current.is_symlink() else {}


def _leaves(value: object) -> list[str]:
    if isinstance(value, Mapping):
        return [leaf for item in value.values() for leaf in _leaves(item)]
    return [value] if isinstance(value, str) else []


def _redacted(value: Any, redact: Redactor) -> Any:  # noqa: ANN401 (whatever the evidence holds)
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, Mapping):
        return {key: _redacted(item, redact) for key, item in value.items()}
    return [_redacted(item, redact) for item in value] if isinstance(value, list | tuple) else value
