# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filters that tell a web server's role what is left to do on a host."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.miclinik.hosting.plugins.plugin_utils.web import servers as web_servers
from ansible_collections.miclinik.hosting.plugins.plugin_utils.web import vhosts


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return them by name."""
        return {
            "web_ports": web_servers.ports,
            "web_handover": web_servers.handover,
            "apache_needs": web_servers.apache,
            "vhost": vhosts.of,
            "refused_headers": vhosts.refused_headers,
        }
