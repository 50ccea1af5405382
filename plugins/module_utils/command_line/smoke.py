# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The smoke test of one site, from its own host: told to people and to nobody else.

What is promised of the site is what the host's timer was told, or else what the host was told when it was last proven.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.command_line.calls import CallError
from ansible_collections.miclinik.hosting.plugins.module_utils.command_line.host import Host
from ansible_collections.miclinik.hosting.plugins.module_utils.doctor import told
from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout

#: Seconds for one request.
_TIMEOUT = 10.0


def run(host: Host, site: str) -> list[dict[str, Any]]:
    """Run the checks; return what came of each. Raises CallError."""
    # Here, and not above: completion imports this file, and has no time for what speaks HTTP.
    try:
        from ansible_collections.miclinik.hosting.plugins.module_utils.smoke import runs, watch  # noqa: PLC0415
    except ImportError as error:
        raise CallError(f"{error}: run playbooks/site.yml, or apt-get install python3-requests") from None

    file, entry = _entry(host, site)
    try:
        own = watch.promised(entry)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CallError(f"{file} does not say what is promised of {site} ({error}): run playbooks/site.yml") from None
    results = runs.check_sites([own], timeout=_TIMEOUT, settle=0)
    return [
        {"check": one.check, "ok": one.ok, "seen": one.seen, "ms": one.ms, "expected": one.expected, "mend": one.mend}
        for one in results
    ]


def _entry(host: Host, site: str) -> tuple[Path, dict[str, Any]]:
    """Return what is promised of the site, and the file that says so. Raises CallError."""
    timer, proven = host.programs / "smoke/sites.json", layout.below(host.root, told.FILE)
    for file, key in ((timer, "sites"), (proven, "checks")):
        for entry in _listed(file, key):
            if isinstance(entry, dict) and entry.get("name") == site:
                return file, entry
    raise CallError(
        f"Nothing on this host says yet what is promised of {site}: a run of playbooks/site.yml leaves it here when all"
        " its checks have passed. From the controller: ansible-playbook playbooks/smoke.yml"
    )


def _listed(file: Path, key: str) -> list[Any]:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))[key]
    except (OSError, ValueError, KeyError, TypeError):
        return []
    return found if isinstance(found, list) else []
