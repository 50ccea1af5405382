# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The smoke test as a host's timer runs it: the same checks, told to Prometheus and to the journal.

It runs without Ansible, on the host's own Python with Debian's python3-requests.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.host import atomic_file
from ansible_collections.miclinik.hosting.plugins.module_utils.site import expiry, host_token
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke import metrics as smoke_metrics
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke import pools as smoke_pools
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke import refusals
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke import runs as smoke_runs
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke.visit import Promised

METRICS = "miclinik.prom"
#: Beside them, and no metrics: node exporter reads *.prom.
REFUSALS = "miclinik-refusals.json"
#: How journald reads off a line how bad it is: sd-daemon(3).
_ERROR, _INFO = "<3>", "<6>"


def main(arguments: list[str]) -> int:
    """Check the sites of the file that is named, with the keys on record; return 0 when it could.

    What the checks found is in the metrics and in the journal. It makes the run a failed one (1) where ``fail`` says
    so, since that is what somebody is told of.

    :raises OSError: settings or keys cannot be read, or the metrics cannot be written.
    """
    settings = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))
    sites = [promised(entry) for entry in settings["sites"]]
    started, start = time.time(), time.monotonic()
    results = smoke_runs.check_sites(sites, timeout=settings["timeout"], settle=settings["settle"])
    seconds = time.monotonic() - start
    pools = smoke_pools.look(site.name for site in sites)
    refused = refusals.count((site.name for site in sites), Path(settings["directory"]) / REFUSALS)
    text = smoke_metrics.text(
        sites, results, started, seconds, pools, refused=refused, keys=_days_left(settings["sites"])
    )
    atomic_file.replace(Path(settings["directory"]) / METRICS, text)
    failed = [entry for entry in results if not entry.ok]
    for entry in failed:
        print(f"{_ERROR}{entry.failure()}")
    print(f"{_INFO}{len(results) - len(failed)} of {len(results)} checks passed in {seconds:.1f} s")
    return int(bool(failed) and settings.get("fail", False))


def _days_left(entries: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str], int]:
    """Return by site and login for how many days more keys are good, of users whose last day is known."""
    found: dict[tuple[str, str], int] = {}
    for entry in entries:
        if file := entry.get("secrets_file"):
            users = json.loads(Path(file).read_text(encoding="utf-8"))["users"]
            days = {login: expiry.days_left(user) for login, user in sorted(users.items())}
            found |= {(entry["name"], login): max(left, 0) for login, left in days.items() if left is not None}
    return found


def promised(entry: Mapping[str, Any]) -> Promised:
    """The site with the key of its user; there is no password, so that no login is tried every few minutes."""
    given: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in entry.items()}
    key, secrets = None, given.pop("secrets_file", None)
    if secrets:
        record = json.loads(Path(secrets).read_text(encoding="utf-8"))
        user = record["users"][entry["login"]]
        key = user.get("key")
        given["record"] = expiry.told(entry["login"], user)
        given["host_token"] = record.get(host_token.NAME)
    return Promised(**given, key=key)
