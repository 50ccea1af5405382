# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What will break, and is not broken yet: connections, workers, room and upgrades. Runs on the host, only reads."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.database import connections
from ansible_collections.miclinik.hosting.plugins.module_utils.doctor import probe_loopback
from ansible_collections.miclinik.hosting.plugins.module_utils.doctor.probe_database import AS_POSTGRES
from ansible_collections.miclinik.hosting.plugins.module_utils.doctor.probe_host import run
from ansible_collections.miclinik.hosting.plugins.module_utils.web.complaints import complaint
from ansible_collections.miclinik.hosting.plugins.module_utils.web.servers import SERVERS

_QUESTION = {
    connections.MARIADB: (
        *("mariadb", "--connect-timeout=2", "-BN", "-e"),
        "SELECT VARIABLE_VALUE, @@max_connections FROM information_schema.GLOBAL_STATUS"
        " WHERE VARIABLE_NAME = 'THREADS_CONNECTED'",
    ),
    connections.POSTGRESQL: (
        *(*AS_POSTGRES, "-F", " ", "-d", "postgres", "-c"),
        "SELECT count(*), current_setting('max_connections') FROM pg_stat_activity"
        " WHERE backend_type = 'client backend'",
    ),
}
_USED = re.compile(r"^(\d+)\s+(\d+)$", re.MULTILINE)
#: Those whom the web server does not know wait in a pool that is small on purpose.
_FULL = re.compile(r"\[pool (?P<pool>\S+?-(?:web|api))\] server reached (?:pm\.)?max_children")
_ROOM = re.compile(r"^site (?P<site>[\w-]+): (?P<parts>(?:[\w ]+ \d+ MiB(?:, )?)+)")
_WIDTH = 240
_SECURITY = re.compile(r"^Inst (\S+) .*[Ss]ecurity", re.MULTILINE)


def look(sites: Sequence[Mapping[str, Any]], web_server: str, engine: str, *, upgrades: bool) -> dict[str, Any]:
    """Return what could be told: ``connections`` (used, most), ``security`` (packages) and ``web``, why the web server
    could not load what is in its files now; by site ``full``, how often all workers of a pool were taken since
    yesterday, ``plain``, what keeps those out who come without TLS, and ``taken``, first and last hourly figure of its
    room (s, MiB).

    :param upgrades: ask apt as well, which takes a while.
    """
    found: dict[str, Any] = {"full": {}, "plain": {}, "web": refused(run(*SERVERS[web_server].test))}
    if any(site["database_local"] for site in sites):
        found["connections"] = used(run(*_QUESTION[engine]))
    for site in sites:
        words = ("-q", "-u", site["fpm_unit"], "-p", "warning", "--since", "-1d", "-o", "cat")
        found["full"][site["name"]] = len(_FULL.findall(run("journalctl", *words)))
        if site["encrypted"]:
            # A port that is shut is shut for all of them, and waited for once.
            shut = next((seen for seen in found["plain"].values() if seen.startswith("no answer")), "")
            found["plain"][site["name"]] = shut or probe_loopback.plain(site)
    told = run("journalctl", "-q", "-u", "miclinik-disk.service", "--since", "-14d", "-n", "2000", "-o", "json")
    found["taken"] = taken(told.splitlines())
    if upgrades:
        found["security"] = _SECURITY.findall(run("apt-get", "-s", "-o", "Debug::NoLocking=1", "upgrade"))
    return found


def refused(text: str) -> str:
    """Return why a web server would not load its files, in its words; nothing where it would, or has said nothing."""
    if "Syntax OK" in text or "test is successful" in text:
        return ""
    return complaint(text)[:_WIDTH]


def used(text: str) -> list[int]:
    """Return how many connections there are and may be; nothing where the server did not say."""
    shown = _USED.search(text)
    return [int(shown[1]), int(shown[2])] if shown else []


def taken(lines: Iterable[str]) -> dict[str, list[list[float]]]:
    """Return by site the first and the last figure of what it takes, from the journal of the hourly measurement."""
    found: dict[str, list[list[float]]] = {}
    for line in lines:
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        shown = _ROOM.match(str(entry.get("MESSAGE", "")))
        if shown:
            whole = sum(int(size) for size in re.findall(r"(\d+) MiB", shown["parts"]))
            figure = [int(entry["__REALTIME_TIMESTAMP"]) / 1e6, float(whole)]
            found.setdefault(shown["site"], [figure, figure])[1] = figure
    return found
