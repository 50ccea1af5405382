# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filters that tell a web server's role what is left to do on a host."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.miclinik.hosting.plugins.module_utils.web import key_files, servers
from ansible_collections.miclinik.hosting.plugins.plugin_utils.web import apache, jails, known_keys, vhosts
from ansible_collections.miclinik.hosting.plugins.plugin_utils.web import servers as web_servers


def known(name: str) -> dict[str, Any]:
    """Return what roles have to know of the web server that an inventory calls ``name``."""
    try:
        return web_servers.known(name)
    except ValueError as error:
        raise AnsibleFilterError(str(error)) from None


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return them by name."""
        return {
            "web_ports": web_servers.ports,
            "web_handover": web_servers.handover,
            "apache_needs": apache.needs,
            "web_handovers": web_servers.handovers,
            "web_server": known,
            "running_web_servers": servers.running,
            "vhost": vhosts.of,
            "jails": jails.of,
            "known_keys": known_keys.of_sites,
            "nginx_key_pools": key_files.nginx_pools,
            "nginx_key_former": key_files.nginx_former,
            "nginx_token": key_files.nginx_token,
            "apache_keys": key_files.apache,
            "refused_headers": vhosts.refused_headers,
        }
