# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a red run ends with: for each site at most five lines, since red is read from its end. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.miclinik.hosting.plugins.module_utils.smoke.runs import Result
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.diagnosis import CERTAIN, Finding
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.known_lines import KNOWN
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor.witnesses import WAY

_WIDTH = 200
#: The layer that a cause is of, by the beginning of its name; the first that fits.
_LAYERS = {entry.id: entry.layer for entry in KNOWN} | {
    "name-taken": "vhost",
    "name-shared": "vhost",
    "name-": "name",
    "hosts-file": "name",
    "late-resolved": "name",
    "firewall": "firewall",
    "behind-jump": "firewall",
    "web-server": "port",
    "certificate": "tls",
    "vhost": "vhost",
    "connection-closed": "vhost",
    "address-refused": "auth",
    "key-stripped": "auth",
    "bearer-stripped": "auth",
    "api-pool": "pool",
    "web-pool": "pool",
    "quarantine-pool": "pool",
    "php-": "php",
    "open-basedir": "php",
    "conf-": "bootstrap",
    "database-table": "schema",
    "database-": "db-login",
    "key-": "key",
    "user-": "user",
    "right-": "rights",
    "module-": "module",
    "route-": "route",
    "api-": "route",
}


def of(site: str, results: Sequence[Result], findings: Sequence[Finding]) -> list[str]:
    """Return what is broken, where on a request's way, what shows it, and the mend; nothing where all is well."""
    failed = [entry for entry in results if entry.site == site and not entry.ok]
    if not failed:
        return []
    named = f"{len(failed)} checks failed: {', '.join(entry.check for entry in failed)}"
    own = [entry for entry in findings if entry.site == site]
    if not own:
        return [_line(f"{site}: {named}"), _line(f"  seen: {failed[0].seen}"), _line(f"  to do: {failed[0].mend}")]
    first = own[0]
    sure = "" if first.confidence == CERTAIN else f" ({first.confidence})"
    more = [entry.id for entry in own[1:]]
    beside = f"; besides: {', '.join(more)}" if more else ""
    lines = [f"{site}: {first.cause}{sure} [{first.id}]", f"  {named}{beside}"]
    layer = next((layer for name, layer in _LAYERS.items() if first.id.startswith(name)), "")
    if layer:
        lines.append(f"  way: {' > '.join(WAY[: WAY.index(layer)])}{' > ' if layer != WAY[0] else ''}[{layer}] X")
    seen = next(iter(first.evidence), failed[0].seen)
    return [*map(_line, [*lines, f"  seen: {seen}"]), f"  to do: {first.mend}"]


def _line(text: str) -> str:
    return text if len(text) <= _WIDTH else text[: _WIDTH - 3] + "..."
