# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Units, packages, PHP, sockets, firewall, mounts and accounts as they are, for the picture of a host.

Runs on the host and changes nothing. What could not be asked is None: nothing is concluded from it.
"""

from __future__ import annotations

import grp
import pwd
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.doctor.probe_host import run
from ansible_collections.miclinik.hosting.plugins.module_utils.host import dpkg_status
from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout
from ansible_collections.miclinik.hosting.plugins.module_utils.web.servers import SERVERS

_UNIT = (
    "Id",
    "Type",
    "LoadState",
    "ActiveState",
    "UnitFileState",
    "FragmentPath",
    "DropInPaths",
    "NeedDaemonReload",
    "LimitNOFILE",
    "LimitNPROC",
    "LimitFSIZE",
    "LimitAS",
    "MemoryMax",
    "MemoryHigh",
    "TasksMax",
    "CPUQuotaPerSecUSec",
    "IPAddressDeny",
    "ReadOnlyPaths",
    "InaccessiblePaths",
    "User",
    "Group",
    "UMask",
    "MainPID",
)
#: What a process that somebody has stopped by a signal is told apart by, in the third place of its `stat`.
_STOPPED = re.compile(r"^\d+ \(.*\) T ")
_UNITS = ("fail2ban.service", "nftables.service", "cron.service", "systemd-resolved.service", "apparmor.service")
_PACKAGES = re.compile(
    r"(php|libapache2|nginx|apache2|mariadb|postgresql|libpq|openssl|ca-certificates|fail2ban|nftables|certbot|locales)"
)
#: Ports above are the kernel's to give.
_LAST_PORT = 32767
_USERS = re.compile(r'\("(?P<name>[^"]+)"')
#: Three columns of `php -i`: name, local, master value.
_INI = re.compile(r"^(?P<name>[a-z][\w.]+) => (?P<value>.*) => .*$", re.MULTILINE)


def units(sites: Sequence[Mapping[str, Any]], web_server: str, database: str) -> dict[str, Any] | None:
    """By unit, how it is loaded, enabled and limited. Whether a job that a timer starts runs is no part of it."""
    names = [
        f"{SERVERS[web_server].unit}.service",
        f"{database}.service",
        *_UNITS,
        "miclinik-*.timer",
    ]
    for site in sites:
        names += [site["fpm_unit"], site["fpm_sockets"]]
    text = run("systemctl", "show", f"--property={','.join(_UNIT)}", *names)
    found = {}
    for block in text.split("\n\n"):
        values = dict(line.split("=", 1) for line in block.splitlines() if "=" in line)
        if not values.get("Id") or values.get("LoadState") == "not-found":
            continue
        kind = values.pop("Type", "")
        state = values.get("ActiveState", "")
        values["ActiveState"] = "active" if state in ("reloading", "activating", "refreshing") else state
        if kind == "oneshot":
            del values["ActiveState"]
        if _is_stopped(values.pop("MainPID", "")):
            values["MainProcess"] = "stopped by a signal"
        found[values.pop("Id")] = values
    return found or None


def _is_stopped(process: str, root: Path = Path("/proc")) -> bool:
    try:
        return bool(_STOPPED.match((root / process / "stat").read_text(encoding="utf-8")))
    except OSError:
        return False


def packages() -> dict[str, str]:
    """State of every package that a request passes through."""
    return {name: state for name, state in dpkg_status.states().items() if _PACKAGES.match(name)}


def php(version: str) -> dict[str, Any] | None:
    """Modules and settings as PHP-FPM would load them for a site."""
    program = ("env", f"PHP_INI_SCAN_DIR=:{layout.PHP_SETTINGS}", f"php-fpm{version}")
    modules, settings = run(*program, "-m"), run(*program, "-i")
    if not modules or not settings:
        return None
    names = {line.strip() for line in modules.splitlines() if line.strip() and not line.startswith("[")}
    found = {f"module {name}": "loaded" for name in names if re.fullmatch(r"[\w ]+", name)}
    return found | {f"setting {entry['name']}": entry["value"] for entry in _INI.finditer(settings)}


def sockets() -> dict[str, str] | None:
    """By address and port, which programs listen there."""
    text = run("ss", "-Hltnp")
    found = {}
    for line in text.splitlines():
        words = line.split()
        if len(words) < 5:  # noqa: PLR2004 - state, two queues, two addresses
            continue
        port = words[3].rpartition(":")[2]
        if port.isdecimal() and int(port) <= _LAST_PORT:
            found[f"tcp {words[3]}"] = ", ".join(sorted(set(_USERS.findall(line))))
    return found or None


def firewall() -> dict[str, Any] | None:
    """The rules of the kernel's filter by table and chain, without counters and without whom fail2ban has banned."""
    text = run("nft", "-s", "list", "ruleset")
    return parse_ruleset(text)


def parse_ruleset(text: str) -> dict[str, str]:
    """Rules by ``table chain``; sets are of whom bans fill."""
    found: dict[str, list[str]] = {}
    table, chain = "", ""
    for line in text.splitlines():
        words = line.split()
        if line.startswith("table "):
            table = " ".join(words[1:3])
        elif words and words[0] in ("chain", "set", "map") and words[-1] == "{":
            chain = f"{table} {words[1]}" if words[0] == "chain" and "f2b" not in f"{table} {words[1]}" else ""
            if chain:
                found[chain] = []
        elif chain and words and words[0] != "}" and "f2b" not in line:
            found[chain].append(re.sub(r"\bcounter( packets \d+ bytes \d+)?", "counter", line.strip()))
    return {name: "\n".join(rules) for name, rules in found.items()}


def mounts(path: Path = Path("/proc/self/mounts")) -> dict[str, str]:
    """How what is mounted is mounted, by its place."""
    found = {}
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        _, place, kind, options = line.split()[:4]
        if not place.startswith(("/proc", "/sys", "/run/", "/dev")):
            kept = [word for word in options.split(",") if word in ("ro", "rw", "noexec", "nosuid", "nodev")]
            found[place] = f"{kind} {','.join(kept)}"
    return found


def accounts(sites: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Entries of the users that serve the sites, and who is in their groups."""
    found = {}
    for name in sorted({site["user"] for site in sites} | {"www-data", "mysql", "postgres"}):
        try:
            seen = pwd.getpwnam(name)
        except KeyError:
            continue
        found[f"user {name}"] = f"uid {seen.pw_uid}, gid {seen.pw_gid}, home {seen.pw_dir}"
        for group in grp.getgrall():
            if name in group.gr_mem:
                found[f"{name} in group {group.gr_name}"] = "yes"
    return found
