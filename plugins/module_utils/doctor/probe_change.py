# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is being done with the whole of a site, or was ended in the middle. Runs on the host and changes nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.life import units
from ansible_collections.miclinik.hosting.plugins.module_utils.life.journal import RUNNING, Journal, JournalError
from ansible_collections.miclinik.hosting.plugins.module_utils.life.places import Places


def look(site: str, root: Path = Path("/")) -> dict[str, Any]:
    """Return ``operation``, ``step``, ``tries``, ``obstacle`` and whether systemd is at it (``busy``).

    Nothing where the last one has come to its end, but ``shut`` where somebody has closed the site.
    """
    places = Places(site, root)
    busy = units.busy(site)  # asked first: what is read afterwards is at least as new
    try:
        journal = Journal.read(places.journal)
    except JournalError as error:
        return {"operation": "an operation", "step": "", "tries": 0, "obstacle": str(error), "busy": busy}
    if journal is None or journal.state != RUNNING:
        return {"shut": True} if places.shut.exists() else {}
    return {
        "operation": journal.operation,
        "step": journal.steps[-1].name if journal.steps else "its beginning",
        "tries": journal.tries,
        "obstacle": journal.obstacle,
        "busy": busy,
    }
