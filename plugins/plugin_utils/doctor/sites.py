# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the doctor is told of a site: what it promises and where its things are, and no secret."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.application import api_modules
from ansible_collections.miclinik.hosting.plugins.module_utils.site.site import Site
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke import visit as smoke_visit
from ansible_collections.miclinik.hosting.plugins.plugin_utils.application import php_needs, program_needs
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor import half
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import sizes

_COPIED = (
    "name",
    "user",
    "domain",
    "host",
    "aliases",
    "former_names",
    "prefix",
    "url",
    "listen",
    "encrypted",
    "current",
    "root",
    "conf",
    "documents",
    "sessions",
    "state",
    "fpm_unit",
    "fpm_sockets",
    "fpm_config",
    "pools",
    "cron",
    "webhooks",
    "mail",
)
#: The module, and its list, that a right lets its user read; measured on Dolibarr 16.0.3 and 22.0.4.
READABLE = {
    "societe.lire": ("societe", "thirdparties"),
    "produit.lire": ("product", "products"),
    "commande.lire": ("commande", "orders"),
    "facture.lire": ("facture", "invoices"),
    "stock.lire": ("stock", "warehouses"),
}


def plan(sites: Sequence[Site]) -> list[dict[str, Any]]:
    """Return one mapping for each site that the filter ``sites`` has completed."""
    return [_site(site) for site in sites]


def _site(site: Site) -> dict[str, Any]:
    api = site["api"]
    modules = sorted({api_modules.canonical(name) for name in site["modules"]})
    whole: Mapping[str, Any] = site
    return (
        smoke_visit.repeated(whole)
        | {name: whole[name] for name in _COPIED}
        | {
            "database_local": site["database"]["local"],
            "database_name": site["database"]["name"],
            "database_user": site["database"]["user"],
            "disk_max_mb": sizes.in_mib(site["disk"]["max"]),
            "disk_free_mb": sizes.in_mib(site["disk"]["free"]),
            "proxied": bool(site["proxy"]["trusted"] or site["proxy"]["tls"]),
            "tls_mode": site["tls"]["mode"],
            "clone": bool(site["clone_of"]),
            "own_sendmail": "sendmail_path" in site["php"]["ini"],
            "modules": modules,
            "custom_modules": [module["name"] for module in site["custom_modules"]],
            "php_extensions": php_needs.of_site(site),
            "programs": program_needs.of_site(site),
            "needs": {"there": half.THERE, "values": half.VALUES, "programs": half.CALLED, "units": half.UNITS},
            "endpoints": endpoints(modules),
            "allowed_ips": api["allowed_ips"],
            "production": production(site),
            "maintenance": str(site["constants"].get("MAIN_ONLY_LOGIN_ALLOWED", "")),
            "address_rule": str(site["constants"].get("API_RESTRICT_ON_IP", "")),
            "endpoint_rules": str(site["constants"].get("API_ENDPOINT_RULES", "")),
            "users": [
                {name: user.get(name) for name in ("login", "rights", "groups", "admin", "expires")}
                for user in (api["users"] if api["enabled"] else [])
            ],
            # What the inventory asks for, so that what it does not ask for any more can be told.
            "declared": {
                "users": [user["login"] for user in api["users"]],
                "modules": [name.lower() for name in site["modules"]] + ["api"] * api["enabled"],
            },
        }
    )


def endpoints(modules: Sequence[str]) -> list[str]:
    """First path segments that these modules bring in every supported version, in this collection's own words."""
    return sorted(name for module, name in READABLE.values() if module in modules)


def readable(site: Site) -> list[str]:
    """Lists of the API that the site's first API user has to be able to read: of modules and rights asked for."""
    users = site["api"]["users"] if site["api"]["enabled"] else []
    modules = {api_modules.canonical(name) for name in site["modules"]}
    rights = set(users[0]["rights"]) if users else set()
    return [name for right, (module, name) in READABLE.items() if right in rights and module in modules]


def production(site: Site) -> bool:
    """Return whether the API keeps the application's inner workings out of its errors."""
    return str(site["constants"].get("API_PRODUCTION_MODE", 1)) not in ("", "0")
