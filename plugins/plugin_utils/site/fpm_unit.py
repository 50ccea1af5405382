# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The unit of systemd that runs a site's PHP-FPM: what it reads, and what a site may say of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import sizes
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site.addresses import Rest

_IGNORANT = "the API of {} does not know all of its endpoints"
#: As :func:`sizes.in_mib` takes it.
SIZE = re.compile(r"[1-9]\d*[MGT]")
#: Below it not even the application's first page comes to its end.
LEAST_MB = 256
#: What systemd takes as it stands.
_PATH = re.compile(r"(/[\w.@+-]+)+")
#: Folders of which no site may write in any part.
_CLOSED = ("/bin", "/boot", "/dev", "/etc", "/lib", "/proc", "/root", "/run", "/sbin", "/sys", "/usr", "/var/lib/dpkg")
_OURS = (layout.HOMES, "/var/lib/miclinik", layout.WORK)


def services(
    sites: Sequence[Mapping[str, Any]], php_version: str, ignorant: Sequence[str] = ()
) -> list[dict[str, Any]]:
    """Return the PHP-FPM of each site as the module ``loaded`` takes it (``each``).

    ``ignorant`` are names of sites whose API has read an old table of routes. What opcache holds, which looks at no
    file's time, counts among what it reads: the release and conf.php. The table of routes is the application's own and
    changes by itself: see the module ``route_cache``.
    """
    return [
        {
            "unit": site["fpm_unit"],
            "sockets": site["fpm_sockets"],
            "reads": [
                *(f"/etc/php/{php_version}/fpm/{name}" for name in ("php.ini", "conf.d")),
                layout.PHP_SETTINGS,
                site["fpm_folder"],
                layout.PHP_PREPENDED,
                *(f"/etc/systemd/system/{site[unit]}" for unit in ("fpm_unit", "fpm_sockets")),
                site["conf"],
                site["current"],
            ],
            "test": [
                *("env", f"PHP_INI_SCAN_DIR=:{layout.PHP_SETTINGS}", f"php-fpm{php_version}"),
                *("-t", "-y", site["fpm_config"]),
            ],
            "because": [_IGNORANT.format(site["name"])] if site["name"] in ignorant else [],
        }
        for site in sites
    ]


def check(php: Mapping[str, Any]) -> Iterator[Rest]:
    """Yield what is wrong with the limits in ``php`` of a site."""
    limit = php.get("memory_max") or ""
    if limit and not SIZE.fullmatch(limit):
        yield "php.memory_max", f"is {limit!r}", "Write a number with M, G or T, as in 2G"
    elif limit and sizes.in_mib(limit) < LEAST_MB:
        yield "php.memory_max", f"is {limit!r}, which all of the site's PHP shares", f"Write at least {LEAST_MB}M"
    tasks = php.get("tasks_max") or 0
    if tasks < 0:
        yield "php.tasks_max", f"is {tasks}", "Write a number above 0, or leave it out"
    for index, path in enumerate(php.get("writable_paths") or []):
        if wrong := _wrong(path):
            yield f"php.writable_paths[{index}]", f"is {path!r}, {wrong[0]}", wrong[1]


def _wrong(path: str) -> tuple[str, str] | None:
    if not _PATH.fullmatch(path) or ".." in path.split("/"):
        return "and not a plain path from the root", "Write it like /srv/archive, of letters, figures and . _ - @ +"
    if any(f"{path}/".startswith(f"{closed}/") for closed in _CLOSED):
        return "which is the system's", "Name a folder of your own"
    if any(f"{path}/".startswith(f"{ours}/") or f"{ours}/".startswith(f"{path}/") for ours in _OURS):
        return "where sites lie", "Leave it out: the site's own folder is open to it, and no other's may be"
    return None
