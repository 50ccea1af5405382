# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The words that completion offers: asked of the site now and then, in the background, since PHP takes its time.

Names of modules, constants and rights may be read by everybody, since ``sudo miclinikctl`` is completed by who has not
become root yet. Logins may not.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.command_line import calls
from ansible_collections.miclinik.hosting.plugins.module_utils.command_line.host import Host
from ansible_collections.miclinik.hosting.plugins.module_utils.host import atomic_file

_DAY = 24 * 3600
MODULES, ENABLED, CONSTANTS, RIGHTS, LOGINS = "modules", "enabled", "constants", "rights", "logins"
_PRIVATE = (LOGINS,)
#: What starts the program that learns the words.
LEARN = "--learn"


def words(host: Host, site: str, kind: str) -> list[str]:
    """Return the words of a kind, none where they are not known."""
    try:
        known = json.loads((host.cache / _file(site, kind)).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    found = known.get(kind) if isinstance(known, dict) else None
    return [str(word) for word in found] if isinstance(found, list) else []


def _file(site: str, kind: str) -> str:
    return f"{site}.private.json" if kind in _PRIVATE else f"{site}.json"


def is_due(host: Host, site: str) -> bool:
    """Return whether the words are unknown or a day old, and this process may ask for them."""
    if os.geteuid() != 0:
        return False
    try:
        return (host.cache / _file(site, LOGINS)).stat().st_mtime < time.time() - _DAY
    except OSError:
        return True


def learn_soon(host: Host, site: str) -> None:
    """Begin to learn them, in a process that nobody waits for."""
    # Here, and not above: completion has no time for what it imports.
    from ansible_collections.miclinik.hosting.plugins.module_utils.host import programs  # noqa: PLC0415

    argv = [sys.executable, "-I", str(host.starter), LEARN, site]
    silent = subprocess.DEVNULL
    # It is nobody's business here how that ends.
    subprocess.Popen(
        argv,
        stdin=silent,
        stdout=silent,
        stderr=silent,
        start_new_session=True,
        cwd="/",
        env=programs.environment(),
    )


def learn(host: Host, site: str) -> None:
    """Ask the site, and write the words down. Raises CallError, OSError."""
    modules = _ask(host, site, "module", "list")
    found = {
        MODULES: modules["available"],
        ENABLED: modules["enabled"],
        CONSTANTS: sorted({one["name"] for one in _ask(host, site, "constant", "all")["constants"]}),
        RIGHTS: _ask(host, site, "rights", "list")["rights"],
        LOGINS: [one["login"] for one in _ask(host, site, "user", "list")["users"]],
    }
    host.cache.mkdir(mode=0o755, exist_ok=True)
    host.cache.chmod(0o755)
    for private, mode in ((False, 0o644), (True, 0o600)):
        told = {kind: found[kind] for kind in found if (kind in _PRIVATE) == private}
        atomic_file.replace(host.cache / _file(site, LOGINS if private else MODULES), json.dumps(told), mode)


def _ask(host: Host, site: str, *given: str) -> dict[str, Any]:
    return calls.require(calls.ask(host, site, given), site)
