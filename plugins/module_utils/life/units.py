# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The units of systemd that change the whole of a site, and take it back."""

from __future__ import annotations

from ansible_collections.miclinik.hosting.plugins.module_utils.database import connections
from ansible_collections.miclinik.hosting.plugins.module_utils.services import systemd_unit

#: The database servers of this host, by engine.
_SERVERS = {connections.MARIADB: "mariadb.service", connections.POSTGRESQL: "postgresql@*.service"}


def change(site: str) -> str:
    """Return systemd's name of what changes the whole of a site."""
    return f"miclinik-change@{site}.service"


def recovery(site: str) -> str:
    """Return systemd's name of what takes a change back that was killed with all that its unit had running."""
    return f"miclinik-recover@{site}.service"


def start_server(engine: str) -> None:
    """Have the host's database server run: Debian's PostgreSQL stays down when it was killed. Waits for it."""
    systemd_unit.order("start", _SERVERS[engine], quiet=True)  # who asks it next says what is wrong


def busy(site: str) -> bool:
    """Return whether one of them is at it, or is about to begin anew."""
    return any(systemd_unit.state(name).busy for name in (change(site), recovery(site)))
