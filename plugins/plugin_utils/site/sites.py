# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Turns ``miclinik_sites`` into what roles and templates work with: every key there, every name derived once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from ansible_collections.miclinik.hosting.plugins.module_utils.site import layout
from ansible_collections.miclinik.hosting.plugins.module_utils.site.site import Site
from ansible_collections.miclinik.hosting.plugins.module_utils.text import names as text_names
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import (
    cors,
    cron,
    declared,
    files,
    former,
    mail,
    people,
    php_settings,
    webhooks,
)
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import schema as site_schema

LOCAL_DATABASE = "localhost"
#: Where the hosts of a cluster reach the member of the database that writes, which we have made as well.
CLUSTER_DATABASE = ("127.0.0.1", 3307)
HTTP, HTTPS = 80, 443


def plan(entries: Sequence[Mapping[str, Any]], *, cluster: bool = False) -> list[Site]:
    """Return one complete mapping per site, without any secret: what roles loop over may be printed.

    What each holds says the class ``Site``; the values that were taken out are in ``declared.secrets``. In a
    ``cluster`` the balancers speak TLS, and the hosts with the sites plain HTTP to them.
    """
    return [_site(declared.part(entry), cluster=cluster) for entry in entries]


def _site(parted: declared.Parted, *, cluster: bool) -> Site:
    site = site_schema.with_defaults(parted.shown, site_schema.site_options())
    _spell(site)
    name = site["name"]
    prefix = site["base_path"].rstrip("/")
    database = site["database"]
    database["local"] = database["host"] == LOCAL_DATABASE
    database["name"] = database["name"] or name.replace("-", "_")
    database["user"] = database["user"] or database["name"]
    upload = (parted.shown.get("php") or {}).get("upload_max_filesize")
    followed = files.constants(site["files"], upload) | php_settings.constants(site["php"]["timezone"])
    site["constants"] = followed | site["constants"]
    site["company"]["name"] = site["company"]["name"] or name
    people.complete(site)
    site["cron"] = cron.completed(site)
    site["mail"] = mail.completed(site["mail"])
    site["webhooks"] = webhooks.completed(site["webhooks"])
    asked = site["tls"]["mode"] != "none"
    encrypted, ahead = asked and not cluster, asked and cluster
    site["proxy"]["tls"] = site["proxy"]["tls"] or ahead
    scheme = "https" if encrypted or site["proxy"]["tls"] else "http"
    listen = site["port"] or (HTTPS if encrypted else HTTP)
    usual = HTTPS if scheme == "https" else HTTP
    # Behind a proxy clients see its port.
    seen = (site["proxy"]["port"] or usual) if site["proxy"]["trusted"] else listen
    host = text_names.in_url(site["domain"])
    origin = f"{scheme}://{host}" + ("" if seen == usual else f":{seen}")
    derived = {
        "secret_constants": sorted(parted.stored.get("constants", {})),
        "secret_conf_extra": sorted(parted.stored.get("conf_extra", {})),
        "declared": declared.names(parted.stored),
        "prefix": prefix,
        "scheme": scheme,
        "host": host,
        "other_hosts": [text_names.in_url(alias) for alias in site["aliases"]],
        "origin": origin,
        "url": f"{origin}{prefix}",
        "former_names": former.left(site),
        "former_here": former.here(site),
        "former_elsewhere": former.elsewhere(site),
        "encrypted": encrypted,
        "tls_ahead": ahead,
        "sni": not any(text_names.is_address(name) for name in (site["domain"], *site["aliases"], *former.left(site))),
        "listen": listen,
        "multicompany": "multicompany" in {module.lower() for module in site["modules"]},
    }
    return cast("Site", site | _laid_out(name, cluster=cluster) | derived)


def _laid_out(name: str, *, cluster: bool) -> layout.Layout:
    found = layout.of(name)
    if cluster:
        alive = layout.alive_pool(name)
        found["pools"].append(alive)
        found["sockets"][alive["role"]] = alive["socket"]
    return found


def _spell(site: dict[str, Any]) -> None:
    """Write hosts as servers, certificates and URLs want them, whatever way they are written in the inventory."""
    site["domain"] = text_names.canonical(site["domain"])
    site["aliases"] = [text_names.canonical(alias) for alias in site["aliases"]]
    for one in site["former"]:
        one["domain"] = text_names.canonical(one["domain"])
    if cors.ruled(site["api"]["cors"]):
        site["api"]["cors"]["origins"] = [cors.canonical(origin) for origin in site["api"]["cors"]["origins"]]
    site["database"]["host"] = text_names.canonical(site["database"]["host"])
    if site["tls"]["email"]:
        site["tls"]["email"] = text_names.mailbox(site["tls"]["email"])
