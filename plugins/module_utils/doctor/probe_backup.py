# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What became of a site's backups, where the host is to make some. Runs on the host and changes nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.life import backup, backup_state
from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout

#: What runs them, and systemd's link by which they are on: as old as they are.
UNIT = "miclinik-backup@{site}"
_TIMER = "/etc/systemd/system/timers.target.wants/miclinik-backup@{site}.timer"


def look(site: str, root: Path = Path("/")) -> dict[str, Any]:
    """Return ``every`` (seconds), ``since`` (when they began) and ``state``; nothing where no backup is wanted."""
    timer = layout.below(root, _TIMER.format(site=site))
    try:
        since = timer.lstat().st_mtime
        settings = backup.Settings.read(layout.below(root, str(backup.SETTINGS)))
    except (OSError, backup.BackupError):
        return {}
    return {"every": settings.every_seconds, "since": since, "state": backup_state.read(site, root)}
