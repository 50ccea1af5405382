# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Turns ``miclinik_sites`` into what roles and templates work with: every key there, every name derived once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.text import names as text_names
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import declared
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import schema as site_schema

HOME = "/srv/miclinik"
STATE = "/etc/miclinik"
LOCAL_DATABASE = "localhost"
HTTP, HTTPS = 80, 443

Site = dict[str, Any]


def plan(entries: Sequence[Mapping[str, Any]]) -> list[Site]:
    """Return one complete mapping per site, without any secret: what roles loop over may be printed.

    ``secret_constants``, ``secret_conf_extra`` and ``declared`` name what was taken out: constants, variables of
    conf.php, and everything as ``secrets.json`` calls it. The values are in ``declared.secrets``.

    Beside the public keys (see the role ``preflight``) each has ``user``, ``group``, ``web_group`` (the site's and
    the web server's users, who may enter its folder), ``home``, ``current``, ``root``
    (the document root), ``releases``, ``conf``, ``documents``, ``sessions``, ``state``, ``certificate``,
    ``private_key``, ``host`` and ``other_hosts`` (domain and aliases as URLs write them), ``url``, ``origin`` (the
    URL without its path), ``scheme``, ``listen`` (the port), ``encrypted`` (whether the web
    server speaks TLS), ``sni`` (whether clients always name a host in the handshake: no name of the site is an
    address), ``prefix`` (the base path without a slash at its end), ``multicompany`` (whether callers may
    choose an entity) and ``pools``, a list of ``{role, name, socket}`` for ``web`` and ``api``.
    """
    return [_site(declared.part(entry)) for entry in entries]


def _site(parted: declared.Parted) -> Site:
    site = site_schema.with_defaults(parted.shown, site_schema.site_options())
    _spell(site)
    name = site["name"]
    home = f"{HOME}/{name}"
    prefix = site["base_path"].rstrip("/")
    database = site["database"]
    database["local"] = database["host"] == LOCAL_DATABASE
    database["name"] = database["name"] or name.replace("-", "_")
    database["user"] = database["user"] or database["name"]
    site["company"]["name"] = site["company"]["name"] or name
    for user in site["api"]["users"]:
        user["lastname"] = user["lastname"] or user["login"]
    encrypted = site["tls"]["mode"] != "none"
    scheme = "https" if encrypted or site["proxy"]["tls"] else "http"
    listen = site["port"] or (HTTPS if encrypted else HTTP)
    usual = HTTPS if scheme == "https" else HTTP
    # Behind a proxy clients see its port.
    seen = (site["proxy"]["port"] or usual) if site["proxy"]["trusted"] else listen
    host = text_names.in_url(site["domain"])
    origin = f"{scheme}://{host}" + ("" if seen == usual else f":{seen}")
    return site | {
        "user": name,
        "group": name,
        "web_group": f"{name}-www",
        "home": home,
        "releases": f"{home}/releases",
        "current": f"{home}/current",
        "root": f"{home}/current/htdocs",
        "conf": f"{home}/conf.php",
        "documents": f"{home}/documents",
        "sessions": f"{home}/sessions",
        "state": f"{STATE}/{name}",
        "secret_constants": sorted(parted.stored.get("constants", {})),
        "secret_conf_extra": sorted(parted.stored.get("conf_extra", {})),
        "declared": declared.names(parted.stored),
        "prefix": prefix,
        "scheme": scheme,
        "host": host,
        "other_hosts": [text_names.in_url(alias) for alias in site["aliases"]],
        "origin": origin,
        "url": f"{origin}{prefix}",
        "encrypted": encrypted,
        "sni": not any(text_names.is_address(name) for name in (site["domain"], *site["aliases"])),
        "listen": listen,
        "multicompany": "multicompany" in {module.lower() for module in site["modules"]},
        "certificate": f"{STATE}/{name}/tls/certificate.pem",
        "private_key": f"{STATE}/{name}/tls/key.pem",
        "pools": [
            {"role": role, "name": f"{name}-{role}", "socket": f"/run/php/miclinik-{name}-{role}.sock"}
            for role in ("web", "api")
        ],
    }


def _spell(site: Site) -> None:
    """Write hosts as servers, certificates and URLs want them, whatever way they are written in the inventory."""
    site["domain"] = text_names.canonical(site["domain"])
    site["aliases"] = [text_names.canonical(alias) for alias in site["aliases"]]
    site["database"]["host"] = text_names.canonical(site["database"]["host"])
    if site["tls"]["email"]:
        site["tls"]["email"] = text_names.mailbox(site["tls"]["email"])
