# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A site's vhost while sites change places: where it is laid, having it served, and whether the server takes it."""

from __future__ import annotations

import subprocess
from pathlib import Path

from ansible_collections.miclinik.hosting.plugins.module_utils.host import programs
from ansible_collections.miclinik.hosting.plugins.module_utils.life.places import Places
from ansible_collections.miclinik.hosting.plugins.module_utils.life.stage import StageError
from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout
from ansible_collections.miclinik.hosting.plugins.module_utils.web.server import Server
from ansible_collections.miclinik.hosting.plugins.module_utils.web.servers import SERVERS

#: By the server's name, how it is asked whether it takes what is on the disk.
TESTS = {name: server.test for name, server in SERVERS.items()}


def laid(server: Server, places: Places) -> Path:
    """Return the file that the role of the web server writes."""
    return layout.below(places.root, f"{server.folder}/sites-available/{places.site}.conf")


def link(server: Server, places: Places) -> Path:
    """Return the link by which the server reads it."""
    return layout.below(places.root, f"{server.enabled}/{places.site}.conf")


def enable(server: Server, places: Places) -> None:
    """Have the server read it, once it is loaded again."""
    link(server, places).unlink(missing_ok=True)
    link(server, places).symlink_to(f"../sites-available/{places.site}.conf")


def require_sound(server: Server, what: str) -> None:
    """Raise StageError where the server would not take what is on the disk; ``what`` is that, for people."""
    test = TESTS[server.name]
    done = subprocess.run(test, check=False, capture_output=True, text=True, env=programs.environment())
    if done.returncode:
        raise StageError(f"`{' '.join(test)}` refuses {what}: {done.stderr.strip()[-300:]}")
