# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The smoke test of one site, from its own host: what the host's timer runs, told to people and to nobody else."""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.command_line.calls import CallError
from ansible_collections.miclinik.hosting.plugins.module_utils.command_line.host import Host


def run(host: Host, site: str) -> list[dict[str, Any]]:
    """Run the checks; return what came of each. Raises CallError."""
    # Here, and not above: completion imports this file, and has no time for what speaks HTTP.
    from ansible_collections.miclinik.hosting.plugins.module_utils.smoke import runs, watch  # noqa: PLC0415

    file = host.programs / "smoke/sites.json"
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
        own = [watch.promised(entry) for entry in told["sites"] if entry["name"] == site]
    except (OSError, ValueError, KeyError) as error:
        raise CallError(
            f"{file} does not say what is promised of {site} ({error}): set smoke_timer_enabled and run site.yml."
            " From the controller: ansible-playbook playbooks/smoke.yml"
        ) from None
    if not own:
        raise CallError(f"{file} does not know {site}: run playbooks/site.yml")
    results = runs.check_sites(own, timeout=told["timeout"], settle=told["settle"])
    return [
        {"check": one.check, "ok": one.ok, "seen": one.seen if one.ok else one.failure(), "ms": one.ms}
        for one in results
    ]
