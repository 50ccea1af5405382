# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which program shows what a site has logged, by the kind of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ansible_collections.miclinik.hosting.plugins.module_utils.command_line.calls import USAGE, CallError
from ansible_collections.miclinik.hosting.plugins.module_utils.command_line.host import Host
from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout

#: What each kind is, for people.
KINDS = {
    "php": "what PHP says of pages and calls",
    "access": "who has asked the web server for which page",
    "api": "which calls of the API came in",
    "error": "what the web server could not do",
    "jobs": "what scheduled jobs did",
    "changes": "upgrades, restores, backups and the like",
    "audit": "who has changed what with miclinikctl",
}
_FILES: dict[str, Callable[[layout.Logs], str]] = {
    "access": lambda logs: logs["access"],
    "api": lambda logs: logs["api"],
    "error": lambda logs: logs["error"],
}


#: Logs whose lines have a status.
_WITH_STATUS = ("access", "api")


def command(host: Host, site: str, kind: str, lines: int | None, since: float, *, follow: bool) -> list[str]:
    """Return the command that shows it, from ``since`` on where that is not 0; all ``lines`` where they are None.

    Raises CallError where there is no such log.
    """
    usual = layout.of(site)
    if kind in _FILES:
        return ["tail", "-n", str(lines), *(["-F"] if follow else []), str(file_of(host, site, kind))]
    words = {
        "php": [*(f"--identifier={pool['ident']}" for pool in usual["pools"]), f"--unit={usual['fpm_unit']}"],
        "jobs": [f"--identifier=miclinik-{site}-cron", f"--unit={layout.cron_unit(site)}"],
        "changes": [
            f"--unit={name}@{site}.service" for name in ("miclinik-change", "miclinik-recover", "miclinik-backup")
        ],
        "audit": ["--identifier=miclinikctl", f"--grep=^{site}: "],
    }[kind]
    shown = [*(["--follow"] if follow else []), *([f"--since=@{since:.0f}"] if since else [])]
    return [
        "journalctl",
        "--no-pager",
        "--quiet",
        f"--lines={'all' if lines is None else lines}",
        *shown,
        *_either(words),
    ]


def _either(words: list[str]) -> list[str]:
    """Return the matches so that one of them is enough: journalctl wants all kinds of them at once."""
    units = [word.removeprefix("--unit=") for word in words if word.startswith("--unit=")]
    names = [word.removeprefix("--identifier=") for word in words if word.startswith("--identifier=")]
    if not (units and names):
        return words
    matches = [[f"_SYSTEMD_UNIT={unit}"] for unit in units] + [[f"SYSLOG_IDENTIFIER={name}"] for name in names]
    return [word for place, match in enumerate(matches) for word in ([] if place == 0 else ["+"]) + match]


def is_file(kind: str) -> bool:
    """Return whether it is a file, and not in the journal."""
    return kind in _FILES


def require_status(kind: str) -> None:
    """Raise CallError where lines of a log have no status."""
    if kind not in _WITH_STATUS:
        told = f"--status and --failed are for {' and '.join(_WITH_STATUS)}: lines of the log {kind} have no status"
        raise CallError(told, USAGE)


def file_of(host: Host, site: str, kind: str) -> Path:
    """Return the web server's file. Raises CallError where there is none."""
    name = _FILES[kind](layout.of(site)["logs"])
    # Here, and not above: completion imports this file, and has no time for all of that.
    from ansible_collections.miclinik.hosting.plugins.module_utils.web.servers import SERVERS  # noqa: PLC0415

    places = [layout.below(host.root, f"{server.logs}/{name}") for server in SERVERS.values()]
    there = [place for place in places if place.is_file()]
    if not there:
        raise CallError(f"there is no {' and no '.join(map(str, places))}: is the site served, and are you root?")
    return max(there, key=lambda place: place.stat().st_mtime)
