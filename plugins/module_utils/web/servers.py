# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The web servers that can stand in front of the sites. A third one is another entry here, see docs/adding.md."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout
from ansible_collections.miclinik.hosting.plugins.module_utils.web import (
    beside_apache,
    beside_nginx,
    survey_apache,
    survey_nginx,
    vhost_apache,
    vhost_nginx,
)
from ansible_collections.miclinik.hosting.plugins.module_utils.web.server import Server

_STATES = layout.STATES.lstrip("/")

NGINX = Server(
    name="nginx",
    title="Nginx",
    package="nginx",
    unit="nginx",
    process="nginx",
    kind="nginx",
    folder="/etc/nginx",
    logs="/var/log/nginx",
    enabled="/etc/nginx/sites-enabled",
    default_site="/etc/nginx/sites-enabled/default",
    user_place="`user www-data;` in /etc/nginx/nginx.conf",
    pid="/run/nginx.pid",
    main=("etc/nginx/nginx.conf", "etc/nginx/conf.d/*.conf"),
    site=survey_nginx.SITE,
    other=("etc/nginx/sites-available/*", "etc/nginx/snippets/*", f"{_STATES}/*/*.nginx"),
    test=("nginx", "-t"),
    restart_for=(),
    patterns=False,
    include="include /that/file;",
    lines=beside_nginx.lines,
    ports=survey_nginx.ports,
    modules=None,
    survey=survey_nginx.read,
    shapes=vhost_nginx.shapes,
    beside=beside_nginx.beside,
    needed_by_others=beside_nginx.needed_by_others,
)
APACHE = Server(
    name="apache",
    title="Apache",
    package="apache2",
    unit="apache2",
    process="apache2",
    kind="apache",
    folder="/etc/apache2",
    logs="/var/log/apache2",
    enabled="/etc/apache2/sites-enabled",
    default_site="/etc/apache2/sites-enabled/000-default.conf",
    user_place="APACHE_RUN_USER in /etc/apache2/envvars",
    pid="/run/apache2/apache2.pid",
    main=("etc/apache2/apache2.conf", "etc/apache2/ports.conf", "etc/apache2/conf-enabled/*.conf"),
    site=survey_apache.SITE,
    other=("etc/apache2/sites-available/*", "etc/apache2/conf-available/*", f"{_STATES}/*/*.apache"),
    test=("apache2ctl", "configtest"),
    # It runs PHP in other ways than before, or is another kind of server.
    restart_for=("/etc/apache2/mods-enabled/*.load",),
    patterns=True,
    include="Include /that/file",
    lines=beside_apache.lines,
    ports=survey_apache.ports,
    modules=survey_apache.modules,
    survey=survey_apache.read,
    shapes=vhost_apache.shapes,
    beside=beside_apache.beside,
    needed_by_others=beside_apache.needed_by_others,
)
#: By the name that an inventory has for it.
SERVERS = {server.name: server for server in (NGINX, APACHE)}


def running(facts: Mapping[str, Any]) -> list[str]:
    """Return the names of those that run, by the facts of the module ``host_facts``."""
    return [server.name for server in SERVERS.values() if server.unit in facts["running"]]
