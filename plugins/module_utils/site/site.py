# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The one shape of a site, from the inventory to roles, templates, smoke test, timer and doctor.

A mapping, and no object: it goes through Ansible's variables. ``plugin_utils/site/sites.py`` makes it.
"""

from __future__ import annotations

from typing import Any, TypedDict

from ansible_collections.miclinik.hosting.plugins.module_utils.site.layout import Layout

#: A key with keys of its own, which the role ``preflight`` describes.
Keys = dict[str, Any]


class Entry(TypedDict):
    """What an operator may write in an entry of ``miclinik_sites``, with all defaults and without any secret.

    Hosts are written as servers, certificates and URLs want them. ``admin`` and ``database`` have lost their passwords.
    """

    name: str
    domain: str
    port: int | None
    base_path: str
    aliases: list[str]
    former: list[Keys]
    clone_of: str
    clone_from: str
    source: Keys
    custom_modules: list[Keys]
    admin: Keys
    company: Keys
    language: str
    modules: list[str]
    modules_exact: bool
    constants: Keys
    entities: list[Keys]
    dictionaries: Keys
    extra_fields: Keys
    numbering: Keys
    default_rights: Keys
    cron: Keys
    mail: Keys
    webhooks: list[Keys]
    api: Keys
    groups: list[Keys]
    users: list[Keys]
    enforce: str | None
    login: Keys
    tls: Keys
    proxy: Keys
    database: Keys
    php: Keys
    disk: Keys
    files: Keys
    content_security_policy: str
    web_server_extra: Keys
    conf_extra: Keys


class Site(Entry, Layout):
    """One site as roles see it: what was declared, what its things are called, and how it is reached."""

    #: Names of what was taken out: constants, variables of conf.php, and everything as ``secrets.json`` calls it.
    secret_constants: list[str]
    secret_conf_extra: list[str]
    declared: list[str]
    #: The base path without a slash at its end.
    prefix: str
    scheme: str
    #: Domain and aliases as URLs write them.
    host: str
    other_hosts: list[str]
    #: Domains that the site has left.
    former_names: list[str]
    #: What a request has to match to be for a former address: under the site's own names, and by what it has left.
    former_here: list[str]
    former_elsewhere: list[Keys]
    #: The URL without its path.
    origin: str
    url: str
    #: Whether the web server speaks TLS.
    encrypted: bool
    #: Whether the balancers of a cluster speak it in its place.
    tls_ahead: bool
    #: Whether clients always name a host in the handshake: no name of the site is an address.
    sni: bool
    #: The port.
    listen: int
    #: Whether callers may choose an entity.
    multicompany: bool
