# Copyright (c) miclinik.hosting maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a site's inventory entry promises: to the bridge as settings to make, to the smoke test as answers to expect."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.miclinik.hosting.plugins.module_utils.bridge import switches
from ansible_collections.miclinik.hosting.plugins.module_utils.site import expiry, host_token
from ansible_collections.miclinik.hosting.plugins.module_utils.site.site import Site
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke import rest
from ansible_collections.miclinik.hosting.plugins.module_utils.smoke import visit as smoke_visit
from ansible_collections.miclinik.hosting.plugins.module_utils.text import names as text_names
from ansible_collections.miclinik.hosting.plugins.plugin_utils.doctor import sites as doctor_sites
from ansible_collections.miclinik.hosting.plugins.plugin_utils.site import mail, people, webhooks
from ansible_collections.miclinik.hosting.plugins.plugin_utils.tls import trust as tls_trust

Secrets = Mapping[str, Mapping[str, Any]]


def settings(sites: Sequence[Site], secrets: Secrets, enforce: str = "repair") -> list[dict[str, Any]]:
    """Return, for the module ``rest_api``, the modules, constants, company, groups and users of each site.

    ``enforce`` is for sites that do not say it themselves.
    """
    return [
        _settings(site, secrets[site["name"]]) | {"enforce": site["enforce"] or enforce, "groups": site["groups"]}
        for site in sites
    ]


#: What the module is given only where it is declared.
_MORE = ("modules_exact", "entities", "dictionaries", "extra_fields", "numbering", "default_rights")


def _settings(site: Site, secrets: Mapping[str, Any]) -> dict[str, Any]:
    found = _all_settings(site, secrets)
    return {key: value for key, value in found.items() if value or key not in _MORE}


def _all_settings(site: Site, secrets: Mapping[str, Any]) -> dict[str, Any]:
    api, users = site["api"], secrets["users"]
    # Of what is lost nothing is set: it stays in the application as it is.
    known = secrets.get("constants", {})
    hidden = {name: known[name] for name in site["secret_constants"] if name in known}
    own, targets = _constants(api), webhooks.targets(site, secrets)
    declared = mail.constants(site, secrets) | site["constants"] | hidden
    return {
        "name": site["name"],
        "modules": (["api"] if api["enabled"] else []) + [name.lower() for name in site["modules"]],
        "modules_off": [] if api["enabled"] else ["api"],
        "switches": {name: declared.get(name, value) for name, value in own.items()},
        "constants": {name: value for name, value in declared.items() if name not in own},
        "company": _company(site["company"]) | {"language": site["language"]},
        "entities": [_entity(site, entity, secrets) for entity in site["entities"]],
        "modules_exact": site["modules_exact"],
        "dictionaries": site["dictionaries"],
        "extra_fields": site["extra_fields"],
        "numbering": site["numbering"],
        "default_rights": site["default_rights"],
        "users": [
            {
                name: user[name]
                for name in (
                    "login",
                    "lastname",
                    "firstname",
                    "email",
                    "language",
                    "rights",
                    "groups",
                    "admin",
                    "existing",
                )
            }
            | {
                "key": users.get(user["login"], {}).get("key"),
                "password": users.get(user["login"], {}).get("password"),
            }
            for user in (api["users"] if api["enabled"] else [])
        ]
        + people.orders(site, secrets),
    } | ({} if targets is None else {"webhooks": targets})


def _company(company: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is said of the company."""
    ids = {key: value for key, value in company["professional_ids"].items() if value is not None}
    said = {key: value for key, value in company.items() if value is not None and key != "professional_ids"}
    return said | ({"professional_ids": ids} if ids else {})


def _entity(site: Site, entity: Mapping[str, Any], secrets: Mapping[str, Any]) -> dict[str, Any]:
    """Return the constants of one entity, the secret ones as they are on record."""
    key = str(entity["id"])
    known = secrets.get("entities", {}).get(key, {}).get("constants", {})
    hidden = {name: known[name] for name in known if f"entities.{key}.constants.{name}" in site["declared"]}
    return {"id": entity["id"], "constants": {**entity["constants"], **hidden}}


def conf_extra(site: Site, secrets: Mapping[str, Any]) -> dict[str, Any]:
    """Return a site's own variables of conf.php, the secret ones as they are on record."""
    known = secrets.get("conf_extra", {})
    ours = webhooks.CONF if site["webhooks"] else {}
    return {**ours, **site["conf_extra"], **{name: known[name] for name in site["secret_conf_extra"] if name in known}}


def _constants(api: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the API's safety, speed and switches want, as read in Dolibarr 22.0.4 and 16.0.3."""
    return {
        # Errors without the application's inner workings, and a table of routes kept in a file.
        "API_PRODUCTION_MODE": 1,
        **switches.of({key: api[key] for key in switches.KEYS}),
        # Without it whoever may list one kind of record can read every table, secrets among them, bit by bit: a list in
        # sqlfilters may be a subquery (seen on 22.0.4; 16.0.3 refuses it anyway). Its price: filters of extra fields
        # that hold a SELECT are refused too.
        "MAIN_DISALLOW_UNSECURED_SELECT_INTO_EXTRAFIELDS_FILTER": 1,
    }


def routes(sites: Sequence[Site], applied: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return, for the module ``route_cache``, the sites whose API is to have a table of routes.

    ``applied`` is what the module ``rest_api`` says of each site.
    """
    return [
        {key: site[key] for key in ("name", "domain", "encrypted", "prefix", "documents", "current")}
        | {"port": site["listen"], "modules": applied[site["name"]]["modules"]}
        for site in sites
        if site["api"]["enabled"] and site["api"]["explorer"]
    ]


def checks(
    sites: Sequence[Site],
    secrets: Secrets,
    facts: Mapping[str, Any],
    connect_to: str,
    *,
    ca_path: str = "",
    validate_certs: bool = True,
    missing: Mapping[str, str] | None = None,
) -> list[dict[str, Any]]:
    """Return, for the module ``smoke``, what each site has to answer; the first API user logs in.

    ``secrets`` are those of each site, and ``missing`` says by site what is wrong with its record; the rest is as in
    ``expected``.
    """
    return [
        expected(site, facts, connect_to, ca_path=ca_path, validate_certs=validate_certs)
        | {"record": (missing or {}).get(site["name"], "") or _dead(site)}
        | _credentials(site, secrets[site["name"]]["users"])
        | _token(connect_to, secrets[site["name"]])
        for site in sites
    ]


def expected(
    site: Site, facts: Mapping[str, Any], connect_to: str, *, ca_path: str, validate_certs: bool
) -> dict[str, Any]:
    """Return what a site has to answer, without a secret.

    ``facts`` are those of the module ``host_facts``; ``connect_to`` is the address of the host, with a port where
    another one is forwarded to it, or empty for the one that names have; ``ca_path`` names the authorities of
    certificates that no public one has signed.
    """
    check = smoke_visit.repeated(site) | {
        "connect_to": _called(connect_to, site["listen"]),
        "expected_version": facts["versions"].get(site["name"]) or None,
        "reads": doctor_sites.readable(site),
        "production": doctor_sites.production(site),
        "maintenance": str(site["constants"].get("MAIN_ONLY_LOGIN_ALLOWED", "")),
    }
    if site["proxy"]["trusted"]:
        check |= {"proxied": True, "proxy_ca_path": ca_path or None}
    return check | tls_trust.trust(site, facts["certificates"].get(site["name"], {}), ca_path, validate_certs)


def _credentials(site: Site, users: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    if not site["api"]["enabled"]:
        return {}
    login = caller(site)
    known = users.get(login, {})
    return ({"key": known["key"]} if known.get("key") else {}) | (
        {"login": login, "password": known["password"]} if known.get("password") else {}
    )


def _dead(site: Site) -> str:
    if not site["api"]["enabled"]:
        return ""
    user = site["api"]["users"][0]
    return expiry.told(user["login"], user)


def _token(connect_to: str, record: Mapping[str, Any]) -> dict[str, str]:
    token = record.get(host_token.NAME)
    return {"host_token": token} if token and host_token.leads_here(connect_to) else {}


def caller(site: Site) -> str:
    """Return the login of the API user in whose name the smoke test calls."""
    login: str = site["api"]["users"][0]["login"]
    return login


def _called(connect_to: str, port: int) -> str | None:
    """Return where a site is called: a port that is given with the address is one that is forwarded to the site's."""
    if not connect_to:
        return None
    address, given = rest.split_address(connect_to)
    return f"{text_names.in_url(address)}:{given or port}"
