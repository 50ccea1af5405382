# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where on a request's way a cause lies, and what only follows from one before it. Pure functions.

Two faults of different layers stay two causes, in the order in which a request meets them. What was concluded from
lines of logs or from silence is no cause of its own where something that was seen itself explains it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.diagnosis import (
    CERTAIN,
    POSSIBLE,
    Case,
    Finding,
)
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.identity import CAUSES
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.known_lines import KNOWN
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.witnesses import WAY

#: The layer that a cause is of, by the beginning of its name; the first that fits.
_LAYERS = {entry.id: entry.layer for entry in KNOWN} | {
    "name-taken": "vhost",
    "name-shared": "vhost",
    "name-": "name",
    "hosts-file": "name",
    "late-resolved": "name",
    "late-loopback": "php",
    "late-application": "bootstrap",
    "late-database": "db-login",
    "late-": "answer",
    "host-busy": "answer",
    "log-": "",
    "firewall": "firewall",
    "caller-": "firewall",
    "behind-jump": "firewall",
    "web-server": "port",
    "certificate": "tls",
    "vhost": "vhost",
    "connection-closed": "vhost",
    "address-refused": "auth",
    "key-stripped": "auth",
    "bearer-stripped": "auth",
    "socket-foreign": "socket",
    "api-pool": "pool",
    "web-pool": "pool",
    "quarantine-pool": "pool",
    "loopback-down": "address",
    "php-down": "pool",
    "php-half": "pool",
    "php-stopped": "pool",
    "php-sleeps": "php",
    "php-missing": "pool",
    "php-": "php",
    "open-basedir": "php",
    "stale-code": "php",
    "release-": "php",
    "code-": "php",
    "current-": "php",
    "package": "php",
    "conf-": "bootstrap",
    "database-low": "answer",
    "database-owner": "schema",
    "database-counter": "answer",
    "database-table": "schema",
    "database-": "db-login",
    "pooler-": "db-login",
    "not-installed": "schema",
    "upgrade-pending": "schema",
    "instance-id": "key",
    "token-table": "key",
    "key-": "key",
    "password-": "key",
    "login-": "user",
    "maintenance": "user",
    "user-": "user",
    "entity-": "entity",
    "right-": "rights",
    "api-module": "module",
    "module-": "module",
    "custom-module": "module",
    "endpoint-rules": "route",
    "explorer-": "route",
    "route-": "route",
    "url-root": "route",
    "api-temp": "answer",
    "documents-folder": "answer",
    "documents-shut": "answer",
    "sessions-": "answer",
    "disk-": "answer",
    "write-": "answer",
    "private-tmp": "answer",
    "address-rule": "auth",
    "production-": "answer",
    "changed-name": "name",
    "changed-firewall": "firewall",
    "changed-ports": "port",
    "changed-web": "vhost",
    "changed-units": "pool",
    "changed-accounts": "pool",
    "changed-packages": "php",
    "changed-php": "php",
    "changed-mounts": "bootstrap",
    "changed-files": "bootstrap",
    "changed-database": "db-login",
    "changed-schema": "schema",
    "changed-settings": "module",
}
#: Named by rules too, from what they saw themselves.
_SEEN_ITSELF = ("php-extension", "database-full", "database-down")
_HEARD = {entry.id for entry in KNOWN if not entry.id.startswith("database-")} - set(_SEEN_ITSELF)
_GUESSED = ("log-", "late-", "php-sleeps", "web-server-hangs", "connection-closed", "behind-jump")


def layer(name: str) -> str:
    """Return the layer that a cause of this name is of; empty where it is of none, such as a clock."""
    if name.startswith("log-") and name.removeprefix("log-") in WAY:
        return name.removeprefix("log-")
    return _LAYERS.get(name) or next((found for start, found in _LAYERS.items() if name.startswith(start)), "")


def shown(where: str) -> str:
    """The way up to the layer where it breaks; empty where that is none."""
    return " > ".join([*WAY[: WAY.index(where)], f"[{where}] X"]) if where else ""


def _at(entry: Finding) -> float:
    """How far along a request gets: what is lost of a site, or a clock, is met before all."""
    if entry.id in CAUSES or not entry.layer:
        return -1.0
    return float(WAY.index(entry.layer))


def _heard(entry: Finding) -> bool:
    """Whether this was concluded, and not seen."""
    return entry.id in _HEARD or entry.id.startswith(_GUESSED) or entry.confidence == POSSIBLE


def _explains(root: Finding, entry: Finding) -> bool:
    if entry.id.startswith(("late-", "log-", "php-sleeps")):
        # Whoever waits says so wherever it is looked at; a line of no known kind says little.
        return _on_the_way(root)
    return _on_the_way(root) and _at(root) <= _at(entry)


def _shut(root: Finding, entry: Finding) -> bool:
    """Whether a folder above what this names was shut, or who it was for is another: it follows, however certain."""
    if root.id == "changed-accounts" and "files were its own" in root.cause:
        return any(" cannot " in seen for seen in entry.evidence)
    place = re.match(r"(/\S+) ", root.evidence[0]) if root.id.startswith("changed-") and root.evidence else None
    below = f"{place[1]}/" if place and "cannot be reached" in root.cause else ""
    return bool(below) and any(below in seen for seen in entry.evidence)


def _why_it_is_down(root: Finding, entry: Finding) -> bool:
    """Whether this is the very line for which the web server did not start."""
    if root.id != "web-server-down" or not entry.id.startswith("vhost-"):
        return False
    named = {place for seen in entry.evidence for place in re.findall(r"/etc/\S+", seen)}
    return any(place in seen for place in named for seen in root.evidence)


def _on_the_way(root: Finding) -> bool:
    return bool(root.layer) or root.id in CAUSES


def _follows(root: Finding, entry: Finding) -> bool:
    if entry.id.startswith("changed-") and re.match(r"/etc/\S+ was changed", entry.cause):
        # Somebody has written it: no fault elsewhere brings that about.
        return False
    return _shut(root, entry) or _why_it_is_down(root, entry) or (_heard(entry) and _explains(root, entry))


#: What a request that got no further has shown of where it breaks: the last layer that it can be.
_LAST = {"connect": "port", "closed": "vhost"}


def _reached(case: Case) -> float:
    """How far requests from outside came at most: what lies behind that, they have not met."""
    shown = [entry for entry in case.failed("tls", "web") if entry.symptom in _LAST or entry.check == "tls"]
    return min((WAY.index(_LAST.get(entry.symptom, "tls")) for entry in shown), default=len(WAY))


def placed(found: Sequence[Finding], case: Case | None = None) -> list[Finding]:
    """Return the findings of one site with their layers, in the order of the way, and last what only follows."""
    known = [replace(entry, layer=layer(entry.id)) for entry in found]
    if case:
        # What was only concluded is no cause of what breaks before it.
        reached = _reached(case)
        known.sort(key=lambda entry: _heard(entry) and _at(entry) > reached)
    roots = [entry for entry in known if entry.confidence == CERTAIN and not _heard(entry)]
    # In the places that they have among the others, which are surer than the way is.
    way = iter(sorted(roots, key=_at))
    known = [next(way) if entry in roots else entry for entry in known]
    causes, behind = [], []
    before: list[Finding] = []
    for entry in known:
        # Who knows why that is so comes before it.
        root = next((one for one in before if _follows(one, entry)), None)
        before += [entry] if entry in roots else []
        if root:
            behind.append(replace(entry, follows=root.id))
        else:
            causes.append(entry)
    return [*causes, *behind]
