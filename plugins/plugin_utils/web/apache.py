# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which of Apache's modules and ports are still missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.site.site import Site
from ansible_collections.miclinik.hosting.plugins.module_utils.web.beside_apache import needed_by_others, unwanted
from ansible_collections.miclinik.hosting.plugins.plugin_utils.web import servers as web_servers

MODULES_FOLDER = "/etc/apache2/mods-enabled"
# Modules of Debian's that come with a .conf. http2.conf is left out: it would switch HTTP/2 on for everybody's sites.
_WITH_CONF = frozenset({"alias", "deflate", "dir", "mime", "mpm_event", "proxy", "reqtimeout", "setenvif", "ssl"})
_ALWAYS = (
    *("alias", "authz_core", "authz_host", "deflate", "dir", "env", "expires", "filter", "headers", "mime"),
    *("lua", "proxy", "proxy_fcgi", "reqtimeout", "rewrite", "setenvif"),
)
_WITH_TLS = ("http2", "socache_shmcb", "ssl")
_WITH_PROXY = ("remoteip",)
# An MPM with threads does; prefork, which mod_php needs, does not speak HTTP/2 and holds a process for each client.
_MPM = "mpm_event"
_THREADED = frozenset({_MPM, "mpm_worker"})


def needs(sites: Sequence[Site], facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return what Apache still needs for the sites.

    ``problem`` is the reason why it cannot serve them, or empty; ``listen`` the ports that no file of others names;
    ``modules`` the files of ``mods-enabled`` as entries for the module ``render``.
    """
    seen = facts["web_servers"]["apache"]
    enabled = set(seen["modules"])
    encrypted = any(site["encrypted"] for site in sites)
    wanted = [*_ALWAYS]
    wanted += _WITH_TLS if encrypted else ()
    wanted += _WITH_PROXY if any(site["proxy"]["trusted"] for site in sites) else ()
    wanted += () if enabled & _THREADED else (_MPM,)
    named = web_servers.active(seen["listens"], [*enabled, *wanted])
    listen = {port for kind in web_servers.ports(sites).values() for port in kind} - named
    return {
        "problem": web_servers.told(needed_by_others(seen)),
        "listen": sorted(listen),
        "modules": [
            *(_entry(file, "absent") for name in unwanted(seen) for file in (f"{name}.load", f"{name}.conf")),
            *(_entry(file, "link") for name in sorted(set(wanted) - enabled) for file in _files(name)),
        ],
    }


def _files(module: str) -> list[str]:
    return [f"{module}.load", *([f"{module}.conf"] if module in _WITH_CONF else [])]


def _entry(file: str, state: str) -> dict[str, str]:
    entry = {"state": state, "dest": f"{MODULES_FOLDER}/{file}"}
    return entry | {"target": f"../mods-available/{file}"} if state == "link" else entry
